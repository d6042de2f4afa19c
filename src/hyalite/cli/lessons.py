"""`hyalite lessons`: the books' chapters as notebooks, listed, copied, opened."""

from __future__ import annotations

import ast
import importlib.util
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from hyalite.cli.wording import echo
from hyalite.text import text_table
from hyalite.translation import phrased, translated

PACKAGE = Path(__file__).resolve().parents[1]
PAGES = "https://github.com/hyalite/hyalite/blob/main/docs/"
# By extra: what a script that needs it has in it, and the module that is then imported.
EXTRAS = {"plot": (r"\bshow\(", "matplotlib"), "data": (r"\bPIL\b", "PIL")}
DATA = ((r"\bfashion_mnist\(", "Fashion-MNIST"), (r'"book", "([\w.]+)"', r"book/\1"))


@dataclass(frozen=True)
class Lesson:
    """A lesson's script, and what can be read in it.

    Attributes:
        path: its place.
        title: of its first cell, without the number.
        extras: of the library, which it needs.
        data: files that it looks for; without them it goes on with others.
        helpers: the modules beside it that it imports.
    """

    path: Path
    title: str
    extras: list[str]
    data: list[str]
    helpers: list[Path]

    @property
    def needs(self) -> list[str]:
        """Extras and data."""
        return [*self.extras, *self.data]


def find_lessons() -> dict[int, Lesson]:
    """All lessons by number: in the package, where a wheel puts them, else in the clone."""
    folder = PACKAGE / "lessons"
    if not folder.is_dir():
        folder = PACKAGE.parents[1] / "lessons"
    return {int(path.name[:2]): _read(path) for path in sorted(folder.glob("[0-9][0-9]_*.py"))}


def _read(path: Path) -> Lesson:
    script = path.read_text(encoding="utf-8")
    title = re.search(r"^# # \d+ · (.+)$", script, re.M)
    beside = {helper.stem: helper for helper in path.parent.glob("*.py")}
    imported = [n for n in ast.walk(ast.parse(script)) if isinstance(n, ast.ImportFrom)]
    return Lesson(
        path,
        title[1] if title else path.stem,
        [extra for extra, (text, _) in EXTRAS.items() if re.search(text, script)],
        [match.expand(name) for text, name in DATA for match in re.finditer(text, script)],
        [beside[str(node.module)] for node in imported if node.module in beside],
    )


@click.command(short_help="List the lessons, copy one as a notebook, open it.")
@click.argument("which", required=False, metavar="[NUMBER]")
@click.argument("folder", default="hyalite-lessons", type=click.Path(file_okay=False))
@click.option("--open", "opens", is_flag=True, help="Open it in Jupyter.")
def lessons(which: str | None, folder: str, opens: bool) -> None:
    """List the lessons, which take the books' chapters one by one, or copy one of them.

    Lesson NUMBER (or every one: all) is written into FOLDER as a notebook and as a script, with
    the modules that it imports. Files that are there already are kept as they are.

    \b
    Examples:
      hyalite lessons
      hyalite lessons 4 --open
      hyalite lessons all my-lessons
    """  # noqa: D301  # \b: click, leave the lines as they are
    found = find_lessons()
    if which is None:
        if opens:
            raise click.UsageError("--open goes with a lesson, such as `hyalite lessons 4 --open`")
        _print_list(found)
        return
    if which != "all" and not (which.isdecimal() and int(which) in found):
        raise click.BadParameter(
            f"{which!r} is none of the lessons 1 to {max(found)}, nor all", param_hint="NUMBER"
        )
    chosen = list(found.values()) if which == "all" else [found[int(which)]]
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for path in _copy(chosen, target):
        echo(f"{path} is there already and was kept.")
    notebook = target if which == "all" else target / f"{chosen[0].path.stem}.ipynb"
    what = f"{len(chosen)} lessons" if which == "all" else chosen[0].title
    echo(phrased("{0}: {1}", translated(what), notebook))
    _say_what_is_missing(chosen)
    jupyter = [name for name in ("jupyterlab", "notebook") if _is_there(name)]
    if opens and jupyter:
        sys.exit(subprocess.run([sys.executable, "-m", jupyter[0], str(notebook)]).returncode)
    again = shlex.join(["hyalite", "lessons", which, str(target), "--open"])
    echo(f"To open it in Jupyter: {'' if jupyter else 'pip install jupyterlab, then '}{again}")


def _print_list(found: dict[int, Lesson]) -> None:
    rows = [
        (str(number), translated(lesson.title), ", ".join(map(translated, lesson.needs)))
        for number, lesson in found.items()
    ]
    echo(text_table(rows, "><<"))
    extras = ",".join(sorted({extra for lesson in found.values() for extra in lesson.extras}))
    echo(f"\nOn the right, extras that a lesson needs (pip install 'hyalite[{extras}]') and data,")
    echo("without which it goes on with others. A lesson as a notebook: hyalite lessons 4 --open")


def _copy(chosen: Iterable[Lesson], target: Path) -> list[Path]:
    """Write notebooks, scripts and helpers; those that were there already with other content."""
    from hyalite.files.notebook import as_notebook

    contents = {}
    for lesson in chosen:
        # links into the documentation, which does not lie beside the copy
        script = lesson.path.read_text(encoding="utf-8").replace("](../docs/", f"]({PAGES}")
        contents[target / lesson.path.name] = script
        contents[target / f"{lesson.path.stem}.ipynb"] = as_notebook(script)
        for helper in lesson.helpers:
            contents[target / helper.name] = helper.read_text(encoding="utf-8")
    kept = []
    for path, content in contents.items():
        if not path.exists():
            path.write_text(content, encoding="utf-8", newline="\n")
        elif path.read_text(encoding="utf-8") != content:
            kept.append(path)
    return kept


def _say_what_is_missing(chosen: Iterable[Lesson]) -> None:
    needed = {extra for lesson in chosen for extra in lesson.extras}
    missing = [extra for extra in sorted(needed) if not _is_there(EXTRAS[extra][1])]
    if missing:
        echo(f"Still to install: pip install 'hyalite[{','.join(missing)}]'")


def _is_there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None

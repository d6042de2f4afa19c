"""Lessons and examples: copied to where Sphinx looks for pages, and listed on pages of their own.

A page that lists them has a line ``% list: lessons`` or ``% list: gallery``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sphinx import locale
from sphinx.application import Sphinx
from sphinx.config import Config

IN_SHORT = re.compile(r"\*\*(?:In short\.\*\*|提要\*\*：) ?")  # opens a lesson's summary
MARKER = re.compile(r"^% list: (.+)$", re.M)
OPENS = "`hyalite lessons {} --open` opens this lesson as a notebook."


@dataclass(frozen=True)
class Script:
    """A script's name, and what its first cell says of it; a summary have lessons only."""

    name: str
    title: str
    summary: str


def scripts(folder: Path) -> list[Path]:
    """The scripts in a folder, in order; those that begin with _ are helpers."""
    found = [p for p in folder.glob("*.py") if "format_name: percent" in p.read_text("utf-8")]
    return sorted(path for path in found if not path.name.startswith("_"))


def read(path: Path) -> Script:
    """What a script's first cell says of it."""
    cells = re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.M)
    lines = [re.sub("^# ?", "", line) for line in cells[1].splitlines()[1:]]
    title, *paragraphs = re.split(r"\n\s*\n", "\n".join(lines).strip())
    if not title.startswith("# "):
        raise ValueError(f"{path.name}: the first cell must begin with a title, '# # ...'")
    summary = next(filter(IN_SHORT.match, paragraphs), "")
    # in one line, as catalogues have it
    return Script(path.stem, title.removeprefix("# "), " ".join(summary.splitlines()))


def moved(text: str, up: str) -> str:
    """Links into the folder docs, as they are from a page that lies within it."""
    return text.replace("](../docs/", f"]({up}")


def with_command(text: str, number: int) -> str:
    """A lesson whose first cell says below its title how to have it as a notebook."""
    said = OPENS.format(number)
    return re.sub(r"^(# # .+\n#\n)", rf"\g<1># {said}\n#\n", text, count=1, flags=re.M)


def copy(app: Sphinx, config: Config) -> None:
    """Bring the scripts under the pages' folder; an unchanged one keeps its time."""
    for name, source in config.scripts.items():
        target = Path(app.srcdir) / name
        target.mkdir(exist_ok=True)
        wanted = scripts(source)
        for old in set(target.glob("*.py")) - {target / path.name for path in wanted}:
            old.unlink()
        for path in wanted:
            copied, content = target / path.name, moved(path.read_text(encoding="utf-8"), "../")
            if name == "lessons":
                content = with_command(content, int(path.name[:2]))
            if not copied.exists() or copied.read_text(encoding="utf-8") != content:
                copied.write_text(content, encoding="utf-8")


def fill(app: Sphinx, name: str, content: list[str]) -> None:
    """Put the list where the marker stands. Its words are those of the scripts' own catalogues."""
    if app.builder.name == "gettext":
        return

    def listing(match: re.Match[str]) -> str:
        found = [
            (f"{match[1]}/{script.name}", script)
            for script in map(read, scripts(Path(app.srcdir) / match[1]))
        ]
        titles = {page: translated(app, page, script.title) for page, script in found}
        if match[1] == "gallery":
            return cards(titles)
        parts = []
        for page, script in found:
            summary = IN_SHORT.sub("", translated(app, page, script.summary))
            parts.append(f"## [{titles[page]}]({page}.py)\n\n{summary}".replace("](../", "]("))
        return "\n\n".join(parts)

    content[0] = MARKER.sub(listing, content[0])


def translated(app: Sphinx, page: str, text: str) -> str:
    """A text as the page's catalogue has it, or as it is."""
    folders = [Path(app.srcdir) / folder for folder in app.config.locale_dirs]
    catalogue, _ = locale.init(folders, app.config.language, page)
    return catalogue.gettext(text)


def cards(titles: dict[str, str]) -> str:
    """A card with question and picture for each example, and the pages' entries in the menu."""
    lines = ["::::{grid} 1 2 2 3", ":gutter: 3", ""]
    for page, title in titles.items():
        lines += [
            f":::{{grid-item-card}} {title}",
            f":link: {page}",
            ":link-type: doc",
            "",
            f'<div class="picture">{Path(page).name}</div>',
            ":::",
            "",
        ]
    toctree = ["```{toctree}", ":hidden:", *titles, "```"]
    return "\n".join([*lines, "::::", "", *toctree])


def show_pictures(
    app: Sphinx, name: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Put the pictures on the cards; pages are written when all scripts have been run."""
    if name != "gallery":
        return

    def picture(match: re.Match[str]) -> str:
        source = app.config.scripts["gallery"] / "pictures" / f"{match[1]}.png"
        if not source.is_file():
            return ""
        target = Path(app.outdir) / "_images" / f"gallery-{source.name}"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(source.read_bytes())
        return f'<img class="picture" src="_images/{target.name}" alt="" loading="lazy">'

    context["body"] = re.sub(r'<div class="picture">(\w+)</div>', picture, context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("scripts", {}, "env")
    app.connect("config-inited", copy)
    app.connect("source-read", fill)
    app.connect("html-page-context", show_pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

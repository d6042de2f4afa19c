"""Every example runs as a script, is short, asks a question, is listed and leaves a picture."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.extras import need

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples"
EXAMPLES = sorted(FOLDER.glob("[a-z]*.py"))


def packages(text: str) -> set[str]:
    """What a script imports, but for what lies beside it or is written by it."""
    nodes = list(ast.walk(ast.parse(text)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names} - {"_picture", "digits"}


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400)


def test_there_are_eleven() -> None:
    assert len(EXAMPLES) == 11


@pytest.mark.long
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_leaves_a_picture_and_no_warning(path: Path) -> None:
    for package in {"matplotlib", *packages(path.read_text(encoding="utf-8"))}:
        need(package, "examples")
    picture = FOLDER / "pictures" / f"{path.stem}.png"
    before = picture.stat().st_mtime_ns if picture.exists() else 0
    done = run("-W", "error", str(path))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 88
    assert picture.stat().st_mtime_ns > before
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_short_notebook_that_answers_a_question(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 120
    assert "format_name: percent" in text
    first = re.split(r"^# %%", text, flags=re.M)[1]
    title = re.match(r" \[markdown\]\n# # (.+\?)\n#\n# [A-Z`]", first)
    assert title, "the first cell is a question and its answer"
    listed = f"| {title[1]} | [`{path.name}`]({path.name}) |"
    assert listed in (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^assert ", text, re.M), "a run can fail"
    assert text.rstrip().endswith(f', "{path.stem}")'), "the picture comes last"
    assert "pyplot" not in text


def test_a_name_that_is_none_is_an_error() -> None:
    done = run("-m", "examples", "counts", "rabbits")
    assert done.returncode == 2
    assert "'rabbits' is not one of 'counts'" in done.stderr


def test_what_fails_is_named(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("print('ran')")
    (tmp_path / "bad.py").write_text("raise SystemExit(1)")
    files = f"sorted(Path({str(tmp_path)!r}).glob('*.py'))"
    code = f"from pathlib import Path; from lessons.running import run; print(run({files}))"
    done = run("-c", code)
    assert "ran\n" in done.stdout
    assert done.stdout.endswith("['bad']\n")

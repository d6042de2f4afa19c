"""Every lesson runs as a script, is short, and opens in both languages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
FOLDER = Path(__file__).resolve().parents[1] / "lessons"
LESSONS = sorted(FOLDER.glob("[0-9][0-9]_*.py"))


def test_there_are_seventeen() -> None:
    assert [int(path.name[:2]) for path in LESSONS] == list(range(1, 18))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_and_leaves_no_warning(path: Path) -> None:
    environment = os.environ | ({"HYALITE_DATA": str(SHARED)} if SHARED.is_dir() else {})
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        capture_output=True,
        text=True,
        timeout=200,
        env=environment,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert done.stdout


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_is_a_short_notebook_in_two_languages(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 200
    assert "format_name: percent" in text
    cells = re.split(r"^# %%", text, flags=re.M)[1:]
    first = cells[0]
    assert first.startswith(" [markdown]")
    assert len(re.findall("[\u4e00-\u9fff]", first)) > 80, "a summary in Chinese"
    assert len(re.findall(r"[A-Za-z]{2,}", first)) > 40, "a summary in English"
    # a formula is followed by the code that computes it
    for cell, after in zip(cells, [*cells[1:], ""], strict=True):
        if cell.startswith(" [markdown]") and "$$" in cell:
            assert not after.startswith(" [markdown]"), f"no code after:\n{cell}"
            assert after, f"no code after:\n{cell}"

"""Every lesson runs as a script, is short, and opens in both languages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
FOLDER = Path(__file__).resolve().parents[2] / "lessons"
LESSONS = sorted(FOLDER.glob("[0-9][0-9]_*.py"))


def test_none_is_missing() -> None:
    assert [int(path.name[:2]) for path in LESSONS] == list(range(1, 22))


def run(path: Path, **environment: str) -> str:
    """What a lesson prints; a warning is an error."""
    pytest.importorskip("matplotlib", reason="lessons draw with the extra 'plot'")
    if "from PIL" in path.read_text(encoding="utf-8"):
        pytest.importorskip("PIL", reason="pictures need the extra 'data'")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        capture_output=True,
        text=True,
        timeout=200,
        env=os.environ | environment,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout


@pytest.mark.long
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_and_leaves_no_warning(path: Path) -> None:
    if path.stem in NEEDS and not SHARED.is_dir():
        pytest.skip("shared/ does not lie beside the checkout; without its data it runs below")
    printed = run(path, **({"HYALITE_DATA": str(SHARED)} if SHARED.is_dir() else {}))
    assert printed
    assert max(map(len, printed.splitlines())) <= 88


NEEDS = {  # data that are not in the package, what is said without them, what is shown all the same
    "12_fashion_mnist": ("Fashion-MNIST is not here: put", "the same, falling: test accuracy"),
    "14_given_weights": ("sample_weight.pkl is not here (copy", "batches of 100: accuracy: 0.9"),
    "19_simple_conv_net": ("params.pkl is not here (copy", "params.pkl: test accuracy: 0.9"),
    "20_deep_conv_net": ("deep_convnet_params.pkl is not here (copy", "a file: accuracy: 0.8"),
}


@pytest.mark.long
@pytest.mark.parametrize("name", NEEDS)
def test_a_lesson_goes_on_without_its_data(name: str, tmp_path: Path) -> None:
    # a folder that is not there, so that nothing is downloaded
    printed = run(FOLDER / f"{name}.py", HYALITE_DATA=str(tmp_path / "none"))
    said, shown = NEEDS[name]
    (line,) = [line for line in printed.splitlines() if "is not here" in line]
    assert line.startswith(said)
    assert "$HYALITE_DATA" in line, "where to put them"
    assert shown in printed


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_says_at_its_top_how_it_opens(path: Path) -> None:
    head = path.read_text(encoding="utf-8").partition("# %%")[0]
    assert f"# as a notebook: hyalite lessons {int(path.name[:2])} --open\n" in head


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_does_not_end_a_notebook(path: Path) -> None:
    assert not re.search(r"\b(exit|quit|SystemExit)\b", path.read_text(encoding="utf-8"))


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

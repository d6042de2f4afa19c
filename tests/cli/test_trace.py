"""`hyalite trace`: seeing inside."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

import hyalite as hy
from hyalite.cli import commands
from hyalite.text import columns


def run(*words: object) -> tuple[int, str]:
    """The exit code, and what was asked for or else the complaint; not what the error stream says
    besides, as that the engine is being compiled.
    """
    result = CliRunner().invoke(commands, [str(word) for word in words])
    return result.exit_code, result.stderr if result.exit_code else result.stdout


@pytest.fixture
def spiral(tmp_path: Path) -> Path:
    model = hy.Sequential([hy.Dense(4, "relu"), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", metrics=["accuracy"])
    model.build(2, seed=0)
    model.metadata["data"] = "spiral"
    model.save(tmp_path / "spiral.safetensors")
    return tmp_path / "spiral.safetensors"


def test_trace_shows_the_row_that_was_asked_for(spiral: Path) -> None:
    code, text = run("trace", spiral, "--row", 5)
    assert code == 0
    x, y = hy.datasets.spiral(seed=1)
    first = (
        f"One training step on 1 sample: row 5 of the 300 test points of spiral; label {y[5]}.\n"
    )
    assert text.startswith(first)
    assert f"x = the sample   (1, 2)\n    [{x[5, 0]:.5f}  {x[5, 1]:.5f}]" in text
    assert "dense_1.dW = xᵀ·dy   (2, 4)" in text
    assert "t = the label as a one-hot row   (1, 3)\n    [1  0  0]" in text
    assert "Step 1 of Adam" in text
    assert run("trace", spiral, "spiral", "--row", 5)[1] == text
    assert text.rstrip("\n") == str(
        hy.load(spiral).trace(x, y, rows=5, source="test points of spiral")
    )


def test_trace_takes_several_rows(spiral: Path) -> None:
    text = run("trace", spiral, "--row", 5, "--rows", 3)[1]
    assert "rows 5 to 7 of the 300 test points of spiral; labels 0, 0 and 0." in " ".join(
        text.split()
    )
    assert "x = the samples   (3, 2)" in text


def test_a_large_network_is_shown_along_a_path_or_in_full(tmp_path: Path) -> None:
    model = hy.Sequential([hy.Dense(20, "relu"), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy")
    model.build(2, seed=0)
    model.save(tmp_path / "large.safetensors")
    words = ["trace", tmp_path / "large.safetensors", "spiral", "--row", 250]
    path, other, full = run(*words), run(*words, "--output", 0), run(*words, "--full")
    assert "dense_2.softmax.y[2] → loss" in " ".join(path[1].split())
    assert "dense_2.softmax.y[0] → loss" in " ".join(other[1].split())
    assert "The path" not in full[1]
    assert "columns 0 to" in full[1]
    for _, text in (path, other, full):
        assert max(map(columns, text.splitlines())) <= 88
    code, text = run(*words, "--output", 3)
    assert (code, text) == (1, "Error: output must be a whole number from 0 to 2, got 3\n")


def test_trace_writes_a_page(spiral: Path, tmp_path: Path) -> None:
    page = tmp_path / "step.html"
    assert run("trace", spiral, "--html", page) == (0, f"{page} written.\n")
    text = "".join(ET.fromstring(page.read_text(encoding="utf-8")).itertext())
    assert "row 0 of the 300 test points of spiral" in text
    code, text = run("trace", spiral, "--html", tmp_path / "step.pdf")
    assert code == 2
    assert "its name ends in .html" in text


@pytest.mark.parametrize("words", [["--row", 300], ["--row", -1], ["--rows", 0]])
def test_rows_that_are_not_there_are_refused(spiral: Path, words: list[object]) -> None:
    code, text = run("trace", spiral, *words)
    assert code == 2
    assert "rows go from 0 to 299" in text


def test_a_model_that_says_nothing_of_its_data_needs_them_named(spiral: Path) -> None:
    model = hy.load(spiral)
    model.metadata.clear()
    model.save(spiral)
    code, text = run("trace", spiral)
    assert code == 2
    assert "name DATA" in text

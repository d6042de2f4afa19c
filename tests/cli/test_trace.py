"""`hyalite trace`: seeing inside."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import hyalite as hy
from hyalite.cli import commands


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
    assert text.startswith("Row 5 of 300 test points of spiral")
    assert f"[[{x[5, 0]:.4f} {x[5, 1]:.4f}]]" in text.replace("[[ ", "[[").replace("  ", " ")
    assert "dense_1.dW = xᵀ·dy   (2, 4)" in text
    assert f"t = the targets   (1,)\n    [{y[5]}]" in text
    assert run("trace", spiral, "spiral", "--row", 5)[1] == text


def test_trace_takes_several_rows(spiral: Path) -> None:
    assert "x = the samples   (3, 2)" in run("trace", spiral, "--row", 5, "--rows", 3)[1]


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

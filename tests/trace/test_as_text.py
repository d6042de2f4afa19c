"""The trace as text: within the terminal's width, whatever the network."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite.text import columns
from hyalite.trace.as_text import array_lines, terminal_width
from tests import parts


@pytest.mark.parametrize(("given", "width"), [("200", 88), ("70", 70), ("20", 40)])
def test_the_terminal_is_respected(given: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", given)
    assert terminal_width() == width
    for seed in range(10 if width >= 70 else 2):
        model, x, y, weight = parts.random_model(np.random.default_rng(seed))
        trace = model.trace(x, y, sample_weight=weight)
        for full in (False, True):
            trace.full = full
            text = str(trace)
            if width >= 70:
                assert max(map(columns, text.splitlines())) <= width, (seed, full)


def test_long_rows_are_cut_into_columns() -> None:
    array = np.arange(60.0).reshape(2, 30) / 7
    lines, power = array_lines(array, 60)
    assert power == ""
    assert lines[0].startswith("columns 0 to ")
    assert max(map(len, lines)) <= 60
    numbers = [line.strip("[]").split() for line in lines if line.startswith("[")]
    first = [float(text) for row in numbers[::2] for text in row]
    np.testing.assert_allclose(first, array[0], atol=6e-3)


def test_a_digit_less_where_that_makes_them_fit() -> None:
    array = np.linspace(1.01, 2, 8)
    wide, narrow = array_lines(array, 56)[0], array_lines(array, 50)[0]
    assert wide == ["[1.010  1.151  1.293  1.434  1.576  1.717  1.859  2.000]"]
    assert narrow == ["[1.01  1.15  1.29  1.43  1.58  1.72  1.86  2.00]"]


def test_arrays_of_three_axes_are_shown_matrix_by_matrix() -> None:
    lines, _ = array_lines(np.arange(8).reshape(2, 2, 2), 60)
    assert lines == ["[0, :, :]", "[0  1]", "[2  3]", "[1, :, :]", "[4  5]", "[6  7]"]
    kernel = np.arange(8).reshape(2, 2, 1, 2)  # rows, columns, channels, filters
    lines, _ = array_lines(kernel, 60, (0, 1))
    assert lines == ["[:, :, 0, 0]", "[0  2]", "[4  6]", "[:, :, 0, 1]", "[1  3]", "[5  7]"]


def test_chinese_names_are_twice_as_wide() -> None:
    model = hy.Sequential(
        [hy.Dense(40, "relu", name="隐藏层"), hy.Dense(3, "softmax", name="输出层")]
    )
    model.compile("categorical_crossentropy", hy.Adam(0.01))
    model.build(60, seed=0)
    model.metadata["classes"] = ["猫", "狗", "一种很长的名字"]
    text = str(model.trace(np.ones((1, 60)), [2], source="图像"))
    assert "row 0 of 图像; label 2 (一种很长的名字)." in text
    assert max(map(columns, text.splitlines())) <= 88

"""Names in any script, and with dollar signs, without a warning, however a picture is drawn."""

from __future__ import annotations

import copy
import io

import numpy as np
import pytest

import hyalite as hy
from hyalite.plots import glyphs

pytest.importorskip("matplotlib.figure")
NAMES = ["中文", "$no_{formula$ $"]


def test_no_warning_however_it_is_drawn(tmp_path) -> None:  # a warning is an error in these tests
    ax = hy.plots.confusion_matrix([[8, 2], [1, 9]], classes=NAMES)
    hy.plots.save(ax, tmp_path / "confusion.png")
    ax.figure.savefig(io.BytesIO(), bbox_inches="tight")
    ax.figure.draw_without_rendering()
    assert [label.get_text() for label in ax.get_yticklabels()] == NAMES


def test_powers_of_ten_are_formulas_and_names_are_not() -> None:
    rates = np.logspace(-4, 1, 20)
    ax = hy.plots.learning_rates(hy.RateCurve(rates, rates + 1, smooth=rates + 1))
    ax.set_title("$no$ formula")
    for _ in range(2):  # the first drawing writes the numbers, so the next finds them
        ax.figure.draw_without_rendering()
    powers = [label for label in ax.get_xticklabels() if label.get_text()]
    assert powers
    assert all(label.get_parse_math() for label in powers)
    assert not ax.title.get_parse_math()


def test_axes_of_the_users_own_are_saved_without_one(tmp_path) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure()
    figure.add_subplot().set_title("\U00013000 中文")  # a hieroglyph that few machines have
    hy.plots.save(figure, tmp_path / "title.svg")


def test_fonts_of_this_machine_are_asked_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glyphs, "installed", lambda: ("DejaVu Serif",))
    ax = hy.plots.confusion_matrix([[8, 2], [1, 9]], classes=NAMES)
    with glyphs.written(ax.figure):
        first, second = (label.get_fontfamily() for label in ax.get_yticklabels())
    assert first[-1] == "DejaVu Serif"
    assert "DejaVu Serif" not in second


def test_a_picture_is_copied_as_any_figure_is() -> None:
    found = hy.Importance(("age",), np.ones((1, 2)), loss=1.0)
    again = copy.deepcopy(hy.plots.importance(found).figure)
    again.savefig(io.BytesIO())

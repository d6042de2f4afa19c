"""The field of a gradient in the plane."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyalite import plots

figures = pytest.importorskip("matplotlib.figure")


def arrows_of(ax: Any) -> Any:
    from matplotlib.quiver import Quiver

    (arrows,) = [part for part in ax.collections if isinstance(part, Quiver)]
    return arrows


def test_gradient_field_points_downhill_as_long_as_it_is_steep() -> None:
    ax = plots.gradient_field(lambda x: float(x[0] ** 2 + x[1] ** 2), points=5)
    arrows = arrows_of(ax)
    assert arrows.XY.shape == (25, 2)
    ratio = np.stack([arrows.U, arrows.V], axis=1) / np.where(arrows.XY == 0, np.nan, arrows.XY)
    # -∇f = -2x, all to one scale: the longest is 1.3 gaps of 1
    assert ratio[np.isfinite(ratio)] == pytest.approx(-0.65)
    assert arrows.angles == arrows.scale_units == "xy"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x[0]", "x[1]")
    assert ax.get_aspect() == 1
    bar = ax.figure.axes[1]
    shown = [text.get_text() for text in bar.get_yticklabels()]
    assert shown == ["0.8", "1.6", "2.4", "3.2", "4", "4.8", "5.6", "6.4", "7.2"]


def test_gradient_field_of_steep_rims_has_equal_arrows_and_lines_near_the_bottom() -> None:
    def valley(x: np.ndarray) -> float:
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

    given = figures.Figure().add_subplot()
    ax = plots.gradient_field(valley, (-2, 2), (-1, 3), points=6, equal=True, ax=given)
    assert ax is given
    arrows = arrows_of(ax)
    length = np.maximum(np.abs(arrows.U), np.abs(arrows.V)) / 0.8
    assert length == pytest.approx(0.8)
    shown = [text.get_text() for text in ax.figure.axes[1].get_yticklabels()]
    assert (shown[0], shown[-1]) == ("2.51", "2,007")


def test_gradient_field_leaves_holes_and_plains_and_stretched_axes() -> None:
    ax = plots.gradient_field(lambda x: np.log(x[0]) + x[1] / 100, (-1, 3), (-90, 90), points=5)
    arrows = arrows_of(ax)
    assert arrows.Umask.sum() == 10  # x[0] of -1 and of 0
    assert ax.get_aspect() == "auto"
    ax = plots.gradient_field(lambda x: 3.0, points=3)
    assert not arrows_of(ax).U.any()
    plots.gradient_field(lambda x: np.nan, points=3).figure.draw_without_rendering()


def test_gradient_field_refuses_ranges_without_width_and_arrays() -> None:
    for ends in ((2, 2), (2, 1), (1,)):
        with pytest.raises(ValueError, match=r"y_range must be \(low, high\)"):
            plots.gradient_field(lambda x: 0.0, (0, 1), ends)
    with pytest.raises(ValueError, match=r"one number .* got shape \(2,\)"):
        plots.gradient_field(lambda x: x)
    with pytest.raises(ValueError, match="points must be a whole number of at least 2"):
        plots.gradient_field(lambda x: 0.0, points=1)

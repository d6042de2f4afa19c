"""The gradient field of a function of two numbers: arrows that point downhill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.errors import require
from hyalite.gradcheck import numerical_gradient
from hyalite.parameters import Array
from hyalite.plots.canvas import SMALL, TEXT, dress, figure

CONTOUR_POINTS = 81  # points a side for the contour lines
CONTOUR_LEVELS = 10
MAX_ARROW_LENGTH = 1.3  # arrow, in gaps of the grid
# where the middle value lies below this share of the range, levels are geometric
GEOMETRIC_LEVELS_BELOW = 0.15


def gradient_field(
    function: Callable[[Array], float],
    x_range: Sequence[float] = (-2.0, 2.0),
    y_range: Sequence[float] = (-2.0, 2.0),
    *,
    points: int = 17,
    equal: bool = False,
    ax: Any = None,
) -> Any:
    """-∇f at a grid of points as arrows, over lines of equal f.

    The gradient is `hyalite.gradcheck.numerical_gradient`'s. Each arrow points to where f falls
    fastest and is as long as the slope is steep, the longest a little longer than a gap of the
    grid; a dot is a slope of next to nothing. Places where f or its gradient is not finite stay
    empty.

    Args:
        function: takes an array (2,) and returns a number.
        x_range: (low, high) of its first entry.
        y_range: (low, high) of its second.
        points: arrows a side.
        equal: whether all arrows have one length, for functions that are steep in some places
            and nearly flat in others.
        ax: Axes to draw on; None makes a figure.

    Returns:
        the Axes; the bar of the lines' values has axes of its own beside it.

    Raises:
        ValueError: a range without width, fewer than 2 points, or the function returns no single
            number.
        MissingExtra: matplotlib is not installed.

    Source: *Deep Learning from Scratch*, chapter 4.

    Examples:
        >>> ax = hy.plots.gradient_field(lambda x: x[0] ** 2 + x[1] ** 2, points=5)
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('x[0]', 'x[1]')
    """
    low_x, high_x = _range(x_range, "x_range")
    low_y, high_y = _range(y_range, "y_range")
    points = checks.integer(points, "points", low=2)

    def value(point: Array) -> float:
        result = np.asarray(function(point))
        if result.size != 1:
            raise ValueError(
                "function must return one number for an array of shape (2,), "
                f"got shape {result.shape}"
            )
        return float(result.reshape(()))

    ratio = (high_y - low_y) / (high_x - low_x)
    alike = 1 / 3 <= ratio <= 3
    ratio = ratio if alike else 1.0
    if ax is None:
        ax = figure(5.4 * min(1, 1 / ratio) + 1.6, 5.0 * min(1, ratio) + 0.9).add_subplot()
    with np.errstate(all="ignore"):
        across, up = (
            np.linspace(low_x, high_x, CONTOUR_POINTS),
            np.linspace(low_y, high_y, CONTOUR_POINTS),
        )
        heights = np.array([[value(np.array([a, b])) for a in across] for b in up])
        _contours(ax, across, up, np.ma.masked_invalid(heights))
        across, up = np.linspace(low_x, high_x, points), np.linspace(low_y, high_y, points)
        slopes = np.array(
            [[-numerical_gradient(value, np.array([a, b])) for a in across] for b in up]
        )
    gaps = np.array([across[1] - across[0], up[1] - up[0]])
    _arrows(ax, across, up, slopes, gaps, equal)
    ax.set_xlim(low_x - MAX_ARROW_LENGTH * gaps[0], high_x + MAX_ARROW_LENGTH * gaps[0])
    ax.set_ylim(low_y - MAX_ARROW_LENGTH * gaps[1], high_y + MAX_ARROW_LENGTH * gaps[1])
    if alike:
        ax.set_aspect("equal")
    dress(ax, "Gradient field: arrows show −∇f, lines equal f", "x[0]", "x[1]")
    return ax


def _range(values: Sequence[float], argument: str) -> tuple[float, float]:
    ends = checks.array(values, argument).astype(np.float64)
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise ValueError(f"{argument} must be (low, high) with low < high, got {values!r}")
    return float(ends[0]), float(ends[1])


def _contours(ax: Any, across: Array, up: Array, heights: np.ma.MaskedArray[Any, Any]) -> None:
    """Lines, and a bar that says their values; where most of the range is a steep rim, closer
    together near the bottom.
    """
    if not heights.count() or heights.min() == heights.max():
        return  # nothing to see, or a plain
    matplotlib = require("matplotlib", extra="plot", purpose="drawing contours")
    ticker = require("matplotlib.ticker", extra="plot", purpose="drawing contours")
    low, high = float(heights.min()), float(heights.max())
    middle = float(np.median(heights.compressed()))
    if middle - low < GEOMETRIC_LEVELS_BELOW * (high - low):
        levels = low + (high - low) * np.geomspace(1e-3, 0.8, CONTOUR_LEVELS)
    else:
        levels = ticker.MaxNLocator(CONTOUR_LEVELS).tick_values(low, high)
        levels = levels[(levels > low) & (levels < high)]
    # viridis without its yellow end, which is lost on white
    colors = matplotlib.colormaps["viridis"](np.linspace(0, 0.88, len(levels)))
    lines = ax.contour(across, up, heights, levels=levels, colors=colors, linewidths=1.3)
    bar = ax.figure.colorbar(lines, ax=ax, spacing="uniform", shrink=0.8, aspect=25)
    bar.set_ticks(levels, labels=[_number(level) for level in levels], fontsize=SMALL)
    bar.ax.tick_params(length=0)
    bar.lines[0].set_linewidth(4)
    bar.outline.set_visible(False)
    bar.ax.set_title("f", fontsize=TEXT, pad=10)


def _number(value: float) -> str:
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"


def _arrows(ax: Any, across: Array, up: Array, slopes: Array, gaps: Array, equal: bool) -> None:
    """Arrows in the units of the axes, so that they point along -∇f whatever the axes' scales."""
    sizes = np.max(np.abs(slopes) / gaps, axis=2, keepdims=True)  # in gaps of the grid
    finite = np.isfinite(sizes)
    longest = sizes[finite].max(initial=0.0) or 1.0
    if equal:
        sizes = np.where(sizes > 1e-9 * longest, sizes, np.inf)
        arrows = 0.8 * slopes / sizes
    else:
        arrows = MAX_ARROW_LENGTH * slopes / longest
    arrows = np.ma.masked_invalid(np.where(finite, arrows, np.nan))
    ax.quiver(
        across,
        up,
        arrows[..., 0],
        arrows[..., 1],
        angles="xy",
        scale_units="xy",
        scale=1,
        color="#333333",
        width=0.0032,
        zorder=3,
    )

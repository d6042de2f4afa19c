"""The network as a diagram: layers as columns of circles, weights as lines between them.

(Layers as blocks, without matplotlib, are `hyalite.diagram`.)
"""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite.errors import require
from hyalite.layers import Layer
from hyalite.parameters import Array, Shape
from hyalite.plots.canvas import (
    BLUE,
    GRAY,
    SMALL,
    TEXT,
    TITLE,
    VERMILLION,
    figure,
    legend_beside,
)
from hyalite.summary import kind_of

if TYPE_CHECKING:
    from hyalite.model import Sequential

MAX_SHOWN_UNITS = 10  # units that are all shown; of more the first and last
SHOWN_AT_ENDS = 4  # shown at either end
LINE_LENGTH = 18  # characters of a line under a column
THIN, THICK = 0.4, 3.0  # lines in points
GAP_INCHES = 0.36  # inches between circles
MIN_HEIGHT_UNITS = 3  # circles that the height has room for
MESH_COLOR = "#C8C8C8"  # of connections whose weights are not shown


def diagram(model: Sequential, *, ax: Any = None) -> Any:
    """The model's layers from left to right, with a circle for each unit.

    Under each column stand the layer's name, its kind with the activation, and the shape of one
    sample there. Of more than 10 units the first and last 4 are shown, with ⋮ between. Where both
    of its sides are shown in full, a dense layer's connections are coloured by the sign of their
    weight and the wider, the larger it is in size within the layer; else they are gray.

    `Sequential.diagram` draws the architecture alone: a block for each layer, as SVG and without
    matplotlib. It suits large models better; this one shows the weights of small ones.

    Args:
        model: built.
        ax: Axes to draw on; None makes a figure that is large enough.

    Returns:
        the Axes.

    Raises:
        ValueError: the model is not built.
        MissingExtra: matplotlib is not installed.

    Examples:
        >>> model = hy.Sequential([hy.Dense(3, "relu"), hy.Dense(1)])
        >>> model.build(2)
        >>> hy.plots.diagram(model).get_title()
        '2 layers, 13 parameters'
    """
    network = model.network
    size = network.ready.theta.size
    shapes = [network.input_shape, *network.shapes]
    texts = [_under("input", "", network.input_shape)]
    for layer, name, shape in zip(network.layers, network.names, network.shapes, strict=True):
        texts.append(_under(name, kind_of(layer), shape))
    units = [_shown(math.prod(shape)) for shape in shapes]
    tallest = max(len(column) for column in units)
    if ax is None:
        lines = max(text.count("\n") for text in texts) + 1
        widest = max(len(line) for text in texts for line in text.split("\n"))
        width = max(1.25, 0.085 * widest + 0.15)
        ax = figure(
            max(width * len(units) + 1.9, 5.5),
            GAP_INCHES * max(tallest, MIN_HEIGHT_UNITS) + 0.19 * lines + 0.9,
        ).add_subplot()
    coloured = False
    for place, layer in enumerate(network.layers):
        coloured |= _connect(ax, place, units[place], units[place + 1], layer)
    for place, column in enumerate(units):
        _circles(ax, place, column)
    bottom = tallest / 2 + 0.1
    end = max(tallest, MIN_HEIGHT_UNITS) / 2
    for place, text in enumerate(texts):
        ax.text(place, bottom, text, ha="center", va="top", fontsize=SMALL, linespacing=1.35)
    ax.set_xlim(-0.5, len(units) - 0.5)
    ax.set_ylim(end, -end)  # downwards, as one counts units
    ax.set_axis_off()
    layers = "1 layer" if len(units) == 2 else f"{len(units) - 1} layers"
    ax.set_title(f"{layers}, {size:,} parameters", fontsize=TITLE, pad=8)
    if coloured:
        ax.plot([], [], color=VERMILLION, linewidth=2, label="weight above 0")
        ax.plot([], [], color=BLUE, linewidth=2, label="below 0")
        legend_beside(ax, fontsize=SMALL, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def _under(name: str, kind: str, shape: Shape) -> str:
    """The text under a column; long names are broken after an underscore."""
    lines = []
    for part in (name, kind):
        broken = textwrap.wrap(part.replace("_", "_ "), LINE_LENGTH)
        lines += [line.replace("_ ", "_") for line in broken]
    return "\n".join([*lines, str(shape)])


def _shown(count: int) -> list[int | None]:
    """Numbers of the units in a column, None for those left out."""
    if count <= MAX_SHOWN_UNITS:
        return list(range(count))
    return [*range(SHOWN_AT_ENDS), None, *range(count - SHOWN_AT_ENDS, count)]


def _heights(column: list[int | None]) -> Array:
    """Where each stands, around 0 and downwards."""
    return np.arange(len(column)) - (len(column) - 1) / 2


def _circles(ax: Any, place: int, column: list[int | None]) -> None:
    heights = _heights(column)
    seen = np.array([unit is not None for unit in column])
    ax.scatter(
        np.full(seen.sum(), place),
        heights[seen],
        s=190,
        facecolors="white",
        edgecolors="#222222",
        linewidths=1.2,
        zorder=3,
    )
    for height in heights[~seen]:
        ax.text(place, height, "⋮", ha="center", va="center", fontsize=TEXT + 5, color="#222222")


def _connect(
    ax: Any, place: int, left: list[int | None], right: list[int | None], layer: Layer
) -> bool:
    """Lines from column `place` to the next; whether they show weights."""
    collections = require("matplotlib.collections", extra="plot", purpose="drawing a network")
    W = layer.values.get("W")
    pairs = [
        (i, j)
        for i, unit in enumerate(left)
        for j, other in enumerate(right)
        if unit is not None and other is not None and (W is not None or i == j)
    ]
    starts, ends = _heights(left), _heights(right)
    segments = [[(place, starts[i]), (place + 1, ends[j])] for i, j in pairs]
    full = None not in left and None not in right
    if W is None or not full or W.shape != (len(left), len(right)):
        color, width = (GRAY, 0.9) if W is None else (MESH_COLOR, 0.7)
        ax.add_collection(collections.LineCollection(segments, colors=color, linewidths=width))
        return False
    weights = np.array([W[i, j] for i, j in pairs], np.float64)
    sizes = np.abs(weights) / (np.abs(weights).max() or 1.0)
    order = np.argsort(sizes, kind="stable")  # the strongest on top
    lines = collections.LineCollection(
        [segments[i] for i in order],
        colors=[VERMILLION if weights[i] > 0 else BLUE for i in order],
        linewidths=[THIN + (THICK - THIN) * sizes[i] for i in order],
        alpha=[0.35 + 0.65 * sizes[i] for i in order],
    )
    ax.add_collection(lines)
    return True

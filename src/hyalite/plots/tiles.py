"""Many small images on one Axes, each in a frame: filters, or the maps of a layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hyalite.parameters import Array
from hyalite.plots.canvas import GRAY

GAP = 0.14  # between two images, of the longer side of one


def columns_for(count: int) -> int:
    """How many images a row has: as many rows as columns or fewer, full ones where that goes."""
    least = math.ceil(math.sqrt(count))
    full = (columns for columns in range(least, 2 * least) if count % columns == 0)
    return next(full, least)


def draw_tiles(ax: Any, images: Sequence[Array], columns: int, **options: Any) -> Any:
    """Images of one size in rows, as ``imshow`` draws each with `options`; the last one drawn.

    On one Axes: to solve matplotlib's constraints for hundreds of them takes seconds.
    """
    height, width = images[0].shape[:2]
    gap = GAP * max(height, width)
    across: list[float] = []
    down: list[float] = []
    drawn: Any = None
    for place, image in enumerate(images):
        row, column = divmod(place, columns)
        left, top = column * (width + gap), row * (height + gap)
        right, bottom = left + width, top + height
        drawn = ax.imshow(image, extent=(left, right, bottom, top), **options)
        across += [left, right, right, left, left, math.nan]
        down += [top, top, bottom, bottom, top, math.nan]
    ax.plot(across, down, color=GRAY, linewidth=0.5)
    rows = math.ceil(len(images) / columns)
    ax.set_xlim(-gap, columns * (width + gap))
    ax.set_ylim(rows * (height + gap), -gap)
    ax.set_axis_off()
    return drawn

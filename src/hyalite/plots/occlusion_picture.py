"""What a class's probability hangs on, shown over the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite.parameters import Array
from hyalite.plots.canvas import DIVERGING, SMALL, TITLE, figure, given
from hyalite.plots.reading import pictures, short

if TYPE_CHECKING:
    from hyalite.plots.occlusion_numbers import OcclusionMap

MAX_NAME_LENGTH = 11  # characters of a class's name over a picture
PALEST = 0.6  # how far a picture is taken back to white under the colours
LEAST_LIMIT = 0.05  # so that next to nothing does not look like much
CELL_INCHES = 1.55  # inches


def occlusion(
    found: OcclusionMap, classes: Sequence[str] | None = None, *, axes: Any = None
) -> Array:
    """What a class's probability hangs on: a column for each picture, with the colours below it.

    Above is the picture with the class that was watched and its probability, below the lowest one
    that a patch left of it. Red: covered, the probability falls, the redder the further; blue: it
    rises. Each picture has a scale of its own, up to its largest number, or 5 % where that is less.

    Args:
        found: from `occlusion_map`.
        classes: names of the classes; their numbers otherwise.
        axes: array of Axes to draw on, 2·n, row by row; None makes a figure.

    Returns:
        array of Axes, (2, n).

    Raises:
        ValueError: the pictures are neither gray nor of three colours, there are fewer names than
            classes, or the number of axes is another.
        MissingExtra: matplotlib is not installed.

    Source: Zeiler & Fergus 2014, *Visualizing and understanding convolutional networks*.

    Examples:
        >>> model = hy.Sequential([hy.Flatten(), hy.Softmax()])
        >>> model.build((2, 2))
        >>> found = hy.plots.occlusion_map(model, [[[0, 0], [5, 0]]], patch=1)
        >>> axes = hy.plots.occlusion(found)
        >>> axes[0, 0].get_title(), axes[1, 0].get_title()
        ('2, 98.0 %', 'down to 25.0 %')
    """
    count = len(found.x)
    shown = pictures(found.x)
    names = [_name(classes, int(label)) for label in found.labels]
    panels = [f"{part} {place}" for part in ("picture", "map") for place in range(count)]
    if axes is None:
        new = figure(max(CELL_INCHES * count + 0.4, 4.4), 2 * CELL_INCHES + 1.6)
        rows, columns = found.patch
        title = f"A class's probability with {rows} x {columns} pixels covered"
        new.suptitle(title, fontsize=TITLE)
        axes = new.subplots(2, count, squeeze=False)
    axes = given(axes, panels).reshape(2, count)
    for place, (above, below) in enumerate(axes.T):
        falls = found.falls[place]
        limit = max(float(np.nanmax(np.abs(falls))), LEAST_LIMIT)
        above.imshow(shown[place], cmap="gray", interpolation="nearest")
        above.set_title(f"{names[place]}, {100 * found.probabilities[place]:.1f} %", fontsize=SMALL)
        below.imshow(_pale(shown[place]), interpolation="nearest")
        strength = np.nan_to_num(np.abs(falls) / limit)
        colors: Any = {"cmap": DIVERGING, "vmin": -limit, "vmax": limit, "alpha": strength}
        drawn = below.imshow(falls, interpolation="nearest", **colors)
        below.set_title(f"down to {100 * found.lowest[place]:.1f} %", fontsize=SMALL)
        above.set_axis_off()
        below.set_axis_off()
    where: Any = {"ax": list(axes.ravel()), "location": "bottom", "shrink": min(0.8, 2.4 / count)}
    bar = axes[0, 0].figure.colorbar(drawn, **where, aspect=25, pad=0.04)
    bar.set_ticks([-limit, 0, limit], labels=["rises", "stays", "falls"], fontsize=SMALL)
    bar.set_label("the probability, when this is covered", fontsize=SMALL)
    bar.outline.set_visible(False)
    return np.asarray(axes)


def _name(classes: Sequence[str] | None, label: int) -> str:
    if classes is not None and label >= len(classes):
        raise ValueError(f"classes must name class {label}, got {len(classes)} names")
    return short(str(label if classes is None else classes[label]), MAX_NAME_LENGTH)


def _pale(picture: Array) -> Array:
    """A picture in grays, pale enough for colours over it, (height, width, 3)."""
    gray = picture.astype(np.float64)
    gray = gray.mean(axis=2) if gray.ndim == 3 else gray
    low, high = float(gray.min()), float(gray.max())
    gray = (gray - low) / (high - low if high > low else 1.0)
    return np.repeat((PALEST + (1 - PALEST) * gray)[..., np.newaxis], 3, axis=2)

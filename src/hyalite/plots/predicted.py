"""Images as a classifier sees them, each with the likeliest class and its probability."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite.parameters import Array
from hyalite.plots.canvas import SMALL, given, grid
from hyalite.plots.reading import answers, class_names, pictures, samples, short

if TYPE_CHECKING:
    from hyalite.model import Sequential

MAX_TITLE_LENGTH = 20  # characters of a title, and of a class's name with its probability


def predictions(
    model: Sequential,
    x: Any,
    classes: Sequence[str] | None = None,
    *,
    titles: Sequence[str] | None = None,
    axes: Any = None,
) -> Array:
    """Images as the model gets them, in their order, each with its likeliest class.

    Gray ones share one scale, of 0 to 255 where they are uint8 and else from 0, or the least, to 1,
    or the largest: a pale image looks pale.

    Args:
        model: of pictures.
        x: pictures (n, height, width[, 3]) as the model takes them; square ones may be flat.
        classes: names of the classes; their numbers otherwise.
        titles: what stands over each picture, such as the name of its file; nothing otherwise.
        axes: array of Axes to draw on, one for each image; None makes a figure.

    Returns:
        array of Axes, (n,).

    Raises:
        ValueError: x holds no pictures, a length does not fit, or the model is not built or
            predicts no classes.
        MissingExtra: matplotlib is not installed.

    Examples:
        >>> model = hy.Sequential([hy.Softmax()])  # the class of the brightest of four pixels
        >>> model.build(4)
        >>> axes = hy.plots.predictions(model, [[0, 0, 3, 0]], titles=["a.png"])
        >>> print(axes[0].get_title())
        a.png
        2, 87.0 %
    """
    x = samples(model, x)
    images = pictures(x)
    shares, said = answers(model, x)
    names = class_names(classes, shares.shape[1])
    if titles is not None and len(titles) != len(x):
        raise ValueError(f"titles must be {len(x)}, one for each picture, got {len(titles)}")
    whole = x.dtype == np.uint8
    low = 0.0 if whole else min(0.0, float(x.min()))
    high = 255.0 if whole else max(1.0, float(x.max()))
    if axes is None:
        axes = grid(len(x), math.ceil(math.sqrt(len(x))), (1.75, 1.95))
    places = [f"picture {number}" for number in range(len(x))]
    axes = given(axes, places)
    for row, ax in enumerate(axes):
        text = f", {100 * shares[row, said[row]]:.1f} %"
        lines = [short(names[said[row]], MAX_TITLE_LENGTH - len(text)) + text]
        if titles is not None:
            lines = [short(titles[row], MAX_TITLE_LENGTH), *lines]
        ax.imshow(images[row], cmap="gray", vmin=low, vmax=high, interpolation="nearest")
        ax.set_title("\n".join(lines), fontsize=SMALL, linespacing=1.3)
        ax.set_axis_off()
    return np.asarray(axes)

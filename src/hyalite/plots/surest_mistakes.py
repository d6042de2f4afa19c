"""The surest mistakes: images that a classifier gets wrong and is confident about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite import checks
from hyalite.parameters import Array
from hyalite.plots.canvas import SMALL, TITLE, figure
from hyalite.plots.reading import answers, class_names, labels, pictures, samples, short

if TYPE_CHECKING:
    from hyalite.model import Sequential

MAX_NAME_LENGTH = 13  # characters of a class's name over a picture


def mistakes(
    model: Sequential,
    x: Any,
    y: Any,
    classes: Sequence[str] | None = None,
    count: int = 25,
    *,
    axes: Any = None,
) -> Array:
    """The surest wrong answers as a grid of images, the surest first.

    Args:
        model: of pictures.
        x: pictures (n, height, width[, 3]) as the model takes them; square ones may be flat.
        y: labels (n,), or one-hot rows.
        classes: names of the classes; their numbers otherwise.
        count: how many to show, at most.
        axes: array of Axes to draw on, one for each image; None makes a figure.

    Returns:
        array of Axes.

    Raises:
        ValueError: x holds no pictures, a length does not fit, y has a label out of range, or the
            model is not built or predicts no classes.
        MissingExtra: matplotlib is not installed.

    Examples:
        >>> model = hy.Sequential([hy.Softmax()])  # the class of the brightest of four pixels
        >>> model.build(4)
        >>> axes = hy.plots.mistakes(model, [[0, 0, 3, 0], [5, 0, 0, 0]], [3, 0])
        >>> print(axes[0].get_title())
        is 3
        said 2, 87.0 %
    """
    count = checks.integer(count, "count")
    x = samples(model, x)
    images = pictures(x)
    shares, said = answers(model, x)
    true = labels(y, x, shares.shape[1])
    names = [short(name, MAX_NAME_LENGTH) for name in class_names(classes, shares.shape[1])]
    wrong = np.flatnonzero(said != true)
    surest = wrong[np.argsort(-shares[wrong, said[wrong]], kind="stable")][:count]

    if axes is None:
        columns = min(max(len(surest), 1), math.ceil(math.sqrt(count)))
        rows = math.ceil(max(len(surest), 1) / columns)
        # at least as wide as its title
        new = figure(max(1.75 * columns, 5.5), 1.95 * rows + 0.6)
        new.suptitle(_title(len(surest), len(wrong), len(x)), fontsize=TITLE)
        axes = new.subplots(rows, columns, squeeze=False)
    axes = np.ravel(axes)
    for ax in axes:
        ax.set_axis_off()
    for ax, row in zip(axes, surest, strict=False):
        ax.imshow(images[row], cmap="gray", interpolation="nearest")
        sure = 100 * shares[row, said[row]]
        text = f"is {names[true[row]]}\nsaid {names[said[row]]}, {sure:.1f} %"
        ax.set_title(text, fontsize=SMALL, linespacing=1.3)
    return np.asarray(axes)


def _title(shown: int, wrong: int, total: int) -> str:
    if not wrong:
        return f"No mistakes on {total:,} images"
    if shown == wrong:
        return f"All mistakes on {total:,} images ({wrong:,}), the surest first"
    return f"The {shown} surest of {wrong:,} mistakes on {total:,} images"

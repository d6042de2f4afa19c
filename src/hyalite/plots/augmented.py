"""What augmentation makes of samples: each picture as it is, and as training sees it."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.layers import GaussianNoise, Layer, RandomAffine, RandomFlip
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.plots.canvas import SMALL, TITLE, figure, given
from hyalite.plots.reading import pictures

AUGMENTATIONS = (RandomAffine, RandomFlip, GaussianNoise)


def augmentations(
    augmentation: Layer | Sequential,
    x: Any,
    *,
    variants: int = 7,
    seed: int = 0,
    axes: Any = None,
) -> Array:
    """A row for each picture: on the left as it is, beside it as training sees it.

    Args:
        augmentation: a `RandomAffine`, `RandomFlip` or `GaussianNoise`, or a model that begins
            with some. They are neither built nor changed.
        x: some pictures (n, height, width[, 3]); square gray ones may be flat for `GaussianNoise`.
        variants: how many to show of each picture.
        seed: of the draws.
        axes: array of Axes to draw on, n·(1 + variants), row by row; None makes a figure.

    Returns:
        array of Axes, (n, 1 + variants).

    Raises:
        ValueError: no augmentation, x holds no pictures, or a number of axes that does not fit.
        MissingExtra: matplotlib is not installed.

    Examples:
        >>> (x, y), _ = hy.datasets.mnist(flatten=False)
        >>> hy.plots.augmentations(hy.RandomAffine(shift=3, rotation=15), x[:4]).shape
        (4, 8)
    """
    layers = augmentation.layers if isinstance(augmentation, Sequential) else [augmentation]
    layers = list(takewhile(lambda layer: isinstance(layer, AUGMENTATIONS), layers))
    if not layers:
        raise ValueError(
            "augmentation must be a RandomAffine, RandomFlip or GaussianNoise, or a model that "
            f"begins with one, got {augmentation!r}"
        )
    variants = checks.integer(variants, "variants")
    x = checks.inputs(x, None)
    fresh = [type(layer)(**layer.get_config()) for layer in layers]
    for place, layer in enumerate(fresh):
        layer.index = place
        layer.build(x.shape[1:], seed=seed)
    columns = [x.astype(np.float32)]
    for _ in range(variants):
        y = columns[0]
        for layer in fresh:
            y = layer.forward(y, training=True)
        columns.append(y)
    shown = pictures(np.concatenate(columns))
    # one scale for all, so that noise does not pass for less contrast
    low, high = float(columns[0].min()), float(columns[0].max())
    names = [f"{column} of {row}" for row in range(len(x)) for column in range(variants + 1)]
    if axes is None:
        new = figure(0.95 * (variants + 1) + 0.6, 0.95 * len(x) + 0.9)
        text = ", ".join(map(repr, layers))
        new.suptitle(text, fontsize=TITLE if len(text) < 40 else SMALL)
        axes = new.subplots(len(x), variants + 1, squeeze=False)
    axes = given(axes, names).reshape(len(x), variants + 1)
    for (row, column), ax in np.ndenumerate(axes):
        ax.imshow(
            shown[column * len(x) + row],
            cmap="gray",
            vmin=low,
            vmax=high,
            interpolation="nearest",
        )
        ax.set_axis_off()
    axes[0, 0].set_title("original", fontsize=SMALL)
    return np.asarray(axes)

"""The filters of a convolution as images, before training and after it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite import checks
from hyalite.parameters import Array
from hyalite.plots.canvas import DIVERGING, SMALL, TEXT, TITLE, figure, given
from hyalite.plots.reading import convolutions, splits_channels
from hyalite.plots.tiles import columns_for, draw_tiles

if TYPE_CHECKING:
    from hyalite.model import Sequential

MOST_OF_MANY = 16  # filters, and channels of each, of a layer behind the first
PANEL_INCHES = 4.2  # inches, of the longer side


def filters(
    model: Sequential,
    before: Mapping[str, Any] | None = None,
    layer: str | None = None,
    *,
    count: int = 64,
    axes: Any = None,
) -> Array:
    """The filters of a convolution as small images, before training and after it side by side.

    Red adds to the filter's output where its window is bright, blue takes away, white makes no
    difference; both sides have one scale. Of samples in colour a filter of the first layer is a
    small picture in colour: it looks for what looks like it, gray makes no difference. Of a
    `Conv2D` over other channels each row is a filter, its tiles are its channels.

    Args:
        model: built.
        before: weights as ``model.get_weights()`` gave them before training, or of a recipe's
            `Trained` as ``trained.recipe.model(trained.dataset).get_weights()`` draws them anew;
            None shows those of today alone.
        layer: name of the convolution, as in ``model.summary()``; None takes the first one.
        count: how many filters to show, from the first on, at most; at most 16, and 16 channels of
            each, where a row is a filter.
        axes: one Axes for each side; None makes a figure.

    Returns:
        array of Axes, (2,), or (1,) without `before`.

    Raises:
        ValueError: the model is not built, has no convolution or none of that name, `before` is of
            another model, or the number of axes is another.
        MissingExtra: matplotlib is not installed.

    Source: Krizhevsky, Sutskever & Hinton 2012, figure 3; *Deep Learning from Scratch*, 7.6.

    Examples:
        >>> model = hy.Sequential([hy.Conv2D(8, 3), hy.Flatten(), hy.Dense(10, "softmax")])
        >>> model.build((28, 28), seed=0)
        >>> before = model.get_weights()
        >>> model.layers[0].W[...] += 0.1  # in place of model.fit
        >>> axes = hy.plots.filters(model, before)
        >>> [ax.get_title() for ax in axes], axes[0].figure.get_suptitle()
        (['before training', 'after training'], 'conv2d_1: 8 filters of 3 x 3')
    """
    count = checks.integer(count, "count")
    name, kernels = _kernels(model, layer)
    sides = {"after training": kernels}
    if before is not None:
        sides = {"before training": _earlier(before, name, kernels)} | sides
    first = name == next(iter(convolutions(model)))
    depthwise = splits_channels(convolutions(model)[name])
    colored = first and not depthwise and kernels.shape[2] == 3
    in_rows = not depthwise and not colored and kernels.shape[2] > 1
    limit = max(float(np.abs(W).max()) for W in sides.values()) or 1.0
    tiles = {side: _tiles(W, count, depthwise, colored, limit) for side, W in sides.items()}
    images = tiles["after training"]
    columns = min(kernels.shape[2], MOST_OF_MANY) if in_rows else columns_for(len(images))
    made = axes is None
    if made:
        axes = _panels(len(sides), len(images), columns, images[0].shape)
        title = _title(name, kernels, len(images) // columns if in_rows else len(images), depthwise)
        if in_rows:
            title += f"\na row a filter, with {_of(columns, kernels.shape[2], 'channel')}"
        elif colored:
            title += "\nin the colours that they look for; gray makes no difference"
        axes[0].figure.suptitle(title, fontsize=TITLE)
    axes = given(axes, list(sides))
    options: Any = {"cmap": DIVERGING, "vmin": -limit, "vmax": limit}
    for ax, (side, own) in zip(axes, tiles.items(), strict=True):
        drawn = draw_tiles(ax, own, columns, interpolation="nearest", **options)
        if before is not None:
            ax.set_title(side, fontsize=TEXT)
    if not colored:
        bar = axes[0].figure.colorbar(drawn, ax=list(axes), shrink=0.8, aspect=25)
        bar.set_label("weight", fontsize=TEXT)
        bar.ax.tick_params(labelsize=SMALL)
        bar.outline.set_visible(False)
    return axes


def _kernels(model: Sequential, wanted: str | None) -> tuple[str, Array]:
    """Name and W (rows, columns, channels, filters) of a convolution."""
    found = convolutions(model)
    if not found:
        raise ValueError(
            "the model has no convolution, such as Conv2D, so it has no filters to show; "
            "hy.plots.first_layer_weights shows the weights of a dense layer"
        )
    if wanted is not None and wanted not in found:
        raise ValueError(f"layer {wanted!r} is no convolution of the model: {', '.join(found)}")
    name = next(iter(found)) if wanted is None else wanted
    return name, found[name].values["W"].astype(np.float64)


def _earlier(before: Mapping[str, Any], name: str, now: Array) -> Array:
    """The same weights before training."""
    key = f"{name}.W"
    if not isinstance(before, Mapping) or key not in before:
        raise ValueError(
            f"before must be the model's weights by name, with {key}, as model.get_weights() gives "
            "them between model.build and model.fit"
        )
    W = checks.array(before[key], f"before[{key!r}]").astype(np.float64)
    if W.shape != now.shape:
        raise ValueError(f"before[{key!r}] has shape {W.shape}, the model's {key} {now.shape}")
    return W


def _tiles(W: Array, count: int, depthwise: bool, colored: bool, limit: float) -> list[Array]:
    """Images of filters: (rows, columns), or with colours in 0..1 (rows, columns, 3)."""
    if depthwise:  # output channel c·m + d
        return list(np.moveaxis(W.reshape(*W.shape[:2], -1), 2, 0)[:count])
    each = np.moveaxis(W, 3, 0)  # (filters, rows, columns, channels)
    if colored:
        return list(0.5 + 0.5 * each[:count] / limit)
    if W.shape[2] == 1:
        return list(each[:count, :, :, 0])
    some = each[: min(count, MOST_OF_MANY), :, :, :MOST_OF_MANY]
    return [channel for one in some for channel in np.moveaxis(one, 2, 0)]


def _panels(sides: int, images: int, columns: int, shape: tuple[int, ...]) -> Array:
    """A new figure with Axes side by side, as high as the tiles need."""
    across, down = columns * shape[1], math.ceil(images / columns) * shape[0]
    scale = PANEL_INCHES / max(across, down)
    wide, tall = max(scale * across, 1.6), max(scale * down, 1.6)
    new = figure(max(sides * (wide + 0.3) + 1.0, 5.6), tall + 1.0)
    return np.asarray(np.ravel(new.subplots(1, sides, squeeze=False)))


def _title(name: str, W: Array, shown: int, depthwise: bool) -> str:
    every = W.shape[2] * W.shape[3] if depthwise else W.shape[3]
    return f"{name}: {_of(shown, every, 'filter')} of {W.shape[0]} x {W.shape[1]}"


def _of(shown: int, every: int, noun: str) -> str:
    """How many are shown, and of how many."""
    nouns = f"{noun}{'s' * (every > 1)}"
    return f"{every:,} {nouns}" if shown == every else f"the first {shown:,} of {every:,} {nouns}"

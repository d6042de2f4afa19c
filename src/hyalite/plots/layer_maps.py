"""What the layers of a convolutional network make of one picture: its feature maps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite import checks
from hyalite.exact import is_exactly
from hyalite.layers import Rescaling
from hyalite.parameters import Array
from hyalite.plots.canvas import DIVERGING, SMALL, TITLE, given, grid
from hyalite.plots.reading import convolutions, layer_outputs, pictures, samples, short
from hyalite.plots.tiles import columns_for, draw_tiles

if TYPE_CHECKING:
    from hyalite.model import Sequential

MOST_COLUMNS = 4
LEGEND = "white is 0, red above it, blue below; each layer has its own scale"
MAX_NAME_LENGTH = 30  # characters of a layer's name


def feature_maps(model: Sequential, x: Any, *, count: int = 16, axes: Any = None) -> Array:
    """What each layer makes of one picture, a panel for each: its channels as small images.

    A convolution's maps are those behind its activation; the pass is that of prediction. Shown are
    layers that give pictures; those that hand on what they get, such as Dropout, and Rescaling
    have no panel. White is 0, red above it, blue below; each layer has a scale of its own.

    Args:
        model: built.
        x: one picture as the model takes it, (height, width[, channels]) or (1, height, width[,
            channels]).
        count: how many maps of a layer to show, from the first on, at most.
        axes: one Axes for each panel; None makes a figure.

    Returns:
        array of Axes, (panels,); the first one has the picture.

    Raises:
        ValueError: the model is not built or has no convolution, x does not fit or is not one
            picture, a layer's output is not finite, or the number of axes is another.
        MissingExtra: matplotlib is not installed.

    Source: LeCun et al. 1998; Zeiler & Fergus 2014, *Visualizing and understanding
    convolutional networks*.

    Examples:
        >>> model = hy.Sequential([hy.Conv2D(4, 3, activation="relu"), hy.MaxPooling2D()])
        >>> model.build((28, 28), seed=0)
        >>> (x, y), _ = hy.datasets.mnist(flatten=False)
        >>> axes = hy.plots.feature_maps(model, x[0])
        >>> print(axes[1].get_title())
        conv2d_1, ReLU
        4 maps of 26 x 26
    """
    count = checks.integer(count, "count")
    if not convolutions(model):
        raise ValueError(
            "the model has no convolution, such as Conv2D, so it has no feature maps to show; "
            "hy.plots.activations shows what any layers give"
        )
    x = checks.array(x, "x")
    x = samples(model, x[np.newaxis] if x.shape == model.network.input_shape else x)
    if len(x) != 1:
        raise ValueError(f"x must be one picture, got {len(x):,}; give one of them, as x[0]")
    kinds = {place.name: type(place.layer) for place in model.network.walk()}
    panels: list[tuple[str, Array]] = []
    for name, (stage, y) in layer_outputs(model, x).items():
        if y.ndim in (3, 4) and not is_exactly(stage, Rescaling):
            activation = "" if type(stage) is kinds[name] else f", {type(stage).__name__}"
            panels.append((short(name, MAX_NAME_LENGTH) + activation, _maps(y)))
    names = ["the picture", *(name for name, _ in panels)]
    if axes is None:
        columns = math.ceil(len(names) / math.ceil(len(names) / MOST_COLUMNS))
        axes = grid(len(names), columns, (2.9, 2.9), extra=0.8)
        axes[0].figure.suptitle(f"Feature maps of one picture\n{LEGEND}", fontsize=TITLE)
    axes = given(axes, names)
    _draw_picture(axes[0], x)
    for ax, (name, maps) in zip(axes[1:], panels, strict=True):
        limit = float(np.abs(maps).max()) or 1.0
        shown = list(maps[:count])
        options: Any = {"cmap": DIVERGING, "vmin": -limit, "vmax": limit}
        # a large map in few dots is averaged, a small one has sharp pixels
        draw_tiles(ax, shown, columns_for(len(shown)), interpolation="antialiased", **options)
        ax.set_title(f"{name}\n{_size(maps, len(shown))}", fontsize=SMALL)
    return axes


def _maps(y: Array) -> Array:
    """(1, height, width[, channels]) as (channels, height, width)."""
    return np.moveaxis(y[0] if y.ndim == 4 else y[0, ..., np.newaxis], 2, 0).astype(np.float64)


def _size(maps: Array, shown: int) -> str:
    number = f"{shown} of {len(maps)} maps" if shown < len(maps) else f"{shown} maps"
    return f"{'1 map' if len(maps) == 1 else number} of {maps.shape[1]} x {maps.shape[2]}"


def _draw_picture(ax: Any, x: Array) -> None:
    """The picture, of other than gray or three colours channel by channel."""
    height, width = x.shape[1:3]
    if x.ndim == 4 and x.shape[3] not in (1, 3):
        channels = list(_maps(x))
        draw_tiles(ax, channels, columns_for(len(channels)), cmap="gray")
    else:
        ax.imshow(pictures(x)[0], cmap="gray", interpolation="antialiased")
        ax.set_axis_off()
    ax.set_title(f"the picture\n{height} x {width}", fontsize=SMALL)

"""The weights of the first layer as images: what each of its units looks for in a sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite import checks
from hyalite.parameters import Array, Shape
from hyalite.plots.canvas import DIVERGING, SMALL, TEXT, TITLE, figure, given
from hyalite.plots.reading import square

if TYPE_CHECKING:
    from hyalite.model import Sequential

MAX_NUMBERED_IMAGES = 64  # images; more are too small for a number over each


def first_layer_weights(
    model: Sequential,
    count: int = 25,
    shape: Sequence[int] | None = None,
    *,
    axes: Any = None,
) -> Array:
    """The weights of the first dense layer, an image for each unit: column W[:, unit] in the
    shape of a sample. Red adds to the unit's output where the sample is bright, blue takes away,
    white makes no difference; all images have one scale.

    Of samples in colour the weights of red, green and blue stand side by side.

    Args:
        model: built, of pictures.
        count: how many units to show, from the first on, at most.
        shape: (height, width) or (height, width, 3) of a sample; None takes the model's input
            shape, or a square where samples are flat.
        axes: one Axes for each unit shown; None makes a figure.

    Returns:
        array of Axes, (units shown,).

    Raises:
        ValueError: the model is not built or has no layer of weights W, samples are no pictures
            of that shape, or the number of axes is another.
        MissingExtra: matplotlib is not installed.

    Examples:
        >>> model = hy.Sequential([hy.Dense(3)])
        >>> model.build(16)
        >>> axes = hy.plots.first_layer_weights(model)
        >>> [ax.get_title() for ax in axes], axes[0].images[0].get_array().shape
        (['unit 0', 'unit 1', 'unit 2'], (4, 4))
    """
    count = checks.integer(count, "count")
    name, W = _first_weights(model)
    sides = _sides(model.network.input_shape, len(W), shape)
    shown = min(count, W.shape[1])
    images = [_image(column, sides) for column in W.T[:shown]]
    names = [f"unit {unit}" for unit in range(shown)]
    made = axes is None
    if made:
        axes, beside = _layout(
            images, shown <= MAX_NUMBERED_IMAGES, 0.12 if len(sides) == 2 else 0.35
        )
        axes[0].figure.suptitle(_title(name, shown, W.shape[1], len(sides)), fontsize=TITLE)
    axes = given(axes, names)
    limit = max(float(np.nanmax(np.abs(image))) for image in images) or 1.0
    for ax, image, text in zip(axes, images, names, strict=True):
        drawn = ax.imshow(image, cmap=DIVERGING, vmin=-limit, vmax=limit, interpolation="nearest")
        ax.set_axis_off()
        if shown <= MAX_NUMBERED_IMAGES:
            ax.set_title(text, fontsize=SMALL, pad=3)
    where = {"cax": beside} if made else {"ax": list(axes), "shrink": 0.8, "aspect": 25}
    bar = axes[0].figure.colorbar(drawn, **where)
    bar.set_label("weight", fontsize=TEXT)
    bar.ax.tick_params(labelsize=SMALL)
    bar.outline.set_visible(False)
    return axes


def _layout(images: list[Array], numbered: bool, gap: float) -> tuple[Array, Any]:
    """A new figure: axes for the images in rows that are as wide as the rows are high together,
    and for the colour bar.

    Placed by hand: to solve matplotlib's constraints for 400 images takes 13 s.
    """
    height, width = images[0].shape
    ratio = min(max(height / width, 0.25), 4.0)
    columns = min(len(images), max(1, math.ceil(math.sqrt(len(images) * ratio))))
    rows = math.ceil(len(images) / columns)
    wide = min(max(6.5 / columns, 0.5), 2.4) * min(1.0, 1.5 / ratio)
    tall = wide * ratio
    title = 0.22 if numbered else 0.0
    inner = columns * (wide + gap) - gap
    across, up = max(inner + 1.5, 4.6), max(rows * (tall + gap + title), 1.6) + 0.7
    new = figure(across, up)
    new.set_layout_engine("none")
    axes = np.empty(len(images), dtype=object)
    left, top = (across - 1.1 - inner) / 2, up - 0.5
    for place in range(len(images)):
        row, column = divmod(place, columns)
        bottom = top - (row + 1) * (tall + gap + title) + gap
        corner = (left + column * (wide + gap)) / across, bottom / up
        axes[place] = new.add_axes((*corner, wide / across, tall / up))
    side = min(up - 0.9, 4.5)
    middle = top - (rows * (tall + gap + title) - gap + title) / 2
    bottom = max(middle - side / 2, 0.2)
    beside = new.add_axes(((across - 1.05) / across, bottom / up, 0.16 / across, side / up))
    return axes, beside


def _title(name: str, shown: int, units: int, dimensions: int) -> str:
    title = f"{name}.W: " + ("1 unit" if units == 1 else f"{units:,} units")
    if shown < units:
        title = f"{name}.W: the first {shown:,} of {units:,} units"
    return title + (", for red, green and blue" if dimensions == 3 else "")


def _first_weights(model: Sequential) -> tuple[str, Array]:
    """Name and W (features, units) of the first layer that has such."""
    _ = model.network.ready  # a model that is not built says so
    features = math.prod(model.network.input_shape)
    for layer, name, *_ in model.network.walk():
        W = layer.values.get("W")
        if W is not None and W.ndim == 2 and len(W) == features:
            return name, W
    raise ValueError(
        f"the model has no layer with weights W for the {features:,} numbers of a sample, such as "
        "Dense"
    )


def _sides(input_shape: Shape, features: int, shape: Sequence[int] | None) -> Shape:
    """Height, width and perhaps 3 of a sample."""
    if shape is not None:
        sides = checks.shape(shape, "shape")
        if math.prod(sides) != features:
            raise ValueError(f"shape {sides} has not the {features:,} numbers of a sample")
    elif len(input_shape) == 1:
        found = square(features)
        if found is None:
            raise ValueError(
                f"samples of {features:,} numbers make no square picture; give "
                "shape=(height, width)"
            )
        sides = found
    else:
        sides = input_shape
    if len(sides) == 3 and sides[2] == 1:
        sides = sides[:2]
    if len(sides) != 2 and not (len(sides) == 3 and sides[2] == 3):
        raise ValueError(f"shape must be (height, width) or (height, width, 3), got {sides}")
    return sides


def _image(column: Array, sides: Shape) -> Array:
    """Weights as a picture (height, width); of three colours side by side, with gaps of NaN."""
    image = column.reshape(sides).astype(np.float64)
    if len(sides) == 2:
        return image
    gap = np.full((sides[0], max(1, sides[1] // 8)), np.nan)
    red, green, blue = np.moveaxis(image, 2, 0)
    return np.hstack([red, gap, green, gap, blue])

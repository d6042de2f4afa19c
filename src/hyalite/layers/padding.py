"""Padding: a border of zeros around each picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, SupportsIndex

import numpy as np

from hyalite.layers.base import Index, Layer, Term
from hyalite.layers.windows import Border, check_pair, framed, picture_shape, without_border
from hyalite.parameters import Array, Shape


class ZeroPadding2D(Layer):
    """y = x in a border of zeros,  dx = dy without the border.

    Shapes: x (n, height, width, channels), y (n, top + height + bottom, left + width + right,
    channels); without the axis of channels both have none.

    `Conv2D` makes such a border by itself, see its `padding`. This layer is for one whose sides
    differ, and for pooling, which leaves its own border out of maximum and mean.

    Args:
        padding: how many rows and columns are added: one number for every side, two for (rows,
            columns), or ((top, bottom), (left, right)).
        name: of the layer.

    Raises:
        ValueError: an argument out of range, or samples that are no pictures.

    Source: Keras's layer of this name.

    Examples:
        >>> layer = hy.ZeroPadding2D(((1, 0), (0, 2)))
        >>> layer.forward([[[1, 2], [3, 4]]]).tolist()
        [[[0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 0.0]]]
        >>> layer.backward(np.arange(12).reshape(1, 3, 4)).tolist()
        [[[4.0, 5.0], [8.0, 9.0]]]
    """

    formulas = {"y": "x in a border of zeros", "dx": "dy without the border"}

    def __init__(
        self,
        padding: int | tuple[int, int] | Border = ((1, 1), (1, 1)),
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.padding = _check_border(padding)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        if not np.any(self.padding):
            return self.copy_if_alone(x)
        y = framed(self, x, self.padding)
        return y.reshape(len(x), *self.output_shape(x.shape[1:]))

    def backward(self, dy: Array) -> Array | None:
        return self.copy_if_alone(without_border(self.receive_dy(dy), self.padding))

    def terms(self, name: str, place: Index, arrays: Mapping[str, Array]) -> list[Term] | None:
        (top, _), (left, _) = self.padding
        match name, place:
            case "y", (row, i, j, *of):
                height, width = arrays["x"].shape[1:3]
                inside = top <= i < top + height and left <= j < left + width
                return [Term((("x", (row, i - top, j - left, *of)),))] if inside else []
            case "dx", (row, i, j, *of):
                return [Term((("dy", (row, i + top, j + left, *of)),))]
        return None

    def output_shape(self, input_shape: Shape) -> Shape:
        height, width, _ = picture_shape(self, input_shape)
        rows, columns = (sum(sides) for sides in self.padding)
        return (height + rows, width + columns, *input_shape[2:])


def _check_border(value: Any) -> Border:
    """((top, bottom), (left, right)) from that, from (rows, columns) or from one number."""
    both = (value, value) if isinstance(value, SupportsIndex) else value
    try:
        rows, columns = (check_pair(sides, "padding", low=0) for sides in both)
    except (TypeError, ValueError):
        raise ValueError(
            "padding must be a whole number of at least 0, two for (rows, columns), or four as "
            f"((top, bottom), (left, right)), got {value!r}"
        ) from None
    return rows, columns

"""Layers between raw data and the first dense layer: Flatten and Rescaling."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from hyalite import checks
from hyalite.layers.base import Index, Layer, Term
from hyalite.parameters import Array, Shape


class Flatten(Layer):
    """y = x with each sample as one row: (n, a, b, ...) -> (n, a·b·...);  dx = dy in x's shape.

    Examples:
        >>> flatten = hy.Flatten()
        >>> flatten.forward([[[1, 2], [3, 4]]]).tolist()
        [[1.0, 2.0, 3.0, 4.0]]
        >>> flatten.backward([[5, 6, 7, 8]]).tolist()
        [[[5.0, 6.0], [7.0, 8.0]]]
    """

    formulas = {"y": "each sample of x as one row", "dx": "dy in x's shape"}

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        self.shape = x.shape
        return self.copy_if_alone(x).reshape(len(x), -1)

    def backward(self, dy: Array) -> Array | None:
        return self.copy_if_alone(self.receive_dy(dy)).reshape(self.shape)

    def terms(self, name: str, place: Index, arrays: Mapping[str, Array]) -> list[Term] | None:
        if name != "y":
            return None
        row, column = place
        inner = np.unravel_index(column, arrays["x"].shape[1:])
        return [Term((("x", (row, *map(int, inner))),))]

    def output_shape(self, input_shape: Shape) -> Shape:
        return (math.prod(input_shape),)


class Rescaling(Layer):
    """y = scale·x + offset,  dx = scale·dy.

    First in a model it takes raw images (uint8, 0..255): ``Rescaling(1 / 255)`` brings them to
    0..1, ``Rescaling(1 / 127.5, -1)`` to -1..1.

    Args:
        scale: the factor.
        offset: added after it.
        name: of the layer.

    Raises:
        ValueError: scale or offset is no finite number.

    Examples:
        >>> hy.Rescaling(1 / 127.5, -1).forward([[0.0, 127.5, 255.0]]).round(3).tolist()
        [[-1.0, 0.0, 1.0]]
    """

    formulas = {"y": "scale·x + offset", "dx": "scale·dy"}

    def __init__(self, scale: float, offset: float = 0.0, name: str | None = None) -> None:
        super().__init__(name)
        self.scale = checks.number(scale, "scale")
        self.offset = checks.number(offset, "offset")

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        y = np.multiply(x, self.scale, out=self.array("y", x.shape))
        y += self.offset
        return y

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        return np.multiply(dy, self.scale, out=self.array("dx", dy.shape))

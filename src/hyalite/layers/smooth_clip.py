"""Numbers brought smoothly within a limit."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hyalite import checks
from hyalite.layers.base import Layer
from hyalite.layers.selection import chosen, chosen_of, index
from hyalite.parameters import Array, Shape


class SmoothClip(Layer):
    """y = x / √(1 + (x/limit)²): near 0 it is x, and never beyond ±limit.

    x, y: (n, ...), or (n, d) where `columns` are named; the others pass.

        dx = dy / √(1 + (x/limit)²)³

    Numbers far out thus keep their order, other than with a hard clip, and harm nothing behind it.

    Args:
        limit: the largest |y|, from 1e-30 to 1e30; 3 by default.
        columns: places of the features that are clipped, such as ``(0, 2)``; None: all.
        name: of the layer.

    Raises:
        ValueError: a limit out of range; columns that are none, named twice or not there.

    Source: Holzmüller, Grinsztajn & Steinwart 2024, *Better by default*.

    Examples:
        >>> clip = hy.SmoothClip(limit=3)
        >>> clip.forward([[0.1, 4.0, -1e9]]).round(3).tolist()  # 4 / √(1 + 16/9) = 4·3/5
        [[0.1, 2.4, -3.0]]
        >>> clip.backward([[1.0, 1.0, 1.0]]).round(3).tolist()  # (3/5)³ = 0.216
        [[0.998, 0.216, 0.0]]
    """

    formulas = {"y": "x / √(1 + (x/limit)²)", "dx": "dy / √(1 + (x/limit)²)³"}

    def __init__(
        self, limit: float = 3.0, columns: Iterable[int] | None = None, name: str | None = None
    ) -> None:
        super().__init__(name)
        # far within what single precision holds
        self.limit = checks.number(limit, "limit", low=1e-30, high=1e30)
        self.columns = chosen(columns)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        picked = x[..., index(self.columns)]
        # √(limit² + x²), from which both are taken: squares of large numbers would overflow
        self.root = np.hypot(picked, x.dtype.type(self.limit))
        y = self.array("y", x.shape)
        y[...] = x
        y[..., index(self.columns)] = self.limit * (picked / self.root)
        return y

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        if not self.needs_dx:
            return None
        dx = self.array("dx", dy.shape)
        dx[...] = dy
        dx[..., index(self.columns)] *= (self.limit / self.root) ** 3
        return dx

    def output_shape(self, input_shape: Shape) -> Shape:
        if self.columns is not None:
            chosen_of(self, self.columns, input_shape)
        return input_shape

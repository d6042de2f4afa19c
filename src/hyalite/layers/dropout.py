"""Dropout: in training a share of the entries is set to zero, and the rest is scaled up."""

from __future__ import annotations

import numpy as np

from hyalite import checks
from hyalite.layers.base import Layer
from hyalite.parameters import Array
from hyalite.random import lanes


class Dropout(Layer):
    """y = x·m,  dx = dy·m in training;  y = x otherwise.

    m is 0 with probability `rate`, else 1/(1 - rate), entry by entry ("inverted" dropout: nothing
    is scaled at prediction). x, y: (n, ...).

    A mask depends on (seed, step, layer, row, column) alone. Its random numbers have 16 bits, so
    the rate in effect is the nearest multiple of 2⁻¹⁶, and the scale is exact for that.

    Args:
        rate: share dropped, in [0, 1).
        name: of the layer.

    Raises:
        ValueError: a rate out of range.

    Source: Srivastava et al. 2014; *Neural Networks from Scratch*, chapter 15 (whose `rate` is
    the same, kept as 1 - rate).

    Examples:
        >>> dropout = hy.Dropout(0.5).build(8, seed=0)
        >>> x = np.ones((1, 8))
        >>> dropout.forward(x).tolist()
        [[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]]
        >>> dropout.forward(x, training=True).tolist()  # 0, or 1/(1 - 0.5)
        [[0.0, 2.0, 2.0, 2.0, 0.0, 2.0, 2.0, 0.0]]
    """

    formulas = {"y": "x·m", "dx": "dy·m"}

    def __init__(self, rate: float, name: str | None = None) -> None:
        super().__init__(name)
        self.rate = checks.number(rate, "rate", low=0, high=1, below=True)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        # 65535 at most: a rate that rounds to 1 still keeps something to scale
        threshold = min(round(self.rate * 65536), 65535)
        self.active = training and threshold > 0
        if not self.active:
            return self.copy_if_alone(x)
        numbers = lanes(self.clock, self.index, len(x), x[0].size).reshape(x.shape)
        if self.alone:
            self.clock.step += 1  # outside a model each training pass is a step of its own
        self.kept = np.greater_equal(numbers, threshold, out=self.array("kept", x.shape, bool))
        self.scale = 65536 / (65536 - threshold)
        y = np.multiply(x, self.kept, out=self.array("y", x.shape))
        y *= self.scale
        return y

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        if not self.active:
            return self.copy_if_alone(dy)
        dx = np.multiply(dy, self.kept, out=self.array("dx", dy.shape))
        dx *= self.scale
        return dx

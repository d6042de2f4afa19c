"""Dropout: in training a share of the entries is set to zero, and the rest is scaled up."""

from __future__ import annotations

import numpy as np

from hyalite.layers.base import Layer
from hyalite.parameters import Array
from hyalite.random import lanes
from hyalite.schedules import Schedule, number_or_schedule, value_at

LEVELS = 1 << 16  # of a random number: a rate is a multiple of 1/LEVELS


class Dropout(Layer):
    """y = x·m,  dx = dy·m in training;  y = x otherwise.

    m is 0 with probability `rate`, else 1/(1 - rate), entry by entry ("inverted" dropout: nothing
    is scaled at prediction). x, y: (n, ...).

    A mask depends on (seed, step, layer, row, column) alone. Its random numbers have 16 bits, so
    the rate in effect is the nearest multiple of 2⁻¹⁶, and the scale is exact for that.

    Args:
        rate: share dropped, in [0, 1); a number, or a schedule by the steps that the model has
            made in all its fits (of a layer alone, by its training passes).
        name: of the layer.

    Raises:
        ValueError: a rate out of range; of a schedule also in the step that has it.

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

    formulas = {"m": "0 or 1/(1 - rate), by chance", "y": "x·m", "dx": "dy·m"}

    def __init__(self, rate: float | Schedule, name: str | None = None) -> None:
        super().__init__(name)
        self.rate = number_or_schedule(rate, "rate", low=0, high=1, below=True)

    def threshold(self, step: int) -> int:
        """Random numbers below it are dropped at this step."""
        rate = value_at(self.rate, step, "rate", low=0, high=1, below=True)
        # one less at most: a rate that rounds to 1 still keeps something to scale
        return min(round(rate * LEVELS), LEVELS - 1)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        threshold = self.threshold(self.clock.step) if training else 0
        self.active = threshold > 0
        if self.active:
            numbers = lanes(self.clock, self.index, len(x), x[0].size).reshape(x.shape)
        if training and self.alone:
            self.clock.step += 1  # outside a model each training pass is a step of its own
        if not self.active:
            return self.copy_if_alone(x)
        self.kept = np.greater_equal(numbers, threshold, out=self.array("kept", x.shape, bool))
        self.scale = LEVELS / (LEVELS - threshold)
        y = np.multiply(x, self.kept, out=self.array("y", x.shape))
        y *= self.scale
        return y

    def intermediates(self) -> dict[str, Array]:
        return {"m": self.kept * self.scale} if self.active else {}

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        if not self.active:
            return self.copy_if_alone(dy)
        dx = np.multiply(dy, self.kept, out=self.array("dx", dy.shape))
        dx *= self.scale
        return dx

"""RMSprop: each step divided by the root of a running mean of squared gradients."""

from __future__ import annotations

from typing import Unpack

import numpy as np

from hyalite import checks
from hyalite.optimizers.base import Optimizer, Options
from hyalite.parameters import Array
from hyalite.schedules import Schedule


class RMSprop(Optimizer):
    """s ← ρ·s + (1 - ρ)·g²,  θ ← θ - lr·g / (√s + ε).

    Args:
        learning_rate: number or schedule, default 0.001.
        rho: ρ in [0, 1), 0.9.
        epsilon: ε outside the root, 1e-7 as in the sources (PyTorch: 1e-8; Keras has it inside).
        **options: what every optimizer takes by name; see `Optimizer`.

    Source: Tieleman & Hinton 2012; *Neural Networks from Scratch*, chapter 10.

    Examples:
        The average starts from 0, so the first step is lr/√(1 - ρ) = 3.16·lr long.

        >>> rmsprop, theta = hy.RMSprop(0.1), np.array([1.0])
        >>> rmsprop.step(theta, np.array([5.0]))
        >>> theta.round(3).tolist()  # 1 - 0.1·5 / √(0.1·5²)
        [0.684]
    """

    slot_names = ("mean_square",)
    formulas = {"s": "ρ·s + (1 - ρ)·g²", "θ": "θ - lr·g / (√s + ε)"}
    symbols = {"s": "mean_square", "ρ": "rho", "ε": "epsilon"}

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        rho: float = 0.9,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = checks.number(rho, "rho", low=0, high=1, below=True)
        self.epsilon = checks.number(epsilon, "epsilon", low=0, above=True)

    def update(self, theta: Array, grad: Array, rate: float, scratch: Array, *slots: Array) -> None:
        (mean_square,) = slots
        mean_square *= self.rho
        np.multiply(grad, grad, out=scratch)
        scratch *= 1 - self.rho
        mean_square += scratch
        np.sqrt(mean_square, out=scratch)
        scratch += self.epsilon
        np.divide(grad, scratch, out=scratch)
        scratch *= rate
        theta -= scratch

"""Adagrad: each step divided by the root of all squared gradients so far."""

from __future__ import annotations

from typing import Unpack

import numpy as np

from hyalite import checks
from hyalite.optimizers.base import Optimizer, Options
from hyalite.parameters import Array
from hyalite.schedules import Schedule


class Adagrad(Optimizer):
    """s ← s + g²,  θ ← θ - lr·g / (√s + ε).

    Args:
        learning_rate: number or schedule, default 0.01.
        epsilon: ε outside the root, 1e-7 as in the sources (PyTorch: 1e-10; Keras has it inside).
        **options: what every optimizer takes by name; see `Optimizer`.

    Source: Duchi et al. 2011; *Neural Networks from Scratch*, chapter 10.

    Examples:
        The first step is lr long, of whatever gradient; n steps of one gradient shrink as 1/√n.

        >>> adagrad, theta, grad = hy.Adagrad(0.1), np.array([1.0]), np.array([5.0])
        >>> adagrad.step(theta, grad)
        >>> theta.round(3).tolist()  # 1 - 0.1·5 / √5²
        [0.9]
        >>> adagrad.step(theta, grad)
        >>> theta.round(3).tolist()  # 0.9 - 0.1·5 / √(5² + 5²)
        [0.829]
    """

    slot_names = ("square_sum",)
    formulas = {"s": "s + g²", "θ": "θ - lr·g / (√s + ε)"}
    symbols = {"s": "square_sum", "ε": "epsilon"}

    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.epsilon = checks.number(epsilon, "epsilon", low=0, above=True)

    def update(self, theta: Array, grad: Array, rate: float, scratch: Array, *slots: Array) -> None:
        (square_sum,) = slots
        square_sum += np.multiply(grad, grad, out=scratch)
        np.sqrt(square_sum, out=scratch)
        scratch += self.epsilon
        np.divide(grad, scratch, out=scratch)
        scratch *= rate
        theta -= scratch

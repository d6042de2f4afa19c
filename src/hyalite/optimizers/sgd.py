"""Gradient descent, plain or with momentum."""

from __future__ import annotations

from typing import Unpack

import numpy as np

from hyalite import checks
from hyalite.optimizers.base import Optimizer, Options
from hyalite.parameters import Array
from hyalite.schedules import Schedule


class SGD(Optimizer):
    """θ ← θ - lr·g;  with momentum μ: v ← μ·v + g, θ ← θ - lr·v;  Nesterov: θ ← θ - lr·(g + μ·v).

    As in PyTorch; Keras and scikit-learn have lr inside v, which differs where lr changes.

    Args:
        learning_rate: number or schedule, default 0.01 (the sources start from 1.0).
        momentum: μ in [0, 1).
        nesterov: look ahead by one step; needs momentum.
        **options: what every optimizer takes by name; see `Optimizer`.

    Raises:
        ValueError: as for `Optimizer`, or nesterov without momentum.

    Source: *Neural Networks from Scratch*, chapter 10; Sutskever et al. 2013.

    Examples:
        Two steps with the gradient 1: the velocity is 1, then 0.9·1 + 1 = 1.9.

        >>> sgd, theta, grad = hy.SGD(0.1, momentum=0.9), np.array([1.0]), np.array([1.0])
        >>> sgd.step(theta, grad)
        >>> theta.round(3).tolist()  # 1 - 0.1·1
        [0.9]
        >>> sgd.step(theta, grad)
        >>> theta.round(3).tolist()  # 0.9 - 0.1·1.9
        [0.71]
    """

    symbols = {"μ": "momentum", "v": "velocity"}

    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.momentum = checks.number(momentum, "momentum", low=0, high=1, below=True)
        self.nesterov = bool(nesterov)
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov=True needs a momentum above 0, such as momentum=0.9")
        self.slot_names = ("velocity",) if self.momentum else ()
        if not self.momentum:
            self.formulas = {"θ": "θ - lr·g"}
        elif self.nesterov:
            self.formulas = {"v": "μ·v + g", "θ": "θ - lr·(g + μ·v)"}
        else:
            self.formulas = {"v": "μ·v + g", "θ": "θ - lr·v"}

    def update(self, theta: Array, grad: Array, rate: float, scratch: Array, *slots: Array) -> None:
        direction = grad
        if self.momentum:
            (velocity,) = slots
            velocity *= self.momentum
            velocity += grad
            direction = velocity
            if self.nesterov:
                direction = np.multiply(velocity, self.momentum, out=scratch)
                direction += grad
        theta -= np.multiply(direction, rate, out=scratch)

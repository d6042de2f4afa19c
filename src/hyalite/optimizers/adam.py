"""Adam and AdamW: running means of the gradient and of its square, their zero start corrected."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Unpack

import numpy as np

from hyalite import checks
from hyalite.optimizers.base import Optimizer, Options, check_factors
from hyalite.parameters import Array
from hyalite.schedules import Schedule, number_or_schedule, value_at, values_at


class Adam(Optimizer):
    """m ← β₁·m + (1 - β₁)·g,  s ← β₂·s + (1 - β₂)·g²,  θ ← θ - lr·m̂ / (√ŝ + ε).

    m̂ = m / (1 - β₁ᵗ) and ŝ = s / (1 - β₂ᵗ), t counted from 1: the bias of the zero start is
    taken out, and ε stands outside the root, as in the paper's main algorithm and PyTorch.

    Args:
        learning_rate: number or schedule, default 0.001.
        beta_1: β₁ in [0, 1), 0.9.
        beta_2: β₂ in [0, 1), 0.999.
        epsilon: ε, 1e-7 as in the sources (PyTorch: 1e-8; Keras adds 1e-7 to the uncorrected √s).
        **options: what every optimizer takes by name; see `Optimizer`.

    Source: Kingma & Ba 2015; *Neural Networks from Scratch*, chapter 10.

    Examples:
        The first step is lr long, of whatever gradient: m̂ = g and √ŝ = |g|.

        >>> adam, theta = hy.Adam(0.1), np.array([1.0, 1.0])
        >>> adam.step(theta, np.array([0.01, -1000.0]))
        >>> theta.round(3).tolist()
        [0.9, 1.1]
    """

    slot_names = ("mean", "mean_square")
    formulas = {
        "m": "β₁·m + (1 - β₁)·g",
        "s": "β₂·s + (1 - β₂)·g²",
        "m̂": "m / (1 - β₁ᵗ)",
        "ŝ": "s / (1 - β₂ᵗ)",
        "θ": "θ - lr·m̂ / (√ŝ + ε)",
    }
    symbols = {"m": "mean", "s": "mean_square", "β₁": "beta_1", "β₂": "beta_2", "ε": "epsilon"}

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1 = checks.number(beta_1, "beta_1", low=0, high=1, below=True)
        self.beta_2 = checks.number(beta_2, "beta_2", low=0, high=1, below=True)
        self.epsilon = checks.number(epsilon, "epsilon", low=0, above=True)

    def update(self, theta: Array, grad: Array, rate: float, scratch: Array, *slots: Array) -> None:
        mean, mean_square = slots
        mean *= self.beta_1
        mean += np.multiply(grad, 1 - self.beta_1, out=scratch)
        mean_square *= self.beta_2
        np.multiply(grad, grad, out=scratch)
        scratch *= 1 - self.beta_2
        mean_square += scratch
        # m̂ / (√ŝ + ε), with the two corrections as scalars
        np.sqrt(mean_square, out=scratch)
        scratch *= 1 / math.sqrt(1 - self.beta_2**self.steps)
        scratch += self.epsilon
        np.divide(mean, scratch, out=scratch)
        scratch *= rate / (1 - self.beta_1**self.steps)
        theta -= scratch


class AdamW(Adam):
    """θ ← θ - lr·λ·θ, then Adam's step: the decay does not pass through the averages m and s.

    All parameters are decayed, as in PyTorch and Keras, unless `weight_decay_factors` says else.
    The decay goes by the learning rate, so it has that one's factor, too.

    Args:
        learning_rate: number or schedule, default 0.001.
        weight_decay: λ >= 0, number or schedule, 0.01 as in PyTorch (Keras: 0.004).
        beta_1: see `Adam`.
        beta_2: see `Adam`.
        epsilon: see `Adam`.
        weight_decay_factors: by which λ is multiplied for some parameters, such as
            ``{"*": 0, "*.W": 1}`` for weights alone; patterns as in `learning_rate_factors`.
        **options: what every optimizer takes by name; see `Optimizer`.

    Source: Loshchilov & Hutter 2019, with the schedule inside lr.

    Examples:
        Without a gradient the decay alone is left: 2 - lr·λ·2.

        >>> theta = np.array([2.0])
        >>> hy.AdamW(0.1, weight_decay=0.5).step(theta, np.array([0.0]))
        >>> theta.round(3).tolist()
        [1.9]
    """

    formulas = {**Adam.formulas, "θ": "θ - lr·λ·θ - lr·m̂ / (√ŝ + ε)"}
    symbols = {**Adam.symbols, "λ": "weight_decay"}

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        weight_decay: float | Schedule = 0.01,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        *,
        weight_decay_factors: Mapping[str, float] | None = None,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        self.weight_decay = number_or_schedule(weight_decay, "weight_decay", low=0)
        self.weight_decay_factors = check_factors(weight_decay_factors, "weight_decay_factors")

    def coming_weight_decays(self, steps: int) -> Array:
        return values_at(self.weight_decay, self.steps, steps, "weight_decay", low=0)

    def decay_weights(self, theta: Array, rate: float) -> None:
        # the step under way is counted already
        decay = value_at(self.weight_decay, self.steps - 1, "weight_decay", low=0)
        theta *= 1 - rate * decay

"""The optimizers: each turns a gradient vector into a step of the parameter vector, in place.

An optimizer knows 1-D arrays only, never a model. The formulas work on a stretch of the vectors
at a time, so that all of it stays in the processor's cache from the first line to the last.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.config import Described, resolve
from hyalite.parameters import Array, writable
from hyalite.schedules import InverseTimeDecay, Schedule

STRETCH = 1 << 14  # 64 KiB of float32: theta, grad, two slots and scratch fit a 1 MiB cache


class Optimizer(Described):
    """What all optimizers have: learning rate, clipping, the count of steps, slot vectors.

    Subclasses write `update`, the formula, and in `slot_names` the vectors they keep.

    Args:
        learning_rate: a number >= 0 or a `Schedule`.
        decay: lr / (1 + decay·step), as the sources have it.
        clip_norm: the gradient is scaled down to this Euclidean norm where it is longer.
        clip_value: every entry of the gradient is limited to ±clip_value, before clip_norm.

    Raises:
        ValueError: an argument out of range, or `decay` with a schedule.

    Examples:
        >>> optimizer = hy.SGD(1.0, decay=0.5, clip_norm=1.0)
        >>> theta = np.zeros(2)
        >>> optimizer.step(theta, np.array([3.0, 4.0]))  # clipped to length 1
        >>> theta.round(3).tolist()
        [-0.6, -0.8]
        >>> round(optimizer.current_learning_rate, 3)  # of the next step, 1 / (1 + 0.5)
        0.667

        An optimizer of your own:

        >>> class SignDescent(hy.optimizers.Optimizer):
        ...     def update(self, theta, grad, rate, scratch):
        ...         theta -= rate * np.sign(grad)
        >>> SignDescent(0.1).step(theta, np.array([100.0, -0.01]))
        >>> theta.round(3).tolist()
        [-0.7, -0.7]
    """

    slot_names: tuple[str, ...] = ()
    slots: dict[str, Array]

    def __init__(
        self,
        learning_rate: float | Schedule,
        decay: float = 0.0,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        self.decay = checks.number(decay, "decay", low=0)
        self.learning_rate = learning_rate
        self.clip_norm = (
            None if clip_norm is None else checks.number(clip_norm, "clip_norm", low=0, above=True)
        )
        self.clip_value = (
            None
            if clip_value is None
            else checks.number(clip_value, "clip_value", low=0, above=True)
        )
        self.reset()

    @property
    def learning_rate(self) -> float | Schedule:
        """The learning rate before decay, or the schedule; may be set between steps."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float | Schedule) -> None:
        if not isinstance(value, Schedule):
            value = checks.number(value, "learning_rate", low=0)
        elif self.decay:
            raise ValueError(
                "learning_rate is a schedule and decay is set: leave out one of the two"
            )
        self._learning_rate = value

    @property
    def current_learning_rate(self) -> float:
        """The learning rate of the coming step."""
        rate = self._learning_rate
        if isinstance(rate, Schedule):
            return rate(self.steps)
        return InverseTimeDecay(rate, self.decay)(self.steps) if self.decay else rate

    def coming_learning_rates(self, steps: int) -> Array:
        """The learning rates of as many steps, float64 (steps,)."""
        rate, numbers = self._learning_rate, range(self.steps, self.steps + steps)
        if isinstance(rate, Schedule):
            return np.array([rate(number) for number in numbers])
        if self.decay:
            return rate / (1 + self.decay * np.array(numbers))
        return np.full(steps, rate)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take an unpickled state, its vectors writable."""
        self.__dict__.update(state)
        self.slots = {name: writable(vector) for name, vector in self.slots.items()}

    def get_state(self) -> dict[str, Any]:
        """What the steps so far have left: their count, the last rate, the slots (not copied)."""
        return {
            "steps": self.steps,
            "last_learning_rate": self.last_learning_rate,
            "slots": dict(self.slots),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from where `get_state` was asked."""
        self.steps, self.slots = state["steps"], state["slots"]
        self.last_learning_rate = state["last_learning_rate"]

    def reset(self) -> None:
        """Forget all steps."""
        self.steps = 0
        self.last_learning_rate = self.current_learning_rate
        self.slots = {}

    def step(self, theta: Array, grad: Array) -> None:
        """Move `theta` (size,) against `grad` (size,), in place. `grad` may be clipped in place.

        Raises:
            ValueError: theta is no vector, or its size is not that of grad or of earlier steps.

        Examples:
            >>> theta = np.array([1.0])
            >>> hy.SGD(0.1).step(theta, np.array([2.0]))  # 1 - 0.1·2
            >>> theta.round(3).tolist()
            [0.8]
        """
        if theta.ndim != 1:
            raise ValueError(
                f"theta must be a vector, got shape {theta.shape}; for a layer alone use "
                "optimizer.step(layer.theta, layer.grad)"
            )
        self.prepare(theta)
        if theta.shape != grad.shape:
            raise ValueError(f"theta {theta.shape} and grad {grad.shape} must be of one size")
        self._clip(grad)
        rate = self.last_learning_rate = self.current_learning_rate
        self.steps += 1
        scratch = np.empty(min(STRETCH, theta.size), theta.dtype)
        for start in range(0, theta.size, STRETCH):
            part = slice(start, start + STRETCH)
            slots = [self.slots[name][part] for name in self.slot_names]
            self.update(theta[part], grad[part], rate, scratch[: theta[part].size], *slots)

    def prepare(self, theta: Array) -> None:
        """Make the slots for `theta` (size,), if there are none yet.

        Raises:
            ValueError: those of earlier steps are of another size.
        """
        if not self.slots:
            self.slots = {name: np.zeros_like(theta) for name in self.slot_names}
        if any(slot.shape != theta.shape for slot in self.slots.values()):
            raise ValueError(
                f"theta {theta.shape} and those of earlier steps must be of one size; an optimizer "
                "serves one model"
            )

    def update(self, theta: Array, grad: Array, rate: float, scratch: Array, *slots: Array) -> None:
        """The formula, on a stretch of the vectors, in place.

        Args:
            theta: to be moved.
            grad: may not be written.
            rate: the learning rate of this step.
            scratch: of theta's size, may be written.
            slots: in the order of `slot_names`; zero before the first step.
        """
        raise NotImplementedError

    def _clip(self, grad: Array) -> None:
        if self.clip_value is not None:
            np.clip(grad, -self.clip_value, self.clip_value, out=grad)
        if self.clip_norm is not None:
            norm = math.sqrt(np.vdot(grad, grad))
            if norm == math.inf:  # the squares overflowed, not the entries
                norm = float(np.linalg.norm(grad.astype(np.float64)))
            if norm > self.clip_norm:
                grad *= self.clip_norm / norm


class SGD(Optimizer):
    """θ ← θ - lr·g;  with momentum μ: v ← μ·v + g, θ ← θ - lr·v;  Nesterov: θ ← θ - lr·(g + μ·v).

    As in PyTorch; Keras and scikit-learn have lr inside v, which differs where lr changes.

    Args:
        learning_rate: number or schedule, default 0.01 (the sources start from 1.0).
        momentum: μ in [0, 1).
        nesterov: look ahead by one step; needs momentum.
        decay: see `Optimizer`.
        clip_norm: see `Optimizer`.
        clip_value: see `Optimizer`.

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

    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        decay: float = 0.0,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(learning_rate, decay, clip_norm, clip_value)
        self.momentum = checks.number(momentum, "momentum", low=0, high=1, below=True)
        self.nesterov = bool(nesterov)
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov=True needs a momentum above 0, such as momentum=0.9")
        self.slot_names = ("velocity",) if self.momentum else ()

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


class Adagrad(Optimizer):
    """s ← s + g²,  θ ← θ - lr·g / (√s + ε).

    Args:
        learning_rate: number or schedule, default 0.01.
        epsilon: ε outside the root, 1e-7 as in the sources (PyTorch: 1e-10; Keras has it inside).
        decay: see `Optimizer`.
        clip_norm: see `Optimizer`.
        clip_value: see `Optimizer`.

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

    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        epsilon: float = 1e-7,
        decay: float = 0.0,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(learning_rate, decay, clip_norm, clip_value)
        self.epsilon = checks.number(epsilon, "epsilon", low=0, above=True)

    def update(self, theta: Array, grad: Array, rate: float, scratch: Array, *slots: Array) -> None:
        (square_sum,) = slots
        square_sum += np.multiply(grad, grad, out=scratch)
        np.sqrt(square_sum, out=scratch)
        scratch += self.epsilon
        np.divide(grad, scratch, out=scratch)
        scratch *= rate
        theta -= scratch


class RMSprop(Optimizer):
    """s ← ρ·s + (1 - ρ)·g²,  θ ← θ - lr·g / (√s + ε).

    Args:
        learning_rate: number or schedule, default 0.001.
        rho: ρ in [0, 1), 0.9.
        epsilon: ε outside the root, 1e-7 as in the sources (PyTorch: 1e-8; Keras has it inside).
        decay: see `Optimizer`.
        clip_norm: see `Optimizer`.
        clip_value: see `Optimizer`.

    Source: Tieleman & Hinton 2012; *Neural Networks from Scratch*, chapter 10.

    Examples:
        The average starts from 0, so the first step is lr/√(1 - ρ) = 3.16·lr long.

        >>> rmsprop, theta = hy.RMSprop(0.1), np.array([1.0])
        >>> rmsprop.step(theta, np.array([5.0]))
        >>> theta.round(3).tolist()  # 1 - 0.1·5 / √(0.1·5²)
        [0.684]
    """

    slot_names = ("mean_square",)

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        rho: float = 0.9,
        epsilon: float = 1e-7,
        decay: float = 0.0,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(learning_rate, decay, clip_norm, clip_value)
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


class Adam(Optimizer):
    """m ← β₁·m + (1 - β₁)·g,  s ← β₂·s + (1 - β₂)·g²,  θ ← θ - lr·m̂ / (√ŝ + ε).

    m̂ = m / (1 - β₁ᵗ) and ŝ = s / (1 - β₂ᵗ), t counted from 1: the bias of the zero start is
    taken out, and ε stands outside the root, as in the paper's main algorithm and PyTorch.

    Args:
        learning_rate: number or schedule, default 0.001.
        beta_1: β₁ in [0, 1), 0.9.
        beta_2: β₂ in [0, 1), 0.999.
        epsilon: ε, 1e-7 as in the sources (PyTorch: 1e-8; Keras adds 1e-7 to the uncorrected √s).
        decay: see `Optimizer`.
        clip_norm: see `Optimizer`.
        clip_value: see `Optimizer`.

    Source: Kingma & Ba 2015; *Neural Networks from Scratch*, chapter 10.

    Examples:
        The first step is lr long, of whatever gradient: m̂ = g and √ŝ = |g|.

        >>> adam, theta = hy.Adam(0.1), np.array([1.0, 1.0])
        >>> adam.step(theta, np.array([0.01, -1000.0]))
        >>> theta.round(3).tolist()
        [0.9, 1.1]
    """

    slot_names = ("mean", "mean_square")

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        decay: float = 0.0,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(learning_rate, decay, clip_norm, clip_value)
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

    All parameters are decayed, as in PyTorch and Keras.

    Args:
        learning_rate: number or schedule, default 0.001.
        weight_decay: λ >= 0, 0.01 as in PyTorch (Keras: 0.004).
        beta_1: see `Adam`.
        beta_2: see `Adam`.
        epsilon: see `Adam`.
        decay: see `Optimizer`.
        clip_norm: see `Optimizer`.
        clip_value: see `Optimizer`.

    Source: Loshchilov & Hutter 2019, with the schedule inside lr.

    Examples:
        Without a gradient the decay alone is left: 2 - lr·λ·2.

        >>> theta = np.array([2.0])
        >>> hy.AdamW(0.1, weight_decay=0.5).step(theta, np.array([0.0]))
        >>> theta.round(3).tolist()
        [1.9]
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        weight_decay: float = 0.01,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        decay: float = 0.0,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, decay, clip_norm, clip_value)
        self.weight_decay = checks.number(weight_decay, "weight_decay", low=0)

    def update(self, theta: Array, grad: Array, rate: float, scratch: Array, *slots: Array) -> None:
        theta *= 1 - rate * self.weight_decay
        super().update(theta, grad, rate, scratch, *slots)


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
}


def resolve_optimizer(value: str | type[Optimizer] | Optimizer) -> Optimizer:
    """An optimizer from its name, class or instance.

    Raises:
        ValueError: an unknown name.
        TypeError: none of these.

    Examples:
        >>> hy.optimizers.resolve_optimizer("adam"), hy.optimizers.resolve_optimizer(hy.SGD(1.0))
        (Adam(), SGD(learning_rate=1.0))
    """
    return resolve(value, Optimizer, OPTIMIZERS, "optimizer")

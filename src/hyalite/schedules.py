"""Learning-rate schedules: functions of the number of optimizer steps done so far."""

from __future__ import annotations

import math

from hyalite import checks
from hyalite.config import Configurable


class Schedule(Configurable):
    """A learning rate for every step, counted from 0. Subclasses write ``__call__``.

    Examples:
        >>> class Halved(hy.schedules.Schedule):
        ...     def __call__(self, step):
        ...         return 0.1 if step < 2 else 0.05
        >>> hy.SGD(Halved()).coming_learning_rates(4).tolist()
        [0.1, 0.1, 0.05, 0.05]
    """

    def __call__(self, step: int) -> float:
        """The learning rate of step number `step`."""
        raise NotImplementedError


class InverseTimeDecay(Schedule):
    """lr / (1 + decay·step).

    ``Adam(0.05, decay=5e-7)`` is the same as ``Adam(InverseTimeDecay(0.05, 5e-7))``.

    Args:
        learning_rate: lr >= 0, that of step 0.
        decay: >= 0; after 1/decay steps the rate is lr/2.

    Raises:
        ValueError: an argument out of range.

    Source: *Neural Networks from Scratch*, chapter 10.

    Examples:
        >>> rate = hy.InverseTimeDecay(1.0, decay=0.1)
        >>> [round(rate(step), 3) for step in (0, 1, 10)]  # 1, 1 / 1.1, 1 / 2
        [1.0, 0.909, 0.5]
    """

    def __init__(self, learning_rate: float, decay: float) -> None:
        self.learning_rate = checks.number(learning_rate, "learning_rate", low=0)
        self.decay = checks.number(decay, "decay", low=0)

    def __call__(self, step: int) -> float:
        return self.learning_rate / (1 + self.decay * step)


class ExponentialDecay(Schedule):
    """lr · rate^(step / steps): times `rate` after every `steps` steps, smoothly.

    Args:
        learning_rate: lr >= 0, that of step 0.
        rate: above 0; below 1 the learning rate falls, above it grows.
        steps: in which it changes by the factor `rate`.

    Raises:
        ValueError: an argument out of range.

    Examples:
        >>> rate = hy.ExponentialDecay(1.0, rate=0.5, steps=10)
        >>> [round(rate(step), 3) for step in (0, 5, 10, 20)]
        [1.0, 0.707, 0.5, 0.25]
    """

    def __init__(self, learning_rate: float, rate: float, steps: int) -> None:
        self.learning_rate = checks.number(learning_rate, "learning_rate", low=0)
        self.rate = checks.number(rate, "rate", low=0, above=True)
        self.steps = checks.integer(steps, "steps")

    def __call__(self, step: int) -> float:
        return float(self.learning_rate * self.rate ** (step / self.steps))


class StepDecay(Schedule):
    """lr · factor^⌊step / steps⌋: times `factor` at once, every `steps` steps.

    Args:
        learning_rate: lr >= 0, that of step 0.
        factor: above 0.
        steps: how many have one learning rate.

    Raises:
        ValueError: an argument out of range.

    Examples:
        >>> rate = hy.StepDecay(1.0, factor=0.5, steps=10)
        >>> [rate(step) for step in (0, 9, 10, 20)]
        [1.0, 1.0, 0.5, 0.25]
    """

    def __init__(self, learning_rate: float, factor: float, steps: int) -> None:
        self.learning_rate = checks.number(learning_rate, "learning_rate", low=0)
        self.factor = checks.number(factor, "factor", low=0, above=True)
        self.steps = checks.integer(steps, "steps")

    def __call__(self, step: int) -> float:
        return float(self.learning_rate * self.factor ** (step // self.steps))


class CosineDecay(Schedule):
    """Linear warm-up to lr, then half a cosine down to `final`, then `final`.

    Warm-up (step < warmup): lr·(step + 1)/warmup. After it, with
    u = (step - warmup)/(steps - warmup): final + (lr - final)·(1 + cos πu)/2.

    Args:
        learning_rate: the highest.
        steps: length of the whole schedule, warm-up included.
        warmup: steps of warm-up.
        final: learning rate at the end and beyond.

    Raises:
        ValueError: an argument out of range, or a warm-up as long as the schedule.

    Source: Loshchilov & Hutter 2017 (without restarts).

    Examples:
        >>> rate = hy.CosineDecay(1.0, steps=14, warmup=4)
        >>> [rate(step) for step in range(4)]
        [0.25, 0.5, 0.75, 1.0]
        >>> [round(rate(step), 3) for step in (4, 9, 14, 15)]  # highest, half-way, end, beyond
        [1.0, 0.5, 0.0, 0.0]
    """

    def __init__(
        self, learning_rate: float, steps: int, warmup: int = 0, final: float = 0.0
    ) -> None:
        self.learning_rate = checks.number(learning_rate, "learning_rate", low=0)
        self.steps = checks.integer(steps, "steps")
        self.warmup = checks.integer(warmup, "warmup", low=0)
        self.final = checks.number(final, "final", low=0)
        if self.warmup >= self.steps:
            raise ValueError(f"warmup must be less than steps={steps}, got {warmup}")

    def __call__(self, step: int) -> float:
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        done = min(1.0, (step - self.warmup) / (self.steps - self.warmup))
        return self.final + (self.learning_rate - self.final) * (1 + math.cos(math.pi * done)) / 2


SCHEDULES: dict[str, type[Schedule]] = {
    kind.__name__: kind for kind in (InverseTimeDecay, ExponentialDecay, StepDecay, CosineDecay)
}

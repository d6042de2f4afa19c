"""Schedules: a learning rate, a weight decay or a rate of dropout as a function of the step."""

from __future__ import annotations

from typing import Any

import numpy as np

from hyalite import checks
from hyalite.config import Configurable
from hyalite.elementary import cosine, log2, power
from hyalite.parameters import Array

__all__ = [
    "SCHEDULES",
    "CosineDecay",
    "ExponentialDecay",
    "FlatCosine",
    "InverseTimeDecay",
    "LogCosineCycles",
    "Schedule",
    "StepDecay",
]

MAX_CYCLES = 50  # 2**cycles must stay exact in a float


class Schedule(Configurable):
    """A number for every step, counted from 0. Subclasses write ``__call__``.

    It may stand where an optimizer takes its learning rate, `AdamW` its weight decay and `Dropout`
    its rate.

    Examples:
        >>> class Halved(hy.schedules.Schedule):
        ...     def __call__(self, step):
        ...         return 0.1 if step < 2 else 0.05
        >>> hy.SGD(Halved()).coming_learning_rates(4).tolist()
        [0.1, 0.1, 0.05, 0.05]
    """

    def __call__(self, step: int) -> float:
        """The value at step number `step`."""
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
        return float(self.learning_rate * power(self.rate, step / self.steps))


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
        return float(self.learning_rate * power(self.factor, step // self.steps))


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
        return self.final + (self.learning_rate - self.final) * (1 + cosine(done)) / 2


class LogCosineCycles(Schedule):
    """lr · (1 - cos(2π·log₂(1 + (2ᵏ - 1)·t))) / 2, t = step/steps: k waves, each twice as long.

    It is 0 at the beginning, between two waves, at step number `steps` and beyond; for k = 4 at
    t = 0, 1/15, 3/15, 7/15 and 1. A network is good wherever the rate comes to 0, so there are k
    chances for the best epoch (`EarlyStopping`), of shorter and longer training.

    Args:
        learning_rate: lr >= 0, the highest.
        steps: length of all waves together.
        cycles: k, how many waves.

    Raises:
        ValueError: an argument out of range.

    Source: Holzmüller, Grinsztajn & Steinwart 2024, "Better by default", there coslog₄; cf.
    Loshchilov & Hutter 2017, whose restarts are sudden.

    Examples:
        >>> rate = hy.LogCosineCycles(1.0, steps=15)
        >>> [round(rate(step), 3) for step in (0, 1, 3, 7, 15, 16)]
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
        >>> round(rate(2), 3), round(rate(5), 3)  # log₂(3) = 1.585, log₂(6) = 2.585
        (0.93, 0.93)
    """

    def __init__(self, learning_rate: float, steps: int, cycles: int = 4) -> None:
        self.learning_rate = checks.number(learning_rate, "learning_rate", low=0)
        self.steps = checks.integer(steps, "steps")
        self.cycles = checks.integer(cycles, "cycles", high=MAX_CYCLES)

    def __call__(self, step: int) -> float:
        if step >= self.steps:
            return 0.0
        wave = log2(1 + (2**self.cycles - 1) * step / self.steps)
        return self.learning_rate * (1 - cosine(2 * wave)) / 2


class FlatCosine(Schedule):
    """value · (1 + cos(π·(max(1, 2t) - 1))) / 2, t = step/steps: even, then half a cosine to 0.

    The first half of the steps have the value itself; from step number `steps` on it is 0.

    Args:
        value: >= 0, such as a rate of dropout or a weight decay.
        steps: after which it is 0.

    Raises:
        ValueError: an argument out of range.

    Source: Holzmüller, Grinsztajn & Steinwart 2024, "Better by default", for dropout and weight
    decay.

    Examples:
        >>> rate = hy.FlatCosine(0.2, steps=8)
        >>> [round(rate(step), 3) for step in (0, 4, 5, 6, 7, 8, 9)]
        [0.2, 0.2, 0.171, 0.1, 0.029, 0.0, 0.0]
        >>> hy.Dropout(rate), hy.AdamW(weight_decay=rate).weight_decay is rate
        (Dropout(rate=FlatCosine(value=0.2, steps=8)), True)
    """

    def __init__(self, value: float, steps: int) -> None:
        self.value = checks.number(value, "value", low=0)
        self.steps = checks.integer(steps, "steps")

    def __call__(self, step: int) -> float:
        done = min(1.0, step / self.steps)
        return self.value * (1 + cosine(max(1.0, 2 * done) - 1)) / 2


SCHEDULES: dict[str, type[Schedule]] = {
    kind.__name__: kind
    for kind in (
        InverseTimeDecay,
        ExponentialDecay,
        StepDecay,
        CosineDecay,
        LogCosineCycles,
        FlatCosine,
    )
}


def number_or_schedule(value: Any, argument: str, **limits: Any) -> float | Schedule:
    """A schedule as it is, or a number as `checks.number` has it.

    Raises:
        ValueError: out of range; of a schedule, at its first step.
    """
    if not isinstance(value, Schedule):
        return checks.number(value, argument, **limits)
    value_at(value, 0, argument, **limits)
    return value


def value_at(value: float | Schedule, step: int, argument: str, **limits: Any) -> float:
    """A number that is the same at every step, or what a schedule has for this one.

    Raises:
        ValueError: what the schedule gives is out of range.
    """
    if not isinstance(value, Schedule):
        return value
    try:
        return checks.number(value(step), argument, **limits)
    except ValueError as error:
        raise ValueError(f"{value!r} at step {step}: {error}") from None


def values_at(
    value: float | Schedule, first: int, count: int, argument: str, **limits: Any
) -> Array:
    """`value_at` for `count` steps from number `first` on, float64 (count,)."""
    if not isinstance(value, Schedule):
        return np.full(count, value, np.float64)
    steps = range(first, first + count)
    return np.array([value_at(value, step, argument, **limits) for step in steps], np.float64)

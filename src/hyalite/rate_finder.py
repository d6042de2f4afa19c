"""The learning-rate finder: a copy is trained with a rate that grows, and its loss is watched."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.errors import NonFiniteError
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.random import sample_order
from hyalite.schedules import ExponentialDecay

SMOOTHING = 0.8  # weight of a step's neighbours in its smoothed loss; of theirs in turn, its square
RUNNING_MEAN = 0.9  # share of the mean so far in the next one, which says when to end
MAX_LOSS_RATIO = 4.0  # times the least of these means, where it ends
QUIET_STEPS = 10  # steps whose rates are too small to change the loss


@dataclass
class RateCurve:
    """The loss at each learning rate.

    Attributes:
        rates: of the steps, (steps,).
        losses: of the batches, before each step.
        smooth: the loss without the batches' differences: what the loss of each batch has changed
            by since the model was untrained, smoothed over the steps before and after.

    Examples:
        >>> rates = np.array([0.001, 0.01, 0.1, 1.0, 10.0])
        >>> losses = np.array([1.0, 0.9, 0.5, 0.3, 2.0])
        >>> curve = hy.RateCurve(rates, losses, smooth=losses)
        >>> print(curve)
        learning rate 0.1: the loss falls fastest there; it is least at 1
    """

    rates: Array
    losses: Array
    smooth: Array

    @property
    def suggestion(self) -> float:
        """The rate at which the smoothed loss falls fastest over the logarithm of the rate.

        Raises:
            ValueError: the curve is empty.
        """
        lowest = int(self.smooth.argmin())
        if lowest < 2:
            return float(self.rates[0])
        slopes = np.gradient(self.smooth[: lowest + 1], np.log(self.rates[: lowest + 1]))
        return float(self.rates[slopes.argmin()])

    def __str__(self) -> str:
        return (
            f"learning rate {self.suggestion:.2g}: the loss falls fastest there; it is least at "
            f"{self.rates[self.smooth.argmin()]:.2g}"
        )


def find_learning_rate(
    model: Sequential,
    x: Any,
    y: Any,
    *,
    batch_size: int = 32,
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 100,
    seed: int = 0,
) -> RateCurve:
    """The loss over the learning rate; `model` itself is not changed.

    Args:
        model: compiled.
        x: samples, as for `fit`.
        y: targets.
        batch_size: of the steps, as the training will have it.
        low: the first rate.
        high: the last; it ends before, where the smoothed loss is more than four times its least
            so far, or not finite.
        steps: at most.
        seed: of the order of the samples.

    Raises:
        ValueError: an argument out of range, or what `fit` raises.

    Source: Smith 2017, "Cyclical learning rates for training neural networks".

    Examples:
        >>> x = np.linspace(-1.0, 1.0, 64).reshape(-1, 1)
        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.compile("mse", hy.SGD())
        >>> curve = hy.find_learning_rate(model, x, 3 * x, low=1e-4, steps=30)
        >>> 0.1 < curve.suggestion < 2.0, model.built  # the model itself is as it was
        (True, False)
    """
    low = checks.number(low, "low", low=0, above=True)
    high = checks.number(high, "high", low=low, above=True)
    steps, batch_size = (
        checks.integer(steps, "steps", low=3),
        checks.integer(batch_size, "batch_size"),
    )
    if not model.compiled:
        raise ValueError("the model has no loss and no optimizer: call compile first")
    x, y = checks.inputs(x, None), checks.targets(y)
    tried = copy.deepcopy(model)
    tried.build(x.shape[1:], seed)
    untrained = copy.deepcopy(tried)
    tried.optimizer.decay = 0.0
    tried.optimizer.learning_rate = ExponentialDecay(low, high / low, steps - 1)
    tried.optimizer.reset()  # a trained model's has taken steps, by which the schedule would count
    rates: list[float] = []
    losses: list[float] = []
    before: list[float] = []  # of the same batches, by the untrained model
    means: list[float] = []
    mean, order = 0.0, sample_order(seed, 0, len(x))
    for step in range(steps):
        place = step * batch_size % len(x)
        rows = np.take(order, range(place, place + min(batch_size, len(x))), mode="wrap")
        rates.append(tried.optimizer.current_learning_rate)
        try:
            tried.fit(x[rows], y[rows], batch_size=None, shuffle=False, seed=seed, verbose=0)
        except NonFiniteError:
            rates.pop()
            break
        losses.append(tried.history["loss"][-1])
        before.append(untrained.evaluate(x[rows], y[rows])["loss"])
        mean = RUNNING_MEAN * mean + (1 - RUNNING_MEAN) * losses[-1]
        means.append(mean / (1 - RUNNING_MEAN ** (step + 1)))
        if means[-1] > MAX_LOSS_RATIO * min(means):
            break
    return RateCurve(np.array(rates), np.array(losses), _smoothed(losses, before))


def _smoothed(losses: Sequence[float], before: Sequence[float]) -> Array:
    """The loss without the batches' differences, (steps,).

    Batches differ by more than a small rate changes anything: of the losses alone the steepest fall
    was, for regressions, often that from the first batch to the second. The difference of one
    batch's two losses is next to 0 until the rate tells. An explosion is cut off, since smoothing
    would carry it to the rates before.
    """
    change = np.array(losses) - before
    if not len(change):
        return change
    start = change[:QUIET_STEPS].mean()
    change = np.minimum(change, start + abs(start - change.min()))
    return np.asarray(np.mean(before) + _both_ways(change) / _both_ways(np.ones_like(change)))


def _both_ways(values: Array) -> Array:
    """Σ_j 0.8^|i - j|·v_j for every i: as a running mean, but not behind."""

    def ahead(values: Array) -> Array:
        return np.array([*accumulate(values, lambda total, value: SMOOTHING * total + value)])

    return ahead(values) + ahead(values[::-1])[::-1] - values

"""How sure a figure is: the same rows drawn anew, again and again, as weights of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hyalite.parameters import Array

CONFIDENCE = 0.95
MOST_DRAWS, FEWEST_DRAWS = 1000, 100
ENTRIES = 10_000_000  # of all draws: rows times what is computed for each row; some seconds
ENTRIES_AT_ONCE = 4_000_000  # of weights in memory, 32 MB


@dataclass(frozen=True)
class Interval:
    """A figure, and where it lies with 95 % confidence.

    Attributes:
        value: on the rows themselves.
        low, high: the 2.5 % and the 97.5 % quantile over the draws.
    """

    value: float
    low: float
    high: float

    @property
    def half(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2


def draws_for(rows: int, outputs: int = 1) -> int:
    """How many draws are worth their time: 1,000 of few rows, 100 of very many."""
    return int(np.clip(ENTRIES // max(1, rows * outputs), FEWEST_DRAWS, MOST_DRAWS))


def weightings(rows: int, draws: int, weights: Array | None, seed: int = 0) -> Iterator[Array]:
    """Weights of the rows, (some, rows) at a time: first as they are, then of each draw.

    A draw takes as many rows as there are, with replacement; a row counts as often as it was taken.
    So a figure that is written for weighted rows is computed for many draws in one expression.

    Args:
        rows: how many there are.
        draws: how many times to draw.
        weights: of the rows (n,), or None where all count the same.
        seed: of the draws; the same seed gives the same draws, so that two models are compared on
            the same ones.

    Source: Efron, *Bootstrap methods: another look at the jackknife*, 1979.
    """
    own = np.ones(rows) if weights is None else np.asarray(weights, np.float64)
    yield own[None]
    rng, at_once = np.random.default_rng(seed), max(1, ENTRIES_AT_ONCE // max(1, rows))
    for start in range(0, draws, at_once):
        count = min(at_once, draws - start)
        taken = rng.integers(rows, size=(count, rows)) + np.arange(count)[:, None] * rows
        yield np.bincount(taken.ravel(), minlength=count * rows).reshape(count, rows) * own


def interval(values: Array) -> Interval:
    """From a figure on the rows themselves, first, and on each draw: the percentile interval.

    Draws on which the figure has no value (a class is missing) do not count. The figure itself
    always lies inside: one that chance can only raise, such as the calibration error, may not
    do so by itself.
    """
    value, drawn = float(values[0]), values[1:][np.isfinite(values[1:])]
    if not len(drawn) or not np.isfinite(value):
        return Interval(value, np.nan, np.nan)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Interval(value, min(value, float(low)), max(value, float(high)))

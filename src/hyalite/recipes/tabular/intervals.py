"""Intervals about predicted numbers that hold as many of the true ones as they say."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from hyalite import checks
from hyalite.config import Configurable
from hyalite.parameters import Array

BANDS, ROWS_A_BAND = 10, 100  # at most so many bands of predictions, each of so many rows at least
LEVELS = 400  # quantiles of the errors that are kept


class Intervals(Configurable):
    """Conformal intervals: prediction ± a quantile of the errors on rows that were not trained on.

    In each band of predictions (the dearest tenth of the houses, say) the errors |y - ŷ| of the
    n rows kept back are sorted; the interval of coverage 1 - α goes as far as number
    ⌈(1 - α)(n + 1)⌉ of them. A new row of the same kind lies in it with at least that probability,
    whatever the network and the errors' distribution.

    Args:
        edges: of the bands, (bands - 1,), rising.
        errors: of each band, its errors' quantiles in rising order, (bands, levels).
        rows: of each band.

    Source: Lei et al. 2018, *Distribution-free predictive inference for regression*; by bands:
    Vovk, *Mondrian conformal prediction*, 2003.
    """

    def __init__(
        self, edges: Iterable[float], errors: Iterable[Iterable[float]], rows: Iterable[int]
    ) -> None:
        self.edges = [checks.number(edge, "edges") for edge in edges]
        self.errors = [[checks.number(error, "errors", low=0) for error in e] for e in errors]
        self.rows = [checks.integer(count, "rows") for count in rows]
        bands = len(self.edges) + 1
        if len(self.errors) != bands or len(self.rows) != bands or not all(self.errors):
            raise ValueError(f"errors and rows must be of {bands} bands, one more than edges")

    @classmethod
    def learn(cls, predicted: Array, y: Array) -> Intervals:
        """From predictions of rows that were not trained on, (n,), and the true numbers."""
        bands = max(1, min(BANDS, len(y) // ROWS_A_BAND))
        edges = np.unique(np.quantile(predicted, np.arange(1, bands) / bands))
        band = np.searchsorted(edges, predicted, side="right")
        kept = [number for number in range(len(edges) + 1) if (band == number).any()]
        edges = edges[[number - 1 for number in kept[1:]]] if len(kept) > 1 else edges[:0]
        errors, rows = [], []
        for number in kept:
            off = np.sort(np.abs(y - predicted)[band == number])
            rows.append(len(off))
            if len(off) > LEVELS:  # the quantiles; the upper ones exactly, as they are asked for
                off = off[np.unique(np.linspace(0, len(off) - 1, LEVELS).round().astype(int))]
            errors.append(off.tolist())
        return cls(edges.tolist(), errors, rows)

    def widths(self, predicted: Array, coverage: float) -> Array:
        """How far the interval goes to each side of each prediction, (n,).

        Raises:
            ValueError: a coverage that is not above 0 and below 1.
        """
        coverage = checks.number(coverage, "coverage", low=0, high=1, above=True, below=True)
        reach = []
        for errors, rows in zip(self.errors, self.rows, strict=True):
            number = min(rows, math.ceil(coverage * (rows + 1)))  # in the errors' order
            place = math.ceil(number / rows * len(errors) - 1e-9)  # in that of those kept
            reach.append(errors[max(1, place) - 1])
        band = np.searchsorted(self.edges, predicted, side="right")
        return np.array(reach)[band]

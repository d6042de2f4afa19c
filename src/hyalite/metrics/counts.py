"""Metrics that count true against predicted classes: confusion matrix, precision, recall, F1."""

from __future__ import annotations

from typing import Any

import numpy as np

from hyalite import checks
from hyalite.metrics.base import Metric, Value, labels_of, ratio
from hyalite.parameters import Array


class _Counts(Metric):
    """Counts of true against predicted classes; each yes/no output is a table of its own."""

    kinds = ("classes", "binary")

    def reset(self) -> None:
        tables, classes = (1, self.outputs) if self.kind == "classes" else (self.outputs, 2)
        self.counts = np.zeros((tables, classes, classes))

    def update(self, prediction: Array, target: Array, weight: Array | None = None) -> None:
        if self.kind == "classes":
            true = labels_of(target)[:, np.newaxis]
            predicted = prediction.argmax(axis=1)[:, np.newaxis]
        else:
            true = (target > 0.5).astype(np.int64)
            predicted = (prediction > self.threshold).astype(np.int64)
        classes = self.counts.shape[1]
        for table, t, p in zip(self.counts, true.T, predicted.T, strict=True):
            table += np.bincount(t * classes + p, weight, classes * classes).reshape(table.shape)

    def _by_class(self) -> tuple[Array, Array, Array]:
        """True positives, predicted positives and actual positives of every class."""
        if self.kind == "classes":
            table = self.counts[0]
            return table.diagonal(), table.sum(axis=0), table.sum(axis=1)
        return self.counts[:, 1, 1], self.counts[:, :, 1].sum(axis=1), self.counts[:, 1].sum(axis=1)


class ConfusionMatrix(_Counts):
    """Row: true class, column: predicted class, entry: how many samples.

    A list of lists; with several yes/no outputs, one 2 by 2 table for each. With sample weights an
    entry is their sum.

    Examples:
        >>> p = [[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]]  # says 0, 1, 1
        >>> hy.metrics.ConfusionMatrix()(p, [0, 0, 1])
        [[1, 1], [0, 1]]
    """

    name = "confusion_matrix"

    def result(self) -> Value:
        tables = self.counts
        if (tables == tables.astype(np.int64)).all():
            tables = tables.astype(np.int64)
        result: list[Any] = (tables[0] if len(tables) == 1 else tables).tolist()
        return result


class _Rate(_Counts):
    """A share of positives, by class and then averaged."""

    def __init__(self, average: str = "macro", positive: int | None = None) -> None:
        if average not in ("macro", "micro", "none"):
            raise ValueError(f"average must be 'macro', 'micro' or 'none', got {average!r}")
        self.average = average
        self.positive = None if positive is None else checks.integer(positive, "positive", low=0)

    def result(self) -> Value:
        counts = self._by_class()
        if self.positive is not None:
            if self.positive >= len(counts[0]):
                raise ValueError(f"positive must be below {len(counts[0])}, got {self.positive}")
            return float(
                self.rate(*(count[self.positive : self.positive + 1] for count in counts))[0]
            )
        if self.average == "micro":
            return float(self.rate(*(count.sum(keepdims=True) for count in counts))[0])
        rates = self.rate(*counts)
        if self.average == "none":
            listed: list[Any] = rates.tolist()
            return listed
        return float(rates.mean())

    def rate(self, hits: Array, predicted: Array, actual: Array) -> Array:
        """From true positives, predicted positives and actual positives; 0 where undefined."""
        raise NotImplementedError


class Precision(_Rate):
    """True positives / predicted positives, by class and then averaged; 0 where undefined.

    Args:
        average: "macro" the mean over classes, "micro" from the summed counts, "none" a list.
            A single yes/no output is one class.
        positive: only this class, by its number; with yes/no outputs, the output's number.

    Raises:
        ValueError: an unknown average, or (in the end) no class of the number `positive`.

    Examples:
        >>> p = [[0.9], [0.8], [0.2], [0.1]]  # says 1, 1, 0, 0
        >>> hy.metrics.Precision()(p, [1, 0, 0, 0])  # of two that are called 1, one is
        0.5
    """

    name = "precision"

    def rate(self, hits: Array, predicted: Array, actual: Array) -> Array:
        return ratio(hits, predicted)


class Recall(_Rate):
    """True positives / actual positives, by class and then averaged; 0 where undefined.

    Args:
        average: as for `Precision`.
        positive: as for `Precision`.

    Raises:
        ValueError: as for `Precision`.

    Examples:
        >>> p = [[0.9], [0.2], [0.3], [0.1]]  # says 1, 0, 0, 0
        >>> hy.metrics.Recall()(p, [1, 1, 1, 1])  # of four that are 1, one is found
        0.25
    """

    name = "recall"

    def rate(self, hits: Array, predicted: Array, actual: Array) -> Array:
        return ratio(hits, actual)


class F1(_Rate):
    """2·precision·recall / (precision + recall) = 2·hits / (predicted + actual).

    Hits are true positives. By class and then averaged; 0 where undefined.

    Args:
        average: as for `Precision`.
        positive: as for `Precision`.

    Raises:
        ValueError: as for `Precision`.

    Examples:
        >>> p = [[0.9], [0.8], [0.2], [0.1]]  # says 1, 1, 0, 0
        >>> round(hy.metrics.F1()(p, [1, 0, 0, 0]), 3)  # 2·1 / (2 + 1)
        0.667
    """

    name = "f1"

    def rate(self, hits: Array, predicted: Array, actual: Array) -> Array:
        return ratio(2 * hits, predicted + actual)

"""Metrics that are the mean of one number a sample: accuracies, top-k, any loss."""

from __future__ import annotations

import copy

import numpy as np

from hyalite import checks
from hyalite.losses import Loss, resolve_loss
from hyalite.metrics.base import Metric, labels_of
from hyalite.parameters import Array


class _Mean(Metric):
    """The weighted mean of one number a sample."""

    def reset(self) -> None:
        self.total, self.weight = 0.0, 0.0

    def update(self, prediction: Array, target: Array, weight: Array | None = None) -> None:
        values = self.values(prediction, target)
        if weight is None:
            self.add(float(values.sum(dtype=np.float64)), len(values))
        else:
            self.add(float(np.dot(values, weight)), float(weight.sum()))

    def add(self, total: float, weight: float) -> None:
        """Add samples whose weighted sum is known."""
        self.total += total
        self.weight += weight

    def values(self, prediction: Array, target: Array) -> Array:
        """One number a sample, (n,)."""
        raise NotImplementedError

    def result(self) -> float:
        return self.total / self.weight if self.weight else 0.0


class CategoricalAccuracy(_Mean):
    """Share of samples whose largest output is the true class.

    Source: *Neural Networks from Scratch*, chapter 5.

    Examples:
        >>> p = [[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]]  # says 0, 1, 0
        >>> round(hy.metrics.CategoricalAccuracy()(p, [0, 1, 1]), 3)
        0.667
    """

    name = "accuracy"
    kinds = ("classes",)

    def values(self, prediction: Array, target: Array) -> Array:
        return prediction.argmax(axis=1) == labels_of(target)


class BinaryAccuracy(_Mean):
    """Share of outputs on the right side of 0.5 (of 0 for logits), over samples and outputs.

    An output of just 0.5 says no.

    Examples:
        >>> hy.metrics.BinaryAccuracy()([[0.9], [0.4], [0.2], [0.6]], [1, 1, 0, 1])
        0.75
    """

    name = "accuracy"
    kinds = ("binary",)

    def values(self, prediction: Array, target: Array) -> Array:
        right: Array = (prediction > self.threshold) == (target > 0.5)
        return right.mean(axis=1)


class RegressionAccuracy(_Mean):
    """Share of outputs less than `precision` from the target.

    Args:
        precision: half the width of the band, in the target's units; None takes the standard
            deviation of the whole training target over 250, as the sources do (of the targets
            given where the metric is called alone). Where that is 0, no output counts as right.

    Raises:
        ValueError: a precision below 0.

    Source: *Neural Networks from Scratch*, chapter 17.

    Examples:
        >>> hy.metrics.RegressionAccuracy(precision=0.1)([[1.05], [2.5]], [1.0, 2.0])
        0.5
    """

    name = "accuracy"
    kinds = ("regression",)

    def __init__(self, precision: float | None = None) -> None:
        self.precision = None if precision is None else checks.number(precision, "precision", low=0)

    def begin(
        self, kind: str, outputs: int, *, logits: bool = False, target: Array | None = None
    ) -> None:
        super().begin(kind, outputs, logits=logits, target=target)
        if self.precision is None and target is not None:
            self.precision = float(np.std(target, dtype=np.float64)) / 250

    def values(self, prediction: Array, target: Array) -> Array:
        near: Array = np.abs(prediction - target) < self.precision
        return near.mean(axis=1)


class TopKAccuracy(_Mean):
    """Share of samples whose true class is among the `k` largest outputs.

    Classes with equal outputs count as ahead of the true one.

    Args:
        k: how many outputs.

    Raises:
        ValueError: k is no whole number of at least 1.

    Examples:
        >>> p = [[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]
        >>> hy.metrics.TopKAccuracy(k=2)(p, [1, 2])  # class 1 is the second, class 2 the third
        0.5
    """

    kinds = ("classes",)

    def __init__(self, k: int = 5) -> None:
        self.k = checks.integer(k, "k")
        self.name = f"top_{self.k}_accuracy"

    def values(self, prediction: Array, target: Array) -> Array:
        labels = labels_of(target)
        rows = np.arange(len(labels))
        own = prediction[rows, labels]
        ahead: Array = (prediction >= own[:, np.newaxis]).sum(axis=1) - 1
        return ahead < self.k


class LossMetric(_Mean):
    """A loss as a metric, such as the mean absolute error beside a squared loss.

    Whether predictions are logits is the model's affair, not the loss's: called alone, the metric
    takes probabilities, whatever the loss's `from_logits` says.

    Args:
        loss: name, class or instance.

    Raises:
        ValueError: an unknown name.
        TypeError: neither a name, nor a class, nor an instance.

    Examples:
        >>> hy.metrics.LossMetric("mae")([[1.0], [5.0]], [0.0, 2.0])  # (1 + 3) / 2
        2.0
    """

    def __init__(self, loss: str | type[Loss] | Loss) -> None:
        self.loss = resolve_loss(loss)
        self.name = self.loss.name
        self.kinds = (self.loss.kind,)

    def begin(
        self, kind: str, outputs: int, *, logits: bool = False, target: Array | None = None
    ) -> None:
        super().begin(kind, outputs, logits=logits, target=target)
        self._loss = copy.copy(self.loss)
        self._loss.from_logits = logits  # whatever the model gives, the figure is the same

    def _loss_of(self, kind: str) -> Loss:
        return self.loss

    def values(self, prediction: Array, target: Array) -> Array:
        return self._loss.values(prediction, target)

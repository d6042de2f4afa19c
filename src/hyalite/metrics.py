"""The metrics: what is reported of a model beside its loss.

A metric adds up over batches and divides once, at the end, so its value does not depend on how
the samples were cut into batches. Weights count a sample as that many.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.config import Described, resolve
from hyalite.losses import LOSSES, Loss, resolve_loss
from hyalite.parameters import Array

Value = float | list[Any]


class Metric(Described):
    """A figure over samples: `begin`, then `update` batch by batch, then `result`.

    Or at once: ``CategoricalAccuracy()(prediction, target)``.
    """

    name: str = ""
    kinds: tuple[str, ...] = ()  # of targets that it has a meaning for

    def begin(
        self, kind: str, outputs: int, *, logits: bool = False, target: Array | None = None
    ) -> None:
        """Start anew.

        Args:
            kind: of the targets: "classes", "binary" or "regression".
            outputs: number of the model's outputs.
            logits: whether predictions are logits rather than probabilities.
            target: the whole training target, for what is measured against it.

        Raises:
            ValueError: the metric has no meaning for this kind of target.
        """
        if kind not in self.kinds:
            raise ValueError(
                f"metric {self.name!r} is for {' or '.join(self.kinds)} targets; "
                f"this loss has {kind} targets"
            )
        self.kind, self.outputs = kind, outputs
        self.threshold = 0.0 if logits else 0.5
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        raise NotImplementedError

    def update(self, prediction: Array, target: Array, weight: Array | None = None) -> None:
        """Add a batch: prediction (n, d); target as `Loss.target` gives it; weight (n,)."""
        raise NotImplementedError

    def result(self) -> Value:
        """The figure over all samples so far."""
        raise NotImplementedError

    def __call__(self, prediction: Any, target: Any, sample_weight: Any = None) -> Value:
        """The figure for one set of predictions (n, d) and targets."""
        prediction = checks.inputs(prediction, None, "prediction")
        outputs = prediction.shape[1]
        kind = self.kinds[0] if outputs > 1 or len(self.kinds) == 1 else self.kinds[1]
        loss = next(loss for loss in LOSSES.values() if loss.kind == kind)()
        target = loss.target(target, prediction.shape[1:], "target")
        checks.same_length(prediction, target, ("prediction", "target"))
        weight = None if sample_weight is None else checks.weights(sample_weight, len(target))
        fresh = copy.copy(self)  # what is learned from this target is not kept
        fresh.begin(kind, outputs, target=target)
        fresh.update(prediction, target, weight)
        return fresh.result()


def _labels(target: Array) -> Array:
    """Class labels from labels or from one-hot or soft rows."""
    return target if target.ndim == 1 else target.argmax(axis=1)


class _Mean(Metric):
    """The weighted mean of one number a sample."""

    def reset(self) -> None:
        self.total, self.weight = 0.0, 0.0

    def update(self, prediction: Array, target: Array, weight: Array | None = None) -> None:
        values = self.values(prediction, target)
        if weight is None:
            self.total += float(values.sum(dtype=np.float64))
            self.weight += len(values)
        else:
            self.total += float(np.dot(values, weight))
            self.weight += float(weight.sum())

    def values(self, prediction: Array, target: Array) -> Array:
        """One number a sample, (n,)."""
        raise NotImplementedError

    def result(self) -> float:
        return self.total / self.weight if self.weight else 0.0


class CategoricalAccuracy(_Mean):
    """Share of samples whose largest output is the true class.

    Source: *Neural Networks from Scratch*, chapter 5.
    """

    name = "accuracy"
    kinds = ("classes",)

    def values(self, prediction: Array, target: Array) -> Array:
        return prediction.argmax(axis=1) == _labels(target)


class BinaryAccuracy(_Mean):
    """Share of outputs on the right side of 0.5 (of 0 for logits), over samples and outputs."""

    name = "accuracy"
    kinds = ("binary",)

    def values(self, prediction: Array, target: Array) -> Array:
        right: Array = (prediction > self.threshold) == (target > 0.5)
        return right.mean(axis=1)


class RegressionAccuracy(_Mean):
    """Share of outputs within `precision` of the target.

    Args:
        precision: half the width of the band, in the target's units; None takes the standard
            deviation of the whole training target over 250, as the sources do.

    Source: *Neural Networks from Scratch*, chapter 17.
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
    """

    kinds = ("classes",)

    def __init__(self, k: int = 5) -> None:
        self.k = checks.whole(k, "k")
        self.name = f"top_{self.k}_accuracy"

    def values(self, prediction: Array, target: Array) -> Array:
        labels = _labels(target)
        rows = np.arange(len(labels))
        own = prediction[rows, labels]
        ahead: Array = (prediction >= own[:, np.newaxis]).sum(axis=1) - 1
        return ahead < self.k


class LossMetric(_Mean):
    """A loss as a metric, such as the mean absolute error beside a squared loss."""

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

    def values(self, prediction: Array, target: Array) -> Array:
        return self._loss.values(prediction, target)


class _Counts(Metric):
    """Counts of true against predicted classes; each yes/no output is a table of its own."""

    kinds = ("classes", "binary")

    def reset(self) -> None:
        tables, classes = (1, self.outputs) if self.kind == "classes" else (self.outputs, 2)
        self.counts = np.zeros((tables, classes, classes))

    def update(self, prediction: Array, target: Array, weight: Array | None = None) -> None:
        if self.kind == "classes":
            true = _labels(target)[:, np.newaxis]
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

    With several yes/no outputs, one 2 by 2 table for each.
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
        self.positive = None if positive is None else checks.whole(positive, "positive", low=0)

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


def _ratio(top: Array, bottom: Array) -> Array:
    return np.divide(top, bottom, out=np.zeros(top.shape), where=bottom > 0)


class Precision(_Rate):
    """True positives / predicted positives, by class and then averaged; 0 where undefined.

    Args:
        average: "macro" the mean over classes, "micro" from the summed counts, "none" a list.
            A single yes/no output is one class.
        positive: only this class.
    """

    name = "precision"

    def rate(self, hits: Array, predicted: Array, actual: Array) -> Array:
        return _ratio(hits, predicted)


class Recall(_Rate):
    """True positives / actual positives, by class and then averaged; 0 where undefined.

    Args:
        average: "macro" the mean over classes, "micro" from the summed counts, "none" a list.
            A single yes/no output is one class.
        positive: only this class.
    """

    name = "recall"

    def rate(self, hits: Array, predicted: Array, actual: Array) -> Array:
        return _ratio(hits, actual)


class F1(_Rate):
    """2·precision·recall / (precision + recall) = 2·hits / (predicted + actual).

    Args:
        average: as for `Precision`.
        positive: only this class.
    """

    name = "f1"

    def rate(self, hits: Array, predicted: Array, actual: Array) -> Array:
        return _ratio(2 * hits, predicted + actual)


class R2(Metric):
    """1 - Σ (t - p)² / Σ (t - mean t)², the mean over outputs; 0 where the target is constant."""

    name = "r2"
    kinds = ("regression",)

    def reset(self) -> None:
        self.shift: Array | None = None
        self.weight = 0.0
        self.sums = np.zeros((3, self.outputs))  # Σ (t - shift), Σ (t - shift)², Σ (t - p)²

    def update(self, prediction: Array, target: Array, weight: Array | None = None) -> None:
        t = target.astype(np.float64)
        if self.shift is None:
            self.shift = t[0]  # so that a mean far from 0 costs no digits
        w = np.ones(len(t)) if weight is None else weight
        d, e = t - self.shift, t - prediction
        self.weight += float(w.sum())
        self.sums += (w @ d, w @ (d * d), w @ (e * e))

    def result(self) -> float:
        first, second, residual = self.sums
        total = second - first * first / max(self.weight, 1e-300)
        return float((1 - _ratio(residual, total))[total > 0].sum() / self.outputs)


METRICS: dict[str, type[Metric]] = {
    "top_k_accuracy": TopKAccuracy,
    "confusion_matrix": ConfusionMatrix,
    "precision": Precision,
    "recall": Recall,
    "f1": F1,
    "r2": R2,
}
_ACCURACIES: dict[str, type[Metric]] = {
    "classes": CategoricalAccuracy,
    "binary": BinaryAccuracy,
    "regression": RegressionAccuracy,
}
METRIC_CLASSES = {
    kind.__name__: kind for kind in (*METRICS.values(), *_ACCURACIES.values(), LossMetric)
}


def resolve_metric(value: str | type[Metric] | Metric, kind: str) -> Metric:
    """A metric from its name, class or instance; "accuracy" is the one for this kind of target."""
    if isinstance(value, str):
        if value in LOSSES or value in ("mse", "mae"):
            return LossMetric(value)
        names = {"accuracy": _ACCURACIES[kind], **METRICS}
        known = {**names, **dict.fromkeys(LOSSES, LossMetric)}
        return resolve(value, Metric, known, "metric")
    return resolve(value, Metric, METRICS, "metric")

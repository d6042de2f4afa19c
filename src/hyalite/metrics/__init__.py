"""The metrics: what is reported of a model beside its loss.

A metric adds up over batches and divides once, at the end, so its value does not depend on how
the samples were cut into batches. Weights count a sample as that many.
"""

from __future__ import annotations

from hyalite.config import resolve
from hyalite.losses import LOSSES
from hyalite.metrics.base import Metric
from hyalite.metrics.counts import F1, ConfusionMatrix, Precision, Recall
from hyalite.metrics.determination import R2
from hyalite.metrics.means import (
    BinaryAccuracy,
    CategoricalAccuracy,
    LossMetric,
    RegressionAccuracy,
    TopKAccuracy,
)

__all__ = [
    "F1",
    "METRICS",
    "METRIC_CLASSES",
    "R2",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "ConfusionMatrix",
    "LossMetric",
    "Metric",
    "Precision",
    "Recall",
    "RegressionAccuracy",
    "TopKAccuracy",
    "resolve_metric",
]

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
    """A metric from its name, class or instance; "accuracy" is the one for this kind of target.

    Args:
        value: one of these; the name of a loss gives a `LossMetric`.
        kind: of the targets: "classes", "binary" or "regression".

    Raises:
        ValueError: an unknown name.
        TypeError: none of these, or a class that needs arguments.

    Examples:
        >>> hy.metrics.resolve_metric("accuracy", "classes")
        CategoricalAccuracy()
        >>> hy.metrics.resolve_metric("accuracy", "binary")
        BinaryAccuracy()
        >>> hy.metrics.resolve_metric("mse", "regression")
        LossMetric(loss=MeanSquaredError())
    """
    if isinstance(value, str):
        if value in LOSSES or value in ("mse", "mae"):
            return LossMetric(value)
        if kind not in _ACCURACIES:
            raise ValueError(
                f"metric {value!r} has no meaning for {kind} of classes; measure each group of "
                "model.predict_classes(x) with a metric of its own"
            )
        names = {"accuracy": _ACCURACIES[kind], **METRICS}
        known = {**names, **dict.fromkeys(LOSSES, LossMetric)}
        return resolve(value, Metric, known, "metric")
    return resolve(value, Metric, METRICS, "metric")

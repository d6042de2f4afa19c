"""What every metric has: begin, update, result."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.config import Configurable
from hyalite.losses import LOSSES, Loss
from hyalite.parameters import Array

Value = float | list[Any]


class Metric(Configurable):
    """A figure over samples: `begin`, then `update` batch by batch, then `result`.

    Or at once: ``CategoricalAccuracy()(prediction, target)``. Subclasses write `reset`, `update`
    and `result`, and say in `name` and `kinds` what they are called and which targets they are for.

    Examples:
        The sums are divided once, at the end: a batch of one sample counts as one sample.

        >>> metric = hy.metrics.CategoricalAccuracy()
        >>> metric.begin("classes", outputs=2)
        >>> metric.update(np.array([[0.9, 0.1]]), np.array([0]))  # right
        >>> metric.update(np.array([[0.9, 0.1], [0.3, 0.7]]), np.array([1, 0]))  # both wrong
        >>> round(metric.result(), 3)
        0.333
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
                f"this loss has {kind} targets; choose another"
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

    def _loss_of(self, kind: str) -> Loss:
        """A loss that checks targets of this kind, where the metric is called alone."""
        return next(loss for loss in LOSSES.values() if loss.kind == kind)()

    def get_state(self) -> dict[str, Any]:
        """The sums over the samples so far, for a checkpoint in the midst of an epoch.

        They are all attributes that are numbers or arrays; a metric that keeps others has a
        `get_state` and a `set_state` of its own.
        """
        kinds = (bool, int, float, np.generic, np.ndarray, type(None))
        return {name: value for name, value in vars(self).items() if isinstance(value, kinds)}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on from where `get_state` was asked."""
        for name, value in state.items():
            setattr(self, name, value)

    def __call__(self, prediction: Any, target: Any, sample_weight: Any = None) -> Value:
        """The figure for one set of predictions and targets.

        A metric that is for classes and for yes/no targets takes several outputs as classes, one
        output as yes/no.

        Args:
            prediction: (n, d); of classes probabilities or logits, of yes/no outputs probabilities.
            target: as the losses take it.
            sample_weight: (n,), or None.

        Raises:
            ValueError: an argument of the wrong shape or range.
        """
        prediction = checks.inputs(prediction, None, "prediction")
        outputs = prediction.shape[1]
        kind = self.kinds[0] if outputs > 1 or len(self.kinds) == 1 else self.kinds[1]
        target = self._loss_of(kind).target(target, prediction.shape[1:], "target")
        checks.same_length(prediction, target, ("prediction", "target"))
        weight = None if sample_weight is None else checks.weights(sample_weight, len(target))
        fresh = copy.copy(self)  # what is learned from this target is not kept
        fresh.begin(kind, outputs, target=target)
        fresh.update(prediction, target, weight)
        return fresh.result()


def labels_of(target: Array) -> Array:
    """Class labels from labels or from one-hot or soft rows."""
    return target if target.ndim == 1 else target.argmax(axis=1)


def ratio(top: Array, bottom: Array) -> Array:
    """Top / bottom, 0 where bottom is 0."""
    return np.divide(top, bottom, out=np.zeros(top.shape), where=bottom > 0)

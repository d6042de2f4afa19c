"""The loss of several classes at once: one cross-entropy for each group of outputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.layers.probabilities import softmax
from hyalite.losses.base import Loss
from hyalite.losses.crossentropy import CategoricalCrossentropy
from hyalite.parameters import Array, Shape


class GroupedCrossentropy(Loss):
    """l = Σ_g H(t_g, z_g) / m,  dl/dz_g = (softmax(z_g) - t_g) / m, over m groups of outputs.

    H is the categorical cross-entropy from logits. z: (n, Σ classes), the logits of the first
    group's classes, then the second's, and so on; t: integer labels (n, m), column g from 0 to
    classes[g] - 1. For targets of several columns, such as a car's make and its colour: hidden
    layers in common, and a softmax for each column. With one group it is the categorical
    cross-entropy.

    The model ends in a dense layer without activation; `probabilities` makes distributions of
    what it predicts.

    Args:
        classes: how many each group has, such as ``(12, 7)``.
        label_smoothing: ε in [0, 1); targets become t·(1 - ε) + ε/classes within each group.

    Raises:
        ValueError: no classes, or label_smoothing out of range.

    Examples:
        >>> loss = hy.GroupedCrossentropy((2, 3))
        >>> logits = np.log([[0.5, 0.5, 0.2, 0.7, 0.1]])
        >>> round(loss(logits, [[0, 1]]), 3)  # -(ln 0.5 + ln 0.7) / 2
        0.525
        >>> loss.backward(logits, [[0, 1]]).round(2).tolist()  # (p - t) / 2
        [[-0.25, 0.25, 0.1, -0.15, 0.05]]
    """

    name = "grouped_crossentropy"
    formulas = {
        "values": "Σ_g (ln Σ_k e^z - Σ_k t·z) / m,  over the m groups",
        "gradient": "(softmax(z) - t) / m / n,  softmax of each of the m groups",
    }
    kind = "groups"
    from_logits = True

    def __init__(self, classes: Iterable[int], label_smoothing: float = 0.0) -> None:
        counts = classes if isinstance(classes, Iterable) else [classes]
        self.classes = tuple(checks.integer(count, "classes") for count in counts)
        if not self.classes:
            raise ValueError("classes must hold a number for each group of outputs, got none")
        self.label_smoothing = checks.number(
            label_smoothing, "label_smoothing", low=0, high=1, below=True
        )

    def values(self, prediction: Array, target: Array) -> Array:
        one = self._one()
        each = [one.values(z, t) for z, t in self._groups(prediction, target)]
        return sum(each[1:], each[0]) / len(each)

    def gradient(self, prediction: Array, target: Array) -> Array:
        one = self._one()
        each = [one.gradient(z, t) for z, t in self._groups(prediction, target)]
        return np.hstack(each) / len(each)

    def target(self, y: Any, output_shape: Shape, argument: str = "y") -> Array:
        y, columns = checks.targets(y, argument), len(self.classes)
        if sum(self.classes) != output_shape[-1]:
            raise ValueError(
                f"classes={self.classes} of {self.name} needs a last layer of {sum(self.classes)} "
                f"units, one for each class of each group, got {output_shape[-1]}"
            )
        if y.ndim != 2 or y.shape[1] != columns:
            raise ValueError(
                f"{argument} must hold a column of integer labels for each group, (samples, "
                f"{columns}), got shape {y.shape}; stack them: np.column_stack([...])"
            )
        one = self._one()
        each = [
            one.target(y[:, g], (count,), f"{argument}[:, {g}]")
            for g, count in enumerate(self.classes)
        ]
        return np.column_stack(each)

    def expanded(self, target: Array, outputs: int) -> Array:
        one = self._one()
        columns = target.T.astype(np.intp)
        groups = zip(columns, self.classes, strict=True)
        return np.hstack([one.expanded(t, count) for t, count in groups])

    def split(self, outputs: Array) -> list[Array]:
        """The groups' columns (n, classes[g]) of an array (n, Σ classes), as views."""
        return np.split(outputs, np.cumsum(self.classes)[:-1], axis=1)

    def probabilities(self, prediction: Array) -> list[Array]:
        """The distribution of each group, (n, classes[g]), from a model's predictions."""
        return [softmax(z) for z in self.split(prediction)]

    def labels(self, prediction: Array) -> Array:
        """The likeliest class of each group, int64 (n, m)."""
        return np.column_stack([z.argmax(axis=1) for z in self.split(prediction)])

    def _one(self) -> CategoricalCrossentropy:
        return CategoricalCrossentropy(self.label_smoothing, from_logits=True)

    def _groups(self, logits: Array, target: Array) -> Iterator[tuple[Array, Array]]:
        """Logits and labels of each group; a batch holds labels in the model's dtype."""
        return zip(self.split(logits), target.T.astype(np.intp), strict=True)

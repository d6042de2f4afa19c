"""The losses of classes: cross-entropy, of yes/no outputs and of one class among several.

Each is there twice: from probabilities, and from logits, fused with the sigmoid or softmax that
makes probabilities of them. Fused, nothing is lost where a probability rounds to 0 or 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hyalite import checks
from hyalite.layers.probabilities import row_max, row_sum, sigmoid
from hyalite.losses.base import Loss
from hyalite.parameters import Array, Shape

CLIP = 1e-7  # probabilities are kept this far from where the logarithm ends, as the sources do


class BinaryCrossentropy(Loss):
    """l = -Σ_j [t_j·ln p_j + (1 - t_j)·ln(1 - p_j)] / d,  dl/dp = ((1 - t)/(1 - p) - t/p) / d.

    p: probabilities (n, d) of d independent yes/no outputs; t: 0 or 1 (or a probability) of the
    same shape. Probabilities are clipped to [1e-7, 1 - 1e-7].

    From logits z, p = 1/(1 + e⁻ᶻ):

        l = Σ_j [max(z, 0) - z·t + ln(1 + e^-|z|)] / d,  dl/dz = (p - t) / d

    Args:
        label_smoothing: ε in [0, 1); targets become t·(1 - ε) + ε/2.
        from_logits: predictions are logits; a model computes the same from a sigmoid by itself.

    Raises:
        ValueError: label_smoothing out of range.

    Source: *Neural Networks from Scratch*, chapter 16.

    Examples:
        >>> loss = hy.BinaryCrossentropy()
        >>> round(loss([[0.7]], [[1]]), 3), round(loss([[0.7]], [[0]]), 3)  # -ln 0.7, -ln 0.3
        (0.357, 1.204)
        >>> loss.backward([[0.7]], [[1]]).round(3).tolist()  # -1 / 0.7
        [[-1.429]]
        >>> hy.BinaryCrossentropy(from_logits=True).backward([[0.0]], [[1]]).tolist()  # 0.5 - 1
        [[-0.5]]
    """

    name = "binary_crossentropy"
    formulas = {
        "values": "-Σ_j [t·ln p + (1 - t)·ln(1 - p)] / d",
        "gradient": "((1 - t)/(1 - p) - t/p) / d / n",
        "fused values": "Σ_j [max(z, 0) - z·t + ln(1 + e^-|z|)] / d",
        "fused gradient": "(p - t) / d / n",
    }
    kind = "binary"

    def __init__(self, label_smoothing: float = 0.0, from_logits: bool = False) -> None:
        self.label_smoothing = checks.number(
            label_smoothing, "label_smoothing", low=0, high=1, below=True
        )
        self.from_logits = bool(from_logits)

    def fused(self, logits: Array, target: Array) -> tuple[Array, Array, Array]:
        """See `Loss.fused`; here of a sigmoid."""
        t = self._smooth(target)
        probability = sigmoid(logits)
        values = np.maximum(logits, 0) - logits * t + np.log1p(np.exp(-np.abs(logits)))
        return probability, values.mean(axis=1), (probability - t) / logits.shape[1]

    def values(self, prediction: Array, target: Array) -> Array:
        if self.from_logits:
            return self.fused(prediction, target)[1]
        t, p = self._smooth(target), np.clip(prediction, CLIP, 1 - CLIP)
        return -(t * np.log(p) + (1 - t) * np.log1p(-p)).mean(axis=1)

    def gradient(self, prediction: Array, target: Array) -> Array:
        if self.from_logits:
            return self.fused(prediction, target)[2]
        t, p = self._smooth(target), np.clip(prediction, CLIP, 1 - CLIP)
        return ((1 - t) / (1 - p) - t / p) / prediction.shape[1]

    def branches(self, prediction: Array, target: Array) -> Array | None:
        return None if self.from_logits else _clipped(prediction)

    def expanded(self, target: Array, outputs: int) -> Array:
        return self._smooth(target)

    def target(self, y: Any, output_shape: Shape, argument: str = "y") -> Array:
        y = super().target(y, output_shape, argument)
        if y.size and (y.min() < 0 or y.max() > 1):
            found = y.min() if y.min() < 0 else y.max()
            mend = "for labels of several classes use a softmax and 'categorical_crossentropy'"
            if (np.abs(y) == 1).all():
                mend = f"turn -1 and 1 into 0 and 1: {argument} > 0"
            raise ValueError(f"{argument} must lie in 0..1 for {self.name}, found {found}; {mend}")
        return y

    def _smooth(self, target: Array) -> Array:
        if not self.label_smoothing:
            return target
        return target * (1 - self.label_smoothing) + self.label_smoothing / 2


class CategoricalCrossentropy(Loss):
    """l = -Σ_k t_k·ln p_k,  dl/dp = -t/p.

    p: distributions (n, classes); t: integer labels (n,), or one-hot or soft rows (n, classes)
    that sum to 1. Probabilities are clipped to at least 1e-7.

    From logits z, p = softmax(z), m = max z:

        l = ln Σ_k e^(z_k - m) + m - Σ_k t_k·z_k,  dl/dz = p - t

    Args:
        label_smoothing: ε in [0, 1); targets become t·(1 - ε) + ε/classes.
        from_logits: predictions are logits; a model computes the same from a softmax by itself.

    Raises:
        ValueError: label_smoothing out of range.

    Source: *Neural Networks from Scratch*, chapters 5 and 9.

    Examples:
        >>> loss = hy.CategoricalCrossentropy()
        >>> p = [[0.7, 0.2, 0.1]]
        >>> round(loss(p, [0]), 3), round(loss(p, [[1, 0, 0]]), 3)  # -ln 0.7
        (0.357, 0.357)
        >>> loss.backward(p, [0]).round(3).tolist()  # -1 / 0.7
        [[-1.429, 0.0, 0.0]]
        >>> fused = hy.CategoricalCrossentropy(from_logits=True)
        >>> fused.backward(np.log(p), [0]).round(3).tolist()  # p - t
        [[-0.3, 0.2, 0.1]]
    """

    name = "categorical_crossentropy"
    formulas = {
        "values": "-Σ_k t·ln p",
        "gradient": "-t/p / n",
        "fused values": "ln Σ_k e^z - Σ_k t·z",
        "fused gradient": "(p - t) / n",
    }
    kind = "classes"

    def __init__(self, label_smoothing: float = 0.0, from_logits: bool = False) -> None:
        self.label_smoothing = checks.number(
            label_smoothing, "label_smoothing", low=0, high=1, below=True
        )
        self.from_logits = bool(from_logits)

    def fused(self, logits: Array, target: Array) -> tuple[Array, Array, Array]:
        """See `Loss.fused`; here of a softmax."""
        shifted = logits - row_max(logits)
        probability = np.exp(shifted)
        total = row_sum(probability)
        probability /= total
        shifted -= np.log(total)  # now ln p, exact where p itself rounds to 0
        values = self._cross(shifted, target)
        return probability, values, self._minus_target(probability.copy(), target)

    def values(self, prediction: Array, target: Array) -> Array:
        if self.from_logits:
            return self.fused(prediction, target)[1]
        return self._cross(np.log(np.maximum(prediction, CLIP)), target)

    def gradient(self, prediction: Array, target: Array) -> Array:
        if self.from_logits:
            return self.fused(prediction, target)[2]
        return self._minus_target(np.zeros_like(prediction), target) / np.maximum(prediction, CLIP)

    def branches(self, prediction: Array, target: Array) -> Array | None:
        return None if self.from_logits else _clipped(prediction)

    def expanded(self, target: Array, outputs: int) -> Array:
        rows = np.eye(outputs)[target] if target.ndim == 1 else target
        return rows * (1 - self.label_smoothing) + self.label_smoothing / outputs

    def _cross(self, log_probability: Array, target: Array) -> Array:
        """-Σ_k t_k·ln p_k with the smoothed target."""
        if target.ndim == 1:
            values = -log_probability[np.arange(len(target)), target]
        else:
            values = -np.einsum("nk,nk->n", log_probability, target)
        if self.label_smoothing:
            values *= 1 - self.label_smoothing
            values -= self.label_smoothing * log_probability.mean(axis=1)
        return values

    def _minus_target(self, gradient: Array, target: Array) -> Array:
        """`gradient` minus the smoothed target, in place."""
        if target.ndim == 1:
            gradient[np.arange(len(target)), target] -= 1 - self.label_smoothing
        else:
            gradient -= target * (1 - self.label_smoothing)
        if self.label_smoothing:
            gradient -= self.label_smoothing / gradient.shape[1]
        return gradient

    def target(self, y: Any, output_shape: Shape, argument: str = "y") -> Array:
        y = checks.targets(y, argument)
        classes = output_shape[-1]
        if y.ndim == 2 and y.shape[1] == classes and classes > 1:
            return _distributions(y, argument)
        if y.ndim != 1:
            hint = "; the last layer needs as many units as there are classes"
            if y.ndim == 2 and y.shape[1] == 1:
                hint = f"; flatten it: np.ravel({argument})"
            raise ValueError(
                f"{argument} must be integer labels (samples,) or one-hot rows (samples, "
                f"{classes}), got shape {y.shape}{hint}"
            )
        return _labels(y, classes, argument)


def _labels(y: Array, classes: int, argument: str) -> Array:
    """Integer labels in 0..classes-1 as int64 (n,)."""
    if y.dtype.kind == "f" and (y != np.floor(y)).any():
        found = y[y != np.floor(y)][0]
        raise ValueError(
            f"{argument} must be whole class labels, found {found}; for numbers to be predicted "
            "use a regression loss such as 'mean_squared_error'"
        )
    if y.size and (y.min() < 0 or y.max() >= classes):
        found = y.min() if y.min() < 0 else y.max()
        if classes == 1:
            raise ValueError(
                f"{argument} must be 0 everywhere, since the model has one output, found {found}; "
                "for yes or no use a sigmoid and 'binary_crossentropy', or make two outputs"
            )
        raise ValueError(
            f"{argument} must be labels from 0 to {classes - 1}, since the model has {classes} "
            f"outputs; found {found}. Labels must count from 0 (np.unique(y, "
            "return_inverse=True)[1] makes them so), and the last layer needs one unit a class"
        )
    return y.astype(np.int64)  # unsigned labels would wrap around on subtraction


def _distributions(y: Array, argument: str) -> Array:
    """One-hot or soft rows; exact one-hot rows become labels, which cost less."""
    sums = y.sum(axis=1, dtype=np.float64)
    rounding = 0.0 if y.dtype.kind != "f" else 4 * float(np.finfo(y.dtype).eps)
    wrong = np.flatnonzero((np.abs(sums - 1) > max(1e-4, rounding)) | (y.min(axis=1) < 0))
    if len(wrong):
        raise ValueError(
            f"{argument} must have one-hot rows (or probabilities) that sum to 1: row {wrong[0]} "
            f"is {y[wrong[0]].tolist()}. For several independent yes/no outputs use a sigmoid "
            "and 'binary_crossentropy'"
        )
    labels: Array = y.argmax(axis=1)
    one_hot = np.count_nonzero(y) == len(y) and bool((y[np.arange(len(y)), labels] == 1).all())
    return labels if one_hot else y


def _clipped(prediction: Array) -> Array:
    return np.sign(prediction - np.clip(prediction, CLIP, 1 - CLIP))

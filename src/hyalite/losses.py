"""The losses: how far a prediction is from its target, and the derivative of that.

Every loss has the per-sample value and its gradient side by side. The loss of a batch is the
weighted mean over its samples, Σ wᵢ·lᵢ / Σ wᵢ. `Objective`, at the end, joins a loss to a model's
last activation: softmax with categorical cross-entropy and sigmoid with binary cross-entropy are
computed as one from the logits, which is exact where the probabilities would round to 0 or 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from hyalite import checks
from hyalite.config import Described, resolve
from hyalite.layers.activations import Sigmoid, Softmax, sigmoid
from hyalite.layers.base import Layer
from hyalite.parameters import Array, Shape

CLIP = 1e-7  # probabilities are kept this far from where the logarithm ends, as the sources do


class Loss(Described):
    """A function of predictions and targets (n, d): one value a sample, and its gradient.

    Alone, as the chapters use it::

        loss = CategoricalCrossentropy()
        loss(prediction, target)            # the mean, a float
        loss.backward(prediction, target)   # its derivative by the prediction, (n, d)
    """

    name: ClassVar[str]
    kind: ClassVar[str] = "regression"  # what the targets are; "classes" or "binary" elsewhere
    from_logits: bool = False
    formulas: ClassVar[Mapping[str, str]] = {}  # of "values" and "gradient", and "fused ..."

    def values(self, prediction: Array, target: Array) -> Array:
        """The loss of each sample, (n,)."""
        raise NotImplementedError

    def gradient(self, prediction: Array, target: Array) -> Array:
        """The derivative of each sample's own loss by its prediction, (n, d)."""
        raise NotImplementedError

    def fused(self, logits: Array, target: Array) -> tuple[Array, Array, Array]:
        """Probabilities, per-sample losses and their gradient by the logits, computed as one."""
        raise NotImplementedError

    def branches(self, prediction: Array, target: Array) -> Array | None:
        """Which branch won, entry by entry; None where the loss is smooth."""
        return None

    def target(self, y: Any, output_shape: Shape, argument: str = "y") -> Array:
        """`y` checked and brought to the form that `values` takes: (n, d), or integer (n,).

        Raises:
            ValueError: naming the argument, what came, what was expected and the fix.
        """
        y = checks.array(y, argument)
        wanted = f"(samples, {', '.join(map(str, output_shape))})"
        if y.ndim == 1 and output_shape == (1,):
            return y.reshape(-1, 1)  # one output: a vector is one column
        if y.ndim == 0 or y.shape[1:] != output_shape:
            fix = "; give one number for each output of the model, or change its last layer"
            if y.ndim == 1:
                fix = "; a 1-D target goes with a model that ends in one unit"
            elif y.ndim == 2 and y.shape[1] == 1:
                fix = "; nothing is broadcast: repeat the column yourself if that is meant"
            raise ValueError(
                f"{argument} must have the shape of the output, {wanted}, got {y.shape}{fix}"
            )
        return y

    def __call__(self, prediction: Any, target: Any, sample_weight: Any = None) -> float:
        """Σ wᵢ·lᵢ / Σ wᵢ."""
        prediction, target, weight = self._receive(prediction, target, sample_weight)
        values = self.values(prediction, target)
        return float(np.average(values.astype(np.float64), weights=weight))

    def backward(self, prediction: Any, target: Any, sample_weight: Any = None) -> Array:
        """The derivative of the weighted mean by the prediction, (n, d)."""
        prediction, target, weight = self._receive(prediction, target, sample_weight)
        return scale_rows(self.gradient(prediction, target), weight, None)

    def _receive(
        self, prediction: Any, target: Any, sample_weight: Any
    ) -> tuple[Array, Array, Array | None]:
        prediction = checks.inputs(prediction, None, "prediction")
        if prediction.ndim != 2:
            raise ValueError(
                f"prediction must have shape (samples, outputs), got {prediction.shape}; "
                "flatten it: prediction.reshape(len(prediction), -1)"
            )
        if prediction.dtype.kind != "f":
            prediction = prediction.astype(np.float32)
        target = self.target(target, prediction.shape[1:], "target")
        checks.same_length(prediction, target, ("prediction", "target"))
        if target.ndim == 2:
            target = target.astype(prediction.dtype, copy=False)
        if sample_weight is None:
            return prediction, target, None
        return prediction, target, checks.weights(sample_weight, len(prediction))


def scale_rows(gradient: Array, weight: Array | None, total: float | None) -> Array:
    """`gradient` times weight/total row by row, in place; total is Σ weight where not given."""
    if weight is None:
        gradient *= 1 / (len(gradient) if total is None else total)
    else:
        factor = weight / (weight.sum() if total is None else total)
        gradient *= factor.astype(gradient.dtype)[:, np.newaxis]
    return gradient


class MeanSquaredError(Loss):
    """l = Σ_j (p_j - t_j)² / d,  dl/dp = 2·(p - t) / d.

    p, t: (n, d). Source: *Neural Networks from Scratch*, chapter 17. (*Deep Learning from
    Scratch* takes Σ/2 instead of the mean.)
    """

    name = "mean_squared_error"
    formulas = {"values": "Σ_j (p - t)² / d", "gradient": "2·(p - t) / d / n"}

    def values(self, prediction: Array, target: Array) -> Array:
        error = prediction - target
        error *= error
        return error.mean(axis=1)

    def gradient(self, prediction: Array, target: Array) -> Array:
        error = prediction - target
        error *= 2 / error.shape[1]
        return error


class MeanAbsoluteError(Loss):
    """l = Σ_j |p_j - t_j| / d,  dl/dp = sign(p - t) / d, with sign(0) = 0.

    p, t: (n, d). Source: *Neural Networks from Scratch*, chapter 17.
    """

    name = "mean_absolute_error"
    formulas = {"values": "Σ_j |p - t| / d", "gradient": "sign(p - t) / d / n"}

    def values(self, prediction: Array, target: Array) -> Array:
        return np.abs(prediction - target).mean(axis=1)

    def gradient(self, prediction: Array, target: Array) -> Array:
        return np.sign(prediction - target) / prediction.shape[1]

    def branches(self, prediction: Array, target: Array) -> Array:
        return np.sign(prediction - target)


class Huber(Loss):
    """l = Σ_j h(p_j - t_j) / d,  h(e) = e²/2 where |e| <= δ, else δ·(|e| - δ/2).

    dl/dp = clip(p - t, -δ, δ) / d. p, t: (n, d).

    Args:
        delta: δ > 0, in units of the target. Source: Huber 1964.
    """

    name = "huber"
    formulas = {"values": "Σ_j h(p - t) / d", "gradient": "clip(p - t, -δ, δ) / d / n"}

    def __init__(self, delta: float = 1.0) -> None:
        self.delta = checks.number(delta, "delta", low=0, above=True)

    def values(self, prediction: Array, target: Array) -> Array:
        error = np.abs(prediction - target)
        inside = np.minimum(error, self.delta)
        return (inside * (error - 0.5 * inside)).mean(axis=1)

    def gradient(self, prediction: Array, target: Array) -> Array:
        clipped = np.clip(prediction - target, -self.delta, self.delta)
        return clipped / prediction.shape[1]

    def branches(self, prediction: Array, target: Array) -> Array:
        error = prediction - target
        return np.sign(error) * (np.abs(error) > self.delta)


class BinaryCrossentropy(Loss):
    """l = -Σ_j [t_j·ln p_j + (1 - t_j)·ln(1 - p_j)] / d,  dl/dp = ((1 - t)/(1 - p) - t/p) / d.

    p: probabilities (n, d) of d independent yes/no outputs; t: 0 or 1 (or a probability) of the
    same shape. Probabilities are clipped to [1e-7, 1 - 1e-7].

    From logits z, p = 1/(1 + e⁻ᶻ):

        l = Σ_j [max(z, 0) - z·t + ln(1 + e^-|z|)] / d,  dl/dz = (p - t) / d

    Args:
        label_smoothing: ε in [0, 1); targets become t·(1 - ε) + ε/2.
        from_logits: predictions are logits; a model computes the same from a sigmoid by itself.

    Source: *Neural Networks from Scratch*, chapter 16.
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

    def target(self, y: Any, output_shape: Shape, argument: str = "y") -> Array:
        y = super().target(y, output_shape, argument)
        if y.size and (y.min() < 0 or y.max() > 1):
            found = y.min() if y.min() < 0 else y.max()
            raise ValueError(
                f"{argument} must lie in 0..1 for {self.name}, found {found}; for labels of "
                "several classes use a softmax and 'categorical_crossentropy'"
            )
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

    Source: *Neural Networks from Scratch*, chapters 5 and 9.
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
        shifted = logits - logits.max(axis=1, keepdims=True)
        probability = np.exp(shifted)
        total = probability.sum(axis=1, keepdims=True)
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
        y = checks.array(y, argument)
        classes = output_shape[-1]
        if y.ndim == 2 and y.shape[1] == classes and classes > 1:
            return _distributions(y, argument)
        if y.ndim != 1:
            hint = "; the last layer needs as many units as there are classes"
            if y.ndim == 2 and y.shape[1] == 1:
                hint = f"; flatten it: {argument}.ravel()"
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


LOSSES: dict[str, type[Loss]] = {
    kind.name: kind
    for kind in (
        CategoricalCrossentropy,
        BinaryCrossentropy,
        MeanSquaredError,
        MeanAbsoluteError,
        Huber,
    )
}
_ALIASES: dict[str, type[Loss]] = {
    "sparse_categorical_crossentropy": CategoricalCrossentropy,  # Keras's word for labels
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
}


def resolve_loss(value: str | type[Loss] | Loss) -> Loss:
    """A loss from its name, class or instance."""
    return resolve(value, Loss, LOSSES | _ALIASES, "loss")


class Objective:
    """A loss joined to the activation that ends a model.

    Args:
        loss: the loss.
        last: the model's last stage.
        outputs: shape of one output sample.

    Raises:
        ValueError: the two do not fit, as softmax before a loss that expects logits.
    """

    def __init__(self, loss: Loss, last: Layer, outputs: Shape) -> None:
        check_ending(loss, last)
        if len(outputs) != 1:
            raise ValueError(
                f"a loss takes one row of outputs a sample, but the model gives {outputs}; "
                "put a Flatten() before the last dense layer"
            )
        self.loss = loss
        self.outputs = outputs
        self.fuses_last = not loss.from_logits and (
            (isinstance(loss, CategoricalCrossentropy) and isinstance(last, Softmax))
            or (isinstance(loss, BinaryCrossentropy) and isinstance(last, Sigmoid))
        )

    def __call__(
        self, output: Array, target: Array, weight: Array | None, total: float
    ) -> tuple[Array, Array, Array]:
        """The step's end and the way back's start.

        Args:
            output: of the last stage, or of the one before where `fuses_last`.
            target: as `Loss.target` gives it.
            weight: of the samples, (n,), or None.
            total: what the gradient is divided by: the weight of the whole batch.

        Returns:
            prediction (n, d), per-sample losses (n,), gradient by `output` (n, d).
        """
        if self.fuses_last:
            prediction, values, gradient = self.loss.fused(output, target)
        else:
            prediction, values = output, self.loss.values(output, target)
            gradient = self.loss.gradient(output, target)
        return prediction, values, scale_rows(gradient, weight, total)

    def values(self, output: Array, target: Array) -> tuple[Array, Array]:
        """Prediction and per-sample losses alone."""
        if self.fuses_last:
            prediction, values, _ = self.loss.fused(output, target)
            return prediction, values
        return output, self.loss.values(output, target)


def check_ending(loss: Loss, last: Layer) -> None:
    """Raise a ValueError, with the fix, where a loss cannot follow the layer `last`."""
    ending, name = type(last).__name__, loss.name
    if loss.kind == "regression" or type(last).__module__.partition(".")[0] != "hyalite":
        return  # any numbers will do; and of a user's own layer nothing is known
    if loss.from_logits:
        if last.gives != "numbers":
            raise ValueError(
                f"loss {type(loss).__name__}(from_logits=True) expects logits, but the model ends "
                f"with {ending}, which would be applied twice. Leave out from_logits=True (the "
                f"two are then computed as one from the logits), or the {ending}"
            )
    elif loss.kind == "classes" and last.gives != "a distribution":
        raise ValueError(
            f"loss {name!r} expects probabilities that sum to 1, but the model ends with {ending}. "
            "End it with activation='softmax', or, to work with logits, use "
            "CategoricalCrossentropy(from_logits=True)"
        )
    elif loss.kind == "binary" and last.gives == "numbers":
        raise ValueError(
            f"loss {name!r} expects probabilities, but the model ends with {ending}. End it with "
            "activation='sigmoid', or, to work with logits, use "
            "BinaryCrossentropy(from_logits=True)"
        )

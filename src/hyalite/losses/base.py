"""What every loss has: targets checked, the weighted mean, its derivative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from hyalite import checks
from hyalite.config import Configurable, snake_case
from hyalite.exact import is_own
from hyalite.layers.probabilities import sigmoid, softmax
from hyalite.parameters import Array, Shape


class Loss(Configurable):
    """A function of predictions and targets (n, d): one value a sample, and its gradient.

    Alone, as the chapters use it, ``loss(prediction, target)`` is the mean, a float, and
    ``loss.backward(prediction, target)`` its derivative by the prediction, (n, d). Subclasses
    write `values` and `gradient`; `backward` divides by the number of samples.

    Examples:
        >>> loss = hy.MeanSquaredError()
        >>> loss([[1.0], [5.0]], [[0.0], [2.0]])  # (1² + 3²) / 2
        5.0
        >>> loss.backward([[1.0], [5.0]], [[0.0], [2.0]]).tolist()  # 2·1 / 2, 2·3 / 2
        [[1.0], [3.0]]
        >>> loss([[1.0], [5.0]], [[0.0], [2.0]], sample_weight=[3, 1])  # (3·1² + 1·3²) / 4
        3.0

        A loss of your own, and whether its gradient is right:

        >>> class FourthPower(hy.losses.Loss):
        ...     def values(self, prediction, target):
        ...         return ((prediction - target) ** 4).mean(axis=1)
        ...     def gradient(self, prediction, target):
        ...         return 4 * (prediction - target) ** 3 / prediction.shape[1]
        >>> hy.gradcheck.check_loss(FourthPower(), [[3.0, 5.0]], [[1.0, 4.0]]).ok
        True
    """

    name: ClassVar[str]
    # what the targets are, and so which metrics suit: "regression", "classes", "binary", "groups"
    kind: ClassVar[str] = "regression"
    from_logits: bool = False  # whether predictions are logits; a model of classes reads them so
    # of "values" and "gradient", and "fused ...", for `Sequential.trace`; a user's class does not
    # inherit them
    formulas: ClassVar[Mapping[str, str]] = {}
    # names in these formulas that stand for something of another name: δ for delta
    symbols: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        """A loss that says no name is called by its class: ``FourthPower``, "fourth_power"."""
        super().__init_subclass__(**options)
        if not hasattr(cls, "name"):
            cls.name = snake_case(cls)

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

    # What predictions and targets say of classes: a loss of one's own may write these ------------

    def class_count(self, outputs: int) -> int:
        """How many classes a sample is one of; 0 where it is not one of several.

        Here by `kind`: as many as there are outputs, or two for one yes/no output. 0 for numbers,
        for several yes/no outputs, and for several groups of classes.

        Args:
            outputs: d, of the model.
        """
        if self.kind == "classes":
            return outputs
        return 2 if self.kind == "binary" and outputs == 1 else 0

    def class_targets(self, target: Array) -> Array | None:
        """The class of each sample: int64 (n,), or rows (n, classes) of shares that sum to 1.

        Stratified splits and class weights go by it. None where `class_count` is 0.

        Args:
            target: as `target` returns it.
        """
        if self.kind == "classes":
            return target
        if self.kind != "binary" or target.shape[1] != 1:
            return None
        yes = target[:, 0]
        hard = np.isin(yes, (0, 1)).all()
        return yes.astype(np.int64) if hard else np.column_stack([1 - yes, yes])

    def probabilities(self, prediction: Array) -> Array | list[Array]:
        """How likely each class is, by a model's predictions.

        (n, classes), rows that sum to 1; for one yes/no output (n, 2), no and yes; for d of them
        (n, d), of yes; for groups of classes a list, (n, classes) for each.

        Args:
            prediction: of the model, (n, d): logits where `from_logits`.

        Raises:
            ValueError: this loss is not one of classes.

        Examples:
            >>> hy.BinaryCrossentropy(from_logits=True).probabilities(np.array([[0.0]])).tolist()
            [[0.5, 0.5]]
        """
        if self.kind == "classes":
            return softmax(prediction) if self.from_logits else prediction
        if self.kind != "binary":
            raise ValueError(self._no_classes)
        p = sigmoid(prediction) if self.from_logits else prediction
        return np.hstack([1 - p, p]) if p.shape[1] == 1 else p

    def labels(self, prediction: Array) -> Array:
        """The likeliest class, int64.

        (n,); for d yes/no outputs, d > 1, 0 or 1 for each, (n, d); for m groups of classes (n, m).

        Args:
            prediction: of the model, (n, d): logits where `from_logits`.

        Raises:
            ValueError: this loss is not one of classes.

        Examples:
            >>> hy.CategoricalCrossentropy().labels(np.array([[0.2, 0.7, 0.1]])).tolist()
            [1]
        """
        if self.kind == "classes":
            return np.asarray(prediction.argmax(axis=1))
        if self.kind != "binary":
            raise ValueError(self._no_classes)
        yes = (prediction > (0.0 if self.from_logits else 0.5)).astype(np.int64)
        return yes[:, 0] if yes.shape[1] == 1 else yes

    @property
    def _no_classes(self) -> str:
        return f"the model predicts no classes: its loss is {self.name!r}"

    def target(self, y: Any, output_shape: Shape, argument: str = "y") -> Array:
        """`y` checked and brought to the form that `values` takes: (n, d), or integer (n,).

        Raises:
            ValueError: naming the argument, what came, what was expected and the fix.
        """
        y = checks.targets(y, argument)
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

    def expanded(self, target: Array, outputs: int) -> Array:
        """The t of the formulas, (n, d): labels as one-hot rows, smoothed where the loss does so.

        Args:
            target: as `target` returns it.
            outputs: d.

        Examples:
            >>> hy.CategoricalCrossentropy(label_smoothing=0.3).expanded(np.array([1]), 3)
            array([[0.1, 0.8, 0.1]])
        """
        return target

    def __call__(self, prediction: Any, target: Any, sample_weight: Any = None) -> float:
        """Σ wᵢ·lᵢ / Σ wᵢ.

        Args:
            prediction: (n, d).
            target: as the loss takes it.
            sample_weight: w, (n,), none below 0; None for 1.

        Raises:
            ValueError: an argument of the wrong shape or range, such as logits where the loss
                takes probabilities.
        """
        prediction, target, weight = self._receive(prediction, target, sample_weight)
        values = self.values(prediction, target)
        return float(np.average(values.astype(np.float64), weights=weight))

    def backward(self, prediction: Any, target: Any, sample_weight: Any = None) -> Array:
        """The derivative of the weighted mean by the prediction, (n, d).

        Arguments and errors are those of the call.
        """
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
        if is_own(self) and self.kind != "regression" and not self.from_logits:
            low, high = float(prediction.min()), float(prediction.max())
            if low < -0.01 or high > 1.01:  # beyond rounding, and the steps of a gradient check
                raise ValueError(
                    f"prediction must hold probabilities, found {low if low < 0 else high:g}; "
                    f"for logits use {type(self).__name__}(from_logits=True)"
                )
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

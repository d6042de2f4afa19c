"""Where samples, targets and weights come in from users: checked, and made ready for training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.data.samples import Samples
from hyalite.data.split import split_rows
from hyalite.losses import Loss
from hyalite.network import Network
from hyalite.parameters import Array, Shape

ARGUMENTS = ("x", "y", "sample_weight")


@dataclass(frozen=True)
class InputSpec:
    """What data must fit: the model's loss, shapes and dtype.

    Errors are ValueErrors that name the argument, what came, what was expected and the mend.
    """

    loss: Loss
    input_shape: Shape
    output_shape: Shape
    dtype: np.dtype[Any]
    note: str = ""

    @classmethod
    def of(cls, network: Network, loss: Loss, input_shape: Shape) -> InputSpec:
        """What a network takes, be it built or to be built for samples of this shape."""
        output = network.output_shape if network.built else network.plan(input_shape)[2][-1]
        return cls(loss, input_shape, output, network.dtype, network.note)

    def data(
        self, x: Any, y: Any, weight: Any, names: Sequence[str] = ARGUMENTS
    ) -> tuple[Array, Array, Array | None]:
        """Checked samples, targets and weights."""
        x = checks.inputs(x, self.input_shape, names[0], self.note)
        return x, *self.targets(x, y, weight, names)

    def targets(
        self, x: Array, y: Any, weight: Any, names: Sequence[str] = ARGUMENTS
    ) -> tuple[Array, Array | None]:
        """Checked targets and weights of samples that have been checked already."""
        y = checks.targets(y, names[1])
        if y.ndim == 0:
            raise ValueError(
                f"{names[1]} must have one entry a sample, got the single number {y}; "
                "give a list or an array"
            )
        checks.same_length(x, y, (names[0], names[1]))
        checks.fits(x, self.dtype, names[0])
        y = self.loss.target(y, self.output_shape, names[1])
        checks.fits(y, self.dtype, names[1])
        return y, None if weight is None else checks.weights(weight, len(x), names[2])

    def validation(
        self,
        x: Array,
        y: Array,
        weight: Array | None,
        data: Sequence[Any] | None,
        split: float,
        seed: int,
    ) -> tuple[Array | None, Samples | None]:
        """Rows to train on (None for all), and the validation samples."""
        dtype = self.dtype
        split = checks.number(split, "validation_split", low=0, high=1, below=True)
        if data is not None:
            if split:
                raise ValueError("give validation_data or validation_split, not both")
            if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
                raise ValueError("validation_data must be (x, y) or (x, y, sample_weight)")
            names = [f"validation_data[{place}]" for place in range(3)]
            x, y, weight = (*data, None)[:3]
            return None, Samples(*self.data(x, y, weight, names), dtype)
        if not split:
            return None, None
        classes = self.loss.class_targets(y)
        labels = None if classes is None else _hard(classes)
        rows, kept = split_rows(len(x), split, labels, seed)
        if weight is not None and not weight[kept].any():
            raise ValueError(
                "sample_weight is zero for every sample of the validation_split; give "
                "validation_data, or positive weights"
            )
        return rows, Samples(x, y, weight, dtype, kept)

    def training_weight(
        self,
        y: Array,
        weight: Array | None,
        class_weight: Mapping[int, float] | str | None,
        rows: Array | None,
    ) -> Array | None:
        """Sample weight times class weight, with mean 1 over the training rows."""
        if class_weight is not None:
            targets = self.loss.class_targets(y)
            if targets is None or not self.loss.class_count(self.output_shape[-1]):
                raise ValueError(
                    "class_weight needs classes: labels with 'categorical_crossentropy', or one "
                    f"output with 'binary_crossentropy'; the loss is {self.loss.name!r}"
                )
            weights = self.by_class(targets if rows is None else targets[rows], class_weight)
            factor = weights[targets] if targets.ndim == 1 else targets @ weights
            weight = factor if weight is None else weight * factor
        if weight is None:
            return None
        mean = float((weight if rows is None else weight[rows]).mean())
        if mean <= 0:
            raise ValueError("sample_weight and class_weight are zero for every training sample")
        return weight / mean

    def by_class(self, targets: Array, class_weight: Mapping[int, float] | str) -> Array:
        """The weight of each class, (classes,)."""
        classes = self.loss.class_count(self.output_shape[-1])
        if isinstance(class_weight, str) and class_weight == "balanced":
            counts = np.bincount(_hard(targets), minlength=classes)
            result: Array = np.where(counts, len(targets) / (classes * np.maximum(counts, 1)), 0.0)
            return result
        if not isinstance(class_weight, Mapping):
            raise ValueError(f"class_weight must be a dict or 'balanced', got {class_weight!r}")
        result = np.ones(classes)
        for label, value in class_weight.items():
            if not isinstance(label, (int, np.integer)) or not 0 <= label < classes:
                raise ValueError(
                    f"class_weight has the key {label!r}; labels go from 0 to {classes - 1}"
                )
            result[label] = checks.number(value, f"class_weight[{label}]", low=0)
        return result


def _hard(classes: Array) -> Array:
    """Labels (n,) of labels or of rows of shares."""
    return classes if classes.ndim == 1 else np.asarray(classes.argmax(axis=1))

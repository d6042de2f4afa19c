"""What the pictures read from models and data: probabilities, labels, names, images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite import checks
from hyalite.parameters import Array

if TYPE_CHECKING:
    from hyalite.losses import Loss
    from hyalite.model import Sequential


def samples(model: Sequential, x: Any) -> Array:
    """`x` as the model takes it.

    Raises:
        ValueError: the model is not built, or takes other samples.
    """
    _ = model.network.ready
    return checks.inputs(x, model.network.input_shape)


def probabilities(model: Sequential, x: Any) -> Array | list[Array]:
    """How likely a classifier finds each class, as its loss reads the predictions.

    (n, classes), two for one yes/no output; (n, d), of yes, for d of them; for a
    `GroupedCrossentropy` a list, (n, classes) for each group.

    Args:
        model: built; where it gives logits, they are made probabilities. One that is not compiled
            is taken to give probabilities.
        x: samples, as for `Sequential.predict`.

    Raises:
        ValueError: the model predicts numbers, not classes, or is not built, or x does not fit.

    Examples:
        >>> model = hy.Sequential([hy.Sigmoid()])
        >>> model.build(1)
        >>> hy.plots.probabilities(model, [[0.0], [2.0]]).round(3).tolist()
        [[0.5, 0.5], [0.119, 0.881]]
    """
    y = model.predict(x)
    return _probabilities(model._reader(y.shape[-1]), y)


def answers(model: Sequential, x: Any) -> tuple[Array, Array]:
    """Probabilities (n, classes) and predicted labels (n,), where each sample is of one class.

    Raises:
        ValueError: as for `probabilities`, or a sample may be of several classes.
    """
    _ = model.network.ready
    outputs = model.network.output_shape[-1]
    loss = model._reader(outputs)
    y = model.predict(x)
    shares = _probabilities(loss, y)
    if isinstance(shares, list) or not loss.class_count(outputs):
        raise ValueError(
            "the model must give each sample one class, but its loss is "
            f"{loss.name!r}, which gives it several: take each group or output of "
            "model.predict_classes(x) alone, as in confusion_matrix(counts)"
        )
    return shares, loss.labels(y)


def _probabilities(loss: Loss, y: Array) -> Array | list[Array]:
    if y.ndim != 2:
        raise ValueError(
            "the model predicts no classes, so it has no probabilities of them: its output has "
            f"shape {y.shape[1:]}"
        )
    return loss.probabilities(y.astype(np.float64))


def labels(y: Any, x: Array, classes: int) -> Array:
    """Class numbers (n,) from labels, a column of them, or one-hot rows.

    Raises:
        ValueError: a label out of range or no whole number, or another number of rows than x has.
    """
    y = checks.array(y, "y")
    if y.ndim == 0:
        raise ValueError(f"y must have one label a sample, got the single number {y}")
    checks.same_length(x, y, ("x", "y"))
    if y.ndim == 2 and y.shape[1] == classes:
        return np.asarray(y.argmax(axis=1))
    if y.size != len(x):
        raise ValueError(
            f"y must hold labels ({len(x)},) or one-hot rows ({len(x)}, {classes}), "
            f"got shape {y.shape}"
        )
    result = np.asarray(y.reshape(len(x)), np.int64)
    bad = np.flatnonzero((result != y.ravel()) | (result < 0) | (result >= classes))
    if len(bad):
        raise ValueError(
            f"y must hold labels from 0 to {classes - 1}, as the model has {classes} classes; "
            f"y[{bad[0]}] is {y.ravel()[bad[0]]}"
        )
    return result


def class_names(classes: Sequence[str] | None, count: int) -> list[str]:
    """The names given, or the classes' numbers.

    Raises:
        ValueError: another number of names than of classes.
    """
    names = range(count) if classes is None else classes
    if len(names) != count:
        raise ValueError(f"classes must be {count} names, got {len(names)}")
    return [str(name) for name in names]


def short(name: str, longest: int) -> str:
    """A name that leaves its neighbours room."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def square(size: int) -> tuple[int, int] | None:
    """Height and width of a square picture of so many numbers, or None."""
    side = math.isqrt(size)
    return (side, side) if side * side == size else None


def pictures(x: Array) -> Array:
    """Samples as pictures (n, height, width[, 3]); those of fractions brought to 0..1.

    Raises:
        ValueError: they are none.
    """
    sides = square(x.shape[1]) if x.ndim == 2 else None
    if sides is not None:
        x = x.reshape(len(x), *sides)
    if x.ndim == 4 and x.shape[3] == 1:
        x = x[..., 0]
    if x.ndim != 3 and not (x.ndim == 4 and x.shape[3] == 3):
        raise ValueError(f"x must hold pictures (n, height, width[, 3]), got shape {x.shape}")
    if x.ndim == 3 or x.dtype == np.uint8:
        return x  # imshow scales gray by itself
    low, high = float(x.min()), float(x.max())
    return (x - low) / (high - low if high > low else 1.0)

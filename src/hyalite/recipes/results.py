"""What a model achieved, as a sentence that needs no knowledge of the field."""

from __future__ import annotations

import numpy as np

from hyalite import checks
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.recipes.metadata import target_offset


def result_sentence(model: Sequential, x: Array, y: Array, what: str) -> str:
    """How many answers are right, or how far off the numbers are.

    Args:
        model: trained.
        x: samples as the model takes them.
        y: labels, or numbers.
        what: the samples are called, such as "test images".
    """
    if model.compiled and model.loss.kind == "regression":
        x = checks.inputs(x, model.network.input_shape)
        predicted = model.predict(x).astype(np.float64) + target_offset(model)
        return numbers_sentence(predicted, np.reshape(y, predicted.shape), what)
    return classes_sentence(model.predict_classes(x), y, what)


def numbers_sentence(predicted: Array, y: Array, what: str) -> str:
    """How far off predicted numbers are."""
    off = np.abs(predicted - y)
    low, high = format_number(y.min()), format_number(y.max())
    return (
        f"Off by {format_number(off.mean())} on average and by {format_number(off.max())} at "
        f"most on {len(y):,} {what}, whose values go from {low} to {high}."
    )


def classes_sentence(labels: Array, y: Array, what: str) -> str:
    """How many predicted classes are right."""
    right = int(np.count_nonzero(labels == y))
    return f"{right:,} of {len(y):,} {what} right: {100 * right / len(y):.2f} %."


def format_number(value: float) -> str:
    """A few digits, and never an exponent for what one can count."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.3g}"

"""What a model achieved, as a sentence that needs no knowledge of the field."""

from __future__ import annotations

import numpy as np

from hyalite import checks
from hyalite.model import Sequential
from hyalite.parameters import Array


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
        off = np.abs(model.predict(x).astype(np.float64) - y)
        return (
            f"Off by {off.mean():.2g} on average and by {off.max():.2g} at most on {len(x):,} "
            f"{what}, whose values go from {y.min():.2g} to {y.max():.2g}."
        )
    right = int(np.count_nonzero(model.predict_classes(x) == y))
    return f"{right:,} of {len(x):,} {what} right: {100 * right / len(x):.2f} %."

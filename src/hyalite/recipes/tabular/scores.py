"""How good answers are: what chooses weights, penalties and temperatures, the less the better."""

from __future__ import annotations

import numpy as np

from hyalite.parameters import Array

SMALLEST = 1e-7  # a probability; its logarithm is taken


def loss(answers: Array, y: Array, weight: Array, metric: str = "log_loss") -> float:
    """The weighted mean over rows of -ln p of the true class, of misses, or the root mean square.

    Args:
        answers: probabilities (n, classes), or numbers (n,).
        y: labels or numbers (n,).
        weight: what each row counts (n,).
        metric: of classes, "accuracy" counts the misses, all else is the log loss.
    """
    if answers.ndim == 1:
        return float(np.sqrt(np.average((answers - y) ** 2, weights=weight)))
    if metric == "accuracy":
        return float(np.average(answers.argmax(axis=1) != y, weights=weight))
    chosen = answers[np.arange(len(y)), y].clip(SMALLEST, 1)
    return float(np.average(-np.log(chosen), weights=weight))

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


def evaluation(answers: Array, y: Array) -> dict[str, float]:
    """What answers are worth: "log_loss" and "accuracy"; or "rmse", "mean_absolute_error", "r2".

    Args:
        answers: probabilities (n, classes) or numbers (n,).
        y: labels or numbers (n,).
    """
    every = np.ones(len(y))
    if answers.ndim == 2:
        misses = loss(answers, y, every, "accuracy")
        return {"log_loss": loss(answers, y, every), "accuracy": 1 - misses}
    off, spread = answers - y, float(((y - y.mean()) ** 2).sum())
    return {
        "rmse": loss(answers, y, every),
        "mean_absolute_error": float(np.abs(off).mean()),
        "r2": 1 - float((off**2).sum()) / spread if spread else 0.0,
    }


def report_figures(answers: Array, y: Array) -> dict[str, float]:
    """The figures of a `Report`, by the names that it has for them."""
    found = evaluation(answers, y)
    if answers.ndim == 2:
        return {"accuracy": found["accuracy"], "log loss": found["log_loss"]}
    return {"mean error": found["mean_absolute_error"], "R²": found["r2"]}

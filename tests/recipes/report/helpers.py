"""Evidence to report on: classes with three ways to predict, and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from hyalite.recipes.report import Column, Curves, Evidence, Inside, Intervals, Way

NASTY = ["<script>alert(1)</script>", "\x1b[31mred", "城市 & 村", "\"quoted'", "a" * 200, "$x$"]


def answers(y: np.ndarray, classes: int, right: float, seed: int) -> np.ndarray:
    """Probabilities that prefer the true class, the more so the larger `right` is."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(len(y), classes)) + right * (y[:, None] == np.arange(classes))
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def of_classes(n: int = 300, classes: int = 3, rights: Any = (3.0, 1.0), **more: Any) -> Evidence:
    """The network's and the linear model's answers, beside shares."""
    y = np.random.default_rng(0).integers(0, classes, n)
    shares = np.bincount(y, minlength=classes) / n
    given = {
        "name": "things",
        "target": "kind",
        "classes": tuple(f"kind {k}" for k in range(classes)),
        "y": y,
        "network": Way("this network", answers(y, classes, rights[0], 1)),
        "linear": Way("logistic regression", answers(y, classes, rights[1], 2)),
        "trivial": Way("always 'kind 0'", np.tile(shares, (n, 1))),
    }
    return Evidence(**{**given, **more})


def of_numbers(n: int = 300, noises: Any = (1.0, 2.0), **more: Any) -> Evidence:
    """The network's and the ridge regression's answers, off by so much."""
    rng = np.random.default_rng(0)
    y = rng.normal(100, 10, n)
    p = y + rng.normal(0, noises[0], n)
    given = {
        "name": "houses",
        "target": "price",
        "y": y,
        "network": Way("this network", p),
        "linear": Way("ridge regression", y + rng.normal(0, noises[1], n)),
        "trivial": Way("always the mean", np.full(n, 100.0)),
        "intervals": Intervals(p - 1.645 * noises[0], p + 1.645 * noises[0], 0.9),
    }
    return Evidence(**{**given, **more})


def inside(evidence: Evidence, nasty: bool = False) -> Inside:
    """A model y = 2·x0 + (3 where the category is "b"), or its classes by logits, and its columns.

    Its date and its last number say nothing.
    """
    rng, n, m = np.random.default_rng(3), len(evidence.y), 400
    number, texts = rng.normal(size=n + m), rng.choice(["a", "b", None], n + m).astype(object)
    dates = np.datetime64("2020-01-01", "us") + rng.integers(0, 1500, n + m).astype("m8[D]")
    other = np.where(rng.random(n + m) < 0.2, np.nan, rng.normal(size=n + m))
    x = np.column_stack([number, texts == "b", dates.astype(float), np.nan_to_num(other)])
    names = NASTY[:4] if nasty else ["size", "place", "built", "noise"]
    kinds = ("number", "category", "date", "number")
    columns = [
        Column(name, kind, [place], values[:n], values[n:])
        for place, (name, kind, values) in enumerate(
            zip(names, kinds, (number, texts, dates, other), strict=True)
        )
    ]

    def predict(x: np.ndarray) -> np.ndarray:
        y = 2 * x[:, 0] + 3 * x[:, 1]
        if not evidence.classes:
            return y
        logits = np.column_stack([y] + [np.zeros(len(x))] * (len(evidence.classes) - 1))
        return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)

    y_training = rng.choice(evidence.y, m)
    return Inside(x[:n], predict, columns, x[n:], y_training)


CURVES = Curves("log loss", {"training": [3.0, 2.0, 1.0], "validation": [3.0, 2.5, None]}, 2)

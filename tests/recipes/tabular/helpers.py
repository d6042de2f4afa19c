"""Small tables, and a training that takes a moment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hyalite.data.tables.schema import Schema
from hyalite.recipes.tabular import effort
from hyalite.recipes.tabular.effort import Options
from hyalite.recipes.tabular.problem import Problem

OPTIONS = Options(effort="quick", engine="numpy", n_jobs=1)


def problem(rows: int = 60, *, classes: int = 0, categories: int = 0, seed: int = 0) -> Problem:
    """Three numbers, a 0 or 1, perhaps a category; the target goes straight with the first two."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4)).astype(np.float32)
    x[:, 3] = x[:, 3] > 0
    schema = Schema((0, 1, 2), (3,), ())
    y = 2 * x[:, 0] - x[:, 1] + 0.1 * rng.normal(size=rows)
    if categories:
        drawn = rng.integers(categories, size=rows)
        x = np.column_stack([x, drawn]).astype(np.float32)
        schema = schema._replace(categories=((4, categories),))
        y = y + 3 * (drawn == 1)
    if not classes:
        return Problem(x, 100 + 10 * y.astype(np.float64), schema, 0, metric="rmse")
    edges = np.quantile(y, np.arange(1, classes) / classes)
    return Problem(x, np.searchsorted(edges, y).astype(np.int64), schema, classes)


def few_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings of some epochs of a tiny network, for all efforts."""
    tiny = effort.TD.but(units=8, layers=1)
    monkeypatch.setattr(effort, "EPOCHS", dict.fromkeys(effort.EFFORTS, (2, 3)))
    monkeypatch.setattr(effort, "TD", tiny)
    monkeypatch.setattr(effort, "QUICK", tiny)
    monkeypatch.setattr(effort, "QUICK_FEW", tiny)
    monkeypatch.setattr(effort, "LOGARITHM", replace(tiny, log=True))
    monkeypatch.setattr(effort, "PORTFOLIO", (tiny, replace(tiny, embedding=False)))

"""From a table and its targets to a `TabularModel`, with what was found on rows kept back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hyalite.data.tables import Preparation
from hyalite.parameters import Array
from hyalite.recipes.tabular.ensemble import TabularModel
from hyalite.recipes.tabular.problem import Problem, schema_of
from hyalite.recipes.tabular.training import Mixture, train_mixture


@dataclass(frozen=True)
class Fitted:
    """A trained model, and what its training gave.

    Attributes:
        model: that predicts.
        mixture: with the answers for the rows that were kept back.
        problem: what it was trained on.
    """

    model: TabularModel
    mixture: Mixture
    problem: Problem


def fit_rows(
    table: Any,
    y: Array,
    preparation: Preparation,
    *,
    weight: Array | None = None,
    groups: Array | None = None,
    metric: str = "log_loss",
    effort: str = "default",
    time_limit: float | None = None,
    seed: int = 0,
    n_jobs: int | None = None,
    engine: str = "auto",
    say: Callable[[str], object] = lambda text: None,
) -> Fitted:
    """Train on the rows of a table; the arguments are those of `train_mixture`.

    Args:
        table: the rows.
        y: their labels, int64 (n,), or numbers, float64 (n,).
        preparation: learned from these rows.
        weight: what each counts (n,), or None.
        groups: rows of one are not torn apart by a cut (n,), or None.
        metric: that the epoch is chosen by: "log_loss", "accuracy" or "rmse".
        effort, time_limit, seed, n_jobs, engine, say: see `train_mixture`.
    """
    x = preparation.x(table)
    classes = len(getattr(preparation.target, "known", ()))
    if weight is not None:
        weight = weight / weight.mean()
    problem = Problem(x, y, schema_of(preparation, x), classes, weight, groups, metric)
    mixture = train_mixture(
        problem,
        effort=effort,
        time_limit=time_limit,
        seed=seed,
        n_jobs=n_jobs,
        engine=engine,
        say=say,
    )
    model = TabularModel(
        preparation,
        mixture.members,
        mixture.weights,
        temperature=mixture.temperature,
        threshold=mixture.threshold,
        intervals=mixture.intervals,
        metadata={"effort": effort, "rows": len(problem), "losses": mixture.losses},
    )
    model.use_engine(engine)
    return Fitted(model, mixture, problem)

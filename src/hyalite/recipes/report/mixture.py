"""The report of a table's mixture: its answers for rows kept back as evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hyalite.data.tables import Table
from hyalite.recipes.report.evidence import Evidence, Inside, Intervals, Way
from hyalite.recipes.report.trained import columns_of, notes_of, uses

if TYPE_CHECKING:
    from hyalite.recipes.tabular.fitting import TrainedTable

COVERAGE = 0.9  # of the intervals that are measured


def evidence_of_mixture(
    trained: TrainedTable, table: Table, name: str, model_file: str | Path
) -> Evidence:
    """What is known of a mixture.

    Args:
        trained: by `fit_table`.
        table: the rows that it was trained on, those with the target.
        name: of the data.
        model_file: where the model is, for the commands to copy.
    """
    preparation, plan = trained.model.preparation, trained.mixture.plan
    ways = [Way(called, given) for called, given in trained.answers.items()]
    folds = plan.folds > 1
    rows = f"{len(trained.problem):,} rows"
    return Evidence(
        name=name,
        target=preparation.target.name,
        classes=trained.classes,
        y=trained.y,
        network=ways[0],
        linear=ways[1],
        trivial=ways[-1],
        rows="rows kept back",
        kept="each unseen by the networks that predicted it" if folds else "which no network saw",
        intervals=_intervals(trained),
        read=preparation.describe(),
        notes=notes_of(preparation),
        inside=_inside(trained, table),
        facts={
            "trained on": f"all {rows}" if folds else f"four fifths of {rows}",
            "how": plan.describe(),
            "mixture of": trained.mixture.shares_text,
        },
        uses=uses(model_file, bool(trained.classes), intervals=not trained.classes),
    )


def _inside(trained: TrainedTable, table: Table) -> Inside:
    problem, rows = trained.problem, trained.mixture.rows
    preparation, folds = trained.model.preparation, trained.mixture.plan.folds > 1
    if folds:  # each row is trained on by some of the networks
        columns = columns_of(preparation, table.take(rows))
        return Inside(problem.x[rows], trained.model.outputs, columns, seen=True)
    others = np.setdiff1d(np.arange(len(problem)), rows)
    columns = columns_of(preparation, table.take(rows), table.take(others))
    x, y = problem.x, problem.y
    return Inside(x[rows], trained.model.outputs, columns, x[others], y[others])


def _intervals(trained: TrainedTable) -> Intervals | None:
    """Intervals learned from half of the rows for the other half: their own would fit too well."""
    learned, y = trained.mixture.intervals, trained.y
    if learned is None or len(y) < 2:
        return None
    predicted, widths = trained.mixture.answers, np.empty(len(y))
    order = np.random.default_rng(0).permutation(len(y))
    halves = order[: len(y) // 2], order[len(y) // 2 :]
    for own, other in (halves, halves[::-1]):
        widths[other] = (
            type(learned).learn(predicted[own], y[own]).widths(predicted[other], COVERAGE)
        )
    return Intervals(predicted - widths, predicted + widths, COVERAGE)

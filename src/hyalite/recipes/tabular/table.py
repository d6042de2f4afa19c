"""From a file or a data frame to a trained mixture: what `fit_table` does by default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hyalite.config import nearest
from hyalite.data.tables import Preparation, Table
from hyalite.parameters import Array
from hyalite.recipes.tables import column_lines
from hyalite.recipes.tabular.effort import Options
from hyalite.recipes.tabular.fitting import TrainedTable, class_weights, fit_rows

GROUPS = "it says which rows belong together"


def fit_mixture(
    frame: Any,
    target: str,
    options: Options,
    *,
    groups: str | None = None,
    class_weight: Mapping[str, float] | str | None = None,
    **columns: Any,
) -> TrainedTable:
    """Train networks and a linear model to predict one column of a table; see `fit_table`.

    Args:
        frame: the table; rows without the target are not used.
        target: the column to predict.
        options: how it is run.
        groups: a column whose equal values keep rows together in the cuts; no input is made of it.
        class_weight: what the rows of a class count, by its name, or "balanced".
        columns: how the columns are understood, as `tables.Preparation.learn` takes it by name.
    """
    ignored = {str(name) for name in columns.get("ignore", ())}
    table = Table.of(frame, lambda name: name not in ignored)
    if groups is not None:
        groups = str(groups)
        if groups == str(target):
            raise ValueError(f"groups: {groups!r} is the target; name another column")
        if groups not in table:
            names = table.column_names
            raise ValueError(
                f"groups: there is no column {groups!r}. {nearest(groups, names)}The columns are "
                f"{', '.join(names)}"
            )
        columns["ignore"] = {**dict.fromkeys(columns.get("ignore", ()), "ignored"), groups: GROUPS}
    preparation = Preparation.learn(table, target, **columns)
    known = preparation.labelled(table)
    count = len(preparation.columns)
    what = f"{len(known):,} rows, predicts {target!r} from {count} column{'s' * (count > 1)}"
    options.say("\n".join([what, *column_lines(preparation)]))
    y = preparation.y(known)
    weight = None
    classes = tuple(getattr(preparation.target, "known", ()))
    if class_weight is not None:
        if not classes:
            raise ValueError("class_weight needs classes, and the target is numbers")
        weight = class_weights(y, classes, class_weight)
    trained = fit_rows(
        known,
        y,
        preparation,
        options,
        weight=weight,
        groups=None if groups is None else _names(known[groups]),
        metric="log_loss" if classes else "rmse",
    )
    trained.table = known
    return trained


def _names(values: Array) -> Array:
    """Values as texts; what is missing is a group of its own each time."""
    return np.array([f"row {n}" if v is None or v != v else f"= {v}" for n, v in enumerate(values)])

"""A mixture for a pack: its networks read the rows from disk, all else is learned from a sample."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from hyalite.data.tables.packs.pack import Pack
from hyalite.data.tables.targets import ClassTarget
from hyalite.recipes.packs import check_pack, sample_of
from hyalite.recipes.tabular.effort import Options
from hyalite.recipes.tabular.fitting import TrainedTable, class_weights, fit_problem
from hyalite.recipes.tabular.problem import Problem

SAMPLE_ROWS = 100_000  # training rows in memory: for the linear model, and the target's scale


def fit_pack(
    pack: Pack,
    options: Options,
    class_weight: Mapping[str, float] | str | None = None,
    metric: str | None = None,
) -> TrainedTable:
    """Train networks and a linear model on a pack; see `fit_table`.

    Where there are no more than 100,000 training rows all are taken into memory, and the cuts are
    those of a table. Of more the networks read the training rows from disk, and epoch, weights and
    intervals are chosen by the pack's validation rows.

    Args:
        pack: opened.
        options: how it is run.
        class_weight: what the rows of a class count, by its name, or "balanced".
        metric: that the epoch is chosen by; None for the usual one.

    Raises:
        ValueError: a pack of arrays, or without validation rows.
    """
    began = time.perf_counter()
    check_pack(pack)
    assert pack.preparation is not None
    x, y = sample_of(pack, SAMPLE_ROWS)
    x_kept, y_kept = pack.validation
    count, in_memory = len(x), len(x) == len(pack)
    classes = pack.classes if isinstance(pack.preparation.target, ClassTarget) else ()
    x, y = np.concatenate([x, x_kept]), np.concatenate([y, y_kept])
    if classes:
        y = y.astype(np.int64)
    weight, factors = None, None
    if class_weight is not None:
        if not classes:
            raise ValueError("class_weight needs classes, and the target is numbers")
        by_class = class_weights(np.arange(len(classes)), classes, class_weight)
        if class_weight == "balanced":
            counts = np.array(pack.class_counts)
            by_class = len(pack) / (len(classes) * counts.clip(1))
        assert by_class is not None
        factors = {label: float(factor) for label, factor in enumerate(by_class)}
        weight = by_class[y] / by_class[y].mean()
    problem = Problem(
        x,
        y,
        pack.preparation.schema,
        len(classes),
        weight,
        metric=metric or ("log_loss" if classes else "rmse"),
        source=None if in_memory else pack,
        kept=None if in_memory else np.arange(count, len(x)),
        class_weight=factors,
    )
    rows = pack.manifest.rows
    options.say(
        f"{rows['training']:,} rows on disk, and {rows['validation']:,} for validation; predicts "
        f"{pack.preparation.target.name!r} from {len(pack.preparation.columns)} columns"
    )
    return fit_problem(problem, pack.preparation, options, began)


def refuse_with_pack(**arguments: Any) -> None:
    """Refuse what was decided when the pack was made.

    Raises:
        ValueError: naming the first that is given.
    """
    for name, value in arguments.items():
        if value not in (None, (), {}, "auto"):
            raise ValueError(
                f"{name} is said when a table is packed, not when it is trained on, got {value!r}"
            )

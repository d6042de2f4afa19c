"""The report of what `fit_table` trained: its rows and answers as evidence."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite.data.tables import Preparation, Table
from hyalite.data.tables.category_texts import TextFormat
from hyalite.data.tables.column import Column as PreparedColumn
from hyalite.parameters import Array
from hyalite.recipes.metadata import target_offset
from hyalite.recipes.report.evidence import Column, Curves, Evidence, Inside, Way
from hyalite.recipes.tables import TableDataset

if TYPE_CHECKING:
    from hyalite.recipes.trained import Trained

DAY_MICROSECONDS = 86_400_000_000  # microseconds


def evidence_of(
    trained: Trained, answers: Mapping[str, Array], model_file: str | Path = "model.safetensors"
) -> Evidence:
    """What is known of a model that was trained on a table.

    Args:
        trained: by `fit_table`.
        answers: of each way to predict for the validation rows, the network's first, the trivial
            one's last, as `baselines.all_answers` gives them.
        model_file: where the model is, for the commands to copy.
    """
    dataset = trained.dataset
    assert isinstance(dataset, TableDataset)
    ways = [Way(name, given) for name, given in answers.items()]
    return Evidence(
        name=dataset.name,
        target=dataset.preparation.target.name,
        classes=dataset.classes,
        y=dataset.y_test,
        network=ways[0],
        linear=ways[1] if len(ways) > 2 else None,
        trivial=ways[-1],
        rows=f"{dataset.part} {dataset.noun}",
        read=dataset.preparation.describe(),
        notes=notes_of(dataset.preparation),
        inside=_inside(dataset, trained),
        curves=_curves(dataset, trained),
        facts={
            "trained on": f"{dataset.rows:,} rows; the validation rows were kept apart",
            "network": str(trained.model).splitlines()[-1].partition(";")[0],
            "how": trained.recipe.describe(dataset),
        },
        uses=uses(model_file, bool(dataset.classes)),
    )


def notes_of(preparation: Preparation) -> list[str]:
    """What was seen of the table when it was read: cells that are no values, columns left out."""
    left_out = preparation.left_out.items()
    return [*preparation.remarks, *(f"Left out: {name!r}, {why}." for name, why in left_out)]


def uses(model_file: str | Path, classes: bool, intervals: bool = False) -> dict[str, str]:
    """How to use the model, as lines to copy."""
    path = Path(model_file).as_posix()
    lines = [
        "import hyalite as hy",
        "",
        f"model = hy.recipes.load({path!r})",
        'model.predict("new.csv")  # or a data frame of pandas, polars or pyarrow',
    ]
    lines += ['model.predict_proba("new.csv")  # the columns are model.classes'] * classes
    lines += ['model.predict_interval("new.csv", coverage=0.9)'] * intervals
    quoted = shlex.quote(path)
    commands = [
        f"hyalite predict {quoted} new.csv --output predictions.csv",
        f"hyalite evaluate {quoted} labelled.csv",
    ]
    return {
        "In Python": "\n".join(lines),
        "On the command line": "\n".join(commands),
    }


def columns_of(
    preparation: Preparation, rows: Table, training: Table | None = None
) -> list[Column]:
    """The columns that a preparation reads, with their values as they are understood.

    Args:
        preparation: of the columns.
        rows: of the evidence.
        training: the rows trained on, where the others were cut off them.
    """
    groups = preparation.groups
    return [
        Column(
            column.name,
            _kind(column),
            groups[column.name],
            _values(column, rows[column.name]),
            None if training is None else _values(column, training[column.name]),
        )
        for column in preparation.columns
    ]


def _inside(dataset: TableDataset, trained: Trained) -> Inside | None:
    if dataset.raw is None or dataset.raw_test is None:
        return None
    columns = columns_of(dataset.preparation, dataset.raw_test, dataset.raw)
    offset = target_offset(trained.model)

    def predict(x: Array) -> Array:
        found = trained.model.predict(x)
        return found if dataset.classes else found[:, 0].astype(np.float64) + offset

    return Inside(dataset.x_test, predict, columns, dataset.x, dataset.y)


def _kind(column: PreparedColumn) -> Any:
    return column.kind if column.kind in ("number", "date") else "category"


def _values(column: PreparedColumn, cells: Array) -> Array:
    found = column.format.read(cells)
    if column.kind == "date":
        known = np.isfinite(found)
        moments = np.where(known, found, 0) * DAY_MICROSECONDS
        moments = moments.round().astype(np.int64).astype("M8[us]")
        moments[~known] = np.datetime64("NaT")
        return moments
    if column.kind == "number" or found.dtype == object:
        return found
    return TextFormat().typed(found)


def _curves(dataset: TableDataset, trained: Trained) -> Curves | None:
    """Log loss, or the mean error in the target's own unit."""
    history = trained.history.history
    if dataset.classes:
        name, what, scale = "loss", "log loss", 1.0
        training = history.get("data_loss") or history.get(name)
    else:
        name, what, scale = "mean_absolute_error", "mean error", dataset.target.scale
        training = history.get(name)
    if not training:
        return None
    series = {"training": training}
    if history.get(f"val_{name}"):
        series[dataset.part] = history[f"val_{name}"]
    scaled = {
        key: [None if value is None else scale * value for value in found]
        for key, found in series.items()
    }
    return Curves(what, scaled, trained.history.best_epoch)

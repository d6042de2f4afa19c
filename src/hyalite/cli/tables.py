"""Tables on the command line: cut for training, prepared for a saved model, and predicted."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.cli.arguments import is_table
from hyalite.cli.results import number
from hyalite.cli.tasks import VALIDATION_SHARE, Task
from hyalite.config import from_config, to_config
from hyalite.data import tables
from hyalite.data.split import split_rows
from hyalite.data.tables.columns import Classes, Quantity
from hyalite.errors import require
from hyalite.files.replacing import replace
from hyalite.importance import Importance, permutation_importance
from hyalite.layers import Layer, Rescaling
from hyalite.loading import REGISTRY
from hyalite.model import Sequential
from hyalite.parameters import Array

MOST_SHUFFLED = 2000  # rows to measure what columns are worth on


@dataclass(frozen=True, kw_only=True)
class TableTask(Task):
    """Rows to train on and rows to validate on.

    Attributes:
        preparation: learned from the former.
        truth: the latter's targets in their own unit; y and y_test are standardised numbers.
    """

    preparation: tables.Preparation
    truth: Array

    @property
    def quantity(self) -> Quantity:
        """The target where it is numbers."""
        target = self.preparation.target
        assert isinstance(target, Quantity)
        return target

    def describe(self) -> str:
        """What there is, and what of it is left out."""
        target = self.preparation.target
        what = f"{target.name!r}, "
        what += f"{len(self.classes)} classes" if self.classes else "a number"
        columns, inputs = len(self.preparation.columns), self.x.shape[1]
        lines = [
            f"{super().describe()}\npredicts {what}, from {columns} column{'s' * (columns > 1)}, "
            f"which become {inputs} input{'s' * (inputs > 1)}"
        ]
        lines += [f"left out: {name!r}, {why}" for name, why in self.preparation.left_out.items()]
        if not self.classes:
            lines.append(
                f"losses and errors while it trains are in standard deviations, "
                f"{number(self.quantity.scale)} of {target.name!r}"
            )
        return "\n".join(lines)

    def finished(self, model: Sequential) -> Sequential:
        """The trained model with its output in the target's own unit, and the columns in its file.

        Training goes better with numbers about 1; who uses the model wants them as they are.
        """
        if not self.classes:
            model = with_end(model, Rescaling(self.quantity.scale, self.quantity.mean))
        self.preparation.store(model)
        return model

    def importance(self, model: Sequential) -> Importance:
        """What each column is worth to the finished model, on some validation rows."""
        x, y = self.x_test[:MOST_SHUFFLED], self.truth[:MOST_SHUFFLED]
        return permutation_importance(model, x, y, self.preparation.groups)


def with_end(model: Sequential, layer: Layer) -> Sequential:
    """A model with one more layer at its end, and the same numbers before it."""
    layers = from_config(to_config(model.layers), REGISTRY)
    longer = Sequential([*layers, layer], dtype=model.network.dtype)
    longer.build(model.network.input_shape, seed=model.network.clock.seed)
    longer.theta[...] = model.theta
    longer.state[...] = model.state
    longer.compile(model.loss, model.optimizer, model.metrics, engine=model.engine)
    longer.history, longer.metadata = model.history, dict(model.metadata)
    return longer


def load_table(
    path: Path,
    target: str | None,
    *,
    task: str = "auto",
    categories: Sequence[str] = (),
    ignore: Sequence[str] = (),
    encoding: str = "utf-8",
    seed: int = 0,
) -> TableTask:
    """Read a table and cut it, by class where the target is classes.

    Raises:
        ValueError: no target is named, or as `tables.Preparation.learn`.
        FileFormatError: no readable table.
        MissingExtra: pyarrow or narwhals is not installed.
    """
    table = tables.read(path, encoding=encoding)
    names = ", ".join(table.column_names)
    if target is None:
        raise ValueError(f"say what to predict, as --target COLUMN; the columns are {names}")
    learned: dict[str, Any] = {"categories": categories, "ignore": ignore}
    known = tables.known_rows(table, target)
    # What the classes are, and which columns say nothing, is seen in all rows; everything else is
    # learned from the training rows alone.
    whole = tables.Preparation.learn(known, target, task=task, **learned)
    y = whole.y(known)
    classes = whole.target.known if isinstance(whole.target, Classes) else ()
    rows, kept = split_rows(len(y), VALIDATION_SHARE, y if classes else None, seed)
    training, validation = known[rows.tolist()], known[kept.tolist()]
    learned["ignore"] = list(whole.left_out)
    preparation = tables.Preparation.learn(training, target, task=whole.target.task, **learned)
    preparation.left_out |= whole.left_out
    if classes:
        preparation.target = whole.target
    standard = y
    if isinstance(preparation.target, Quantity):
        standard = (y - preparation.target.mean) / preparation.target.scale
    return TableTask(
        name=path.stem,
        kind="rows",
        x=preparation.x(training),
        y=standard[rows],
        x_test=preparation.x(validation),
        y_test=standard[kept],
        classes=classes,
        part="validation",
        preparation=preparation,
        truth=y[kept],
    )


def table_data(model: Sequential, path: Path, encoding: str = "utf-8") -> tuple[Array, Array, str]:
    """Inputs and targets from a table's rows that have the target, and what they are in words."""
    preparation = tables.of_model(model)
    known = tables.known_rows(tables.read(path, encoding=encoding), preparation.target.name)
    return preparation.x(known), preparation.y(known), f"rows of {path}"


def with_predictions(model: Sequential, rows: Any) -> Any:
    """A pyarrow table and beside it what the model says of each row.

    Classes come with the probability of each.
    """
    arrow = require("pyarrow", extra="tables", purpose="writing tables")
    preparation = tables.of_model(model)
    target = preparation.target
    predicted = model.predict(preparation.x(rows)).astype(np.float64)
    if isinstance(target, Classes):
        best = [target.known[place] for place in predicted.argmax(axis=1)]
        added = {f"predicted {target.name}": arrow.array(best)}
        for place, name in enumerate(target.known):
            shares = predicted[:, place].round(6)
            added[f"probability of {target.name} = {name}"] = arrow.array(shares)
    else:
        added = {f"predicted {target.name}": arrow.array(_digits(predicted[:, 0]))}
    for name, values in added.items():
        while name in rows.column_names:
            name += " (2)"
        rows = rows.append_column(name, values)
    return rows


def write_table(table: Any, path: Path) -> None:
    """A table as CSV or Parquet, after its name's ending; all or nothing.

    Raises:
        ValueError: another ending.
        OSError: it cannot be written; an older file is then untouched.
    """
    from pyarrow import csv, parquet

    if not is_table(path):
        raise ValueError(f"{path}: name a file that ends in .csv, .tsv or .parquet")
    content = io.BytesIO()
    if path.suffix.lower() in (".parquet", ".pq"):
        parquet.write_table(table, content)
    else:
        separator = "\t" if path.suffix.lower() == ".tsv" else ","
        options = csv.WriteOptions(delimiter=separator, quoting_style="needed")
        csv.write_csv(table, content, options)
    replace(path, content.getvalue())


def first_rows(table: Any, count: int) -> str:
    """The first rows as lines, each with its number."""
    rows = [["row", *table.column_names]]
    for place, row in enumerate(table.slice(0, count).to_pylist(), start=1):
        texts = (f"{v:.6g}" if isinstance(v, float) else v for v in row.values())
        rows.append([f"{place:,}", *texts])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))
        for row in rows
    )


def _digits(values: Array) -> Array:
    """Numbers with the seven digits that float32 has, so that a file does not pretend more."""
    return np.array([float(f"{value:.7g}") for value in values])

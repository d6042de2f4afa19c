"""Tables as the command line writes them: rows with predictions, as files and on the screen."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.cli.arguments import is_table
from hyalite.errors import require
from hyalite.files.replacing import replace
from hyalite.parameters import Array
from hyalite.recipes.pipelines import RowModel
from hyalite.text import text_table


def with_predictions(pipeline: RowModel, rows: Any) -> Any:
    """A pyarrow table and beside it what the model says of each row.

    Classes come with the probability of each.
    """
    arrow = require("pyarrow", extra="tables", purpose="writing tables")
    target = pipeline.preparation.target.name
    if pipeline.classes:
        shares = pipeline.predict_proba(rows)
        best = [pipeline.classes[label] for label in shares.argmax(axis=1)]
        added = {f"predicted {target}": arrow.array(best)}
        for label, name in enumerate(pipeline.classes):
            added[f"probability of {target} = {name}"] = arrow.array(shares[:, label].round(6))
    else:
        added = {f"predicted {target}": arrow.array(_digits(pipeline.predict(rows)))}
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
    return text_table(rows, ">" * len(rows[0]))


def _digits(values: Array) -> Array:
    """Numbers with the seven digits that float32 has, so that a file does not pretend more."""
    return np.array([float(f"{value:.7g}") for value in values])

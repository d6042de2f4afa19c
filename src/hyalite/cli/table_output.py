"""Tables as the command line writes them: the user's rows as they stand, and predictions."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.data.tables import Table
from hyalite.data.tables.reading import DELIMITED, PARQUET, ReadOptions, delimited, kind_of, parquet
from hyalite.data.tables.reading.cells import text_of
from hyalite.data.tables.reading.source import MAX_BYTES
from hyalite.errors import FileFormatError
from hyalite.files.replacing import replace
from hyalite.recipes.pipelines import RowModel
from hyalite.text import shown, text_table
from hyalite.translation import translated

Columns = dict[str, Sequence[Any]]


def predictions(pipeline: RowModel, rows: Table) -> Columns:
    """What the model says of each row, as columns; classes come with the probability of each."""
    target = pipeline.preparation.target.name
    added: Columns = {}
    if pipeline.classes:
        shares = pipeline.predict_proba(rows)
        best = [pipeline.classes[label] for label in shares.argmax(axis=1)]
        added[_new(f"predicted {target}", rows)] = best
        for label, name in enumerate(pipeline.classes):
            share = shares[:, label].astype(np.float64).round(6)
            added[_new(f"probability of {target} = {name}", rows)] = share.tolist()
    else:
        predicted = pipeline.preparation.target.digits(pipeline.predict(rows))  # type: ignore[union-attr]
        added[_new(f"predicted {target}", rows)] = predicted.tolist()
    return added


def write_rows(path: Path, source: Path, options: ReadOptions, rows: Table, added: Columns) -> None:
    """The rows of `source` and the added columns as CSV or Parquet, after the name's ending.

    What was read is written letter for letter, or in its own type: it is taken from the file anew,
    since `rows` are what was made of it. A comma, semicolon or bar goes on to separate, instead of
    tabs and blanks a comma; a .tsv has tabs. All or nothing.

    Args:
        path: of the new file.
        source: that the rows were read from.
        options: it was read with.
        rows: of it.
        added: by name, a value for each row.

    Raises:
        ValueError: another ending.
        FileFormatError: `source` has other rows by now.
        OSError: it cannot be written; an older file is then untouched.
    """
    kind = path.suffix.lower()
    if kind not in (*DELIMITED, *PARQUET):
        raise ValueError(f"{path}: name a file that ends in .csv, .tsv or .parquet")
    if kind in PARQUET:
        content = _parquet(path, source, rows, added)
    else:
        with _as_texts(source, options, rows) as (header, texts, delimiter):
            if kind == ".tsv" or delimiter in "\t ":
                delimiter = "\t" if kind == ".tsv" else ","
            content = _csv(source, header, texts, added, delimiter)
    replace(path, content)


def first_rows(added: Columns, count: int) -> str:
    """The first rows as lines, each with its number."""
    names = [shown(name) for name in added]
    lines = [[translated("row"), *names]]
    for place, row in enumerate(zip(*added.values(), strict=True), start=1):
        if place > count:
            break
        texts = (f"{v:.6g}" if isinstance(v, float) else shown(v) for v in row)
        lines.append([f"{place:,}", *texts])
    return text_table(lines, ">" * len(lines[0]))


@contextmanager
def _as_texts(
    source: Path, options: ReadOptions, rows: Table
) -> Iterator[tuple[list[str], Iterable[list[str]], str]]:
    """Names, rows and delimiter of a file, as texts."""
    kind = kind_of(source)
    max_bytes = options.get("max_bytes", MAX_BYTES)
    if kind in DELIMITED:
        encoding, delimiter = options.get("encoding"), options.get("delimiter")
        with delimited.opened(source, encoding, delimiter, max_bytes) as file:
            yield file.header, file.rest, file.dialect.delimiter
    elif kind in PARQUET:
        with parquet.opened(source, max_bytes=max_bytes) as (connection, name):
            yield rows.column_names, parquet.texts(connection, name), ","
    else:
        cells = zip(*(_texts_of(rows[name]) for name in rows.column_names), strict=True)
        yield rows.column_names, map(list, cells), ","


def _csv(
    source: Path, header: list[str], rows: Iterable[list[str]], added: Columns, delimiter: str
) -> bytes:
    file = io.StringIO()
    write = csv.writer(file, delimiter=delimiter, lineterminator="\n").writerow
    write([*header, *added])
    new = list(zip(*map(_texts_of, added.values()), strict=True))
    try:
        for old, more in zip(rows, new, strict=True):
            write([*old, *more])
    except ValueError as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(f"{source}: it has changed since its rows were read") from None
    return file.getvalue().encode()


def _parquet(path: Path, source: Path, rows: Table, added: Columns) -> bytes:
    columns = {name: np.array(values, None if _numbers(values) else object)
               for name, values in added.items()}  # fmt: skip
    with tempfile.TemporaryDirectory(dir=path.resolve().parent, prefix=f".{path.name}.") as folder:
        file = Path(folder) / "table.parquet"
        if kind_of(source) in PARQUET:
            parquet.write_beside(file, source, columns)
        else:
            parquet.write(file, {**rows.columns, **columns})
        return file.read_bytes()


def _texts_of(values: Any) -> list[str]:
    """Cells as they are written; '' where one is missing."""
    values = values.tolist() if isinstance(values, np.ndarray) else values
    return ["" if value is None or value != value else text_of(value) for value in values]


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, float) for value in values)


def _new(name: str, rows: Table) -> str:
    """A name that no column has."""
    while name in rows:
        name += " (2)"
    return name

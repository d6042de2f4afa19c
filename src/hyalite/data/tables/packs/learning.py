"""How the columns of files are prepared: learned from a sample of their rows, in one pass.

The sample are the rows with the smallest keys, so it is a fair one, and the same whatever is in
memory at a time; of few rows it is all of them, and then what is learned is what a training on the
table in memory learns. Two things no sample tells are counted in all rows: which classes there are,
and how many rows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.data.tables.category_texts import TextFormat
from hyalite.data.tables.formats import is_missing
from hyalite.data.tables.learning import check_column
from hyalite.data.tables.packs.buckets import SAMPLE, keys
from hyalite.data.tables.preparation import Preparation
from hyalite.data.tables.reading import pieces
from hyalite.data.tables.reading.cells import text_of
from hyalite.data.tables.table import Table
from hyalite.data.tables.targets import ClassTarget
from hyalite.errors import FileFormatError
from hyalite.parameters import Array

SAMPLE_ROWS, SAMPLE_CELLS = 100_000, 1_000_000  # at most, of few and of many columns
LEAST_ROWS = 2_000  # of the sample, however many columns
MOST_VALUES = 10_000  # different ones of a target, beyond which they are no classes
CELL_BYTES = 120  # that a cell takes while it is read: Python's text, and its places


@dataclass
class Learned:
    """What one pass over the files told.

    Attributes:
        preparation: of the columns; its figures are those of the sample's training rows.
        file_rows: of each file.
        masked: embedded columns in which the sample has no "(other)".
    """

    preparation: Preparation
    file_rows: list[int]
    masked: list[int]


def tables_of(
    path: Path, most_rows: int, columns: Sequence[str] | None, options: Mapping[str, Any]
) -> Iterator[Table]:
    """A file's rows, so many at a time.

    Raises:
        FileFormatError: it lacks a column that the first file has.
    """
    for table in pieces(path, most_rows, max_bytes=sys.maxsize, **options):
        lacking = [name for name in columns or () if name not in table]
        if lacking:
            raise FileFormatError(f"{path}: there is no column {lacking[0]!r}, as in other files")
        yield table


def rows_at_a_time(files: Sequence[Path], memory: int, options: Mapping[str, Any]) -> int:
    """How many rows of a file may be held as a table."""
    first = next(pieces(files[0], 1, max_bytes=sys.maxsize, **options))
    return max(100, min(50_000, memory // 6 // (CELL_BYTES * first.num_columns)))


def learn(
    files: Sequence[Path],
    target: str,
    most_rows: int,
    seed: int,
    validation: Any,
    reading: Mapping[str, Any],
    understanding: Mapping[str, Any],
) -> Learned:
    """Look at all rows once.

    Args:
        files: of the table.
        target: the column to predict.
        most_rows: that are read at a time.
        seed: of the sample.
        validation: says of row numbers and how many rows there are which are for validation.
        reading: how files are read, as `tables.read` takes it by name.
        understanding: what columns are, as `Preparation.learn` takes it by name.
    """
    sample, values = _Sample(seed), _Values(target)
    counts: list[int] = []
    names: list[str] | None = None
    for path in files:
        count = 0
        for table in tables_of(path, most_rows, names, reading):
            names = names or table.column_names
            check_column(target, table.column_names)
            sample.add(table.select(names), sum(counts) + count)
            values.add(table[target])
            count += len(table)
        counts.append(count)
    table, numbers = sample.table()
    whole = Preparation.learn(table, target, **understanding)
    if isinstance(whole.target, ClassTarget):
        classes = values.classes(whole.target)
        if set(classes) > set(whole.target.known):
            whole = Preparation.learn(table, target, **understanding, classes=classes)
    training = ~validation(numbers, sum(counts)) & whole.target.there(table[target])
    known = table.take(training)
    preparation = whole.refit(known)
    x = preparation.x(known)
    masked = [place for place, _ in preparation.schema.categories if x[:, place].all()]
    return Learned(preparation, counts, masked)


class _Sample:
    """The rows with the smallest keys so far."""

    def __init__(self, seed: int) -> None:
        self.seed, self.limit = seed, np.uint64(2**64 - 1)
        self.held: list[tuple[Array, Array, Table]] = []  # keys, row numbers, rows
        self.count = 0

    def add(self, table: Table, first: int) -> None:
        numbers = np.arange(first, first + len(table))
        own = keys(self.seed, SAMPLE, numbers)
        small = own <= self.limit
        if small.any():
            self.held.append((own[small], numbers[small], table.take(small)))
            self.count += int(small.sum())
        most = max(LEAST_ROWS, min(SAMPLE_ROWS, SAMPLE_CELLS // table.num_columns))
        if self.count > most + most // 4:
            self._prune(most)
        self.most = most

    def _prune(self, most: int) -> None:
        own = np.concatenate([held[0] for held in self.held])
        self.limit = np.partition(own, most - 1)[most - 1]
        kept = [(k, n, t, k <= self.limit) for k, n, t in self.held]
        self.held = [(k[m], n[m], t.take(m)) for k, n, t, m in kept if m.any()]
        self.count = most

    def table(self) -> tuple[Table, Array]:
        """The rows in their order, and their numbers among all."""
        if not self.held:
            raise FileFormatError("there are no rows in these files")
        if self.count > self.most:
            self._prune(self.most)
        return joined([t for _, _, t in self.held]), np.concatenate([n for _, n, _ in self.held])


class _Values:
    """The different cells of a target, while they may be classes."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.found: dict[str, Array] = {}  # by the kind of their dtype
        self.many = False

    def add(self, column: Array) -> None:
        if self.many:
            return
        column = column[~is_missing(column)]
        kind = column.dtype.kind
        new = np.array(sorted(set(column)), object) if kind == "O" else np.unique(column)
        before = self.found.get(kind, new[:0])
        self.found[kind] = np.union1d(before, new)
        self.many = sum(map(len, self.found.values())) > MOST_VALUES

    def classes(self, target: ClassTarget) -> list[str]:
        """All classes, in the order that `ClassTarget.learn` has them in.

        Raises:
            ValueError: they are too many for classes.
        """
        if self.many:
            raise ValueError(
                f"the target {self.target!r} has more than {MOST_VALUES:,} different values, which "
                "are no classes; choose the task regression (--task), or another column"
            )
        found: set[str] = set()
        numbers = True
        for column in self.found.values():
            read = target.format.read(column)
            numbers &= read.dtype.kind == "f"
            texts = read if read.dtype.kind == "O" else TextFormat().typed(read)
            found |= {text for text in texts if text is not None}
        return sorted(found, key=float) if numbers else sorted(found)


def joined(tables: Sequence[Table]) -> Table:
    """The rows of tables of the same columns; where their types differ, numbers or texts."""
    first = tables[0]
    columns = {}
    for name in first.column_names:
        parts = [table[name] for table in tables]
        kinds = {part.dtype.kind for part in parts}
        if len(kinds) > 1 and kinds != {"i", "f"}:
            parts = [_as_texts(part) for part in parts]
        columns[name] = np.concatenate(parts)
    return Table(
        columns,
        delimiter=first.delimiter,
        row_numbers=np.concatenate([table.row_numbers for table in tables]),
        categories=frozenset().union(*(table.categories for table in tables)),
        codes=frozenset().union(*(table.codes for table in tables)),
    )


def _as_texts(column: Array) -> Array:
    if column.dtype.kind == "O":
        return column
    found = np.empty(len(column), object)
    gaps = is_missing(column)
    found[:] = [None if gap else text_of(v) for v, gap in zip(column.tolist(), gaps, strict=True)]
    return found

"""What is packed: rows of a table's files, or of arrays, with their numbers among all."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from hyalite import checks
from hyalite.data.block_samples import is_source
from hyalite.data.tables.packs.buckets import MASK, WHOLE, keys
from hyalite.data.tables.packs.learning import Learned, tables_of
from hyalite.data.tables.packs.manifest import X_DTYPES
from hyalite.data.tables.preparation import MASKED_SHARE, Preparation
from hyalite.data.tables.reading import is_table
from hyalite.data.tables.renaming import called
from hyalite.data.tables.targets import ClassTarget
from hyalite.parameters import Array


class Piece(NamedTuple):
    """Some prepared rows.

    Attributes:
        x, y: inputs and targets.
        numbers: of the rows among all, int64 (n,).
        left_out: rows beside these that have no usable target.
        file, row: where the next piece begins.
    """

    x: Array
    y: Array
    numbers: Array
    left_out: int
    file: int
    row: int


class RowsToPack(Protocol):
    """Rows that can be gone through from any place."""

    x: Array  # no rows, of the shape and dtype of the inputs
    y: Array  # of the targets
    total: int  # rows, those without a target among them

    def pieces(self, file: int, row: int) -> Iterator[Piece]:
        """From a row of a file on."""


class TableRows:
    """The rows of a table's files, prepared.

    Args:
        files: in their order.
        learned: how their columns are prepared.
        most_rows: that are read at a time.
        seed: of the rows in which a category is hidden, so that "(other)" is trained.
        reading: how files are read.
    """

    def __init__(
        self,
        files: Sequence[Path],
        learned: Learned,
        most_rows: int,
        seed: int,
        reading: Mapping[str, Any],
    ) -> None:
        self.files, self.learned, self.most_rows = files, learned, most_rows
        self.seed, self.reading = seed, reading
        self.x = np.empty((0, len(learned.preparation.features)), np.float32)
        classes = isinstance(learned.preparation.target, ClassTarget)
        self.y = np.empty(0, np.int32 if classes else np.float64)
        self.total = sum(learned.file_rows)

    def pieces(self, file: int, row: int) -> Iterator[Piece]:
        """From a row of a file on."""
        for number in range(file, len(self.files)):
            before, at = sum(self.learned.file_rows[:number]), 0
            for table in tables_of(self.files[number], self.most_rows, None, self.reading):
                at += len(table)
                if at <= row:
                    continue
                rows = np.arange(max(0, len(table) - (at - row)), len(table))
                part = table if len(rows) == len(table) else table.take(rows)
                numbers = np.arange(before + at - len(rows), before + at)
                yield self._piece(part, numbers, number, at)
                row = at
            if at != self.learned.file_rows[number]:
                raise ValueError(
                    f"{self.files[number]} has {at:,} rows, and had "
                    f"{self.learned.file_rows[number]:,} before; do not change it meanwhile"
                )
            row = 0

    def _piece(self, table: Any, numbers: Array, file: int, row: int) -> Piece:
        preparation = self.learned.preparation
        target = preparation.target
        table = called(table, {target.name, *preparation.groups})
        there = target.there(table[target.name])
        if not there.any():
            return Piece(self.x, self.y, numbers[:0], len(there), file, row)
        known, numbers = table.take(there), numbers[there]
        x = preparation.x(known)
        hidden = int(MASKED_SHARE * WHOLE)
        for place in self.learned.masked:
            x[keys(self.seed, MASK + place, numbers) < np.uint64(hidden), place] = 0
        y = preparation.y(known).astype(self.y.dtype)
        return Piece(x, y, numbers, len(there) - len(numbers), file, row)


class ArrayRows:
    """The rows of arrays, of maps, or of a source of one's own.

    Args:
        source: (x, y), or an object with `__len__` and `block`.
        most_bytes: that are read at a time.

    Raises:
        ValueError: no rows, or numbers of a kind that is not trained on.
    """

    def __init__(self, source: Any, most_bytes: int) -> None:
        if isinstance(source, tuple):
            if len(source) != 2:
                raise ValueError(f"source must be (x, y), got {len(source)} arrays")
            x, y = (np.asanyarray(one) for one in source)
            checks.same_length(x, y, ("x", "y"))
            self.total = len(x)
            self._block: Callable[[int, int], Any] = partial(_rows_between, x, y)
        else:
            self.total, self._block = len(source), source.block
        if not self.total:
            raise ValueError("source has no rows")
        one, label = self._taken(0, 1)
        self.x, self.y = one[:0], label[:0]
        self.most_rows = max(1, most_bytes // (one.nbytes + label.nbytes))

    def _taken(self, start: int, stop: int) -> tuple[Array, Array]:
        found = self._block(start, stop)
        x, y = checks.inputs(found[0], None, "x"), checks.targets(found[1], "y")
        if x.dtype.name not in X_DTYPES:
            x = x.astype(np.float32)
        if y.dtype.kind in "iub" and y.ndim == 1:
            if y.size and (y.min() < 0 or y.max() >= 2**31):
                raise ValueError(f"y has labels from {y.min()} to {y.max()}; they count from 0")
            y = y.astype(np.int32)
        elif y.dtype.name not in ("float32", "float64"):
            y = y.astype(np.float32)
        # in the machine's own order of bytes, which is that of the files
        x, y = (one.astype(one.dtype.newbyteorder("="), copy=False) for one in (x, y))
        return np.ascontiguousarray(x), np.ascontiguousarray(y)

    def pieces(self, file: int, row: int) -> Iterator[Piece]:
        """From a row on."""
        for start in range(row, self.total, self.most_rows):
            stop = min(self.total, start + self.most_rows)
            x, y = self._taken(start, stop)
            yield Piece(x, y, np.arange(start, stop), 0, 0, stop)

    def digest(self) -> str:
        """Some of the rows, as a checksum."""
        found = hashlib.sha256()
        pieces = min(64, self.total)
        for number in range(pieces):
            start = number * self.total // pieces
            for one in self._taken(start, min(self.total, start + 16)):
                found.update(one.tobytes())
        return found.hexdigest()


def _rows_between(x: Array, y: Array, start: int, stop: int) -> tuple[Array, Array]:
    return x[start:stop], y[start:stop]


def files_of(source: Any) -> list[Path] | None:
    """The files that are named, each once, in the order of their names; None of arrays.

    Args:
        source: a path, a pattern such as "trips/*.parquet", a folder, or several of these.

    Raises:
        ValueError: a pattern or folder that names no table.
        FileNotFoundError: no such file.
    """
    if isinstance(source, tuple) and not all(isinstance(one, str | os.PathLike) for one in source):
        return None
    if isinstance(source, np.ndarray):
        raise ValueError("source must be (x, y), got one array; give inputs and targets")
    if is_source(source):
        return None
    named = [source] if isinstance(source, str | os.PathLike) else list(source)
    found: dict[str, Path] = {}
    for one in named:
        path = Path(one)
        if path.is_dir():
            inside = [file for file in sorted(path.iterdir()) if is_table(file)]
        elif path.exists() or not glob.has_magic(str(one)):
            path.stat()
            inside = [path]
        else:
            inside = [Path(file) for file in sorted(glob.glob(str(one), recursive=True))]
        if not inside:
            raise ValueError(f"{one} names no file of a table")
        found |= {str(file.resolve()): file for file in inside}
    return list(found.values())


def described(files: Sequence[Path]) -> list[dict[str, Any]]:
    """What tells files from changed ones."""
    return [
        {"name": file.name, "bytes": file.stat().st_size, "changed": file.stat().st_mtime_ns}
        for file in files
    ]


def preparation_of(rows: RowsToPack) -> Preparation | None:
    """Of a table's rows."""
    return rows.learned.preparation if isinstance(rows, TableRows) else None

"""CSV and its kin as columns of texts, by Python's own reader of them.

It is as fast here as DuckDB and pyarrow, since what takes the time is a Python text for each cell,
and it keeps every cell as it stands: docs/decisions.md has what the three did with forty files.
"""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from hyalite.data.tables.reading.dialect import Dialect, sniff
from hyalite.data.tables.reading.names import column_names
from hyalite.data.tables.reading.source import text_of
from hyalite.data.tables.table import Table
from hyalite.errors import FileFormatError
from hyalite.parameters import Array
from hyalite.text import shown

LONGEST_LINE = 1 << 24  # characters; more of them would be taken for one cell, and held at once
MOST_ROWS, CELLS = 500, 1 << 16  # that are read at a time
FEW, LEAST = 0.1, 1000  # share of different cells up to which equal ones are held once


class Rows(NamedTuple):
    """A file that is open: its first row, the rest without blank lines, and the csv reader."""

    dialect: Dialect
    header: list[str]
    rest: Iterator[list[str]]
    reader: Any


def read(path: Path, encoding: str | None, delimiter: str | None, max_bytes: int) -> Table:
    """The table of a file; every column is of texts."""
    return next(pieces(path, encoding, delimiter, max_bytes, None))


def pieces(
    path: Path, encoding: str | None, delimiter: str | None, max_bytes: int, most: int | None
) -> Iterator[Table]:
    """The table of a file, about so many rows at a time; None for all. One at least comes."""
    with opened(path, encoding, delimiter, max_bytes) as file:
        names = column_names(path, file.header)
        first = file.dialect.skipped + 2  # the header's number as users count, and one more
        columns, uneven, some = _Columns(len(names)), False, False
        # few rows at a time: Python's garbage collector looks at them when they are many
        count = min(MOST_ROWS, max(1, CELLS // len(names)), most or MOST_ROWS)
        try:
            while rows := list(islice(file.rest, count)):
                columns.add(rows)
                if most is not None and len(columns.cells[0]) >= most:
                    some, held = True, len(columns.cells[0])
                    yield columns.table(names, first, file.dialect)
                    columns, first = _Columns(len(names)), first + held
        except (csv.Error, ValueError) as error:
            if isinstance(error, FileFormatError | UnicodeError):
                raise
            uneven = True
        if not uneven and (columns.cells[0] or not some):
            yield columns.table(names, first, file.dialect)
    if uneven:
        _name_the_line(path, encoding, delimiter, max_bytes)


@contextlib.contextmanager
def opened(
    path: Path, encoding: str | None, delimiter: str | None, max_bytes: int
) -> Iterator[Rows]:
    """A file's rows as they stand, one after the other; blank lines and what is above are skipped.

    Raises:
        FileFormatError: without a header; or as `text_of`.
        ValueError: a delimiter that is none.
    """
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise ValueError(
            f"delimiter must be one character, such as ',' or ';' or a tab, got {delimiter!r}"
        )
    with text_of(path, encoding, max_bytes) as text:
        dialect = sniff(text, delimiter, blanks=".txt" in path.name.lower())
    with text_of(path, encoding, max_bytes) as text:
        for _ in range(dialect.skipped):
            text.readline(LONGEST_LINE)
        reader = dialect.rows(lines_of(text))
        try:
            header: list[str] = next(reader, [])
        except csv.Error as error:
            raise _refused(path, dialect.skipped + 1, error) from None
        if not header:
            raise FileFormatError(f"{path}: no table, the file is empty")
        if any("\0" in cell for cell in header):
            raise FileFormatError(
                f"{path}: no table, or one in UTF-16: there are zero bytes in its header; name the "
                "encoding, such as utf-16-le"
            )
        header += [""] * dialect.trailing
        yield Rows(dialect, header, _rows(reader, len(header)), reader)


def lines_of(text: IO[str]) -> Any:
    """The lines, none longer than what is held at once."""
    return iter(partial(text.readline, LONGEST_LINE), "")


def _rows(reader: Any, width: int) -> Iterator[list[str]]:
    """The rows without blank lines."""
    if width > 1:
        yield from filter(_says_something, reader)
        return
    blank = 0
    for row in reader:
        if not row:
            blank += 1  # an empty cell, unless the file ends here
            continue
        for _ in range(blank):
            yield [""]
        blank = 0
        yield row


def _says_something(row: list[str]) -> bool:
    return len(row) > 1 or bool(row and row[0].strip())


class _Columns:
    """The cells read so far, column by column; equal ones of few different are one object."""

    def __init__(self, width: int) -> None:
        self.cells: list[list[str]] = [[] for _ in range(width)]
        self.known: list[dict[str, str] | None] = [{} for _ in range(width)]

    def add(self, rows: list[list[str]]) -> None:
        """Some rows.

        Raises:
            ValueError: a row has another number of cells.
        """
        for at, column in enumerate(zip(*rows, [""] * len(self.cells), strict=True)):
            known, cells = self.known[at], self.cells[at]
            if known is None:
                cells.extend(column[:-1])
                continue
            cells.extend(map(known.setdefault, column[:-1], column[:-1]))
            if len(known) > FEW * max(len(cells), LEAST):
                self.known[at] = None

    def table(self, names: list[str], first: int, dialect: Dialect) -> Table:
        """The rows as a table, which are let go of here; `first` is the first one's number."""
        numbers = np.arange(first, first + len(self.cells[0]))
        columns = dict(zip(names, self.arrays(), strict=True))
        return Table(columns, delimiter=dialect.delimiter, row_numbers=numbers)

    def arrays(self) -> Iterator[Array]:
        """Each column, which is let go of here."""
        self.cells.reverse()
        while self.cells:
            column = self.cells.pop()
            found = np.empty(len(column), object)
            found[:] = column
            yield found


def _name_the_line(path: Path, encoding: str | None, delimiter: str | None, max_bytes: int) -> None:
    """Read anew, row by row, and say which line cannot be read.

    Raises:
        FileFormatError: with the line.
    """
    with opened(path, encoding, delimiter, max_bytes) as file:
        above, width = file.dialect.skipped + 1, len(file.header)
        line = above + file.reader.line_num
        try:
            for row in file.reader:
                if len(row) != width and _says_something(row):
                    raise _uneven(path, line, row, width, file.dialect.delimiter)
                line = above + file.reader.line_num
        except csv.Error as error:
            raise _refused(path, line, error) from None


def _uneven(path: Path, line: int, row: list[str], width: int, delimiter: str) -> FileFormatError:
    begins = ", ".join(repr(shown(cell, 20)) for cell in row[:3])
    return FileFormatError(
        f"{path}, line {line:,}: {_counted(len(row))} ({begins}{', ...' * (len(row) > 3)}), but "
        f"the header has {width}, with {delimiter!r} between cells; mend or remove the line, or "
        "name the delimiter"
    )


def _counted(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells:,} cells"


def _refused(path: Path, line: int, error: csv.Error) -> FileFormatError:
    text = str(error)
    if "end of data" in text or "limit" in text:
        text = "a quotation mark is never closed, or a cell has more than 131,072 characters"
    elif "expected after" in text:
        text = "a quotation mark within a quoted cell must be doubled"
    return FileFormatError(f"{path}, line {line:,}: {text}")

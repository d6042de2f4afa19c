"""A sheet of an Excel file as columns, through openpyxl.

python-calamine is ten times as fast, but 5 kB that name a cell far away let it end the process, and
it drops the cells with errors; openpyxl reads row by row, so that what is held can be counted.
"""

from __future__ import annotations

import contextlib
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.data.tables.reading.cells import column_of, text_of
from hyalite.data.tables.reading.names import column_names
from hyalite.data.tables.reading.source import too_large
from hyalite.data.tables.table import Table
from hyalite.errors import FileFormatError, require
from hyalite.text import shown

CELL_BYTES = 64  # that a cell takes, roughly
MOST_ROWS = 1 << 20  # of a sheet, as Excel has it


def read(path: Path, sheet: str | int | None, max_bytes: int) -> Table:
    """The table of a sheet.

    The header is the first row with more than one cell, or the first row with any where none has
    more; rows without cells, and columns without any, are none.
    """
    with _sheet(path, sheet, max_bytes) as found:
        rows = list(_rows(path, found, max_bytes))
    several = (at for at, (_, row) in enumerate(rows) if sum(c is not None for c in row) > 1)
    rows = rows[next(several, 0) :]
    if not rows:
        raise FileFormatError(f"{path}: no table, the sheet is empty")
    width = max(len(row) for _, row in rows)
    if width * len(rows) * CELL_BYTES > max_bytes:
        raise too_large(path, width * len(rows) * CELL_BYTES, max_bytes, "its sheet takes ")
    cells = list(zip(*(row + [None] * (width - len(row)) for _, row in rows), strict=True))
    used = [column for column in cells if any(cell is not None for cell in column)]
    names = column_names(path, (c[0] if c[0] is None else text_of(c[0]) for c in used))
    columns = {name: column_of(path, name, c[1:]) for name, c in zip(names, used, strict=True)}
    return Table(columns, row_numbers=np.array([number for number, _ in rows[1:]], np.int64))


@contextlib.contextmanager
def _sheet(path: Path, sheet: str | int | None, max_bytes: int) -> Iterator[Any]:
    openpyxl = require("openpyxl", extra="excel", purpose="reading an Excel file")
    book = None
    try:
        with zipfile.ZipFile(path) as parts:
            # zipfile never unpacks more than a part declares
            declared = sum(part.file_size for part in parts.infolist())
        if declared > max_bytes:
            raise too_large(path, declared, max_bytes, "declares ")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of features that it leaves out, such as drawings
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            yield _chosen(path, book, sheet)
    except (FileFormatError, MemoryError):
        raise
    except OSError as error:
        if error.errno is not None:
            raise
        raise FileFormatError(f"{path}: no readable Excel file: {_plain(error)}") from None
    except Exception as error:
        # it raises whatever it stumbles over: KeyError of a missing part, ParseError, TypeError
        raise FileFormatError(f"{path}: no readable Excel file: {_plain(error)}") from None
    finally:
        if book is not None:
            book.close()


def _chosen(path: Path, book: Any, sheet: str | int | None) -> Any:
    found = book.worksheets
    names = [one.title for one in found]
    if sheet is None and found:
        return found[0]
    if isinstance(sheet, str) and sheet in names:
        return found[names.index(sheet)]
    if isinstance(sheet, str) and sheet.isdecimal():
        sheet = int(sheet)
    if isinstance(sheet, int) and 0 <= sheet < len(found):
        return found[sheet]
    there = ", ".join(repr(shown(name)) for name in names) or "none"
    raise FileFormatError(f"{path}: there is no sheet {sheet!r}; the sheets are {there}")


def _rows(path: Path, sheet: Any, max_bytes: int) -> Iterator[tuple[int, list[Any]]]:
    """Those that are not empty, each with its number."""
    sheet.reset_dimensions()  # those that the file declares may be any
    rest = max_bytes // CELL_BYTES
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = list(row)
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        rest -= len(cells)
        if rest < 0 or number > MOST_ROWS:
            raise FileFormatError(f"{path}: more cells than max_bytes={max_bytes:,} have room for")
        if cells:
            yield number, cells


def _plain(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__

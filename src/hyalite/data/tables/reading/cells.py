"""Python's values, as JSON and Excel give them cell by cell, as columns of one type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.errors import FileFormatError
from hyalite.parameters import Array
from hyalite.text import shown

TRUTH = {True: "true", False: "false"}
LARGEST = 1 << 63
MIDNIGHT = dt.time()


def column_of(path: Path, name: str, cells: Sequence[Any]) -> Array:
    """Numbers, truths, dates or durations where all cells are such; else texts. None is a gap.

    Raises:
        FileFormatError: a cell holds a list or an object.
    """
    types = {type(cell) for cell in cells if cell is not None}
    for nested in (list, dict):
        if nested in types:
            raise FileFormatError(
                f"{path}: column {shown(name)!r} holds lists or objects; write each of their parts "
                "as a column"
            )
    gaps = any(cell is None for cell in cells)
    if types == {bool} and not gaps:
        return np.array(cells, bool)
    if types and types <= {int, float}:
        return _numbers(cells, types, gaps)
    if types and types <= {dt.datetime, dt.date}:
        return np.array([_naive(cell) for cell in cells], "M8[us]")
    if types and types <= {dt.time, dt.timedelta}:
        return np.array([_duration(cell) for cell in cells], "m8[us]")
    found = np.empty(len(cells), object)
    found[:] = [None if cell is None else text_of(cell) for cell in cells]
    return found


def text_of(cell: Any) -> str:
    """A value as it would be written."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return TRUTH[cell]
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e16:
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == MIDNIGHT:
        return str(cell.date())
    return str(cell)


def _numbers(cells: Sequence[Any], types: set[type], gaps: bool) -> Array:
    if types == {int} and not gaps and all(-LARGEST <= cell < LARGEST for cell in cells):
        return np.array(cells, np.int64)
    return np.array([np.nan if cell is None else _float(cell) for cell in cells], np.float64)


def _float(cell: float) -> float:
    try:
        return float(cell)
    except OverflowError:  # a whole number of more than 308 digits
        return np.nan


def _naive(cell: dt.date | None) -> Any:
    if isinstance(cell, dt.datetime) and cell.tzinfo is not None:
        return cell.astimezone(dt.UTC).replace(tzinfo=None)
    return cell


def _duration(cell: dt.time | dt.timedelta | None) -> dt.timedelta | None:
    if isinstance(cell, dt.time):
        return dt.datetime.combine(dt.date.min, cell.replace(tzinfo=None)) - dt.datetime.min
    return cell

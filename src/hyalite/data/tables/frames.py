"""From a data frame of any library, or an array, to the columns of a `Table`."""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import numbers
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from hyalite.errors import require
from hyalite.parameters import Array

LARGEST_WHOLE = 1 << 53  # float64 holds every whole number up to here
TRUTHS = {True: "true", False: "false"}


class NoSingleValues(ValueError):
    """A column whose cells are lists or records."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(
            f"column {name!r} holds {kind}s, which are no single values; give each of their parts "
            "a column of its own, or leave the column out"
        )


def columns_of(
    frame: Any, needed: Callable[[str], bool] = lambda name: True
) -> tuple[dict[str, Array], frozenset[str]]:
    """The columns by name, and the names of those whose type says that they are categories.

    Names that are no texts (0, 1, 2) become texts. A column of lists or records is refused where it
    is needed, and empty else.

    Raises:
        ValueError: no data frame, two columns of one name, or a column whose cells are lists,
            records or other things that are no value.
        MissingExtra: narwhals is not installed.
    """
    columns: dict[str, Array] = {}
    categories = set()
    for name, dtype, series in _series_of(frame):
        if name in columns:
            raise ValueError(f"the table's columns must have different names: two are {name!r}")
        try:
            columns[name] = _values(name, dtype, series)
        except NoSingleValues:
            if needed(name):
                raise
            columns[name] = np.full(len(series), None, object)
        if dtype in ("Categorical", "Enum"):
            categories.add(name)
    return columns, frozenset(categories)


def codes_among(columns: Mapping[str, Array]) -> frozenset[str]:
    """The columns of texts that are whole numbers, where others are numbers by their type.

    A frame without any may be a file that was read as texts throughout, which says nothing.
    """
    if not any(values.dtype.kind in "if" for values in columns.values()):
        return frozenset()
    return frozenset(
        name
        for name, values in columns.items()
        if values.dtype.kind == "O"
        and all(text is None or text.isdecimal() for text in values)
        and any(text is not None for text in values)
    )


def _series_of(frame: Any) -> Iterator[tuple[str, str, Any]]:
    """Name, kind and cells of each column."""
    if isinstance(frame, np.ndarray):
        if frame.ndim != 2:
            raise ValueError(f"an array of rows must have shape (n, columns), got {frame.shape}")
        for place in range(frame.shape[1]):
            yield str(place), "Array", frame[:, place]
        return
    narwhals = require("narwhals", extra="tables", purpose="reading data frames")
    try:
        table = narwhals.from_native(frame, eager_only=True)
    except TypeError:
        raise ValueError(
            f"expected a data frame of pandas, polars or pyarrow, got {type(frame).__name__}"
        ) from None
    except narwhals.exceptions.DuplicateError as error:
        raise ValueError(f"the table's columns must have different names: {error}") from None
    for series in table.iter_columns():
        dtype = type(series.dtype).__name__
        name = series.name
        text = " ".join(map(str, name)) if isinstance(name, tuple) else str(name)
        yield text, dtype, series


def _values(name: str, dtype: str, series: Any) -> Array:
    """A column as one of the arrays that a `Table` holds."""
    if dtype == "Array" and isinstance(series, np.ndarray):
        return _typed(series) if series.dtype.kind in "fiubMm" else of_objects(name, series)
    if dtype in ("List", "Struct", "Array"):
        raise NoSingleValues(name, dtype.lower())
    if dtype in ("Decimal", "Int128", "UInt128"):  # NumPy has no such types
        return of_objects(name, series.to_list())
    if series.dtype.is_numeric():
        return _numbers(series)
    if dtype == "Boolean" and not series.null_count():
        return np.array(series.to_numpy(), bool)
    if dtype in ("Date", "Datetime"):
        return _dates(series)
    if dtype in ("Duration", "Time"):
        return of_objects(name, series.to_list())
    if dtype == "Unknown":  # sparse columns of pandas, among others
        dense = np.asarray(series.to_native())
        if dense.dtype.kind in "fiubMm":
            return _typed(dense)
    return of_objects(name, series.to_list())


def _typed(found: Array) -> Array:
    """A NumPy array of numbers, truths or dates in the form that a `Table` holds."""
    kind = found.dtype.kind
    if kind in "Mm":
        return found.astype(f"{kind}8[us]")
    if kind == "b":
        return found.astype(bool)
    if kind == "f" or (kind == "u" and found.max(initial=0) >= 1 << 63):
        return found.astype(np.float64)
    return found.astype(np.int64)


def _numbers(series: Any) -> Array:
    if series.dtype.is_integer() and not series.null_count():
        found = np.asarray(series.to_numpy())
        if found.dtype.kind in "iu":
            return _typed(found)
    try:
        found = np.array(series.to_numpy(), np.float64)
    except (TypeError, ValueError):  # gaps as objects of their own
        cells = series.to_list()
        return np.array([np.nan if _is_missing(cell) else float(cell) for cell in cells])
    if series.null_count():
        found[np.asarray(series.is_null().to_numpy(), bool)] = np.nan
    return found


def _dates(series: Any) -> Array:
    """datetime64[us]; of a time in a zone that of UTC."""
    if getattr(series.dtype, "time_zone", None) is None:
        return np.array(series.to_numpy(), "datetime64[us]")
    return _moments(series.to_list())


def _moments(cells: list[Any]) -> Array:
    found = np.full(len(cells), "NaT", "datetime64[us]")
    for place, cell in enumerate(cells):
        if cell is None or cell != cell:
            continue
        if isinstance(cell, dt.datetime) and cell.tzinfo is not None:
            cell = cell.astimezone(dt.UTC).replace(tzinfo=None)
        found[place] = np.datetime64(cell, "us")
    return found


def of_objects(name: str, cells: Any) -> Array:
    """Cells of any Python type: one type gives an array of it, mixed ones become texts.

    Raises:
        ValueError: lists, records, complex numbers.
    """
    cells = [None if _is_missing(cell) else cell for cell in cells]
    there = [cell for cell in cells if cell is not None]
    kinds = set(map(type, there))
    if not kinds or kinds <= {str}:
        return _texts(cells)
    if all(issubclass(kind, bool | np.bool_) for kind in kinds):
        if len(there) == len(cells):
            return np.array(cells, bool)
    elif all(_is_number(kind) for kind in kinds):
        if len(there) == len(cells) and all(issubclass(kind, numbers.Integral) for kind in kinds):
            whole = [int(cell) for cell in cells]
            if max(map(abs, whole)) < 1 << 63:
                return np.array(whole, np.int64)
        return np.array([np.nan if cell is None else float(cell) for cell in cells], np.float64)
    elif all(issubclass(kind, dt.date | np.datetime64) for kind in kinds):
        return _moments(cells)
    elif all(issubclass(kind, dt.time | dt.timedelta | np.timedelta64) for kind in kinds):
        return np.array([_duration(cell) for cell in cells], "timedelta64[us]")
    return _texts([None if cell is None else _text(name, cell) for cell in cells])


def _texts(cells: list[Any]) -> Array:
    found = np.empty(len(cells), object)
    found[:] = cells
    return found


def _is_missing(cell: Any) -> bool:
    if cell is None:
        return True
    if isinstance(cell, str | bytes | list | tuple | dict | set | np.ndarray):
        return False
    return type(cell).__name__ in ("NAType", "NaTType") or bool(cell != cell)


def _is_number(kind: type) -> bool:
    wanted = numbers.Real | decimal.Decimal | fractions.Fraction | np.integer | np.floating
    return issubclass(kind, wanted) and not issubclass(kind, bool)


def _duration(cell: Any) -> Any:
    if cell is None:
        return np.timedelta64("NaT", "us")
    if isinstance(cell, dt.time):
        seconds = 3600 * cell.hour + 60 * cell.minute + cell.second
        return np.timedelta64(1_000_000 * seconds + cell.microsecond, "us")
    return np.timedelta64(cell, "us")


def _text(name: str, cell: Any) -> str:
    """A cell among cells of other types, as a CSV file would have it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, complex | np.complexfloating):
        raise NoSingleValues(name, "complex number")
    if isinstance(cell, list | tuple | dict | set | np.ndarray):
        raise NoSingleValues(name, type(cell).__name__)
    if isinstance(cell, bool | np.bool_):
        return TRUTHS[bool(cell)]
    if _is_number(type(cell)):
        return number_text(float(cell))
    return str(cell)


def number_text(value: float) -> str:
    """3 and 3.0 are "3" in any type of column."""
    if value.is_integer() and abs(value) < LARGEST_WHOLE:
        return str(int(value))
    return repr(float(value))

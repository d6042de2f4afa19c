"""What stands in one column of any data frame, as NumPy arrays in which missing is NaN or None."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from hyalite.parameters import Array

Kind = Literal["number", "category", "datetime", "empty"]
DAY_MICROSECONDS = 86_400_000_000  # microseconds
TRUTH = {True: "true", False: "false"}


def column_kind(series: Any) -> Kind:
    """What a column of narwhals holds; a text of digits is a text."""
    dtype = series.dtype
    if series.null_count() == len(series):
        return "empty"
    if dtype.is_numeric() or type(dtype).__name__ in ("Time", "Duration"):
        return "number"
    if dtype.is_temporal():
        return "datetime"
    return "category"


def numbers(series: Any) -> Array:
    """float64 (n,): seconds of a time or duration; NaN where there is no finite number.

    Raises:
        ValueError: a text that is no number.
    """
    kind = type(series.dtype).__name__
    if series.null_count() == len(series):
        return np.full(len(series), np.nan)
    if kind in ("Time", "Duration"):
        values = np.array([_seconds(value) for value in series.to_list()])
    elif series.dtype.is_numeric():
        values = np.array(series.to_numpy(), np.float64)
        values[series.is_null().to_numpy()] = np.nan
    else:
        values = np.array([_number(value, series.name) for value in series.to_list()])
    values[~np.isfinite(values)] = np.nan
    return values


def texts(series: Any) -> Array:
    """str or None, object (n,); 3 and 3.0 are "3" in any type of column."""
    found = np.empty(len(series), object)
    found[:] = [_text(value) for value in series.to_list()]
    return found


def days(series: Any) -> Array:
    """float64 (n,): days since 1970-01-01; NaN where there is no date.

    Raises:
        ValueError: the column holds no dates.
    """
    if series.null_count() == len(series):
        return np.full(len(series), np.nan)
    if column_kind(series) != "datetime":
        raise ValueError(f"column {series.name!r} must have dates, as in training")
    found = np.array(series.to_numpy(), "datetime64[us]")
    return np.where(np.isnat(found), np.nan, found.astype(np.int64) / DAY_MICROSECONDS)


def _number(value: Any, name: str) -> float:
    if value is None or (isinstance(value, str) and not value.strip()):
        return np.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(
            f"column {name!r} must have numbers, as in training, got {value!r}"
        ) from None


def _seconds(value: Any) -> float:
    if value is None:
        return np.nan
    if hasattr(value, "total_seconds"):
        return float(value.total_seconds())
    return 3600.0 * value.hour + 60 * value.minute + value.second + value.microsecond / 1e6


def _text(value: Any) -> str | None:
    if value is None or value != value:
        return None
    if isinstance(value, bool | np.bool_):
        return TRUTH[bool(value)]
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)

"""A table in memory: named columns of one length, as they stand in a file or a data frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np

from hyalite.parameters import Array

DTYPES = ("O", "f8", "i8", "?", "M8[us]", "m8[us]")


class Table:
    """Named columns of one length.

    Each is a NumPy array (n,) of one of these dtypes:

    - object: texts as they were written, or None where what they came from says "missing";
    - float64: numbers, NaN where one is missing;
    - int64, bool: without gaps;
    - datetime64[us], timedelta64[us]: dates and durations, NaT where one is missing.

    Args:
        columns: by name.

    Raises:
        ValueError: columns of different lengths, of another dtype, or none.

    Examples:
        >>> table = hy.tables.Table({"rooms": np.array([1.0, 3.0]), "town": ["A", None]})
        >>> table.column_names, len(table), table["town"].tolist()
        (['rooms', 'town'], 2, ['A', None])
    """

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self.columns = {name: _column(name, values) for name, values in columns.items()}
        lengths = {name: len(values) for name, values in self.columns.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"columns must be some, and of one length, got {lengths}")

    @property
    def column_names(self) -> list[str]:
        """In their order."""
        return list(self.columns)

    @property
    def num_columns(self) -> int:
        """How many columns."""
        return len(self.columns)

    @property
    def num_rows(self) -> int:
        """How many rows."""
        return len(next(iter(self.columns.values())))

    def __len__(self) -> int:
        return self.num_rows

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def take(self, rows: Array) -> Self:
        """These rows: their numbers, or a truth for each row."""
        return type(self)({name: values[rows] for name, values in self.columns.items()})

    def select(self, names: Iterable[str]) -> Self:
        """These columns."""
        return type(self)({name: self.columns[name] for name in names})


def _column(name: str, values: Any) -> Array:
    if isinstance(values, np.ndarray) and values.ndim == 1:
        if values.dtype.str.lstrip("<>|=") in DTYPES:
            return values
        raise ValueError(f"column {name!r}: dtype {values.dtype} is none of {', '.join(DTYPES)}")
    texts = np.empty(len(values), object)
    texts[:] = list(values)
    return texts

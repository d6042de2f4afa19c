"""A table in memory: named columns of one length, as they stand in a file or a data frame."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import numpy as np

from hyalite.data.tables.frames import codes_among, columns_of
from hyalite.parameters import Array

DTYPES = ("O", "f8", "i8", "?", "b1", "M8[us]", "m8[us]")


class Table:
    """Named columns of one length.

    Each is a NumPy array (n,) of one of these dtypes:

    - object: texts as they were written, or None where what they came from says "missing";
    - float64: numbers, NaN where one is missing;
    - int64, bool: without gaps;
    - datetime64[us], timedelta64[us]: dates and durations, NaT where one is missing.

    Args:
        columns: by name.
        delimiter: between the columns of the file, where they came from one: a semicolon makes
            a comma the likelier decimal sign.
        row_numbers: as users count them, (n,); by default 1, 2, ... Of a file with a line of names
            the first row is 2.
        categories: the columns whose type says that they are categories, whatever they look like.
        codes: columns of texts that are whole numbers, beside others that are numbers by type:
            whoever left them texts means codes, such as those of shops.

    Raises:
        ValueError: columns of different lengths, of another dtype, or none.

    Examples:
        >>> table = hy.tables.Table({"rooms": np.array([1.0, 3.0]), "town": ["A", None]})
        >>> table.column_names, len(table), table["town"].tolist()
        (['rooms', 'town'], 2, ['A', None])
    """

    def __init__(
        self,
        columns: Mapping[str, Any],
        *,
        delimiter: str = "",
        row_numbers: Array | None = None,
        categories: Collection[str] = (),
        codes: Collection[str] = (),
    ) -> None:
        self.columns = {name: _column(name, values) for name, values in columns.items()}
        lengths = {name: len(values) for name, values in self.columns.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"columns must be some, and of one length, got {lengths}")
        self.delimiter = delimiter
        self.categories, self.codes = frozenset(categories), frozenset(codes)
        if row_numbers is None:
            row_numbers = np.arange(1, self.num_rows + 1)
        self.row_numbers = np.asarray(row_numbers)
        if self.row_numbers.shape != (self.num_rows,):
            raise ValueError(
                f"row_numbers must be one for each of {self.num_rows} rows, got shape "
                f"{self.row_numbers.shape}"
            )

    @classmethod
    def of(cls, frame: Any, needed: Callable[[str], bool] = lambda name: True) -> Table:
        """A table from a data frame of pandas, polars, pyarrow or narwhals, or from an array.

        Every kind of column is taken that has one value in a cell: numbers, decimals, truths,
        texts, categories, dates and times, sparse ones, and objects. Times in a zone become those
        of UTC. Names that are no texts become texts; the columns of an array (n, columns) are "0",
        "1", ...

        Args:
            frame: itself.
            needed: says of a column's name whether it is needed; others are empty where they hold
                lists or records.

        Raises:
            ValueError: no data frame; a needed column of lists or records; two columns of one
                name.
            MissingExtra: narwhals is not installed.

        Examples:
            >>> import pyarrow
            >>> table = hy.tables.Table.of(pyarrow.table({"rooms": [1, None], "town": ["A", "B"]}))
            >>> table["rooms"].tolist(), table["town"].tolist()
            ([1.0, nan], ['A', 'B'])
        """
        if isinstance(frame, Table):
            return frame
        columns, categories = columns_of(frame, needed)
        return cls(columns, categories=categories, codes=codes_among(columns))

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

    def to_pydict(self) -> dict[str, list[Any]]:
        """The cells as they are understood: numbers, dates, truths, else texts; None for gaps.

        Examples:
            >>> hy.tables.Table({"rooms": ["1,5", "-"], "sold": ["yes", "no"]}).to_pydict()
            {'rooms': [1.5, None], 'sold': [True, False]}
        """
        # it is understood by files that know tables
        from hyalite.data.tables.understanding import understand

        return {name: found.to_list() for name, found in understand(self).items()}

    def __len__(self) -> int:
        return self.num_rows

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def take(self, rows: Array) -> Table:
        """These rows: their places, or a truth for each row."""
        return self._with(
            {name: values[rows] for name, values in self.columns.items()}, self.row_numbers[rows]
        )

    def select(self, names: Iterable[str]) -> Table:
        """These columns."""
        return self._with({name: self.columns[name] for name in names}, self.row_numbers)

    def _with(self, columns: Mapping[str, Array], row_numbers: Array) -> Table:
        return Table(
            columns,
            delimiter=self.delimiter,
            row_numbers=row_numbers,
            categories=self.categories,
            codes=self.codes,
        )


def _column(name: str, values: Any) -> Array:
    if isinstance(values, np.ndarray) and values.ndim == 1:
        if values.dtype.str.lstrip("<>|=") in DTYPES:
            return values
        raise ValueError(f"column {name!r}: dtype {values.dtype} is none of {', '.join(DTYPES)}")
    texts = np.empty(len(values), object)
    texts[:] = list(values)
    return texts

"""Tables from files: CSV with its separators and missing values, and Parquet, through pyarrow."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hyalite.errors import FileFormatError, require

ENDINGS = (".csv", ".tsv", ".parquet", ".pq")
MAX_BYTES = 1 << 30  # of a table in memory, as far as its file declares it
SEPARATORS = ",;\t|"
MISSING_VALUES = (
    "",
    "NA",
    "N/A",
    "n/a",
    "NaN",
    "nan",
    "-nan",
    "NULL",
    "null",
    "None",
    "#N/A",
    "?",
    "NaT",
)
DATE_FORMATS = ("%Y/%m/%d", "%d.%m.%Y", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M")


def read(
    path: str | os.PathLike[str], *, encoding: str = "utf-8", max_bytes: int = MAX_BYTES
) -> Any:
    """A table from a file, as a pyarrow Table.

    Of CSV the first line names the columns; the separator (comma, semicolon, tab or bar) is the one
    that is most often in it. Types follow from all rows: whole numbers, numbers, true/false, dates
    as 2026-11-21 or 21.11.2026, else text. Missing is an empty field, NA, NaN, null or ``?``.

    Args:
        path: of a .csv, .tsv, .parquet or .pq file.
        encoding: of CSV, such as "gb18030" or "latin-1".
        max_bytes: refuse a larger file, or a Parquet file that declares more.

    Raises:
        FileFormatError: damaged, of another kind, too large, without rows, or with two columns of
            one name.
        OSError: it cannot be read.
        ValueError: an unknown encoding.
        MissingExtra: pyarrow is not installed.

    Examples:
        >>> with open("houses.csv", "w") as file:
        ...     for line in ("rooms;price", "1;1,5", "3;?"):
        ...         print(line, file=file)
        >>> hy.tables.read("houses.csv").to_pydict()
        {'rooms': [1, 3], 'price': [1.5, None]}
    """
    arrow = require("pyarrow", extra="tables", purpose="reading tables")
    path = Path(path)
    size = path.stat().st_size
    if size > max_bytes:
        raise FileFormatError(f"{path}: {size:,} bytes; expected at most max_bytes={max_bytes:,}")
    if path.suffix.lower() not in ENDINGS:
        raise FileFormatError(f"{path}: expected a name that ends in {', '.join(ENDINGS)}")
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            table = _parquet(path, max_bytes)
        else:
            table = _csv(path, encoding, size)
    except (arrow.ArrowException, OSError, UnicodeError, LookupError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the system's own; pyarrow's for damaged files have no number
        text = " ".join(str(error).split())
        if isinstance(error, LookupError) and not isinstance(error, arrow.ArrowException):
            raise ValueError(f"encoding {encoding!r} is unknown") from None
        if "utf8" in text.lower() or isinstance(error, UnicodeError):
            text += "; if its texts are not UTF-8, name their encoding, such as gb18030 or latin-1"
        raise FileFormatError(f"{path}: no readable table: {text}") from None
    if not table.num_rows:
        raise FileFormatError(f"{path}: no rows below the columns' names")
    names = table.column_names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FileFormatError(f"{path}: two columns are named {twice[0]!r}")
    return table


def _parquet(path: Path, max_bytes: int) -> Any:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        about = file.metadata
        declared = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
        # a run of equal values takes no room in the file, but 8 bytes a value in memory
        declared = max(declared, 8 * about.num_rows * about.num_columns)
        if declared > max_bytes:
            raise FileFormatError(
                f"{path}: declares {declared:,} bytes of data; expected at most "
                f"max_bytes={max_bytes:,}"
            )
        return file.read()


def _csv(path: Path, encoding: str, size: int) -> Any:
    from pyarrow import csv

    with path.open(encoding=encoding, newline="") as file:
        head = file.readline()
    separator = max(SEPARATORS, key=head.count)
    # one block, so that a column's type follows from all of its rows
    reading = csv.ReadOptions(encoding=encoding, block_size=min(size + 1024, (1 << 31) - 1))
    parsing = csv.ParseOptions(delimiter=separator, newlines_in_values=True)

    def read(point: str) -> Any:
        converting = csv.ConvertOptions(
            null_values=list(MISSING_VALUES),
            strings_can_be_null=True,
            decimal_point=point,
            timestamp_parsers=[csv.ISO8601, *DATE_FORMATS],
        )
        return csv.read_csv(path, reading, parsing, converting)

    table = read(".")
    if separator == ",":
        return table
    # where a semicolon separates, a comma is often the decimal point
    other = read(",")
    return max(table, other, key=lambda t: sum(_is_number(field.type) for field in t.schema))


def _is_number(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_floating(kind) or types.is_integer(kind))

"""Tables from files: CSV and its kin, Parquet, JSON, Excel, each told by the ending of its name.

Of CSV every cell is a text as it stands in the file; what the texts mean is seen to elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict, Unpack

from hyalite.data.tables.reading import delimited, excel, parquet, records
from hyalite.data.tables.reading.dialect import is_number
from hyalite.data.tables.reading.source import COMPRESSED, MAX_BYTES, check_size
from hyalite.data.tables.table import Table
from hyalite.errors import FileFormatError
from hyalite.text import shown

DELIMITED = (".csv", ".tsv", ".txt")
PARQUET = (".parquet", ".pq")
RECORDS = (".json", ".jsonl", ".ndjson")
EXCEL = (".xlsx", ".xlsm")
ENDINGS = (*DELIMITED, *PARQUET, *RECORDS, *EXCEL)


class ReadOptions(TypedDict, total=False):
    """How a file is read, where it does not say so itself; the arguments of `read`."""

    encoding: str | None
    delimiter: str | None
    sheet: str | int | None
    max_bytes: int


def read(path: str | os.PathLike[str], **options: Unpack[ReadOptions]) -> Table:
    r"""A table from a file.

    **CSV** and its kin become columns of texts, letter for letter as they stand in the file with
    quotation marks resolved; an empty cell is ''. The delimiter is the one of tab, bar, semicolon
    and comma by which the first 200 rows fall into equally many cells; of a .txt where none does,
    blanks, any number of them. Above the header there may
    be ``sep=;``, which is taken at its word, lines that begin with ``#``, and lines of one cell, as
    titles are. Blanks around names go; a name that is empty becomes "column 3", by its place. Lines
    end with \n, \r\n or \r, and blank ones are no rows, but in a table of one column, where one is
    an empty cell unless it is the last. The file may be compressed (gzip, bzip2, xz) whatever its
    name is.

    **Parquet** columns have their types: whole numbers (float64 where some are missing), numbers,
    truths, dates and times, texts; decimals become float64. **JSON** is a list of objects or an
    object a line; **Excel** a sheet of it, formulas by the values that were last computed.

    Args:
        path: the file; its name ends in .csv, .tsv, .txt, .parquet, .pq, .json, .jsonl, .ndjson or
            .xlsx. Of texts also in .gz, .bz2 or .xz after that.
        options: `encoding` of texts, such as "gb18030" or "latin-1"; None is UTF-8, or UTF-16 or
            UTF-32 where the file begins with their mark. `delimiter`, one character, None finds it.
            `sheet` of Excel by name or place from 0, None takes the first. `max_bytes` refuses a
            file that is larger, or says that its data are.

    Raises:
        FileFormatError: damaged, of another kind, too large, without rows; a row with another
            number of cells than the header, which is named by its line; two columns of one name;
            columns of lists or objects.
        OSError: it cannot be read.
        ValueError: an option that does not exist.
        MissingExtra: DuckDB (Parquet) or openpyxl (Excel) is not installed.

    Examples:
        >>> with open("houses.csv", "w") as file:
        ...     for line in ("# exported", '"rooms, all";price', "1;1,5", "03;?"):
        ...         print(line, file=file)
        >>> table = hy.tables.read("houses.csv")
        >>> table.column_names, table["rooms, all"].tolist(), table["price"].tolist()
        (['rooms, all', 'price'], ['1', '03'], ['1,5', '?'])
    """
    unknown = set(options) - set(ReadOptions.__annotations__)
    if unknown:
        raise TypeError(f"read has no argument {min(unknown)!r}")
    path, max_bytes = Path(path), options.get("max_bytes", MAX_BYTES)
    check_size(path, max_bytes)
    encoding, ending = options.get("encoding"), kind_of(path)
    if ending in PARQUET:
        table = parquet.read(path, max_bytes)
    elif ending in EXCEL:
        table = excel.read(path, options.get("sheet"), max_bytes)
    elif ending in RECORDS:
        table = records.read(path, encoding, max_bytes)
    else:
        table = delimited.read(path, encoding, options.get("delimiter"), max_bytes)
    if not table.num_rows:
        raise FileFormatError(f"{path}: no rows below the columns' names")
    return table


def pieces(
    path: str | os.PathLike[str], most: int, **options: Unpack[ReadOptions]
) -> Iterator[Table]:
    """The table of a file, about so many rows at a time, with the arguments of `read`.

    Of CSV and Parquet no more than these are in memory, whatever the file's size; other kinds are
    read whole.
    """
    path, ending = Path(path), kind_of(path)
    if ending in PARQUET:
        yield from parquet.pieces(path, most)
    elif ending in DELIMITED:
        encoding, delimiter = options.get("encoding"), options.get("delimiter")
        max_bytes = options.get("max_bytes", MAX_BYTES)
        yield from delimited.pieces(path, encoding, delimiter, max_bytes, most)
    else:
        options["max_bytes"] = MAX_BYTES
        yield read(path, **options)


def remarks(table: Table) -> list[str]:
    """What may be wrong with a table that was read, in words for who looks at it."""
    found = []
    names = [name for name in table.column_names if not name.startswith("column ")]
    if table.delimiter and names and all(map(is_number, names)):
        shown_names = ", ".join(map(shown, names[:4]))
        found.append(
            f"the columns' names are all numbers ({shown_names}); does the file lack the line of "
            "names?"
        )
    if table.delimiter and table.row_numbers[0] > 2:
        found.append(
            f"the columns' names are in line {table.row_numbers[0] - 1}; what is above is left out"
        )
    return found


def kind_of(path: str | os.PathLike[str]) -> str:
    """The ending of a table's file, such as ".csv" of a.CSV and of a.csv.gz.

    Raises:
        FileFormatError: it is of no table.
    """
    path = Path(path)
    endings = [ending.lower() for ending in path.suffixes[-2:]]
    if endings and endings[-1] in ENDINGS:
        return endings[-1]
    if len(endings) == 2 and endings[1] in COMPRESSED and endings[0] in (*DELIMITED, *RECORDS):
        return endings[0]
    raise FileFormatError(f"{path}: expected a name that ends in {', '.join(ENDINGS)}")


def is_table(path: str | os.PathLike[str]) -> bool:
    """Whether a file's name is that of a table."""
    try:
        return bool(kind_of(path))
    except FileFormatError:
        return False

"""Parquet files as columns, through a DuckDB that sees this one file and nothing else."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.data.tables.reading.names import column_names
from hyalite.data.tables.reading.source import MAX_BYTES, too_large
from hyalite.data.tables.table import Table
from hyalite.errors import FileFormatError, require
from hyalite.parameters import Array
from hyalite.text import shown

PATTERN_SIGNS = "*?["  # DuckDB would look for several files
ROOM = 256 << 20  # bytes that DuckDB may take beside a table's own
SETTINGS = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,
    "temp_directory": "",
    "threads": 1,  # what takes the time are Python's texts, one after the other
}
FILE = "read_parquet(?, hive_partitioning = false, binary_as_string = true)"
NUMBERED = FILE.replace(")", ", file_row_number = true)")
PIECE_ROOM = 256 << 20  # bytes that DuckDB may take beside `ROOM` for a row group
WRITTEN = "(FORMAT parquet, USE_TMP_FILE false)"
ROWS = 1000  # that are fetched at a time
INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
NUMBERS = ("UBIGINT", "HUGEINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
TEXTS = ("VARCHAR", "ENUM", "UUID", "NULL", "JSON")
PLAIN = (*INTEGERS, *NUMBERS, *TEXTS, "BOOLEAN", "DATE", "TIME", "INTERVAL")


def read(path: Path, max_bytes: int) -> Table:
    """The table of a file."""
    with opened(path, max_bytes=max_bytes) as (connection, name):
        names = _names(path, connection, name, max_bytes)
        columns = _Columns(path, names, connection, name)
        return columns.table(connection.execute(f"{columns.query} FROM {FILE}", [name]))


def pieces(path: Path, most: int) -> Iterator[Table]:
    """The table of a file, so many rows at a time; DuckDB holds what it decodes for them."""
    with opened(path, max_bytes=PIECE_ROOM) as (connection, name):
        names = _names(path, connection, name, None)
        columns = _Columns(path, names, connection, name)
        connection.execute("SELECT num_rows FROM parquet_file_metadata(?)", [name])
        rows, before = connection.fetchone()[0], 0
        while before < rows or not rows:
            where = f"file_row_number >= {before} AND file_row_number < {before + most}"
            found = connection.execute(f"{columns.query} FROM {NUMBERED} WHERE {where}", [name])
            table = columns.table(found)
            table.row_numbers += before
            yield table
            before += most
            if not rows:
                return


class _Columns:
    """What to ask of a file's columns, and how the answer becomes a table.

    Raises:
        FileFormatError: a column of a type that a `Table` has not.
    """

    def __init__(self, path: Path, names: list[str], connection: Any, name: str) -> None:
        connection.execute(f"DESCRIBE SELECT * FROM {FILE}", [name])
        described = [(str(found[0]), str(found[1])) for found in connection.fetchall()]
        if len(described) != len(names):
            raise FileFormatError(f"{path}: its columns are not those that it names")
        chosen = [
            f"{_expression(path, name, quoted(held), kind)} AS c{place}"
            for place, (name, (held, kind)) in enumerate(zip(names, described, strict=True))
        ]
        if not chosen:
            raise FileFormatError(f"{path}: no columns")
        self.names, self.kinds = names, [kind for _, kind in described]
        self.query = f"SELECT {', '.join(chosen)}"

    def table(self, result: Any) -> Table:
        """The rows that a query gave."""
        found = result.fetchnumpy()
        return Table(
            {
                name: _column(found[f"c{place}"], kind)
                for place, (name, kind) in enumerate(zip(self.names, self.kinds, strict=True))
            }
        )


def texts(connection: Any, name: str) -> Iterator[list[str]]:
    """The rows as texts, '' where a value is missing."""
    connection.execute(f"SELECT COLUMNS(*)::VARCHAR FROM {FILE}", [name])
    while rows := connection.fetchmany(ROWS):
        for row in rows:
            yield ["" if cell is None else cell for cell in row]


def write(path: Path, columns: dict[str, Array]) -> None:
    """Columns as a new file."""
    with opened(path, max_bytes=MAX_BYTES, tables={"t": columns}) as (connection, name):
        connection.execute(f"COPY (SELECT * FROM t) TO '{_escaped(name)}' {WRITTEN}")


def write_beside(path: Path, source: Path, columns: dict[str, Array]) -> None:
    """A new file with the columns of another one, in their own types, and more columns."""
    more = {"t": columns}
    with opened(source, path, max_bytes=MAX_BYTES, tables=more) as (connection, name):
        (count,) = connection.execute(f"SELECT count(*) FROM {FILE}", [name]).fetchone()
        if count != len(next(iter(columns.values()))):
            raise FileFormatError(f"{source}: it has changed since its rows were read")
        file = FILE.replace("?", f"'{_escaped(name)}'")
        query = f"SELECT * FROM {file} POSITIONAL JOIN t"
        connection.execute(f"COPY ({query}) TO '{_escaped(str(path))}' {WRITTEN}")


@contextlib.contextmanager
def opened(
    path: Path, *writes: Path, max_bytes: int, tables: dict[str, Any] | None = None
) -> Iterator[tuple[Any, str]]:
    """A connection that may read `path` and write `writes`, and the name by which it knows `path`.

    Raises:
        FileFormatError: DuckDB cannot do what is asked of it with the file.
        MissingExtra: it is not installed.
    """
    duckdb = require("duckdb", extra="tables", purpose="Parquet")
    try:
        with literal(path) as name, duckdb.connect(":memory:", config=SETTINGS) as connection:
            for key, columns in (tables or {}).items():
                connection.register(key, columns)
            allowed = ", ".join(f"'{_escaped(str(file))}'" for file in (name, *writes))
            connection.execute(f"SET memory_limit = '{(max_bytes + ROOM) >> 20}MiB'")
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f"SET allowed_paths = [{allowed}]")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            yield connection, name
    except (duckdb.Error, UnicodeError, OverflowError) as error:
        text = " ".join(str(error).split())[:300]
        raise FileFormatError(f"{path}: no readable Parquet file: {text}") from None


@contextlib.contextmanager
def literal(path: Path) -> Iterator[str]:
    """A name that DuckDB takes as it is; of a file with pattern's signs in its name a link's."""
    whole = str(path.resolve())
    if not any(sign in whole for sign in PATTERN_SIGNS):
        yield whole
        return
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder).resolve() / "table.parquet"
        try:
            link.symlink_to(whole)
        except OSError:  # Windows wants a right for it
            shutil.copyfile(whole, link)
        yield str(link)


def quoted(name: str) -> str:
    """A column's name in a query."""
    return '"' + name.replace('"', '""') + '"'


def _escaped(text: str) -> str:
    return text.replace("'", "''")


def _names(path: Path, connection: Any, name: str, max_bytes: int | None) -> list[str]:
    """The columns' names as the file has them; DuckDB changes those that differ by case alone."""
    connection.execute("SELECT sum(total_uncompressed_size) FROM parquet_metadata(?)", [name])
    declared = connection.fetchone()[0] or 0
    connection.execute("SELECT name, num_children FROM parquet_schema(?)", [name])
    names, rest = [], connection.fetchall()[1:]
    while rest:
        found, children = rest[0]
        names.append(found)
        rest = rest[_size(rest) :] if children else rest[1:]
    connection.execute("SELECT num_rows FROM parquet_file_metadata(?)", [name])
    rows = connection.fetchone()[0]
    # a run of equal values takes no room in the file, but 8 bytes a value in memory
    declared = max(declared, 8 * rows * len(names))
    if max_bytes is not None and declared > max_bytes:
        raise too_large(path, declared, max_bytes, "declares ")
    return column_names(path, names)


def _size(schema: list[tuple[str, int | None]]) -> int:
    """How many entries the first one has with all that is in it."""
    wanted, seen = 1, 0
    while wanted and seen < len(schema):
        wanted += (schema[seen][1] or 0) - 1
        seen += 1
    return seen


def _expression(path: Path, name: str, held: str, kind: str) -> str:
    """What to ask for, so that a column comes in a type that a `Table` has."""
    base = kind.partition("(")[0].strip('"')
    known = base in PLAIN or base.startswith(("TIMESTAMP", "TIME "))
    if kind.endswith("]") or not known:
        raise FileFormatError(
            f"{path}: column {shown(name)!r} is of type {shown(kind)}; expected numbers, truths, "
            "texts or dates. Leave it out, or write each of its parts as a column"
        )
    if base in INTEGERS:
        return f"CAST({held} AS BIGINT)"
    if base in NUMBERS:
        return f"CAST({held} AS DOUBLE)"
    if base == "DATE" or base.startswith("TIMESTAMP"):
        return f"CAST({held} AS TIMESTAMP)"
    if base.startswith("TIME"):
        return f"epoch_us(CAST({held} AS TIME))"
    if base == "INTERVAL":
        return f"CAST(epoch({held}) * 1000000 AS BIGINT)"
    return held if base == "BOOLEAN" else f"CAST({held} AS VARCHAR)"


def _column(found: Any, kind: str) -> Array:
    """As a `Table` has it, from what DuckDB gives: a masked array where values are missing."""
    gaps = np.ma.getmaskarray(found) if isinstance(found, np.ma.MaskedArray) else None
    values: Array = found.data if gaps is not None else found
    if gaps is not None and gaps.all():
        return np.full(len(values), None)
    if gaps is not None and not gaps.any():
        gaps = None
    if values.dtype.kind == "M":
        values = values.astype("M8[us]")
    elif kind.startswith(("TIME", "INTERVAL")):
        values = values.astype("m8[us]")
    elif values.dtype.kind == "b" and gaps is not None:
        values = np.where(values, "true", "false").astype(object)
    elif values.dtype.kind == "i":
        values = values.astype(np.float64 if gaps is not None else np.int64)
    if gaps is None:
        return values
    values = values.copy()
    values[gaps] = {"f": np.nan, "M": "NaT", "m": "NaT"}.get(values.dtype.kind)
    return values

"""JSON: a list of objects, or an object on each line, as columns; by Python's own reader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from hyalite.data.tables.reading.cells import column_of
from hyalite.data.tables.reading.names import column_names
from hyalite.data.tables.reading.source import text_of
from hyalite.data.tables.table import Table
from hyalite.errors import FileFormatError


def read(path: Path, encoding: str | None, max_bytes: int) -> Table:
    """The table of a file; a name that an object lacks is a gap."""
    columns: dict[str, list[Any]] = {}
    count = 0
    with text_of(path, encoding, max_bytes) as text:
        for row in _objects(path, text):
            for name, value in row.items():
                cells = columns.get(name)
                if cells is None:
                    cells = columns[name] = []
                cells.extend([None] * (count - len(cells)))
                cells.append(value)
            count += 1
            if len(columns) * count * 8 > max_bytes:
                raise FileFormatError(
                    f"{path}: {count:,} objects with {len(columns):,} names between them take more "
                    f"memory than max_bytes={max_bytes:,}"
                )
    if not columns:
        raise FileFormatError(f"{path}: no rows, a list of objects is expected")
    for cells in columns.values():
        cells.extend([None] * (count - len(cells)))
    names = column_names(path, columns)
    return Table(
        {
            name: column_of(path, name, cells)
            for name, cells in zip(names, columns.values(), strict=True)
        }
    )


def _objects(path: Path, text: IO[str]) -> Iterator[dict[str, Any]]:
    """The objects of the list, or of the lines.

    Raises:
        FileFormatError: there is something else.
    """
    first = ""
    line = 0
    while not first.strip():
        first = text.readline()
        line += 1
        if not first:
            raise FileFormatError(f"{path}: no table, the file is empty")
    if first.lstrip()[:1] == "[":
        found = _parsed(path, line, first + text.read())
        for place, row in enumerate(found, start=1):
            yield _checked(path, f"entry {place:,}", row)
        return
    while first:
        if first.strip():
            yield _checked(path, f"line {line:,}", _parsed(path, line, first))
        first = text.readline()
        line += 1


def _parsed(path: Path, line: int, text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise FileFormatError(
            f"{path}, line {line + error.lineno - 1:,}: {error.msg}; expected a list of objects, "
            "or an object on each line"
        ) from None
    except (RecursionError, ValueError) as error:  # nested too deeply; a number of 4,300 digits
        raise FileFormatError(f"{path}, line {line:,}: {error}") from None


def _no_number(name: str) -> None:
    """NaN and Infinity, which some write and JSON does not know, are gaps."""


def _checked(path: Path, where: str, row: Any) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise FileFormatError(
            f'{path}, {where}: expected an object as {{"name": value}}, got {type(row).__name__}'
        )
    return row

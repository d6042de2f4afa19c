"""The names of a file's columns: blanks go, empty ones are called by their place, none is twice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from hyalite.errors import FileFormatError
from hyalite.text import shown


def column_names(path: Path, header: Iterable[object]) -> list[str]:
    """Names of columns from the cells of a header.

    Raises:
        FileFormatError: a name is there twice.
    """
    names = []
    for place, cell in enumerate(header, start=1):
        name = "" if cell is None else re.sub(r"\s*[\r\n]+\s*", " ", str(cell)).strip()
        names.append(name or f"column {place}")
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names, start=1):
        places.setdefault(name, []).append(place)
    for name, found in places.items():
        if len(found) > 1:
            others = [other for other, several in places.items() if len(several) > 1]
            more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
            raise FileFormatError(
                f"{path}: two columns are named {shown(name)!r}, the {found[0]}. and the "
                f"{found[1]}.{more}; give each a name of its own"
            )
    return names

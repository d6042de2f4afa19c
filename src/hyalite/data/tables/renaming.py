"""One column, two names: what a file's reader and data frames make of a blank or an empty name."""

from __future__ import annotations

import re
from collections.abc import Collection

from hyalite.data.tables.table import Table

_UNNAMED = re.compile(r"Unnamed: (\d+)")  # by pandas, counted from 0


def usual_name(name: str, place: int) -> str:
    """A column's name as `tables.read` has it: no blanks around, the place where it is empty.

    Args:
        name: of the column.
        place: from 1.

    Examples:
        >>> from hyalite.data.tables.renaming import usual_name
        >>> [usual_name(name, 4) for name in (" a ", "a", "", "Unnamed: 3")]
        ['a', 'a', 'column 4', 'column 4']
    """
    name = re.sub(r"\s*[\r\n]+\s*", " ", name).strip()
    unnamed = _UNNAMED.fullmatch(name)
    if unnamed:
        place = int(unnamed[1]) + 1
    return f"column {place}" if unnamed or not name else name


def called(table: Table, names: Collection[str]) -> Table:
    """The table with columns called as in `names`, where only blanks or an empty name differ.

    So a model that learned from a file takes the frame that pandas makes of it, and the reverse.
    """
    lacking = {usual_name(name, 0): name for name in names if name not in table}
    if not lacking:
        return table
    found: dict[str, list[str]] = {}
    for place, name in enumerate(table.column_names, start=1):
        wanted = lacking.get(usual_name(name, place))
        if wanted is not None and name not in names:
            found.setdefault(wanted, []).append(name)
    new = {old[0]: wanted for wanted, old in found.items() if len(old) == 1}
    if not new:
        return table
    return Table(
        {new.get(name, name): values for name, values in table.columns.items()},
        delimiter=table.delimiter,
        row_numbers=table.row_numbers,
    )

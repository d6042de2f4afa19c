"""What was decided of each column of a table, as a table of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hyalite.data.tables.column import Column
from hyalite.data.tables.formats import is_missing, short
from hyalite.data.tables.table import Table
from hyalite.data.tables.understanding import Understood
from hyalite.parameters import Array
from hyalite.text import shown, text_table
from hyalite.translation import translated

HEAD = ("column", "kind", "example", "gaps", "not read", "becomes")
OURS = ("kind", "becomes")  # heads of columns with words of the library
LONGEST = 24  # letters of an example
WIDEST = 60  # of a text on a terminal


def described(
    table: Table,
    understood: Mapping[str, Understood],
    columns: Mapping[str, Column],
    left_out: Mapping[str, str],
    target: str,
) -> dict[str, tuple[str, ...]]:
    """For each column what stands below `HEAD`, without its name."""
    found: dict[str, tuple[str, ...]] = {}
    for name in table.column_names:
        one = understood[name]
        made = columns.get(name)
        if name == target:
            becomes = "the target"
        elif made is None:
            becomes = f"left out: {left_out.get(name, 'ignored')}"
        else:
            becomes = inputs_of(made)
        kind = one.kind if one.kind not in ("ignore", "empty", "text") else ""
        how = one.format.describe() if kind else ""
        gaps, odd = one.gaps - len(one.odd), len(one.odd)
        found[name] = (
            f"{kind}, {how}" if how else kind,
            _example(table[name], one.values),
            f"{gaps:,}" if gaps else "",
            f"{odd:,}" if odd else "",
            becomes,
        )
    return found


def as_text(rows: Sequence[Sequence[str]], most: int = 40) -> str:
    """What `Preparation.describe` gives, as lines for a terminal.

    Args:
        rows: with the head.
        most: columns that are shown.
    """
    lines = [[shown(text, WIDEST) for text in row] for row in in_language(rows[: most + 1])]
    more = len(rows) - 1 - most
    return text_table(lines, "<<<>><") + (f"\n... and {more:,} more columns" if more > 0 else "")


def in_language(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows, the head first, in the language spoken; names and cells stay as they are."""
    head, *others = rows
    ours = [text in OURS for text in head]
    return [
        list(map(translated, head)),
        *(
            [translated(text) if words else text for text, words in zip(row, ours, strict=True)]
            for row in others
        ),
    ]


def inputs_of(column: Column) -> str:
    """How many inputs a column becomes, in words."""
    if column.embedded:
        return f"one of {column.embedded:,} embedded categories"
    count = len(column.features)
    return "1 input" if count == 1 else f"{count:,} inputs"


def _example(column: Array, values: Array) -> str:
    """The first cell that has a value, as it stands."""
    rows = np.flatnonzero(~is_missing(values))
    if not len(rows):
        return ""
    cell = column[rows[0]]
    if column.dtype.kind == "f":
        return f"{cell:.6g}"
    return short(str(cell).strip().removesuffix("T00:00:00.000000"), LONGEST)[1:-1]

"""What every column of a table is to a network: features learned from data, stored as JSON."""

from __future__ import annotations

from typing import Literal, Self

from hyalite.config import Configurable
from hyalite.data.tables.formats import Format, is_missing, named_cells
from hyalite.parameters import Array

Role = Literal["number", "indicator", "category"]
OTHER_CATEGORY = "(other)"
MISSING_CATEGORY = "(missing)"


class Column(Configurable):
    """One column of the table: what training found in it, and its features for the network.

    Attributes:
        name: of the column.
        kind: in one word.
        format: how its cells are read.
        features: the names of the numbers that it becomes.
        roles: of each feature: "number", "indicator" (1 or 0), "category" (a whole number).
    """

    name: str
    kind = ""
    format: Format
    embedded = 0  # categories, where the column becomes one whole number

    @property
    def features(self) -> list[str]:
        """The names of the numbers."""
        raise NotImplementedError

    @property
    def roles(self) -> list[Role]:
        """What each feature is."""
        raise NotImplementedError

    def encode(self, column: Array) -> Array:
        """float64 (n, features) from a column of a `Table`."""
        raise NotImplementedError

    def unknown(self, column: Array, row_numbers: Array) -> str:
        """What is new in a column of a `Table`, in words; empty where nothing is."""
        raise NotImplementedError

    def refit(self, column: Array) -> Self:
        """The same column, read in the same way, with the figures of these rows."""
        raise NotImplementedError


def strange_cells(column: Array, values: Array, made: Format, row_numbers: Array) -> str:
    """The cells that are no gap and yet not of the kind, in words; empty where there is none."""
    if not is_missing(values).any():
        return ""
    odd = made.odd(column)
    if not len(odd):
        return ""
    one = len(odd) == 1
    named = named_cells(column, odd, row_numbers)
    cells = f"1 cell is no {made.kind}" if one else f"{len(odd):,} cells are no {made.kind}s"
    return f"{cells}, and {'is' if one else 'are'} taken as missing: {named}"


def checked_name(name: object) -> str:
    """A column's name."""
    if not isinstance(name, str):
        raise TypeError(f"a column's name must be a text, got {name!r}")
    return name


def checked_format(made: object, default: Format, *kinds: type[Format]) -> Format:
    """A column's format, or the default for None.

    Raises:
        ValueError: no format, or one of another kind.
    """
    if made is None:
        return default
    if not isinstance(made, kinds or Format):
        raise ValueError(f"format must be one for {default.kind}s, got {made!r}")
    return made

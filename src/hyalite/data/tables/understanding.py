"""What the columns of a table hold: numbers, dates, truths, categories, and how written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hyalite.data.tables import number_texts
from hyalite.data.tables.date_texts import DateFormat
from hyalite.data.tables.formats import Format, is_missing, named_cells, short
from hyalite.data.tables.guessing import Guess, guess_of
from hyalite.data.tables.number_texts import NumberFormat
from hyalite.data.tables.table import Table
from hyalite.parameters import Array

KINDS = (  # as users say them
    "number", "category", "date", "date-dmy", "date-mdy", "date-ymd", "time", "truth", "text",
    "ignore",
)  # fmt: skip


@dataclass
class Options:
    """What users say of how columns are to be understood.

    Attributes:
        decimal: the sign in all columns of texts.
        thousands: the sign in all columns of texts.
        na_values: texts that are gaps, beside the usual ones.
        types: name -> one of `KINDS`.
    """

    decimal: str | None = None
    thousands: str | None = None
    na_values: Sequence[str] = ()
    types: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if isinstance(self.na_values, str):
            raise ValueError(f"na_values must be several texts, got the text {self.na_values!r}")
        self.na_values = tuple(map(str, self.na_values))
        if self.decimal is None and self.thousands in (".", ","):
            self.decimal = "," if self.thousands == "." else "."
        NumberFormat(self.decimal or ".", self.thousands or "")
        for name, kind in self.types.items():
            if kind not in KINDS:
                raise ValueError(f"types[{name!r}] must be one of {', '.join(KINDS)}, got {kind!r}")


@dataclass
class Understood:
    """One column: its kind, and how its cells become values.

    Attributes:
        name: of the column.
        kind: "number", "time", "date", "truth", "category", "text" (left out), "empty", "ignore".
        format: how cells are read.
        values: the column as read.
        odd: the rows whose cell is no gap and yet not of the kind.
        unclear: what the rows do not decide, in words: numbers or dates that may mean something
            else.
        forced: whether a user said so.
    """

    name: str
    kind: str
    format: Format
    values: Array
    odd: Array
    unclear: str = ""
    forced: bool = False

    @property
    def gaps(self) -> int:
        """How many cells have no value, those that are not of the kind among them."""
        return int(is_missing(self.values).sum())

    def to_list(self) -> list[Any]:
        """The values as Python has them: whole numbers as int, dates, truths, None for gaps."""
        there = ~is_missing(self.values)
        found: list[Any] = [None] * len(self.values)
        for row in np.flatnonzero(there):
            value = self.values[row]
            if self.kind == "truth":
                found[row] = value == self.format.true  # type: ignore[attr-defined]
            elif self.kind == "date":
                moment = dt.datetime(1970, 1, 1) + dt.timedelta(float(value))
                found[row] = moment if value % 1 else moment.date()
            elif self.kind == "number":
                found[row] = int(value) if value == int(value) else float(value)
            else:
                found[row] = value
        return found

    def take(self, there: Array) -> Understood:
        """The same of some rows: a truth for each."""
        return replace(self, values=self.values[there], odd=np.flatnonzero(there[self.odd]))

    def odd_words(self, table: Table) -> str:
        """The cells that are not of the column's kind, in words; empty where there is none."""
        if not len(self.odd):
            return ""
        said = len(self.values) - self.gaps + len(self.odd)
        plural = {"category": "texts"}.get(self.kind, f"{self.kind}s")
        named = named_cells(table[self.name], self.odd, table.row_numbers)
        are = "is" if len(self.odd) == 1 else "are"
        return f"{said - len(self.odd):,} of {said:,} are {plural}; {named} {are} taken as missing"


def understand(
    table: Table,
    options: Options | None = None,
    names: Sequence[str] | None = None,
    target: str | None = None,
) -> dict[str, Understood]:
    """How each column of a table is read.

    Columns are looked at one by one first. Where a column's own cells do not say whether 1.200 is
    1.2 or 1200, or 03/04 in March or in April, the other columns and the file's delimiter do. Codes
    of a frame are categories, unless they are the target.

    Raises:
        ValueError: a column has no cell of the kind that was asked for.
    """
    options = options or Options()
    guesses = {}
    for name in table.column_names if names is None else names:
        meant = name in table.categories or (name in table.codes and name != target)
        kind = options.types.get(name, "category" if meant else "")
        guesses[name] = guess_of(name, table[name], kind, options.na_values)
    decimal, sure = _decimal(table, guesses, options)
    orders = _orders(guesses, decimal)
    found = {}
    for name, guess in guesses.items():
        if guess.numbers is not None:
            _resolve_number(guess, decimal, sure, options)
        elif guess.dates is not None:
            _resolve_date(guess, orders)
        found[name] = _understood(name, table[name], guess, name in options.types)
    return found


def _decimal(table: Table, guesses: Mapping[str, Guess], options: Options) -> tuple[str, bool]:
    """The decimal sign where a column does not show its own, and whether that is sure."""
    if options.decimal:
        return options.decimal, True
    signs = [guess.numbers.decimal for guess in guesses.values() if guess.numbers is not None]
    points, commas = signs.count("."), signs.count(",")
    if bool(points) != bool(commas):
        return "," if commas else ".", True
    likely = "," if table.delimiter == ";" else "."
    if points != commas:
        likely = "," if commas > points else "."
    return likely, False


def _resolve_number(guess: Guess, decimal: str, sure: bool, options: Options) -> None:
    evidence = guess.numbers
    assert evidence is not None
    own = evidence.decimal
    sign = options.decimal or own or decimal
    made = number_texts.format_of(evidence, sign, options.thousands)
    thousands = made.thousands
    if not thousands and options.thousands is None and (own or sure):
        # no row to train on reaches a thousand; one to come may
        thousands = "," if sign == "." else "."
    guess.format = NumberFormat(sign, thousands, made.prefix, made.suffix, guess.own_gaps)
    if evidence.unclear and not own and not sure:
        value = made.parse([evidence.example])[0]
        other = format_of_other(made).parse([evidence.example])[0]
        guess.unclear = (
            f"{short(evidence.example)} may be {value:g} or {other:g}; it is taken as {value:g}, "
            f"unless you say decimal={format_of_other(made).decimal!r} (--decimal)"
        )


def format_of_other(made: NumberFormat) -> NumberFormat:
    """The same with the two signs the other way round."""
    sign = "," if made.decimal == "." else "."
    return NumberFormat(sign, made.decimal, made.prefix, made.suffix)


def _orders(guesses: Mapping[str, Guess], decimal: str) -> dict[str, tuple[str, bool]]:
    """By the sign between day and month: which of them is first, and whether that is sure."""
    likely = "dmy" if decimal == "," else "mdy"
    found = {".": ("dmy", True), "-": ("dmy", False), "/": (likely, False)}
    for guess in guesses.values():
        if guess.dates is not None and guess.dates.order:
            for sign in guess.dates.signs:
                found[sign] = guess.dates.order, True
    return found


def _resolve_date(guess: Guess, orders: Mapping[str, tuple[str, bool]]) -> None:
    evidence = guess.dates
    assert evidence is not None
    sign = max(evidence.signs, key=lambda s: evidence.signs[s], default=".")
    order, sure = orders.get(sign, ("dmy", False))
    order = guess.order or evidence.order or order
    if evidence.unclear and not guess.order and not evidence.order and not sure:
        other = "mdy" if order == "dmy" else "dmy"
        words = {"dmy": "the day", "mdy": "the month"}
        guess.unclear = (
            f"in {short(evidence.example)} {words[order]} is taken to come first, which no row "
            f"decides; say types={{...: 'date-{other}'}} (--type) where {words[other]} does"
        )
    needed = order if evidence.signs or guess.order else None
    guess.format = DateFormat(needed, 2 * evidence.compact > evidence.cells, guess.own_gaps)


def _understood(name: str, column: Array, guess: Guess, forced: bool) -> Understood:
    made = guess.format
    if guess.cells is None:
        values = made.read(column)
        return Understood(name, guess.kind, made, values, made.odd(column), "", forced)
    cells = guess.cells
    parsed = made.parse(cells.texts)
    missing = is_missing(parsed)
    odd = np.zeros(len(parsed), bool)
    odd[missing] = [not made.is_gap(cells.texts[place]) for place in np.flatnonzero(missing)]
    rows = np.flatnonzero(odd[cells.codes]) if odd.any() else np.empty(0, np.intp)
    return Understood(name, guess.kind, made, parsed[cells.codes], rows, guess.unclear, forced)

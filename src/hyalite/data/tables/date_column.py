"""A column of dates: days as a number, and the place in the cycles of year, week and day."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Self

import numpy as np

from hyalite.data.tables.column import (
    Column,
    Role,
    checked_format,
    checked_name,
    strange_cells,
)
from hyalite.data.tables.date_texts import DateFormat
from hyalite.data.tables.formats import Format
from hyalite.data.tables.number_column import Number
from hyalite.parameters import Array

# name -> days of a cycle, and how many days of data it takes to be of use
CYCLES = {"year": (365.2425, 300.0), "week": (7.0, 14.0), "day": (1.0, 0.0)}


class DateTime(Column):
    """A date or time of a date: days since 1970 as a number, and where it is in each cycle.

    The cycles' features are sin and cos of 2π·(days / length), so that December is next to January.

    Args:
        name: of the column.
        days: how the days since 1970 are scaled.
        cycles: of "year", "week" and "day", those that the data have the length for.
        format: how cells are read.
    """

    kind = "date"

    def __init__(
        self, name: str, days: Number, cycles: Iterable[str], format: Format | None = None
    ) -> None:
        self.name = checked_name(name)
        self.days, self.cycles = days, tuple(cycles)
        if not isinstance(days, Number) or not set(self.cycles) <= set(CYCLES):
            raise ValueError(f"cycles must be of {', '.join(CYCLES)}, got {self.cycles!r}")
        self.format = checked_format(format, DateFormat(), DateFormat)

    @classmethod
    def learn(cls, name: str, found: Array, made: Format | None = None) -> Self:
        """From days since 1970 with NaN where one is missing."""
        known = found[~np.isnan(found)]
        span = float(np.ptp(known)) if len(known) else 0.0
        cycles = [cycle for cycle, (_, least) in CYCLES.items() if span > least]
        if (known == np.floor(known)).all():
            cycles = [cycle for cycle in cycles if cycle != "day"]
        return cls(name, Number.learn(name, found), cycles, made)

    @property
    def features(self) -> list[str]:
        waves = [f"{self.name} {wave} of {c}" for c in self.cycles for wave in ("sin", "cos")]
        return self.days.features + waves

    @property
    def roles(self) -> list[Role]:
        waves: list[Role] = ["number"] * (2 * len(self.cycles))
        return self.days.roles + waves

    def encode(self, column: Array) -> Array:
        found = self.format.read(column)
        features = [self.days.scaled(found)]
        for cycle in self.cycles:
            turn = 2 * math.pi * np.nan_to_num(found) / CYCLES[cycle][0]
            there = ~np.isnan(found)
            features += [(np.sin(turn) * there)[:, None], (np.cos(turn) * there)[:, None]]
        return np.hstack(features)

    def unknown(self, column: Array, row_numbers: Array) -> str:
        found = self.format.read(column)
        said = [strange_cells(column, found, self.format, row_numbers)]
        missing = 0 if self.days.indicator else int(np.isnan(found).sum())
        if missing:
            said.append(
                f"{missing:,} missing, none in training; the median {day_text(self.days.fill)} is "
                "taken"
            )
        low, high = self.days.low, self.days.high
        if low is not None and high is not None:
            for rows, words in (
                (np.flatnonzero(found > high), f"after the last of training, {day_text(high)}"),
                (np.flatnonzero(found < low), f"before the first of training, {day_text(low)}"),
            ):
                if len(rows):
                    first = f"{day_text(found[rows[0]])} (row {row_numbers[rows[0]]:,})"
                    said.append(f"{len(rows):,} {words}: {first}")
        return "; ".join(filter(None, said))

    def refit(self, column: Array) -> Self:
        again = self.learn(self.name, self.format.read(column), self.format)
        return type(self)(self.name, again.days, self.cycles, self.format)


def day_text(days: float) -> str:
    """Days since 1970 as a date, with the time where there is one."""
    moment = np.datetime64(0, "s") + np.timedelta64(round(days * 86_400), "s")
    return str(moment).removesuffix("T00:00:00").replace("T", " ")

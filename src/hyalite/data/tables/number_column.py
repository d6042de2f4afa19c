"""A column of numbers, scaled by its median and quartiles."""

from __future__ import annotations

from typing import Self

import numpy as np

from hyalite import checks
from hyalite.data.tables.column import (
    MISSING_CATEGORY,
    Column,
    Role,
    checked_format,
    checked_name,
    strange_cells,
)
from hyalite.data.tables.formats import Format, is_missing
from hyalite.data.tables.number_texts import NumberFormat
from hyalite.data.tables.time_texts import TimeFormat
from hyalite.parameters import Array

# In float32 sums a number of a million leaves those about 1 beside it one digit.
MAX_SCALED = 1e6
FAR = 0.5  # ranges of training beyond its ends: what lies farther is said


class Number(Column):
    """(v - center) / scale, computed in float64; the median for a missing v, and a 1 beside it.

    ``center`` is the median, and ``scale`` the distance of the quartiles: a few wild numbers move
    neither. Where more than half are equal, the scale is half the range.

    Args:
        name: of the column.
        center, scale: what brings the numbers to about 1.
        fill: the median.
        indicator: whether a second feature says that v is missing; where training missed any.
        low, high: the range in training.
        limit: how far a feature may be from 0.
        format: how cells are read.

    Source: Holzmüller et al. 2024, *Better by default*, section 3.
    """

    kind = "number"

    def __init__(
        self,
        name: str,
        center: float,
        scale: float,
        fill: float,
        indicator: bool,
        low: float | None = None,
        high: float | None = None,
        limit: float = MAX_SCALED,
        format: Format | None = None,
    ) -> None:
        self.name = checked_name(name)
        self.center = checks.number(center, "center")
        self.scale = checks.number(scale, "scale", low=0, above=True)
        self.fill = checks.number(fill, "fill")
        self.indicator = bool(indicator)
        self.low = None if low is None else checks.number(low, "low")
        self.high = None if high is None else checks.number(high, "high")
        self.limit = checks.number(limit, "limit", low=0, above=True)
        self.format = checked_format(format, NumberFormat(), NumberFormat, TimeFormat)

    @classmethod
    def learn(cls, name: str, found: Array, made: Format | None = None) -> Self:
        """From numbers with NaN where one is missing."""
        known = np.sort(found[~np.isnan(found)])
        if not len(known):
            return cls(name, 0.0, 1.0, 0.0, True, format=made)
        center, scale = median_and_scale(known)
        missing = len(known) < len(found)
        low, high = float(known[0]), float(known[-1])
        return cls(name, center, scale, center, missing, low, high, format=made)

    @property
    def features(self) -> list[str]:
        return [self.name] + ([f"{self.name} {MISSING_CATEGORY}"] if self.indicator else [])

    @property
    def roles(self) -> list[Role]:
        return ["number", "indicator"][: 1 + self.indicator]  # type: ignore[return-value]

    def encode(self, column: Array) -> Array:
        return self.scaled(self.format.read(column))

    def scaled(self, found: Array) -> Array:
        """The features of numbers with NaN where one is missing."""
        missing = np.isnan(found)
        with np.errstate(over="ignore"):  # beyond float64 is beyond the limit, too
            scaled = (np.where(missing, self.fill, found) - self.center) / self.scale
        scaled = scaled.clip(-self.limit, self.limit)
        return np.column_stack([scaled, missing]) if self.indicator else scaled[:, None]

    def unknown(self, column: Array, row_numbers: Array) -> str:
        found = self.format.read(column)
        said = [strange_cells(column, found, self.format, row_numbers), self.gaps(found)]
        if self.low is not None and self.high is not None:
            far = self.far(found)
            if len(far):
                said.append(
                    f"{len(far):,} far outside the range of training, {self.low:.6g} to "
                    f"{self.high:.6g}: {found[far[0]]:.6g} (row {row_numbers[far[0]]:,})"
                )
        return "; ".join(filter(None, said))

    def gaps(self, found: Array) -> str:
        """What is said of missing numbers."""
        missing = 0 if self.indicator else int(np.isnan(found).sum())
        if not missing:
            return ""
        return f"{missing:,} missing, none in training; the median {self.fill:g} is taken"

    def far(self, found: Array) -> Array:
        """The rows whose number is far outside the range of training."""
        assert self.low is not None
        assert self.high is not None
        with np.errstate(over="ignore"):  # of numbers that fill all of float64
            margin = np.float64(FAR) * 2 * (self.high / 2 - self.low / 2)
            return np.flatnonzero((found - margin > self.high) | (found + margin < self.low))

    def refit(self, column: Array) -> Self:
        return self.learn(self.name, self.format.read(column), self.format)


def median_and_scale(known: Array) -> tuple[float, float]:
    """The median, and the scale that brings sorted numbers to about 1.

    The distance of the quartiles; where that is 0, half the range, or the median distance of those
    that are not the median where that is less: one 999 among zeros and ones does not make the
    range. 1 where all are equal.
    """
    last = len(known) - 1
    low, center, high = (float(_quantile(known, share * last)) for share in (0.25, 0.5, 0.75))
    scale = high / 2 - low / 2  # in halves: the difference of two numbers may be beyond float64
    if scale > 0:
        return center, min(2 * scale, 1e308)
    half = float(known[-1] / 2 - known[0] / 2)
    if half == 0:
        return center, 1.0
    away = np.abs(known / 2 - center / 2)
    usual = float(np.median(away[away > 0]))
    return center, min(half, 2 * usual, 1e308)


def _quantile(known: Array, place: float) -> float:
    below = int(place)
    share = place - below
    if not share:
        return float(known[below])
    return float(known[below] * (1 - share) + known[below + 1] * share)


def is_constant(found: Array) -> bool:
    """Whether all are there and equal."""
    return not is_missing(found).any() and bool((found == found[0]).all())

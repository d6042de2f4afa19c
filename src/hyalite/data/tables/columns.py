"""The columns of a table as features: how each kind is learned from data, and how it is encoded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np

from hyalite import checks
from hyalite.config import Configurable
from hyalite.data.tables import values
from hyalite.parameters import Array

MAX_DEVIATIONS = 10.0  # standard deviations: a network runs straight on beyond what it has seen
MAX_ONE_HOT = 32  # categories; more of them are embedded
MIN_CATEGORY_COUNT = 2  # a category seen less often is "other"
OTHER_CATEGORY = "(other)"
MISSING_CATEGORY = "(missing)"
# name -> days of a cycle, and how many days of data it takes to be of use
CYCLES = {"year": (365.2425, 300.0), "week": (7.0, 14.0), "day": (1.0, 0.0)}


class Column(Configurable):
    """One column of the table: what training found in it, and its features for the network.

    Attributes:
        name: of the column.
        features: the names of the numbers that it becomes.
    """

    name: str
    embedded = 0  # categories, where the column becomes one whole number

    @property
    def features(self) -> list[str]:
        """The names of the numbers."""
        raise NotImplementedError

    def encode(self, series: Any) -> Array:
        """float64 (n, features) from a column of narwhals."""
        raise NotImplementedError

    def unknown(self, series: Any) -> str:
        """What is new in the column, in words; empty where nothing is."""
        return ""


class Number(Column):
    """(v - mean) / scale, no farther than ±10; for a missing v that of `fill`, and a 1 beside it.

    Args:
        name: of the column.
        mean, scale: average and standard deviation of what is not missing.
        fill: the median.
        indicator: whether a second feature says that v is missing; where training missed any.
    """

    def __init__(self, name: str, mean: float, scale: float, fill: float, indicator: bool) -> None:
        self.name = checked_name(name)
        self.mean = checks.number(mean, "mean")
        self.scale = checks.number(scale, "scale", low=0, above=True)
        self.fill = checks.number(fill, "fill")
        self.indicator = bool(indicator)

    @classmethod
    def learn(cls, name: str, found: Array) -> Self:
        """From numbers with NaN where one is missing."""
        known = found[~np.isnan(found)]
        return cls(name, *mean_and_std(known), float(np.median(known)), len(known) < len(found))

    @property
    def features(self) -> list[str]:
        return [self.name] + ([f"{self.name} {MISSING_CATEGORY}"] if self.indicator else [])

    def encode(self, series: Any) -> Array:
        return self.standardised(values.numbers(series))

    def standardised(self, found: Array) -> Array:
        """The features of numbers with NaN where one is missing."""
        missing = np.isnan(found)
        scaled = (np.where(missing, self.fill, found) - self.mean) / self.scale
        scaled = scaled.clip(-MAX_DEVIATIONS, MAX_DEVIATIONS)
        return np.column_stack([scaled, missing][: 1 + self.indicator])

    def unknown(self, series: Any) -> str:
        missing = 0 if self.indicator else int(np.isnan(values.numbers(series)).sum())
        if not missing:
            return ""
        return f"{missing:,} missing, none in training; the median {self.fill:g} is taken"


class Category(Column):
    """A 1 in the feature of the value, 0 in the others; of many values one whole number instead.

    A value that training never saw is "(other)", which stands for all rare ones; where there were
    none, it has 0 in every feature.

    Args:
        name: of the column.
        known: the values, in the features' order; "(other)" and "(missing)" among them where
            training had such.
        embed: give the place in `known` as a whole number, for an `Embedding`.
    """

    def __init__(self, name: str, known: Iterable[str], embed: bool = False) -> None:
        self.name = checked_name(name)
        self.known = tuple(known)
        self.embed = bool(embed)
        if not self.known or not all(isinstance(value, str) for value in self.known):
            raise ValueError(f"known must be texts, got {self.known!r}")
        if self.embed and OTHER_CATEGORY not in self.known:
            raise ValueError(f"known must have {OTHER_CATEGORY!r} where it is embedded")
        self.place: dict[str | None, int] = {value: n for n, value in enumerate(self.known)}

    @classmethod
    def learn(cls, name: str, found: Array) -> Self:
        """From texts with None where one is missing."""
        counts = Counter(text for text in found if text is not None)
        often = sorted(text for text, count in counts.items() if count >= MIN_CATEGORY_COUNT)
        embed = len(often) > MAX_ONE_HOT
        extra = [OTHER_CATEGORY] if embed or len(often) < len(counts) else []
        extra += [MISSING_CATEGORY] if None in found else []
        return cls(name, [*extra, *often], embed)

    @property
    def embedded(self) -> int:  # type: ignore[override]
        """How many rows an embedding needs; 0 where there is none."""
        return len(self.known) if self.embed else 0

    @property
    def features(self) -> list[str]:
        if self.embed:
            return [self.name]
        return [f"{self.name} = {value}" for value in self.known]

    def encode(self, series: Any) -> Array:
        places = self._places(values.texts(series))
        if self.embed:
            return places[:, None].astype(np.float64)
        return (places[:, None] == np.arange(len(self.known))).astype(np.float64)

    def _places(self, found: Array) -> Array:
        other = self.place.get(OTHER_CATEGORY, -1)
        place = dict(self.place)
        place[None] = self.place.get(MISSING_CATEGORY, other)
        return np.array([place.get(text, other) for text in found], np.int64)

    def unknown(self, series: Any) -> str:
        found = values.texts(series)
        new = sorted({text for text in found if text is not None and text not in self.place})
        said = []
        if new and OTHER_CATEGORY not in self.known:  # else rare ones
            rows = sum(text in new for text in found)
            names = ", ".join(map(repr, new[:3])) + (", ..." if len(new) > 3 else "")
            said.append(f"{rows:,} with a value not seen in training ({names})")
        if MISSING_CATEGORY not in self.known and (missing := sum(text is None for text in found)):
            said.append(f"{missing:,} missing, none in training")
        return "; ".join(said)


class DateTime(Column):
    """A date or time of a date: days since 1970 as a number, and where it is in each cycle.

    The cycles' features are sin and cos of 2π·(days / length), so that December is next to January.

    Args:
        name: of the column.
        days: how the days since 1970 are standardised.
        cycles: of "year", "week" and "day", those that the data have the length for.
    """

    def __init__(self, name: str, days: Number, cycles: Iterable[str]) -> None:
        self.name = checked_name(name)
        self.days, self.cycles = days, tuple(cycles)
        if not isinstance(days, Number) or not set(self.cycles) <= set(CYCLES):
            raise ValueError(f"cycles must be of {', '.join(CYCLES)}, got {self.cycles!r}")

    @classmethod
    def learn(cls, name: str, found: Array) -> Self:
        """From days since 1970 with NaN where one is missing."""
        known = found[~np.isnan(found)]
        span = float(np.ptp(known))
        cycles = [cycle for cycle, (_, least) in CYCLES.items() if span > least]
        if (known == np.floor(known)).all():
            cycles = [cycle for cycle in cycles if cycle != "day"]
        return cls(name, Number.learn(name, found), cycles)

    @property
    def features(self) -> list[str]:
        waves = [f"{self.name} {wave} of {c}" for c in self.cycles for wave in ("sin", "cos")]
        return self.days.features + waves

    def encode(self, series: Any) -> Array:
        found = values.days(series)
        features = [self.days.standardised(found)]
        for cycle in self.cycles:
            turn = 2 * math.pi * np.nan_to_num(found) / CYCLES[cycle][0]
            there = ~np.isnan(found)
            features += [(np.sin(turn) * there)[:, None], (np.cos(turn) * there)[:, None]]
        return np.hstack(features)


class ClassTarget(Configurable):
    """A target of classes: labels are places among the values.

    Args:
        name: of the target's column.
        known: the classes, as texts.
    """

    task = "classification"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name, self.known = checked_name(name), tuple(known)
        if len(self.known) < 2 or not all(isinstance(value, str) for value in self.known):
            raise ValueError(f"a target needs two classes or more, got {self.known!r}")

    @classmethod
    def learn(cls, series: Any) -> Self:
        """From a column without missing values; numbers are sorted as numbers."""
        found = sorted(set(values.texts(series)))
        if series.dtype.is_numeric():
            found.sort(key=float)
        if len(found) < 2:
            raise ValueError(f"the target {series.name!r} has one value only, {found[0]!r}")
        if len(found) > max(20, len(series) // 2):
            raise ValueError(
                f"the target {series.name!r} has {len(found):,} different values in "
                f"{len(series):,} rows, which are no classes; "
                + ("choose the task regression" if series.dtype.is_numeric() else "choose another")
            )
        return cls(series.name, found)

    def encode(self, series: Any) -> Array:
        """int64 (n,).

        Raises:
            ValueError: a class that training never saw.
        """
        place = {value: number for number, value in enumerate(self.known)}
        found = values.texts(series)
        new = sorted({str(text) for text in found if text not in place})
        if new:
            raise ValueError(
                f"the target {self.name!r} has the class {new[0]!r}, which the model does not "
                f"know; its classes are {', '.join(self.known)}"
            )
        return np.array([place[text] for text in found], np.int64)


class NumericTarget(Configurable):
    """A target of numbers, in their own unit.

    Args:
        name: of the target's column.
        mean, scale: average and standard deviation, for the end of the network.
    """

    task = "regression"

    def __init__(self, name: str, mean: float, scale: float) -> None:
        self.name = checked_name(name)
        self.mean = checks.number(mean, "mean")
        self.scale = checks.number(scale, "scale", low=0, above=True)

    @classmethod
    def learn(cls, series: Any) -> Self:
        """From a column without missing values."""
        if values.column_kind(series) != "number":
            raise ValueError(
                f"the target {series.name!r} has no numbers but {series.dtype}; regression needs "
                "numbers, choose the task classification"
            )
        return cls(series.name, *mean_and_std(values.numbers(series)))

    def encode(self, series: Any) -> Array:
        """float64 (n,)."""
        return values.numbers(series)


# By the name that a model's file has; the last three are of files from before they were renamed.
REGISTRY: Mapping[str, type] = {
    **{kind.__name__: kind for kind in (Number, Category, DateTime, ClassTarget, NumericTarget)},
    "Moment": DateTime,
    "Classes": ClassTarget,
    "Quantity": NumericTarget,
}


def checked_name(name: object) -> str:
    """A column's name."""
    if not isinstance(name, str):
        raise TypeError(f"a column's name must be a text, got {name!r}")
    return name


def mean_and_std(known: Array) -> tuple[float, float]:
    """Mean and standard deviation, or 1 where that is 0."""
    return float(known.mean()), float(known.std()) or 1.0

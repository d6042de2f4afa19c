"""The column to predict: classes, or numbers in their own unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Self

import numpy as np

from hyalite import checks
from hyalite.config import Configurable
from hyalite.data.tables.category_texts import TextFormat
from hyalite.data.tables.column import checked_format, checked_name
from hyalite.data.tables.formats import Format, is_missing
from hyalite.data.tables.number_texts import NumberFormat
from hyalite.data.tables.time_texts import TimeFormat
from hyalite.data.tables.vocabulary import Vocabulary
from hyalite.parameters import Array

FAR_FROM_ZERO = 1000.0  # scales: float32 holds numbers of about 1 so far from 0 to four digits
WILD_RANGES = 1000.0  # ranges of training: what lies farther outside is left out
# Of a target's numbers, at most 3 and 2 % of them are brought back to where the others end, where
# they lie 30 times as far from the median as any other.
LONE, LONE_SHARE, LONE_DISTANCE = 3, 0.02, 30.0
MAX_CLASSES = 20  # in few rows; in many half of the rows


class ClassTarget(Configurable):
    """A target of classes: labels are places among the values.

    Args:
        name: of the target's column.
        known: the classes, as texts.
        format: how cells are read.
    """

    task = "classification"

    def __init__(self, name: str, known: Iterable[str], format: Format | None = None) -> None:
        self.name, self.known = checked_name(name), tuple(known)
        if len(self.known) < 2 or not all(isinstance(value, str) for value in self.known):
            raise ValueError(f"a target needs two classes or more, got {self.known!r}")
        self.format = checked_format(format, TextFormat())
        self._vocabulary = Vocabulary(self.known)

    @classmethod
    def learn(cls, name: str, values: Array, made: Format | None = None) -> Self:
        """From values of which none is missing; numbers are sorted as numbers."""
        counts = Counter(_texts(values))
        found = sorted(counts)
        if values.dtype.kind == "f":
            found.sort(key=float)
        if len(found) < 2:
            raise ValueError(
                f"the target {name!r} has one value only, {found[0]!r}; there is nothing to tell "
                "apart: choose another column, or more rows"
            )
        if len(found) > max(MAX_CLASSES, len(values) // 2):
            raise ValueError(
                f"the target {name!r} has {len(found):,} different values in {len(values):,} rows, "
                f"such as {found[0]!r}, which are no classes; "
                + (
                    "choose the task regression"
                    if values.dtype.kind == "f"
                    else "choose another column, or write numbers, as 1234.5, where they are meant"
                )
            )
        (first, _), (second, rows) = counts.most_common(2)
        if rows < 2:
            rest = f" and {len(found) - 2:,} others" if len(found) > 2 else ""
            raise ValueError(
                f"the target {name!r} has the class {second!r}{rest} in one row only, besides "
                f"{first!r}; one row is too little to learn a class from and to test it on: "
                "give more rows, or choose another column"
            )
        return cls(name, found, made)

    def there(self, column: Array) -> Array:
        """Truths (n,): the rows that have a target."""
        return ~is_missing(self.format.read(column))

    def encode(self, column: Array) -> Array:
        """int64 (n,).

        Raises:
            ValueError: a class that training never saw, or a gap.
        """
        found = _texts(self.format.read(column))
        labels = self._vocabulary.places(found, unknown=-1, missing=-1)
        if (labels < 0).any():
            strange = np.flatnonzero(labels < 0)
            odd = np.union1d(self.format.odd(column), strange[~is_missing(found[strange])])
            if not len(odd):
                raise ValueError(f"the target {self.name!r} has gaps; leave such rows out")
            raise ValueError(
                f"the target {self.name!r} has the class {str(column[odd[0]]).strip()!r}, which "
                f"the model does not know; its classes are {', '.join(self.known)}"
            )
        return labels

    def refit(self, column: Array) -> Self:
        """The same classes, whichever of them these rows have."""
        return self


class NumericTarget(Configurable):
    """A target of numbers, in their own unit.

    Args:
        name: of the target's column.
        mean, scale: average and standard deviation, for the end of the network; of `tamed` numbers.
        offset: what the network's own answers leave off, and `restore` adds in float64: the mean
            where the numbers lie so far from zero that float32 would round them away; else 0.
        low, high: the range in training.
        format: how cells are read.
    """

    task = "regression"

    def __init__(
        self,
        name: str,
        mean: float,
        scale: float,
        offset: float = 0.0,
        low: float | None = None,
        high: float | None = None,
        format: Format | None = None,
    ) -> None:
        self.name = checked_name(name)
        self.mean = checks.number(mean, "mean")
        self.scale = checks.number(scale, "scale", low=0, above=True)
        self.offset = checks.number(offset, "offset")
        self.low = None if low is None else checks.number(low, "low")
        self.high = None if high is None else checks.number(high, "high")
        self.format = checked_format(format, NumberFormat(), NumberFormat, TimeFormat)

    @classmethod
    def learn(cls, name: str, values: Array, made: Format | None = None) -> Self:
        """From numbers of which none is missing."""
        low, high = float(values.min()), float(values.max())
        with np.errstate(over="ignore", invalid="ignore"):
            tame, _ = tamed(values)
            mean, scale = float(tame.mean()), float(tame.std()) or 1.0
        if not np.isfinite(mean) or not np.isfinite(scale):
            raise ValueError(
                f"the target {name!r} has numbers from {low:.3g} to {high:.3g}, which are too "
                "large to compute with; give it in another unit, or its logarithm"
            )
        offset = mean if abs(mean) > FAR_FROM_ZERO * scale else 0.0
        return cls(name, mean, scale, offset, low, high, made)

    def there(self, column: Array) -> Array:
        """Truths (n,): the rows that have a target, and none beyond all measure."""
        found = self.format.read(column)
        if self.low is None or self.high is None:
            return ~np.isnan(found)
        with np.errstate(over="ignore", invalid="ignore"):
            reach = np.float64(WILD_RANGES) * (self.high - self.low)
            return (found >= self.low - reach) & (found <= self.high + reach)

    def encode(self, column: Array) -> Array:
        """float64 (n,)."""
        return self.format.read(column)

    def restore(self, answers: Array) -> Array:
        """A finished network's answers in the target's unit, float64."""
        return answers.astype(np.float64) + self.offset

    def digits(self, values: Array) -> Array:
        """Numbers with the digits that a float32 network knows of them, and no more."""
        step = 10.0 ** (np.floor(np.log10(self.scale)) - 6)
        with np.errstate(over="ignore", invalid="ignore"):
            rounded = np.round((values - self.offset) / step) * step + self.offset
        return np.where(np.isfinite(rounded), [float(f"{v:.15g}") for v in rounded], values)

    def refit(self, column: Array) -> Self:
        """The mean and the scale of these rows."""
        return self.learn(self.name, self.encode(column), self.format)


def tamed(values: Array) -> tuple[Array, Array]:
    """Numbers of which none lies far out alone, and the places of those that did.

    One slip of 1e9 among numbers about 1 is nearly all of their variance, so a least-squares fit
    learns that row and nothing else. It becomes the number at which the others end. A long
    tail is left as it is: in one each number is a few times as far out as the next.

    Args:
        values: a target's numbers (n,), none missing.

    Examples:
        >>> from hyalite.data.tables.targets import tamed
        >>> values, places = tamed(np.append(np.arange(100.0), 1e9))
        >>> values[-1], places.tolist()
        (np.float64(100.0), [100])
    """
    most = min(LONE, int(LONE_SHARE * len(values)))
    if not most:
        return values, np.empty(0, np.int64)
    center = float(np.median(values))
    with np.errstate(over="ignore"):
        far = np.abs(values - center)
    last = np.argpartition(far, -most - 1)[-most - 1 :]
    last = last[np.argsort(-far[last], kind="stable")]
    for count in range(most, 0, -1):
        end = float(far[last[count]])
        if end > 0 and far[last[count - 1]] > LONE_DISTANCE * end:
            return values.clip(center - end, center + end), np.sort(last[:count])
    return values, np.empty(0, np.int64)


def tamed_words(name: str, values: Array, row_numbers: Array) -> str:
    """What `tamed` does to a target's numbers, in words; empty where it does nothing."""
    tame, places = tamed(values)
    if not len(places):
        return ""
    rows = ", ".join(f"{values[p]:.6g} (row {row_numbers[p]:,})" for p in places)
    them = "it is" if len(places) == 1 else "they are"
    return (
        f"the target {name!r} has {rows}, {LONE_DISTANCE:.0f} times as far out as all others: "
        f"{them} learned as {', '.join(f'{v:.6g}' for v in np.unique(tame[places]))}; mend the "
        "table where it is a slip"
    )


def _texts(values: Array) -> Array:
    return values if values.dtype.kind == "O" else TextFormat().typed(values)

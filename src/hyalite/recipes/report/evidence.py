"""What a report is made of: plain arrays and texts, whatever was trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from hyalite import checks
from hyalite.parameters import Array


@dataclass(frozen=True)
class Way:
    """One way to predict, and its answers.

    Attributes:
        name: as one speaks of it, such as "logistic regression".
        answers: probabilities (n, classes), or numbers (n,) in the target's unit.
    """

    name: str
    answers: Array


@dataclass(frozen=True)
class Intervals:
    """Intervals that were predicted for the rows.

    Attributes:
        low, high: their ends, (n,).
        coverage: the share of rows that they are to hold, such as 0.9.
    """

    low: Array
    high: Array
    coverage: float


@dataclass(frozen=True)
class Column:
    """A column that the model reads.

    Attributes:
        name: of it.
        kind: "number", "date" or "category".
        places: which features of x it became.
        values: of the rows of the evidence, (n,): float64 with NaN for a gap, datetime64 with NaT,
            or texts with None.
        training: of the training rows; None where the rows of the evidence are all there are.
    """

    name: str
    kind: Literal["number", "date", "category"]
    places: Sequence[int]
    values: Array
    training: Array | None = None

    @property
    def gaps(self) -> Array:
        """Which of `values` are missing, (n,) of truths."""
        return gaps(self.values)


@dataclass(frozen=True)
class Inside:
    """The rows as the model takes them, for what asks it further questions.

    Attributes:
        x: of the rows of the evidence, (n, features).
        predict: from such x to answers like those of `Way`.
        columns: which are in x.
        x_training, y_training: of the rows trained on, where the others were cut off them.
        seen: whether `predict` has learned from these rows, as a model of all folds has.
    """

    x: Array
    predict: Callable[[Array], Array]
    columns: Sequence[Column]
    x_training: Array | None = None
    y_training: Array | None = None
    seen: bool = False


@dataclass(frozen=True)
class Curves:
    """What training measured after each epoch.

    Attributes:
        what: was measured, such as "log loss" or "mean error".
        series: by name ("training", "validation"), a number an epoch, or None.
        best: the epoch that was kept, counted from 1, or None for the last.
    """

    what: str
    series: Mapping[str, Sequence[float | None]]
    best: int | None = None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a report is made of: answers for rows that training never saw, and what is known.

    Attributes:
        name: of the data.
        target: what is predicted.
        y: true labels, int (n,), or numbers (n,) in their unit, of rows never trained on.
        network: what was trained, such as "this network", and its answers for these rows.
        trivial: the answer without looking, such as "always 'no'".
        linear: the linear model, where there is one.
        classes: names by label; none where y is numbers.
        rows: what the rows are, such as "validation rows".
        kept: how they were kept back, in words that follow on their name.
        weights: of the rows (n,).
        intervals: that were predicted.
        read: what was read, column by column: rows of texts, the first of them the head.
        notes: sentences of whoever read the table: columns left out, cells taken as gaps.
        inside: the rows as the model takes them; without it there are no effects, and fewer
            warnings.
        curves: of training.
        facts: what else there is to say, by name, such as {"trained in": "3.1 s"}.
        uses: title -> lines to copy, such as {"In Python": "import hyalite as hy..."}.

    Raises:
        ValueError: answers that do not fit y.
    """

    name: str
    target: str
    y: Array
    network: Way
    trivial: Way
    linear: Way | None = None
    classes: tuple[str, ...] = ()
    rows: str = "validation rows"
    kept: str = "which training never saw"
    weights: Array | None = None
    intervals: Intervals | None = None
    read: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()
    inside: Inside | None = None
    curves: Curves | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    uses: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = (len(self.y), len(self.classes)) if self.classes else (len(self.y),)
        if not len(self.y):
            raise ValueError("y must have a row or more; a report needs rows that were held out")
        for way in self.ways:
            if np.shape(way.answers) != shape:
                raise ValueError(
                    f"the answers of {way.name} must have shape {shape}, "
                    f"got {np.shape(way.answers)}"
                )
        if self.weights is not None:
            checks.weights(self.weights, len(self.y))

    @property
    def ways(self) -> list[Way]:
        """The network first, the trivial answer last."""
        return [way for way in (self.network, self.linear, self.trivial) if way is not None]

    @property
    def rows_text(self) -> str:
        """How many rows, and which."""
        return f"{len(self.y):,} {self.rows}"


def gaps(values: Array) -> Array:
    """Which are missing: NaN, NaT or None."""
    if values.dtype == object:
        return np.array([value is None for value in values], bool)
    return np.asarray(np.isnat(values) if values.dtype.kind in "mM" else np.isnan(values))


def as_floats(values: Array) -> Array:
    """Numbers or dates as float64 with NaN for a gap."""
    if values.dtype.kind in "mM":
        numbers = values.astype("M8[us]" if values.dtype.kind == "M" else "m8[us]")
        return np.where(np.isnat(values), np.nan, numbers.astype(np.int64).astype(np.float64))
    return values.astype(np.float64)

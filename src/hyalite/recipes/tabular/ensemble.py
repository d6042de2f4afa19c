"""`TabularModel`: several networks, their preparation and calibration, as one that predicts."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.data import tables
from hyalite.data.tables import Preparation, Table
from hyalite.errors import DataWarning
from hyalite.parameters import Array
from hyalite.recipes.tabular.calibration import floored, tempered
from hyalite.recipes.tabular.intervals import Intervals
from hyalite.recipes.tabular.member import Member
from hyalite.recipes.tabular.scores import evaluation
from hyalite.text import text_table
from hyalite.translation import translated


class TabularModel:
    """A mixture of networks (and a linear model) for the rows of a table.

    p = floored(tempered(Σ weight·p of each member)), or for numbers y = Σ weight·y of each member.

    `hy.recipes.fit_table` and the estimators of `hyalite.sklearn` make it, `hy.recipes.load` reads
    it from its file.

    Args:
        preparation: of the table's columns.
        members: what is mixed.
        weights: what each counts, (members,), of sum 1.
        rows: that were learned from; see `floored`.
        temperature: of classes; see `tempered`.
        threshold: of two classes, the probability of the second from which on its F1 is largest.
        intervals: of numbers.
        metadata: JSON data that goes into the file.

    Attributes:
        classes: names in the order of the probabilities; none where it predicts numbers.

    Raises:
        ValueError: not a weight for each member, or none of them.

    Examples:
        >>> rooms = np.arange(40) % 5 + 1.0
        >>> table = hy.tables.Table({"rooms": rooms, "price": 100.5 * rooms})
        >>> model = hy.recipes.fit_table(table, "price", effort="quick", verbose=0).model
        >>> model.save("houses.safetensors")
        >>> again = hy.recipes.load("houses.safetensors")
        >>> again.predict(hy.tables.Table({"rooms": np.array([3.0])})).round(-1).tolist()
        [300.0]
    """

    def __init__(
        self,
        preparation: Preparation,
        members: Sequence[Member],
        weights: Sequence[float] | Array,
        *,
        rows: int = 1,
        temperature: float = 1.0,
        threshold: float | None = None,
        intervals: Intervals | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self.preparation, self.members = preparation, tuple(members)
        self.weights = np.asarray(weights, np.float64)
        self.rows = checks.integer(rows, "rows")
        self.temperature, self.threshold, self.intervals = temperature, threshold, intervals
        self.metadata = dict(metadata or {})
        self._told: set[str] = set()  # columns of which it was said what training never saw
        target = preparation.target
        self.classes: tuple[str, ...] = tuple(getattr(target, "known", ()))
        if len(self.members) != len(self.weights) or not len(self.members):
            raise ValueError(
                f"weights must be one for each of {len(self.members)} members, got "
                f"{len(self.weights)}"
            )

    # From inputs ------------------------------------------------------------------------------

    def outputs(self, x: Array) -> Array:
        """Probabilities (n, classes), or numbers (n,), for prepared inputs x (n, features)."""
        total: Any = 0.0
        for weight, member in zip(self.weights, self.members, strict=True):
            total = total + weight * member.answers(x)
        if not self.classes:
            return np.asarray(total)
        return floored(tempered(total, self.temperature), self.rows)

    def use_engine(self, engine: str) -> None:
        """Let all members predict by "compiled", "numpy" or "auto", as `Sequential.compile` has it.

        The engines round differently; a file does not say which one it was.
        """
        for member in self.members:
            member.model.engine = engine

    # From raw rows ----------------------------------------------------------------------------

    def inputs(self, data: Any) -> Array:
        """Rows as the networks take them, (n, features).

        Args:
            data: a data frame of pandas, polars or pyarrow, a `Table`, or the path of a table's
                file. The target may be missing.

        A cell that is no value of its column's kind counts as a gap. It is named in a warning, as
        is what training never saw; once for each column.

        Raises:
            ValueError: a column is missing.

        Warns:
            DataWarning: with what `preparation.notes` says.
        """
        rows = self.read(data) if isinstance(data, str | Path) else data
        unseen = self.preparation.unseen(rows, self._told)
        if unseen:
            self._told |= set(unseen)
            said = "; ".join(f"column {name!r}: {text}" for name, text in unseen.items())
            warnings.warn(f"training saw no such rows: {said}", DataWarning, stacklevel=3)
        return self.preparation.x(rows)

    def read(self, path: str | Path, **reading: Any) -> Table:
        """The rows of a file; by name what `tables.read` takes, such as ``encoding="gb18030"``."""
        return tables.read(path, **reading)

    def predict(self, data: Any) -> Array:
        """The name of the likeliest class for each row, (n,), or its number."""
        found = self.outputs(self.inputs(data))
        return np.array(self.classes)[found.argmax(axis=1)] if self.classes else found

    def predict_proba(self, data: Any) -> Array:
        """The probability of each class, (n, classes), in the order of `classes`.

        Raises:
            ValueError: the model predicts numbers.
        """
        if not self.classes:
            raise ValueError(
                "the model predicts numbers, which have no probabilities; predict_interval says "
                "how sure it is"
            )
        return self.outputs(self.inputs(data))

    def predict_interval(self, data: Any, coverage: float = 0.9) -> Array:
        """Between which two numbers the true one lies in that share of all rows, (n, 2).

        Raises:
            ValueError: the model predicts classes, or coverage is not above 0 and below 1.
        """
        return self.interval_of(self.outputs(self.inputs(data)), coverage)

    def interval_of(self, predicted: Array, coverage: float) -> Array:
        """The interval about each predicted number, (n, 2)."""
        if self.intervals is None:
            raise ValueError(
                "intervals are of numbers; the model predicts classes, see predict_proba"
            )
        width = self.intervals.widths(predicted, coverage)
        return np.column_stack([predicted - width, predicted + width])

    def evaluate(self, data: Any, **reading: Any) -> dict[str, float]:
        """Figures on rows that have the target: log loss and accuracy, or errors and R².

        Args:
            data: a data frame, or the file of a table.
            reading: how it is read, by name as `tables.read` takes it.
        """
        frame = self.read(data, **reading) if isinstance(data, str | Path) else data
        known = self.preparation.labelled(frame)
        return evaluation(self.outputs(self.preparation.x(known)), self.preparation.y(known))

    # Looking, saving --------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write all members, the preparation and the calibration to one safetensors file.

        Raises:
            OSError: it cannot be written; an older file at `path` is then untouched.
        """
        from hyalite.recipes.tabular.storage import save  # which knows this class

        save(self, path)

    def __str__(self) -> str:
        rows = [list(map(translated, ("member", "share", "layers", "parameters")))]
        for number, (weight, member) in enumerate(zip(self.weights, self.members, strict=True), 1):
            layers = " ".join(_short(layer) for layer in member.model.layers)
            size = f"{member.model.theta.size:,}"
            rows.append([str(number), f"{100 * weight:.1f} %", layers, size])
        total = sum(member.model.theta.size for member in self.members)
        return (
            f"{text_table(rows, '<><>')}\n{total:,} parameters; "
            f"predicts {self.preparation.target.name!r} from "
            f"{len(self.preparation.columns)} columns"
        )

    def __repr__(self) -> str:
        return f"<TabularModel of {len(self.members)} members for {self.preparation.target.name!r}>"


def _short(layer: Any) -> str:
    units = getattr(layer, "units", None)
    return type(layer).__name__ + (f"({units})" if units is not None else "")

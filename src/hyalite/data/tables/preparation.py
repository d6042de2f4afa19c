"""From the rows of a table to what a network takes, and the same way again for rows to come."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from hyalite.config import Configurable, nearest
from hyalite.data.tables.column import Column
from hyalite.data.tables.description import HEAD, described, inputs_of
from hyalite.data.tables.learning import (
    check_column,
    column_of,
    remarks_of,
    target_of,
    target_rows,
)
from hyalite.data.tables.renaming import called
from hyalite.data.tables.schema import Schema
from hyalite.data.tables.table import Table
from hyalite.data.tables.targets import ClassTarget, NumericTarget, tamed_words
from hyalite.data.tables.understanding import Options, understand
from hyalite.parameters import Array

MASKED_SHARE = 0.02  # of the rows, whose category is hidden so that "(other)" is trained


class Preparation(Configurable):
    """What was learned of a table's columns, and how rows become numbers by it.

    Numbers are scaled by median and quartiles, missing ones filled with the median and marked;
    categories get a feature each, or an embedding where they are more than 8; dates become numbers
    and places in the cycles of year, week and day. How the cells are read is kept: decimal signs,
    order of day and month, gaps. So what a row becomes never depends on the rows beside it, nor on
    whether it comes from a file or from a data frame.

    Args:
        columns: how each is encoded.
        target: the column to predict.
        left_out: columns that say nothing, with the reason.
        by_role: put the features of all columns in the order numbers, indicators, categories; else
            they stand column by column, embedded ones last, as in files of former versions.
        remarks: what is to be said of the rows that were learned from.
        about: what `describe` says, by column.

    Raises:
        ValueError: no column is left, or two have one name.

    Examples:
        Rooms have the median 2, and quartiles 2 apart:

        >>> columns = {"rooms": ["1", "3", "1", "3"], "town": list("ABBA"),
        ...            "price": ["1,5", "4", "2", "3,5"]}
        >>> table = hy.tables.Table(columns)
        >>> preparation = hy.tables.Preparation.learn(table, "price")
        >>> preparation.features, preparation.y(table).tolist()
        (['rooms', 'town = A', 'town = B'], [1.5, 4.0, 2.0, 3.5])
        >>> preparation.x(table)[:2].tolist()
        [[-0.5, 1.0, 0.0], [0.5, 0.0, 1.0]]
    """

    def __init__(
        self,
        columns: Iterable[Column],
        target: ClassTarget | NumericTarget,
        left_out: Mapping[str, str] | None = None,
        by_role: bool = False,
        remarks: Iterable[str] = (),
        about: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.columns = tuple(sorted(columns, key=lambda column: column.embedded > 0))
        self.target = target
        self.left_out = dict(left_out or {})
        self.by_role, self.remarks = bool(by_role), tuple(remarks)
        self.about = {name: tuple(row) for name, row in (about or {}).items()}
        names = [column.name for column in self.columns]
        if not names:
            reasons = "".join(f"; {name!r}: {why}" for name, why in self.left_out.items())
            raise ValueError(f"no column is left to predict {target.name!r} from{reasons}")
        if len(set(names)) < len(names):
            raise ValueError(f"two columns have one name: {', '.join(names)}")
        self._places = self._order()

    @classmethod
    def learn(
        cls,
        frame: Any,
        target: str,
        *,
        task: str = "auto",
        categories: Collection[str] = (),
        ignore: Collection[str] | Mapping[str, str] = (),
        classes: Sequence[str] | None = None,
        types: Mapping[str, str] | None = None,
        decimal: str | None = None,
        thousands: str | None = None,
        na_values: Sequence[str] = (),
    ) -> Self:
        """Look at a table to train on.

        Args:
            frame: the table.
            target: the column to predict; rows without it are not looked at.
            task: "classification", "regression", or "auto": classes where the target is texts,
                truths, or at most 20 different whole numbers that are repeated.
            categories: columns of numbers that stand for categories, such as a postal code.
            ignore: columns to leave out; a mapping gives the reason for each.
            classes: of the target, in the order of their labels, where these rows may lack some.
            types: what columns are, where it is not seen: "number", "category", "date", "date-dmy",
                "date-mdy", "date-ymd", "time", "truth", "text" or "ignore".
            decimal: the decimal sign of numbers in texts.
            thousands: the sign between their groups of three digits.
            na_values: texts that are gaps, beside the usual ones such as NA and n/a.

        Raises:
            ValueError: no such column; a target that does not fit the task, or from which nothing
                can be learned; no rows.
        """
        reasons = dict(ignore) if isinstance(ignore, Mapping) else dict.fromkeys(ignore, "ignored")
        types = {**dict.fromkeys(categories, "category"), **(types or {})}
        target, types = str(target), {str(name): kind for name, kind in types.items()}
        reasons = {str(name): why for name, why in reasons.items()}
        types |= dict.fromkeys(reasons, "ignore")
        options = Options(decimal, thousands, na_values, types)
        table = Table.of(frame, lambda name: types.get(name) != "ignore")
        check_column(target, table.column_names)
        for name in types:
            check_column(name, table.column_names)
        if target in reasons:
            raise ValueError(f"the target {target!r} cannot be left out: it is among the ignored")
        understood = understand(table, options, target=target)
        there = target_rows(understood[target])
        remarks = remarks_of(table, understood, target, there)
        known, parts = table, understood
        if not there.all():
            known = table.take(there)
            parts = {name: found.take(there) for name, found in understood.items()}
        learned = target_of(parts[target], known, task, classes)
        if isinstance(learned, NumericTarget):
            words = tamed_words(target, parts[target].values, known.row_numbers)
            remarks += [words] if words else []
        columns, left_out = {}, {}
        for name, part in parts.items():
            if name != target:
                made = reasons.get(name) or column_of(part)
                if isinstance(made, str):
                    left_out[name] = made
                else:
                    columns[name] = made
        about = described(table, understood, columns, left_out, target)
        return cls(columns.values(), learned, left_out, True, remarks, about)

    def refit(self, frame: Any) -> Self:
        """The same columns, read in the same way, with the figures of other rows.

        So what was seen in all rows (what a column is, how its cells are written, which classes
        there are) stays, while all figures come from the rows of a fold.

        Args:
            frame: rows that have the target.
        """
        table = self._table(frame, also=[self.target.name])
        return type(self)(
            [column.refit(table[column.name]) for column in self.columns],
            self.target.refit(table[self.target.name]),
            self.left_out,
            self.by_role,
            self.remarks,
            self.about,
        )

    @property
    def features(self) -> list[str]:
        """Names of the network's inputs."""
        names = [""] * self._count
        for column, places in zip(self.columns, self._places, strict=True):
            for place, feature in zip(places, column.features, strict=True):
                names[place] = feature
        return names

    @property
    def groups(self) -> dict[str, list[int]]:
        """Which inputs each column became."""
        return {
            column.name: places.tolist()
            for column, places in zip(self.columns, self._places, strict=True)
        }

    @property
    def embedded(self) -> tuple[int, ...]:
        """Categories of each of the last inputs, as `Embedding` takes them."""
        return tuple(column.embedded for column in self.columns if column.embedded)

    @property
    def schema(self) -> Schema:
        """What each of the inputs is."""
        found: dict[str, list[int]] = {"number": [], "indicator": [], "category": []}
        for column, places in zip(self.columns, self._places, strict=True):
            for place, role in zip(places.tolist(), column.roles, strict=True):
                found[role].append(place)
        categories = zip(found["category"], self.embedded, strict=True)
        return Schema(
            tuple(sorted(found["number"])), tuple(sorted(found["indicator"])), tuple(categories)
        )

    @property
    def _count(self) -> int:
        return sum(map(len, self._places))

    def _order(self) -> list[Array]:
        """The places of each column's features among all."""
        roles = [column.roles for column in self.columns]
        flat = np.array([role for own in roles for role in own])
        places = np.arange(len(flat))
        if self.by_role:
            order = {"number": 0, "indicator": 1, "category": 2}
            ranked = np.argsort([order[role] for role in flat], kind="stable")
            places[ranked] = np.arange(len(flat))
        return np.split(places, np.cumsum([len(own) for own in roles])[:-1])

    def x(self, frame: Any) -> Array:
        """The inputs, float32 (n, features). Columns that are not needed may be there.

        Raises:
            ValueError: columns are missing.
        """
        table = self._table(frame)
        x = np.empty((len(table), self._count), np.float32)
        for column, places in zip(self.columns, self._places, strict=True):
            x[:, places] = column.encode(table[column.name])
        return x

    def y(self, frame: Any) -> Array:
        """The target: labels, int64 (n,), or numbers, float64 (n,).

        Raises:
            ValueError: the target is missing, or has a class not seen in training.
        """
        table = Table.of(frame, lambda name: name == self.target.name)
        table = called(table, [self.target.name])
        check_column(self.target.name, table.column_names)
        return self.target.encode(table[self.target.name])

    def labelled(self, frame: Any) -> Table:
        """The rows that have the target.

        Raises:
            ValueError: no such column, or no such rows.
        """
        needed = {self.target.name, *self.groups}
        table = called(Table.of(frame, needed.__contains__), needed)
        check_column(self.target.name, table.column_names)
        there = self.target.there(table[self.target.name])
        if not there.any():
            raise ValueError(f"the target {self.target.name!r} is missing in every row")
        return table if there.all() else table.take(there)

    def mask_unknown(self, x: Array, seed: int) -> Array:
        """x of the training rows, in which each embedded column's "(other)" is to be met.

        Where no rare value or gap of training is "(other)", a few rows are made so; else a value
        that training never saw would be answered from numbers that nothing trained.

        Args:
            x: as `x` gives it; not changed.
            seed: of the choice.
        """
        rng = np.random.default_rng(seed)
        for place, _ in self.schema.categories:
            if x[:, place].all():
                x = x.copy()
                count = max(1, round(MASKED_SHARE * len(x)))
                x[rng.choice(len(x), count, replace=False), place] = 0
        return x

    def notes(self, frame: Any) -> list[str]:
        """What is in these rows that was not in those of training, a line for each column."""
        return [f"column {name!r}: {text}" for name, text in self.unseen(frame).items()]

    def unseen(self, frame: Any, told: Collection[str] = ()) -> dict[str, str]:
        """What is in these rows that was not in those of training, by column, in words.

        Unknown categories, numbers far outside the range, dates after the last or before the first,
        gaps where there were none, and cells that are not of the column's kind.

        Args:
            frame: the rows.
            told: columns that are not looked at.
        """
        table = self._table(frame)
        found = {
            column.name: column.unknown(table[column.name], table.row_numbers)
            for column in self.columns
            if column.name not in told
        }
        return {name: text for name, text in found.items() if text}

    def describe(self) -> list[tuple[str, ...]]:
        """What was decided of each column: rows of texts, the first of which is the head.

        The column, what it holds and how that is written, a cell, how many cells are gaps, how many
        are not of the kind and taken as gaps, and what the column becomes.
        """
        if self.about:
            return [HEAD, *((name, *row) for name, row in self.about.items())]
        rows = [(c.name, c.kind, "", "", "", inputs_of(c)) for c in self.columns]
        rows += [(name, "", "", "", "", f"left out: {why}") for name, why in self.left_out.items()]
        return [HEAD, *rows, (self.target.name, "", "", "", "", "the target")]

    def _table(self, frame: Any, also: Sequence[str] = ()) -> Table:
        needed = {*(column.name for column in self.columns), *also}
        table = called(Table.of(frame, needed.__contains__), needed)
        missing = [name for name in self.groups if name not in table]
        missing += [name for name in also if name not in table]
        if missing:
            raise ValueError(
                f"the table has no column {', '.join(map(repr, missing))}. "
                f"{nearest(missing[0], table.column_names)}The model was trained with "
                f"{', '.join(column.name for column in self.columns)}"
            )
        return table

    def store(self, model: Any) -> None:
        """Deprecated: ``hy.recipes.TablePipeline(model, preparation)`` does it."""
        warnings.warn(
            "Preparation.store is deprecated; write hy.recipes.TablePipeline(model, preparation)",
            DeprecationWarning,
            stacklevel=2,
        )
        # by name: models are above this room, and this line goes with the method
        importlib.import_module("hyalite.recipes").TablePipeline(model, self)


def known_rows(frame: Any, target: str) -> Table:
    """The rows in which the target is not missing.

    Raises:
        ValueError: no such column, or no such rows.

    Examples:
        >>> table = hy.tables.Table({"rooms": ["1", "3", "1"], "price": ["1.5", "n/a", "2"]})
        >>> hy.tables.known_rows(table, "price")["rooms"].tolist()
        ['1', '1']
    """
    table, target = Table.of(frame), str(target)
    check_column(target, table.column_names)
    there = target_rows(understand(table, names=[target], target=target)[target])
    return table if there.all() else table.take(there)

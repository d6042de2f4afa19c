"""From the rows of a table to what a network takes, and the same way again for rows to come."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from hyalite.config import Configurable, nearest
from hyalite.data.tables import values
from hyalite.data.tables.bridge import frame_of
from hyalite.data.tables.columns import (
    Category,
    ClassTarget,
    Column,
    DateTime,
    Number,
    NumericTarget,
)
from hyalite.data.tables.table import Table
from hyalite.errors import require
from hyalite.parameters import Array

TASKS = ("auto", "classification", "regression")
MAX_CLASS_NUMBERS = 20  # different whole numbers are taken for classes
MIN_TOLD_APART_ROWS = 20  # in fewer the running number and free texts are not told from others


class Preparation(Configurable):
    """What was learned of a table's columns, and how rows become numbers by it.

    Numbers are standardised, missing ones filled with the median and marked; categories get a
    feature each, or an embedding where they are many; dates become numbers and places in the cycles
    of year, week and day. Rows may come as any data frame that narwhals knows: pandas, polars,
    pyarrow.

    Args:
        columns: how each is encoded; embedded ones come last.
        target: the column to predict.
        left_out: columns that say nothing, with the reason.

    Raises:
        ValueError: no column is left, or two have one name.

    Examples:
        Rooms have the mean 2 and the standard deviation 1:

        >>> import pyarrow
        >>> columns = {"rooms": [1, 3, 1, 3], "town": list("ABBA"), "price": [1.5, 4.0, 2.0, 3.5]}
        >>> table = pyarrow.table(columns)
        >>> preparation = hy.tables.Preparation.learn(table, "price")
        >>> preparation.features, preparation.y(table).tolist()
        (['rooms', 'town = A', 'town = B'], [1.5, 4.0, 2.0, 3.5])
        >>> preparation.x(table)[:2].tolist()
        [[-1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """

    def __init__(
        self,
        columns: Iterable[Column],
        target: ClassTarget | NumericTarget,
        left_out: Mapping[str, str] | None = None,
    ) -> None:
        self.columns = tuple(sorted(columns, key=lambda column: column.embedded > 0))
        self.target = target
        self.left_out = dict(left_out or {})
        names = [column.name for column in self.columns]
        if not names:
            raise ValueError(f"no column is left to predict {target.name!r} from")
        if len(set(names)) < len(names):
            raise ValueError(f"two columns have one name: {', '.join(names)}")

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
    ) -> Self:
        """Look at a table to train on.

        Args:
            frame: the table.
            target: the column to predict; rows without it are not looked at.
            task: "classification", "regression", or "auto": classes where the target is texts,
                truths, or at most 20 different whole numbers.
            categories: columns of numbers that stand for categories, such as a postal code.
            ignore: columns to leave out; a mapping gives the reason for each.
            classes: of the target, in the order of their labels, where these rows may lack some:
                ``learn(some_rows, target, classes=all_rows.target.known)``.

        Raises:
            ValueError: no such column; a target that does not fit the task; no rows.
        """
        reasons = dict(ignore) if isinstance(ignore, Mapping) else dict.fromkeys(ignore, "ignored")
        table = known_rows(frame, target)
        for name in (*categories, *reasons):
            _check_column(name, table.columns)
        if task not in TASKS:
            raise ValueError(f"task must be one of {', '.join(TASKS)}, got {task!r}")
        if task == "auto":
            task = _task_of(table[target]) if classes is None else "classification"
        if classes is not None and task != "classification":
            raise ValueError(f"classes are for task='classification', got task={task!r}")
        learned: ClassTarget | NumericTarget
        if classes is not None:
            learned = ClassTarget(target, classes)
        elif task == "classification":
            learned = ClassTarget.learn(table[target])
        else:
            learned = NumericTarget.learn(table[target])
        columns, left_out = [], {}
        for name in table.columns:
            if name == target:
                continue
            found = reasons.get(name) or _learn(table[name], name in categories)
            if isinstance(found, str):
                left_out[name] = found
            else:
                columns.append(found)
        return cls(columns, learned, left_out)

    @property
    def features(self) -> list[str]:
        """Names of the network's inputs."""
        return [feature for column in self.columns for feature in column.features]

    @property
    def groups(self) -> dict[str, list[int]]:
        """Which inputs each column became."""
        found, start = {}, 0
        for column in self.columns:
            stop = start + len(column.features)
            found[column.name] = list(range(start, stop))
            start = stop
        return found

    @property
    def embedded(self) -> tuple[int, ...]:
        """Categories of each of the last inputs, as `Embedding` takes them."""
        return tuple(column.embedded for column in self.columns if column.embedded)

    def x(self, frame: Any) -> Array:
        """The inputs, float32 (n, features). Columns that are not needed may be there.

        Raises:
            ValueError: columns are missing, or hold another kind of values than in training.
        """
        table = self._table(frame)
        return np.hstack([column.encode(table[column.name]) for column in self.columns]).astype(
            np.float32
        )

    def y(self, frame: Any) -> Array:
        """The target: labels, int64 (n,), or numbers, float64 (n,).

        Raises:
            ValueError: the target is missing, or has a class not seen in training.
        """
        table = as_frame(frame)
        _check_column(self.target.name, table.columns)
        return self.target.encode(table[self.target.name])

    def notes(self, frame: Any) -> list[str]:
        """What is in these rows that was not in those of training, a line for each column."""
        table = self._table(frame)
        found = [(column.name, column.unknown(table[column.name])) for column in self.columns]
        return [f"column {name!r}: {text}" for name, text in found if text]

    def _table(self, frame: Any) -> Any:
        table = as_frame(frame)
        missing = [c.name for c in self.columns if c.name not in table.columns]
        if missing:
            raise ValueError(
                f"the table has no column {', '.join(map(repr, missing))}. "
                f"{nearest(missing[0], table.columns)}The model was trained with "
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


def as_frame(frame: Any) -> Any:
    """Any data frame as one of narwhals.

    Raises:
        ValueError: no data frame, or two columns have one name.
        MissingExtra: narwhals is not installed.
    """
    narwhals = require("narwhals", extra="tables", purpose="reading tables")
    if isinstance(frame, Table):
        frame = frame_of(frame)
    try:
        return narwhals.from_native(frame, eager_only=True)
    except TypeError:
        raise ValueError(
            f"expected a data frame of pandas, polars or pyarrow, got {type(frame).__name__}"
        ) from None
    except narwhals.exceptions.DuplicateError as error:
        raise ValueError(f"the table's columns must have different names: {error}") from None


def known_rows(frame: Any, target: str) -> Any:
    """The rows in which the target is not missing.

    Raises:
        ValueError: no such column, or no such rows.

    Examples:
        >>> import pyarrow
        >>> table = pyarrow.table({"rooms": [1, 3, 1], "price": [1.5, None, 2.0]})
        >>> hy.tables.known_rows(table, "price")["rooms"].to_list()
        [1, 1]
    """
    table = as_frame(frame)
    _check_column(target, table.columns)
    series = table[target]
    there = ~series.is_null()
    if series.dtype.is_float():
        there = there & series.is_finite().fill_null(False)
    table = table.filter(there)
    if not len(table):
        raise ValueError(f"the target {target!r} is missing in every row")
    return table


def _check_column(name: str, names: list[str]) -> None:
    if name not in names:
        raise ValueError(
            f"there is no column {name!r}. {nearest(name, names)}"
            f"The columns are {', '.join(map(str, names))}"
        )


def _task_of(target: Any) -> str:
    if values.column_kind(target) == "number":
        found = np.unique(values.numbers(target))
        whole = bool((found == np.floor(found)).all())
        return "classification" if whole and len(found) <= MAX_CLASS_NUMBERS else "regression"
    return "classification"


def _learn(series: Any, as_category: bool) -> Column | str:
    """How a column is encoded, or why it is left out."""
    kind = values.column_kind(series)
    if kind == "empty":
        return "empty"
    if kind == "datetime":
        found = values.days(series)
        return "one value" if _is_constant(found) else DateTime.learn(series.name, found)
    if kind == "number" and not as_category:
        found = values.numbers(series)
        known = found[~np.isnan(found)]
        if not len(known):
            return "empty"
        if _is_constant(found):
            return "one value"
        if len(found) >= MIN_TOLD_APART_ROWS and _is_running(found):
            return "a running number"  # it may tell the order of the rows, and so the target
        return Number.learn(series.name, found)
    texts = values.texts(series)
    different = len({text for text in texts if text is not None})
    if different == 1 and None not in texts:
        return "one value"
    if different > max(MIN_TOLD_APART_ROWS, len(texts) / 2) and not as_category:
        return f"{different:,} different texts in {len(texts):,} rows"
    return Category.learn(series.name, texts)


def _is_constant(found: Array) -> bool:
    """Whether all are there and equal."""
    return bool((found == found[0]).all())


def _is_running(found: Array) -> bool:
    """Whether it numbers the rows, some of which may be left out; years do not."""
    found = np.sort(found)
    counts = (np.diff(found) >= 1).all() and found[0] >= 0 and found[-1] < 1.5 * len(found)
    return bool(counts and (found == np.floor(found)).all())

"""What becomes of each column of a table, decided by the rows to train on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from hyalite.config import nearest
from hyalite.data.tables.category_column import Category
from hyalite.data.tables.category_texts import TextFormat
from hyalite.data.tables.column import Column
from hyalite.data.tables.date_column import DateTime
from hyalite.data.tables.formats import is_missing
from hyalite.data.tables.identifiers import number_reason, text_reason
from hyalite.data.tables.number_column import Number, is_constant
from hyalite.data.tables.table import Table
from hyalite.data.tables.targets import MAX_CLASSES, ClassTarget, NumericTarget
from hyalite.data.tables.understanding import Understood
from hyalite.parameters import Array

TASKS = ("auto", "classification", "regression")
WILD = 1e9  # distances of the quartiles from the median: no target is so far away


def check_column(name: str, names: Sequence[str]) -> None:
    """Refuse the name of a column that is not there.

    Raises:
        ValueError: with the nearest name.
    """
    if name not in names:
        raise ValueError(
            f"there is no column {name!r}. {nearest(name, names)}"
            f"The columns are {', '.join(map(str, names))}"
        )


def target_rows(found: Understood) -> Array:
    """Truths (n,): the rows in which the target is there, and no number beyond all measure.

    Raises:
        ValueError: no row has one.
    """
    there = ~is_missing(found.values)
    if not there.any() and len(found.odd):
        how = found.format.describe()
        raise ValueError(
            f"no cell of the target {found.name!r} is a {found.kind}{f' {how}' if how else ''}, as "
            "options say it; leave away decimal, thousands or types (--decimal, --thousands, "
            "--type), or give others"
        )
    if not there.any():
        raise ValueError(f"the target {found.name!r} is missing in every row")
    if found.values.dtype.kind == "f" and not _are_few(found.values[there]):
        with np.errstate(invalid="ignore", over="ignore"):  # numbers may fill all of float64
            low, center, high = np.percentile(found.values[there], [25, 50, 75])
            reach = np.float64(WILD) * 2 * (high / 2 - low / 2)
            if reach > 0:
                there &= np.abs(found.values - center) <= reach
    return there


def target_of(
    found: Understood, table: Table, task: str, classes: Sequence[str] | None
) -> ClassTarget | NumericTarget:
    """What is predicted.

    Args:
        found: the target's column, of the rows that have it.
        table: these rows.
        task: one of `TASKS`.
        classes: of the target, where they are known.

    Raises:
        ValueError: it does not fit the task, or nothing can be learned from it.
    """
    name, values = found.name, found.values
    if task not in TASKS:
        raise ValueError(f"task must be one of {', '.join(TASKS)}, got {task!r}")
    if found.kind == "date":
        raise ValueError(
            f"the target {name!r} has dates, such as {_example(table[name])}; a network predicts "
            "numbers or classes: give the days until then, or the year"
        )
    auto = task == "auto"
    if auto:
        task = "classification" if classes is not None else _task_of(found)
    if classes is not None:
        if task != "classification":
            raise ValueError(f"classes are for task='classification', got task={task!r}")
        return ClassTarget(name, classes, found.format)
    if auto and not found.forced:
        _check_tells(found)
    if task == "classification":
        return ClassTarget.learn(name, values, found.format)
    if values.dtype.kind != "f":
        raise ValueError(
            f"the target {name!r} has no numbers, but texts such as {_example(table[name])}; write "
            "numbers, as 1234.5, or choose the task classification"
        )
    if is_constant(values):
        raise ValueError(
            f"the target {name!r} has one value only, {values[0]:.6g}; there is nothing to learn: "
            "choose another column"
        )
    return NumericTarget.learn(name, values, found.format)


def _task_of(found: Understood) -> str:
    """Classes where the target is texts, truths, or few whole numbers that are repeated."""
    if found.values.dtype.kind != "f":
        return "classification"
    classes = found.kind == "number" and _are_few(found.values)
    return "classification" if classes else "regression"


def _are_few(values: Array) -> bool:
    """Whether they are few whole numbers that are repeated, and so may be classes."""
    different = np.unique(values)
    whole = bool((different == np.floor(different)).all())
    return whole and len(different) <= min(MAX_CLASSES, max(2, len(values) // 2))


def _check_tells(found: Understood) -> None:
    """Refuse a target that names or numbers the rows."""
    reason = ""
    if found.values.dtype.kind == "f":
        reason = number_reason(found.name, found.values)
    if reason:
        raise ValueError(
            f"the target {found.name!r} is {reason}, which nothing in a row can tell; choose "
            "another column, or say task='regression' (--task) where it is a quantity"
        )


def column_of(found: Understood) -> Column | str:
    """How a column is encoded, or why it is left out."""
    if found.kind == "ignore":
        return "ignored"
    if found.kind == "text":
        return "free text"
    if found.kind == "empty" or is_missing(found.values).all():
        return "empty"
    if is_constant(found.values):
        return "one value"
    if found.kind == "date":
        return DateTime.learn(found.name, found.values, found.format)
    if found.kind in ("number", "time"):
        reason = "" if found.forced else number_reason(found.name, found.values)
        return reason or Number.learn(found.name, found.values, found.format)
    return _category_of(found)


def _category_of(found: Understood) -> Column | str:
    values = found.values if found.values.dtype.kind == "O" else TextFormat().typed(found.values)
    counts = Counter(values)
    counts.pop(None, None)
    reason = "" if found.forced else text_reason(len(counts), list(counts), len(values))
    return reason or Category.learn(found.name, values, found.format)


def remarks_of(
    table: Table, understood: Mapping[str, Understood], target: str, there: Array
) -> list[str]:
    """What is to be said aloud of what was decided, a line for each."""
    said = []
    gone = int(np.count_nonzero(~there))
    if gone:
        rows = "1 row has" if gone == 1 else f"{gone:,} of {len(there):,} rows have"
        are = "is" if gone == 1 else "are"
        said.append(f"{rows} no usable {target!r}, and {are} left out")
        wild = np.flatnonzero(~there & ~is_missing(understood[target].values))
        for row in wild[:1]:
            value = understood[target].values[row]
            said.append(
                f"{target!r}: {value:.6g} (row {table.row_numbers[row]:,}) is beyond all others"
            )
    for name, found in understood.items():
        if found.kind in ("text", "ignore", "empty"):
            continue
        said += [f"{name!r}: {words}" for words in (found.odd_words(table), found.unclear) if words]
    return said


def _example(column: Array) -> str:
    there = np.flatnonzero(~is_missing(column))
    return repr(str(column[there[0]]))

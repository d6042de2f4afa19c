"""What should make one doubt the figures: leaks, duplicates, rare classes, drift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from hyalite.parameters import Array
from hyalite.recipes.report.drift import drift
from hyalite.recipes.report.evidence import Column, Evidence, Inside
from hyalite.text import shown

RARE = 20  # rows of a class; of fewer nothing is learned for sure
SURE = 0.001  # how likely chance may be where drift is spoken of, over all columns together
LEAST_DRIFT = 0.1  # between two distributions, from 0 to 1: less is no matter
DUPLICATE_SHARE = 0.01  # of the rows
NAMED = 5  # columns that are named; more are counted


def warnings(evidence: Evidence, leaks: Mapping[str, float]) -> list[str]:
    """All of them as sentences, the gravest first; none where nothing was found.

    Args:
        evidence: with the rows.
        leaks: columns that alone tell the target, and the share that each leaves.
    """
    inside = evidence.inside
    found = [] if inside is None else [*_leaks(evidence, leaks), *_duplicates(evidence, inside)]
    found += _rare_classes(evidence)
    if inside is not None:
        found += _drift(inside.columns)
    return found


def _names(names: list[str]) -> str:
    some = ", ".join(repr(shown(name)) for name in names[:NAMED])
    return some + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")


def _leaks(evidence: Evidence, leaks: Mapping[str, float]) -> list[str]:
    of_what = "of the rows that guessing gets wrong" if evidence.classes else "of its variance"
    return [
        f"A leak is suspected: {shown(name)!r} alone tells {shown(evidence.target)!r}, all but "
        f"{100 * left:.1f} % {of_what}. Is it known before the target is? If not, leave it out "
        "(--ignore on the command line, ignore=... in Python)."
        for name, left in leaks.items()
    ]


def _duplicates(evidence: Evidence, inside: Inside) -> list[str]:
    """Rows of the cut that stand in the training rows, too; of folds, rows that stand twice."""
    rows = _rows(inside.x, evidence.y)
    if inside.x_training is not None and inside.y_training is not None:
        known = set(_rows(inside.x_training, inside.y_training))
        twins, where = sum(row in known for row in rows), "stand in the training rows, too"
    elif inside.seen:
        counts = Counter(rows)
        twins, where = sum(counts[row] > 1 for row in rows), "stand in the table more than once"
    else:
        return []
    if twins < max(1.0, DUPLICATE_SHARE * len(evidence.y)):
        return []
    return [
        f"{twins:,} of {evidence.rows_text} {where}, equal in every column that is read and in the "
        "target. Unless rows are often equal by nature, the figures are better than they will be "
        "on new rows."
    ]


def _rows(x: Array, y: Array) -> list[bytes] | list[tuple[object, ...]]:
    y = np.asarray(y, np.float64).reshape(len(x), 1)
    if x.dtype == object:
        return [(*row, target) for row, (target,) in zip(x.tolist(), y.tolist(), strict=True)]
    both = np.ascontiguousarray(np.hstack([x, y])) + 0.0  # -0.0 is 0.0
    return [row.tobytes() for row in both]


def _rare_classes(evidence: Evidence) -> list[str]:
    if not evidence.classes:
        return []
    count = len(evidence.classes)
    held = np.bincount(np.asarray(evidence.y, np.int64), minlength=count)
    inside, known = evidence.inside, np.zeros(count, np.int64)
    if inside is not None and inside.y_training is not None:
        known = np.bincount(np.asarray(inside.y_training, np.int64), minlength=count)
    rare = [place for place in range(count) if known[place] + held[place] < RARE]
    if len(rare) > NAMED:
        return [f"{len(rare):,} of {count:,} classes have fewer than {RARE} rows each."]
    return [
        f"The class {shown(evidence.classes[place])!r} has {known[place] + held[place]:,} rows, "
        f"{held[place]:,} of them among those measured on; its figures are a matter of chance."
        for place in rare
    ]


def _drift(columns: Sequence[Column]) -> list[str]:
    """Columns whose values are others in the rows measured on than in those trained on."""
    tried = [column for column in columns if column.training is not None]
    moved = []
    for column in tried:
        assert column.training is not None
        distance, chance = drift(column.training, column.values)
        if distance >= LEAST_DRIFT and chance < SURE / len(tried):
            moved.append(column.name)
    if not moved:
        return []
    return [
        f"The rows measured on differ from those trained on in {_names(moved)}: were they cut off "
        "by time or place? Then the figures say how the model does on such rows, and not on all."
    ]

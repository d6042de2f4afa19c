"""How the answer moves along a column: partial dependence, and where the rows lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hyalite.importance import VALUES_AT_ONCE
from hyalite.parameters import Array
from hyalite.recipes.report.evidence import Column, Inside, as_floats

ROWS, FEWEST_ROWS = 300, 50  # whose answers are averaged
CELLS = 6_000_000  # of x for one curve: the more columns there are, the fewer rows
POINTS = 20  # of numbers; as many different ones are taken as they are
VALUES = 12  # of a category, the most frequent ones
EDGE = 0.01  # share of the rows beyond each end of the curve, where there is little to go by


@dataclass(frozen=True)
class Dependence:
    """The mean answer if all rows had one value in a column.

    Attributes:
        column: which.
        at: rows of the column that have the values asked for; a value is ``column.values[row]``.
        answers: the mean answer for each, (points, outputs).
        missing: the same for a gap, (outputs,); None where no row has one.
    """

    column: Column
    at: Array
    answers: Array
    missing: Array | None


def partial_dependence(inside: Inside, column: Column, seed: int = 0) -> Dependence:
    """mean over rows i of f(x_i with the column as in row r), for rows r with different values.

    Values are asked for as they stand in a row, so that any kind of column will do. What goes with
    the column in life (a large house has many rooms) stays behind here, so read it with care.

    Args:
        inside: the model.
        column: one of its columns.
        seed: of the choice of rows.

    Source: Friedman, *Greedy function approximation*, 2001, section 8.2.
    """
    x = np.asarray(inside.x)
    count = min(ROWS, max(FEWEST_ROWS, CELLS // (POINTS * x.shape[1])))
    rows = np.sort(np.random.default_rng(seed).permutation(len(x))[:count])
    at, gap = _points(column), np.flatnonzero(column.gaps)[:1]
    answers = _mean_answers(inside, x[rows], x, column.places, [*at, *gap])
    return Dependence(column, at, answers[: len(at)], answers[len(at)] if len(gap) else None)


def _points(column: Column) -> Array:
    """Rows with the values to ask for: rising, or the most frequent first."""
    known = np.flatnonzero(~column.gaps)
    if column.values.dtype == object:
        first: dict[object, int] = {}
        counts: dict[object, int] = {}
        for row in known.tolist():
            value = column.values[row]
            first.setdefault(value, row)
            counts[value] = counts.get(value, 0) + 1
        often = sorted(counts, key=lambda value: (-counts[value], str(value)))[:VALUES]
        return np.array([first[value] for value in often], np.int64)
    values = as_floats(column.values)[known]
    order = np.argsort(values, kind="stable")
    different = np.unique(values)
    if len(different) <= POINTS:
        places = np.searchsorted(values[order], different)
    else:
        shares = np.linspace(EDGE, 1 - EDGE, POINTS)
        places = np.round(shares * (len(values) - 1)).astype(np.int64)
        _, firsts = np.unique(values[order][places], return_index=True)
        places = places[firsts]
    return np.asarray(known[order][places])


def _mean_answers(
    inside: Inside, x: Array, source: Array, places: Sequence[int], rows: Sequence[int]
) -> Array:
    """The mean answer with the column's features as in each of the rows, (rows, outputs)."""
    own, found = list(places), []
    at_once = max(1, VALUES_AT_ONCE // max(1, x.size))
    for start in range(0, len(rows), at_once):
        some = rows[start : start + at_once]
        copies = np.concatenate([x] * len(some)).reshape(len(some), *x.shape)
        for copy, row in zip(copies, some, strict=True):
            copy[:, own] = source[row, own]
        answers = np.asarray(inside.predict(copies.reshape(-1, x.shape[1])), np.float64)
        found.append(answers.reshape(len(some), len(x), -1).mean(axis=1))
    return np.concatenate(found)

"""What a single column tells of the target: nearly all of it where the target leaks into it."""

from __future__ import annotations

import numpy as np

from hyalite.parameters import Array
from hyalite.recipes.report.evidence import Evidence, as_floats

LEFT_MISSES = (
    0.03  # of the trivial answer's wrong rows: a column alone that leaves fewer is suspect
)
LEFT_VARIANCE = 0.01  # of a target of numbers


def leaks(evidence: Evidence) -> dict[str, float]:
    """Columns that alone tell the target, and the share of it that each leaves."""
    inside, classes = evidence.inside, len(evidence.classes)
    if inside is None:
        return {}
    y, found = np.asarray(evidence.y), {}
    for column in inside.columns:
        if column.training is None or inside.y_training is None:
            order = np.random.default_rng(0).permutation(len(y))  # the rows may be sorted
            one, other = order[: len(y) // 2], order[len(y) // 2 :]
            parts = (column.values[one], y[one]), (column.values[other], y[other])
        else:
            parts = (column.training, np.asarray(inside.y_training)), (column.values, y)
        both = [alone(*parts[0], *parts[1], classes), alone(*parts[1], *parts[0], classes)]
        misses, trivial = np.sum(both, axis=0)
        # one more wrong row, as so few rows may have been lucky
        left = (misses + bool(classes)) / trivial if trivial > 0 else 1.0
        if left <= (LEFT_MISSES if classes else LEFT_VARIANCE):
            found[column.name] = float(misses / trivial)
    return found


def alone(
    known: Array, y_known: Array, asked: Array, y: Array, classes: int
) -> tuple[float, float]:
    """What a column alone misses of the target, and what is missed without it, summed over rows.

    Wrong rows, or squared misses of numbers. Equal values are averaged, and what lies between two
    numbers is read off the line between their means; so any dependence is seen, at the price of
    twice the noise.

    Args:
        known: the column in some rows.
        y_known: the target there.
        asked: the column in other rows.
        y: the target there.
        classes: how many; 0 where the target is numbers.
    """
    truth = (y_known[:, None] == np.arange(classes)) if classes else y_known[:, None]
    truth = truth.astype(np.float64)
    mean = truth.mean(axis=0)
    truth = truth - mean  # far from zero the squares would lose their digits
    if known.dtype == object:
        told = _by_value(known, truth, asked)
    else:
        told = _by_line(as_floats(known), truth, as_floats(asked))
    if classes:
        return (
            float(((told + mean).argmax(axis=1) != y).sum()),
            float((y != mean.argmax()).sum()),
        )
    off = y - mean[0]
    return float(((told[:, 0] - off) ** 2).sum()), float((off**2).sum())


def _by_value(known: Array, truth: Array, asked: Array) -> Array:
    place = {value: number for number, value in enumerate(dict.fromkeys(known.tolist()))}
    where = np.array([place[value] for value in known], np.int64)
    sums = np.zeros((len(place), truth.shape[1]))
    np.add.at(sums, where, truth)
    means = sums / np.bincount(where, minlength=len(place))[:, None]
    new = np.zeros(truth.shape[1])
    return np.array([means[place[value]] if value in place else new for value in asked])


def _by_line(known: Array, truth: Array, asked: Array) -> Array:
    there = np.isfinite(known)
    told = np.zeros((len(asked), truth.shape[1]))
    if (~there).any():
        told[:] = truth[~there].mean(axis=0)
    if not there.any():
        return told
    at, where = np.unique(known[there], return_inverse=True)
    counts, rows = np.bincount(where), np.isfinite(asked)
    for output in range(truth.shape[1]):
        means = np.bincount(where, truth[there, output]) / counts
        told[rows, output] = np.interp(asked[rows], at, means)
    return told

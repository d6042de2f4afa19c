"""Probabilities that mean what they say: one temperature, and where a rare class begins."""

from __future__ import annotations

import numpy as np

from hyalite.parameters import Array
from hyalite.recipes.tabular.scores import SMALLEST, loss

# Beyond, the rows speak of something else than calibration: where all are right, the colder the
# better, and the first row that is not costs all of it.
COLDEST, HOTTEST = 0.8, 5.0
FEW_ROWS = 300  # at which a temperature is believed by half
# Of a row: a class is given at least so many of the rows that were seen. Over 17 tables 0.1 costs
# 3 % of the log loss; without any one impossible row may cost as much as a thousand others.
FLOOR = 0.01


def tempered(probabilities: Array, temperature: float) -> Array:
    """p^(1/T) of each row, made to sum to 1: flatter for T above 1, sharper below.

    Source: Guo et al. 2017, *On calibration of modern neural networks*.

    Examples:
        >>> from hyalite.recipes.tabular.calibration import tempered
        >>> tempered(np.array([[0.8, 0.2]]), 2.0).round(3).tolist()
        [[0.667, 0.333]]
    """
    logits = np.log(probabilities.clip(SMALLEST, 1)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def floored(probabilities: Array, rows: float) -> Array:
    """(p + ε) / (1 + ε·classes), ε = 0.01/rows: no class is impossible after so many rows.

    Else a single row of a kind that was never seen may cost more than a thousand others: with it
    -ln p is at most ln(100·rows).

    Args:
        probabilities: (n, classes).
        rows: that were learned from.

    Examples:
        >>> from hyalite.recipes.tabular.calibration import floored
        >>> floored(np.array([[1.0, 0.0]]), 100).round(4).tolist()
        [[0.9999, 0.0001]]
    """
    floor = FLOOR / rows
    return np.asarray((probabilities + floor) / (1 + floor * probabilities.shape[1]))


def best_temperature(probabilities: Array, y: Array, weight: Array) -> float:
    """The T at which the log loss of n rows not trained on is least, brought nearer to 1.

    The loss is convex in 1/T, so a golden-section search finds it between 0.8 and 5; it is 1 where
    there is nothing to gain. Few rows are believed less: T ← T^(n/(n + 300)).

    Args:
        probabilities: (n, classes).
        y: labels (n,).
        weight: what each row counts (n,).
    """

    def at(inverse: float) -> float:
        return loss(tempered(probabilities, 1 / inverse), y, weight)

    ratio = (5**0.5 - 1) / 2
    low, high = 1 / HOTTEST, 1 / COLDEST
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = at(left), at(right)
    for _ in range(30):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = at(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = at(right)
    found = (low + high) / 2
    return float(found ** -(len(y) / (len(y) + FEW_ROWS))) if at(found) < at(1.0) else 1.0


def best_threshold(probabilities: Array, y: Array, weight: Array) -> float:
    """Of two classes: the probability of the second from which its F1 is largest.

    One half is right where both mistakes cost the same; a rare class is then hardly ever named.

    Args:
        probabilities: of the second class (n,), of rows not trained on.
        y: 0 or 1 (n,).
        weight: what each row counts (n,).
    """
    order = np.argsort(-probabilities, kind="stable")
    p, hits = probabilities[order], (weight * (y == 1))[order]
    named, right = np.cumsum(weight[order]), np.cumsum(hits)
    f1 = 2 * right / (named + hits.sum()).clip(SMALLEST)
    ends = np.append(p[1:] < p[:-1], True)  # equal probabilities are named together
    place = int(np.argmax(np.where(ends, f1, -1.0)))
    following = p[place + 1] if place + 1 < len(p) else 0.0
    return float((p[place] + following) / 2)

"""Ranks over tables, and which distances between mean ranks mean something.

Friedman's test asks whether the participants differ at all; Nemenyi's critical difference is the
distance from which two mean ranks differ at 5 %, whatever pair is looked at (Demšar 2006,
"Statistical Comparisons of Classifiers over Multiple Data Sets").
"""

from __future__ import annotations

import math

import numpy as np

from benchmarks.tabular.needed import needed
from hyalite.parameters import Array

LEVEL = 0.05


def ranks(figures: Array) -> Array:
    """The rank of each participant on each table, 1 for the least figure; equals share the mean.

    Args:
        figures: (tables, participants), of which less is better.
    """
    return np.array([needed("scipy.stats").rankdata(row) for row in figures])


def friedman(found: Array) -> float:
    """The probability that ranks (tables, participants) differ as much by chance.

    F = (n - 1)·χ² / (n·(k - 1) - χ²) with χ² = 12·n / (k·(k + 1)) · Σ (mean rank - (k + 1)/2)²,
    of Iman and Davenport, is compared with the F distribution of k - 1 and (k - 1)·(n - 1).
    """
    n, k = found.shape
    chi = 12 * n / (k * (k + 1)) * float(((found.mean(0) - (k + 1) / 2) ** 2).sum())
    rest = n * (k - 1) - chi
    if rest <= 0:
        return 0.0  # all tables agree
    return float(needed("scipy.stats").f.sf((n - 1) * chi / rest, k - 1, (k - 1) * (n - 1)))


def critical_difference(participants: int, tables: int, level: float = LEVEL) -> float:
    """CD = q/√2 · √(k·(k + 1) / (6·n)), q the studentised range for k and infinite freedom."""
    spread = needed("scipy.stats").studentized_range.ppf(1 - level, participants, math.inf)
    k = participants
    return float(spread) / math.sqrt(2) * math.sqrt(k * (k + 1) / (6 * tables))

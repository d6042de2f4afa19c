"""Figures of numbers in the target's own unit, each for many weightings of the same rows at once.

All take predictions ``p`` (n,), true values ``y`` (n,) and weights ``w`` (draws, n), and give a
value for each draw, (draws,).
"""

from __future__ import annotations

import numpy as np

from hyalite.parameters import Array
from hyalite.recipes.report.class_figures import ratio


def root_mean_squared_error(p: Array, y: Array, w: Array) -> Array:
    """√(Σ w·(p - y)² / Σ w), in the target's unit; large misses count most."""
    return np.asarray(np.sqrt(w @ (p - y) ** 2 / w.sum(axis=1)))


def mean_absolute_error(p: Array, y: Array, w: Array) -> Array:
    """Σ w·|p - y| / Σ w, in the target's unit."""
    return np.asarray(w @ np.abs(p - y) / w.sum(axis=1))


def r_squared(p: Array, y: Array, w: Array) -> Array:
    """The share of the target's variance that is explained: 1 - Σ w·(p - y)² / Σ w·(y - ȳ)²."""
    y, p = y - y.mean(), p - y.mean()  # far from zero the squares would lose their digits
    total = w.sum(axis=1)
    spread = (w @ y**2 - (w @ y) ** 2 / total).clip(0)
    return np.asarray(1 - ratio(w @ (p - y) ** 2, spread))


def coverage(low: Array, high: Array, y: Array, w: Array) -> Array:
    """The share of the rows whose true value lies in the interval that was predicted for it."""
    return np.asarray(w @ ((low <= y) & (y <= high)) / w.sum(axis=1))


def mean_width(low: Array, high: Array, w: Array) -> Array:
    """How wide the intervals are on average, in the target's unit."""
    return np.asarray(w @ (high - low) / w.sum(axis=1))

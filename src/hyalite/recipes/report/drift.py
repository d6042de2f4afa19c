"""Whether two samples of a column come from one distribution."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from hyalite.parameters import Array
from hyalite.recipes.report.evidence import as_floats, gaps


def drift(one: Array, other: Array) -> tuple[float, float]:
    """How far two samples' distributions lie apart, 0 to 1, and how likely by chance.

    Of numbers the statistic of Kolmogorov and Smirnov (with its limiting distribution), of texts
    the total variation, judged by χ² (Wilson & Hilferty's approximation). Gaps count as a value.
    """
    if one.dtype == object:
        return _category_drift(one, other)
    gap = abs(gaps(one).mean() - gaps(other).mean())
    a, b = (np.sort(as_floats(v[~gaps(v)])) for v in (one, other))
    if not len(a) or not len(b):
        return float(gap), 0.0 if gap else 1.0
    at = np.concatenate([a, b])
    shares = [np.searchsorted(s, at, side="right") / len(s) for s in (a, b)]
    distance = float(np.abs(shares[0] - shares[1]).max())
    size = math.sqrt(len(a) * len(b) / (len(a) + len(b)))
    z = 2 * (size * distance) ** 2
    chance = (
        2 * sum((-1) ** (k - 1) * math.exp(-z * k * k) for k in range(1, 101)) if z > 0.1 else 1
    )
    pooled = (gaps(one).sum() + gaps(other).sum()) / (len(one) + len(other))
    spread = math.sqrt(max(pooled * (1 - pooled) * (1 / len(one) + 1 / len(other)), 1e-300))
    of_gaps = 2 * NormalDist().cdf(-gap / spread)
    if gap > distance:
        return float(gap), of_gaps
    return distance, float(min(max(chance, 0.0), 1.0))


def _category_drift(one: Array, other: Array) -> tuple[float, float]:
    place: dict[object, int] = {}
    for value in (*one.tolist(), *other.tolist()):
        place.setdefault(value, len(place))
    counts = np.array(
        [np.bincount([place[v] for v in part], minlength=len(place)) for part in (one, other)],
        np.float64,
    )
    shares = counts / counts.sum(axis=1, keepdims=True)
    distance = float(np.abs(shares[0] - shares[1]).sum() / 2)
    # rare values together, as χ² wants five rows expected
    expected = counts.sum(axis=0) * counts.sum(axis=1, keepdims=True) / counts.sum()
    rare = (expected < 5).any(axis=0)
    merged = np.hstack([counts[:, ~rare], counts[:, rare].sum(axis=1, keepdims=True)])
    merged = merged[:, merged.sum(axis=0) > 0]
    freedom = merged.shape[1] - 1
    if not freedom:
        return distance, 1.0
    expected = merged.sum(axis=0) * merged.sum(axis=1, keepdims=True) / merged.sum()
    square = float(((merged - expected) ** 2 / expected).sum())
    third = 2 / (9 * freedom)
    z = ((square / freedom) ** (1 / 3) - (1 - third)) / math.sqrt(third)
    return distance, NormalDist().cdf(-z)

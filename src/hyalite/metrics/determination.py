"""The coefficient of determination, R2."""

from __future__ import annotations

import numpy as np

from hyalite.metrics.base import Metric, ratio
from hyalite.parameters import Array


class R2(Metric):
    """1 - Σ (t - p)² / Σ (t - mean t)², the mean over outputs; 0 where the target is constant.

    Examples:
        >>> hy.metrics.R2()([[1.0], [2.0], [4.0]], [1.0, 2.0, 3.0])  # 1 - 1 / (1 + 0 + 1)
        0.5
        >>> hy.metrics.R2()([[2.0], [2.0], [2.0]], [1.0, 2.0, 3.0])  # no better than the mean
        0.0
    """

    name = "r2"
    kinds = ("regression",)

    def reset(self) -> None:
        self.shift: Array | None = None
        self.weight = 0.0
        self.sums = np.zeros((3, self.outputs))  # Σ (t - shift), Σ (t - shift)², Σ (t - p)²

    def update(self, prediction: Array, target: Array, weight: Array | None = None) -> None:
        t = target.astype(np.float64)
        if self.shift is None:
            self.shift = t[0]  # so that a mean far from 0 costs no digits
        w = np.ones(len(t)) if weight is None else weight
        d, e = t - self.shift, t - prediction
        self.weight += float(w.sum())
        self.sums += (w @ d, w @ (d * d), w @ (e * e))

    def result(self) -> float:
        first, second, residual = self.sums
        total = second - first * first / max(self.weight, 1e-300)
        return float((1 - ratio(residual, total))[total > 0].sum() / self.outputs)

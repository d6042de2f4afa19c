"""The coefficient of determination."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite import metrics


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_r2_is_as_defined(shift):
    rng = np.random.default_rng(0)
    t, p = rng.standard_normal((50, 3)) + shift, rng.standard_normal((50, 3)) + shift
    w = rng.uniform(0, 2, 50)
    mean = np.average(t, axis=0, weights=w)
    expected = 1 - (w @ (t - p) ** 2) / (w @ (t - mean) ** 2)
    assert metrics.R2()(p, t, w) == pytest.approx(expected.mean(), rel=1e-8)
    assert metrics.R2()(t, t) == 1.0
    assert metrics.R2()(np.tile(t.mean(axis=0), (50, 1)), t) == pytest.approx(0, abs=1e-8)
    constant = np.c_[np.ones(50), t[:, 0]]
    assert metrics.R2()(constant, constant) == pytest.approx(0.5), "0 where the target is constant"

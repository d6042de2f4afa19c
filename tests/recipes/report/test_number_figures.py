"""Each figure of numbers against scikit-learn's, and far from zero."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.recipes.report import number_figures as figures


def test_as_scikit_learns() -> None:
    theirs = pytest.importorskip("sklearn.metrics", reason="to compare with")
    rng = np.random.default_rng(0)
    y, weights = rng.normal(5, 3, 200), rng.integers(1, 4, 200).astype(float)
    p = y + rng.normal(0, 1, 200)
    for w in (np.ones(200), weights):
        options = {"sample_weight": w}
        rmse = theirs.root_mean_squared_error(y, p, **options)
        assert figures.root_mean_squared_error(p, y, w[None])[0] == pytest.approx(rmse)
        mae = theirs.mean_absolute_error(y, p, **options)
        assert figures.mean_absolute_error(p, y, w[None])[0] == pytest.approx(mae)
        r2 = theirs.r2_score(y, p, **options)
        assert figures.r_squared(p, y, w[None])[0] == pytest.approx(r2)


def test_r_squared_far_from_zero() -> None:
    y = np.arange(10.0)
    p, w = y + 0.5, np.ones((1, 10))
    far = figures.r_squared(p + 1.7e9, y + 1.7e9, w)
    np.testing.assert_allclose(far, figures.r_squared(p, y, w), rtol=1e-6)
    assert np.isnan(figures.r_squared(p, np.ones(10), w)[0])


def test_intervals_that_were_predicted() -> None:
    y, low, high = np.arange(4.0), np.array([0, 0, 3, 3.0]), np.array([1, 2, 4, 4.0])
    w = np.array([[1.0, 1, 1, 1], [0, 0, 1, 0]])
    assert figures.coverage(low, high, y, w).tolist() == [0.75, 0]
    assert figures.mean_width(low, high, w).tolist() == [1.25, 1]

"""What each column is worth to a model."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy


def test_permutation_importance_finds_what_matters() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 4)).astype(np.float32)
    y = 3 * x[:, [1]] + x[:, [3]]
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mean_squared_error", hy.Adam(0.1))
    model.fit(x, y, epochs=40, seed=0, verbose=0)
    found = hy.permutation_importance(model, x, y)
    assert found.order[:2].tolist() == [1, 3]
    # of a linear model: E (w·(x - x'))² = 2w²
    np.testing.assert_allclose(found.mean, [0, 18, 0, 2], rtol=0.2, atol=0.01)
    assert str(found).splitlines()[1].split() == ["x1", f"{found.mean[1]:+.4g}"]
    groups = {"left": [0, 1], "right": [2, 3]}
    both = hy.permutation_importance(model, x, y, groups, repeats=2, seed=1)
    assert both.rises.shape == (2, 2)
    np.testing.assert_allclose(both.mean, [18, 2], rtol=0.3)
    with pytest.raises(ValueError, match=r"groups\['a'\] must name .* from 0 to 3, got \[4\]"):
        hy.permutation_importance(model, x, y, {"a": [4]})

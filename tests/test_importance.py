"""What each column is worth to a model."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import importance


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


def test_of_many_columns_only_the_promising_ones_are_measured() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 1000)).astype(np.float32)
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mean_squared_error")
    model.build(1000, seed=0)
    W = np.zeros((1000, 1), np.float32)
    W[[3, 500, 999], 0] = 3, 2, 1
    model.set_weights([W, np.zeros(1, np.float32)])
    y = x @ W
    found = hy.permutation_importance(model, x, y, most=8)
    assert len(found.names) == 8
    assert [found.names[place] for place in found.order[:3]] == ["x3", "x500", "x999"]
    assert found.left_out == 992
    assert str(found).splitlines()[-1] == "  (992 less promising columns were not measured)"
    with pytest.raises(ValueError, match="most"):
        hy.permutation_importance(model, x, y, most=0)


def test_copies_in_one_call_or_in_many_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(20, 3)), np.array([1.0, 2.0, 0.0])

    def squares(copies: np.ndarray) -> np.ndarray:
        return (copies @ w - np.tile(x @ w, len(copies) // len(x))) ** 2

    groups = {"a": [0], "b": [1, 2]}
    found = importance.shuffled_columns(squares, x, groups, root=True, measure="RMSE")
    assert str(found).startswith("RMSE 0; it rises")
    monkeypatch.setattr(importance, "VALUES_AT_ONCE", 1)
    again = importance.shuffled_columns(squares, x, groups, root=True)
    np.testing.assert_allclose(again.rises, found.rises)
    squared = importance.shuffled_columns(squares, x, groups)
    np.testing.assert_allclose(found.rises**2, squared.rises)

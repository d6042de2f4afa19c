"""What a network for a table has to beat: ridge and logistic regression, and the trivial answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.recipes import baselines
from hyalite.recipes.tables import TableDataset


def dataset(target: str, ignore: str) -> TableDataset:
    return TableDataset.split(hy.tables.read("houses.csv"), target, ignore=[ignore])


def test_ridge_regression_is_that_of_the_formula(houses: Path) -> None:
    data = dataset("price", "cheap")
    x, _ = baselines.linear_features(data)
    y, _ = data.training_targets()
    w = baselines.ridge(x, y, 3.0)
    gradient = 2 * x.T.astype(float) @ (x @ w - y) + 6 * w * (np.arange(len(w)) < len(w) - 1)
    np.testing.assert_allclose(gradient, 0, atol=1e-9 * len(x))


def test_with_fewer_rows_than_features_ridge_is_solved_by_rows() -> None:
    rng = np.random.default_rng(0)
    x = np.hstack([rng.normal(3, 2, (20, 50)), np.ones((20, 1))])
    y = rng.normal(size=20) + 5
    w = baselines.ridge(x, y, 0.5)
    gradient = 2 * x.T @ (x @ w - y) + 2 * 0.5 * w * (np.arange(51) < 50)
    np.testing.assert_allclose(gradient, 0, atol=1e-9)


def test_logistic_regression_is_as_good_as_scikit_learns(houses: Path) -> None:
    linear = pytest.importorskip("sklearn.linear_model", reason="to compare with")
    data = dataset("cheap", "price")
    model = hy.Sequential([hy.Dense(2, "softmax")])
    model.compile("categorical_crossentropy")
    model.build(data.x.shape[1:], seed=0)
    figures = baselines.report(data, model).figures
    assert list(figures) == ["this network", "logistic regression", "always 'no'"]
    theirs = linear.LogisticRegression(max_iter=10_000).fit(data.x, data.y)
    shares = theirs.predict_proba(data.x_test)[np.arange(len(data.y_test)), data.y_test]
    ours = figures["logistic regression"]["log loss"]
    assert ours == pytest.approx(-np.log(shares).mean(), abs=0.002)


def test_the_trivial_answer_of_a_curve_is_its_mean(here: Path) -> None:
    trained = hy.recipes.fit_dataset("sine", epochs=2, verbose=0, engine="numpy")
    trivial = trained.report.figures["always the mean"]
    y = trained.dataset.y_test
    assert trivial["R²"] == pytest.approx(0, abs=1e-3)
    assert trivial["mean error"] == pytest.approx(np.abs(y).mean(), rel=1e-3)

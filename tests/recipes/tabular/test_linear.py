"""Ridge and logistic regression."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.recipes.tabular import linear
from hyalite.recipes.tabular.linear import (
    PENALTIES,
    Rows,
    linear_answers,
    linear_member,
    logistic_path,
    ridge_path,
)
from tests.recipes.tabular.helpers import problem

RNG = np.random.default_rng(0)
X, WEIGHT = RNG.normal(size=(80, 3)), RNG.uniform(0.5, 2, 80)
ROWS = Rows(X, np.empty((0, 80), int), 3)


def test_ridge_is_where_its_gradient_is_zero() -> None:
    y = X @ [1.0, -2.0, 0.5] + 3 + RNG.normal(size=80)
    weight = WEIGHT / WEIGHT.mean()
    for penalty, (W, b) in zip(PENALTIES, ridge_path(ROWS, y, WEIGHT), strict=True):
        off = X @ W[:, 0] + b - y
        np.testing.assert_allclose(X.T @ (weight * off) + penalty * W[:, 0], 0, atol=1e-9)
        assert weight @ off == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("classes", [2, 3])
def test_logistic_regression_is_that_of_scikit_learn(classes: int) -> None:
    theirs = pytest.importorskip("sklearn.linear_model", reason="to compare with")
    y = RNG.integers(classes, size=80)
    W, b = logistic_path(ROWS, y, WEIGHT, classes)[PENALTIES.index(1.0)]
    p = np.exp(X @ W + b)
    p /= p.sum(axis=1, keepdims=True)
    model = theirs.LogisticRegression(C=1.0, tol=1e-8, max_iter=1000)
    expected = model.fit(X, y, WEIGHT / WEIGHT.mean()).predict_proba(X)
    np.testing.assert_allclose(p, expected, atol=1e-4)


@pytest.mark.parametrize("classes", [0, 2, 3])
@pytest.mark.parametrize("categories", [0, 12])
def test_the_model_of_layers_gives_the_same(classes: int, categories: int) -> None:
    table = problem(classes=classes, categories=categories)
    every = np.arange(len(table))
    said = linear_answers(table, every, every, log=False)
    for penalty, expected in zip(PENALTIES, said, strict=True):
        member = linear_member(table, penalty, log=False)
        member.model.engine = "numpy"
        np.testing.assert_allclose(member.answers(table.x), expected, rtol=1e-4, atol=1e-5)


def test_features_are_those_that_are_written_out() -> None:
    rows = Rows(X, np.array([RNG.integers(3, 6, 80), RNG.integers(6, 9, 80)]), 9)
    W, dz = RNG.normal(size=(9, 2)), RNG.normal(size=(80, 2))
    written = np.hstack([X, sum(level[:, None] == np.arange(3, 9) for level in rows.levels)])
    np.testing.assert_allclose(rows.times(W), written @ W)
    np.testing.assert_allclose(rows.transposed_times(dz), written.T @ dz)
    np.testing.assert_allclose(rows.gram(WEIGHT), written.T @ (WEIGHT[:, None] * written))


def test_many_levels_are_solved_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    table = problem(200, categories=30)
    every = np.arange(200)
    closed = linear_answers(table, every, every, log=False)
    monkeypatch.setattr(linear, "MAX_CLOSED_FORM", 5)
    for found, expected in zip(linear_answers(table, every, every, False), closed, strict=True):
        np.testing.assert_allclose(found, expected, atol=0.02 * table.y.std())


def test_a_feature_that_is_constant_counts_nothing() -> None:
    table = problem()
    table.x[:, 2] = 7
    assert np.isfinite(linear_answers(table, np.arange(40), np.arange(40, 60), log=False)).all()


def test_of_many_rows_some_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "MAX_ROWS", 20)
    table = problem(200)
    answers = linear_answers(table, np.arange(200), np.arange(200), log=False)[3]
    assert np.corrcoef(answers, table.y)[0, 1] > 0.95

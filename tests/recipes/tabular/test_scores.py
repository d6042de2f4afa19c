"""Losses by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.recipes.tabular.scores import evaluation, loss, report_figures

ONES = np.ones(2)


def test_losses() -> None:
    p, y = np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([0, 1])
    assert loss(p, y, ONES) == pytest.approx(-(np.log(0.9) + np.log(0.2)) / 2)
    assert loss(p, y, np.array([3.0, 1.0])) == pytest.approx(-(3 * np.log(0.9) + np.log(0.2)) / 4)
    assert loss(p, y, ONES, "accuracy") == 0.5
    assert loss(np.array([1.0, 5.0]), np.array([1.0, 2.0]), ONES) == pytest.approx(4.5**0.5)
    assert np.isfinite(loss(np.array([[1.0, 0.0]]), np.array([1]), np.ones(1)))


def test_figures() -> None:
    found = evaluation(np.array([1.0, 3.0]), np.array([1.0, 2.0]))
    assert found == {"rmse": pytest.approx(0.5**0.5), "mean_absolute_error": 0.5, "r2": -1.0}
    assert evaluation(np.zeros(2), np.zeros(2))["r2"] == 0
    assert report_figures(np.array([[0.9, 0.1]]), np.array([0])) == {
        "accuracy": 1.0,
        "log loss": pytest.approx(-np.log(0.9)),
    }

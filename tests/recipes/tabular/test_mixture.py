"""Weights of a mixture."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.recipes.tabular.mixture import ROUNDS, greedy_weights

RNG = np.random.default_rng(0)
Y = RNG.normal(size=200)


def test_errors_that_differ_cancel_out() -> None:
    ways = [Y + RNG.normal(size=200), Y + RNG.normal(size=200), Y + 10]
    weights = greedy_weights(ways, Y, np.ones(200))
    assert weights.sum() == pytest.approx(1)
    assert weights[2] == 0
    assert 0.3 < weights[0] < 0.7
    assert (weights * ROUNDS <= ROUNDS).all()


def test_one_that_is_best_is_taken_alone() -> None:
    labels = (Y > 0).astype(int)
    right = np.where(labels[:, None] == [0, 1], 0.99, 0.01)
    wrong = right[:, ::-1]
    assert greedy_weights([wrong, right], labels, np.ones(200)).tolist() == [0, 1]


def test_the_rows_weights_count() -> None:
    ways = [np.where(Y > 0, Y, 9), np.where(Y > 0, 9, Y)]  # each is right for some rows
    assert greedy_weights(ways, Y, (Y > 0) + 1e-9).tolist() == [1, 0]
    assert greedy_weights(ways, Y, (Y <= 0) + 1e-9).tolist() == [0, 1]

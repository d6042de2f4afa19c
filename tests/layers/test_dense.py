"""The dense layer: values and derivatives known by hand."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy

X = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])


def test_dense_gives_the_weighted_sum_and_its_derivatives() -> None:
    dense = hy.Dense(2).build(3, dtype="float64")
    dense.W[...] = [[1, 2], [3, 4], [5, 6]]
    dense.b[...] = [0.5, -0.5]
    np.testing.assert_array_equal(dense.forward(X), [[-2.0, -3.5], [4.5, 5.5]])
    dy = np.array([[1.0, 0.0], [2.0, -1.0]])
    np.testing.assert_array_equal(dense.backward(dy), [[1, 3, 5], [0, 2, 4]])
    np.testing.assert_array_equal(dense.dW, [[1, 0], [4, -3], [-1.5, 1]])
    np.testing.assert_array_equal(dense.db, [3, -1])


def test_dense_penalties_follow_the_sources() -> None:
    dense = hy.Dense(1, l1=0.1, l2=0.01, bias_l1=0.2, bias_l2=0.02).build(3, dtype="float64")
    dense.W[...] = [[1], [-2], [0]]
    dense.b[...] = [-3]
    assert dense.penalty() == pytest.approx(0.1 * 3 + 0.01 * 5 + 0.2 * 3 + 0.02 * 9)
    dense.add_penalty_gradient()
    np.testing.assert_allclose(dense.dW, [[0.1 + 0.02], [-0.1 - 0.04], [0]])
    np.testing.assert_allclose(dense.db, [-0.2 - 0.12])

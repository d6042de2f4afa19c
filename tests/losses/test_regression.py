"""Losses of numbers: values known by hand."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy


def test_regression_losses_of_a_worked_example() -> None:
    p, t = np.array([[1.0, 4.0]]), np.array([[0.0, 1.0]])
    assert hy.MeanSquaredError()(p, t) == pytest.approx((1 + 9) / 2)
    assert hy.MeanAbsoluteError()(p, t) == pytest.approx((1 + 3) / 2)
    assert hy.HalfSquaredError()(p, t) == pytest.approx(hy.MeanSquaredError()(p, t) / 2)
    assert hy.Quantile(0.5)(p, t) == pytest.approx(hy.MeanAbsoluteError()(p, t) / 2)
    assert hy.Huber(delta=2)(p, t) == pytest.approx((0.5 + 2 * (3 - 1)) / 2)
    np.testing.assert_allclose(hy.MeanSquaredError().backward(p, t), [[1, 3]])
    np.testing.assert_allclose(hy.MeanAbsoluteError().backward(p, t), [[0.5, 0.5]])
    np.testing.assert_allclose(hy.Huber(delta=2).backward(p, t), [[0.5, 1]])


def test_a_quantile_is_flat_where_it_is_met() -> None:
    p, t = np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 3.0, 2.5]])
    gradient = hy.Quantile(0.3).backward(p, t)
    np.testing.assert_allclose(gradient, np.array([[0, -0.3, 0.7]]) / 3)

"""Activations: their known values, and extremes."""

from __future__ import annotations

import math

import numpy as np
import pytest

import hyalite as hy


def test_relu_has_derivative_zero_at_zero() -> None:
    relu = hy.ReLU()
    np.testing.assert_array_equal(relu.forward([[-1.0, 0.0, 2.0]]), [[0, 0, 2]])
    np.testing.assert_array_equal(relu.backward([[5.0, 5.0, 5.0]]), [[0, 0, 5]])


def test_activations_have_their_known_values() -> None:
    x = np.array([[-1.0, 0.0, 2.0]])
    np.testing.assert_allclose(hy.LeakyReLU(0.1).forward(x), [[-0.1, 0, 2]])
    np.testing.assert_allclose(hy.Sigmoid().forward(x), [[0.2689414214, 0.5, 0.8807970780]])
    np.testing.assert_allclose(hy.Tanh().forward(x), [[-0.7615941560, 0, 0.9640275801]])
    np.testing.assert_allclose(hy.Linear().forward(x), x)
    exact = [v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in x[0]]
    np.testing.assert_allclose(hy.GELU().forward(x)[0], exact, atol=5e-4)
    np.testing.assert_allclose(hy.Softmax().forward(x).sum(axis=1), 1)
    np.testing.assert_allclose(
        hy.Softmax().forward([[1.0, 2.0, 3.0]]), [[0.09003057, 0.24472847, 0.66524096]]
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_inputs_overflow_nowhere(dtype: str) -> None:
    x = np.array([[-1e4, 0, 1e4], [1e4, 1e4, -1e4]], dtype)
    for layer in (hy.Sigmoid(), hy.Softmax(), hy.Tanh(), hy.GELU(), hy.LayerNormalization()):
        y = layer.forward(x)
        assert y.dtype == dtype
        assert np.isfinite(y).all()
        assert np.isfinite(layer.backward(np.ones_like(x))).all()
    small = hy.Sigmoid().forward(np.array([[-80.0]], dtype))
    assert small[0, 0] == pytest.approx(math.exp(-80), rel=1e-5), "tiny values keep their digits"

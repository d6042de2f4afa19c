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
    layers = [hy.Sigmoid(), hy.Softmax(), hy.Tanh(), hy.GELU(), hy.LayerNormalization()]
    for layer in (*layers, hy.SELU(), hy.Mish(), hy.SiLU(), hy.ParametricActivation("mish", 0.5)):
        y = layer.forward(x)
        assert y.dtype == dtype
        assert np.isfinite(y).all()
        assert np.isfinite(layer.backward(np.ones_like(x))).all()
    small = hy.Sigmoid().forward(np.array([[-80.0]], dtype))
    assert small[0, 0] == pytest.approx(math.exp(-80), rel=1e-5), "tiny values keep their digits"


def test_the_smooth_rectifiers_have_their_known_values() -> None:
    """Worked out in twice the digits."""
    x = np.array([[-3.0, -1.0, -1e-9, 0.0, 1e-9, 1.0, 3.0]])
    wide = x.astype(np.longdouble)
    wanted = {
        hy.SELU: 1.0507009873554805 * np.where(x > 0, wide, 1.6732632423543772 * np.expm1(wide)),
        hy.Mish: wide * np.tanh(np.log1p(np.exp(wide))),
        hy.SiLU: wide / (1 + np.exp(-wide)),
    }
    for kind, y in wanted.items():
        np.testing.assert_allclose(kind().forward(x), y.astype(float), rtol=4e-16, atol=0)
    assert isinstance(hy.Dense(1, "swish").activation, hy.SiLU)


@pytest.mark.parametrize("kind", [hy.SELU, hy.Mish, hy.SiLU])
def test_their_tails_keep_their_digits_in_single_precision(kind: type[hy.Layer]) -> None:
    x = np.concatenate([-np.geomspace(80, 1e-6, 400), np.geomspace(1e-6, 1e4, 400)])[None]
    x = x.astype("f4")
    one, other = kind(), kind()
    y, wide = one.forward(x), other.forward(x.astype("f8"))
    np.testing.assert_allclose(y, wide, rtol=1e-6)
    ones = np.ones_like(x)
    np.testing.assert_allclose(one.backward(ones), other.backward(ones), atol=2e-6)


def test_selu_keeps_mean_and_variance_through_many_layers() -> None:
    x = np.random.default_rng(0).normal(size=(400, 200))
    for seed in range(20):
        x = hy.Dense(200, "selu", initializer="lecun_normal").build(200, seed=seed).forward(x)
    assert abs(x.mean()) < 0.1
    assert abs(x.var() - 1) < 0.2

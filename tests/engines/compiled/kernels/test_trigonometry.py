"""Sine and cosine of the compiled engine."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

pytestmark = pytest.mark.compiled


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["sines", "cosines"])
def test_they_are_exact_to_two_units(name: str, dtype: str) -> None:
    from numba import njit

    from hyalite.engines.compiled.kernels import trigonometry

    kernel = getattr(trigonometry, name)
    rng = np.random.default_rng(0)
    near_zeros = np.arange(-6000, 6000) * np.pi / 2  # of one of the two
    x = np.concatenate([rng.uniform(-1e4, 1e4, 50_000), rng.normal(size=50_000), near_zeros])
    x = np.concatenate([x, [0.0, -0.0, 1e-30, np.pi]]).astype(dtype)
    y = np.empty_like(x)
    njit(lambda x, y: kernel(x, y))(x, y)
    true = (np.sin if name == "sines" else np.cos)(x.astype(np.longdouble))
    error = np.abs(y - true)
    assert np.max(error / np.spacing(np.abs(true).astype(dtype))) < 2
    assert np.max(error) < 1.1 * np.finfo(dtype).eps


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_whatever_comes_they_stay_within_one(dtype: str) -> None:
    from numba import njit

    from hyalite.engines.compiled.kernels.trigonometry import cosines

    x = np.array([1e7, -1e12, 1e30, np.inf, np.nan], dtype)
    njit(lambda x: cosines(x, x))(x)
    assert (np.abs(x[:3]) <= 1 + 2 * np.finfo(dtype).eps).all()
    assert np.isnan(x[3:]).all()

"""The vector exponentials."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_vector_exponentials_are_exact_to_a_few_units(dtype: str) -> None:
    from numba import njit

    from hyalite.engines.compiled.kernels import exponential

    exp, tanh = exponential.exp_of_negative, exponential.tanh
    expm1 = exponential.expm1_of_negative

    @njit
    def run(x: Any, e: Any, t: Any, m: Any) -> None:
        for i in range(x.size):
            e[i] = exp(-abs(x[i]))
            t[i] = tanh(x[i])
            m[i] = expm1(-abs(x[i]))

    rng = np.random.default_rng(0)
    x = (rng.standard_normal(100_000) * rng.choice([0.01, 1, 30], 100_000)).astype(dtype)
    x[:8] = [0, -0.0, 86.9, 0.625, -0.625, np.inf, -np.inf, 1e-30]
    e, t, m = np.empty_like(x), np.empty_like(x), np.empty_like(x)
    run(x, e, t, m)
    wide = x.astype(np.longdouble)
    normal = np.abs(x) < 87
    pairs = [(e[normal], np.exp(-np.abs(wide[normal]))), (t, np.tanh(wide))]
    for found, true in (*pairs, (m, np.expm1(-np.abs(wide)))):
        assert np.max(np.abs(found - true) / np.spacing(np.abs(true).astype(dtype))) < 2.5
    assert (e[np.abs(x) > 110] == 0).all() or dtype == "float64"
    run(np.array([np.nan], dtype), e, t, m)
    assert np.isnan([e[0], t[0], m[0]]).all()

"""The logarithms."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from tests.engines.compiled.kernels.elementary import digest, has_vectors, largest_error, values

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled
DTYPES, NAMES = ["float32", "float64"], ["log", "log1p"]


def function(name: str) -> object:
    from hyalite.engines.compiled.kernels import logarithm

    return getattr(logarithm, name)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_logarithm_is_exact_to_a_unit(dtype: str) -> None:
    rng = np.random.default_rng(0)
    near = 1 + rng.choice([1e-6, 0.01, 0.4], 1500) * rng.uniform(-1, 1, 1500)
    wide = 2.0 ** rng.uniform(-125, 125, 1500)
    x = np.concatenate([near, wide]).astype(dtype)
    assert largest_error(function("log"), Decimal.ln, x[x != 1]) <= 0.9


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_logarithm_of_1_and_a_little_is_exact_to_a_unit_or_two(dtype: str) -> None:
    rng = np.random.default_rng(1)
    x = (rng.choice([1e-12, 1e-6, 0.01, 0.5, 0.999], 3000) * rng.uniform(-1, 1, 3000)).astype(dtype)
    assert largest_error(function("log1p"), lambda x: (1 + x).ln(), x[x != 0]) <= 1.5


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_logarithms_end_where_those_of_the_c_library_do(dtype: str) -> None:
    x = np.array([1, 0, -0.0, -1, -np.inf, np.inf, np.nan], dtype)
    expected = [0, -np.inf, -np.inf, np.nan, np.nan, np.inf, np.nan]
    np.testing.assert_array_equal(values(function("log"), x), expected)
    least, most = np.finfo(dtype).tiny, np.finfo(dtype).max
    x = np.array([least, most], dtype)
    np.testing.assert_allclose(values(function("log"), x), np.log(x), rtol=1e-6)
    x = np.array([0, 1, 1e-30, np.nan], dtype)
    np.testing.assert_allclose(values(function("log1p"), x), np.log1p(x), rtol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_loops_over_logarithms_are_made_of_vector_instructions(name: str, dtype: str) -> None:
    assert has_vectors(function(name), dtype)


@pytest.mark.parametrize(
    ("name", "dtype", "recorded"),
    [
        ("log", "float32", "93c84d563aad1c52"),
        ("log", "float64", "d21c6614bac7c497"),
        ("log1p", "float32", "1b7af3e2790cc897"),
        ("log1p", "float64", "58585d3f5b23ba75"),
    ],
)
def test_the_logarithms_have_the_same_bytes_on_every_machine(
    name: str, dtype: str, recorded: str
) -> None:
    x = (np.arange(1, 50_000) / 50_000).astype(dtype)
    assert digest(function(name), -x if name == "log1p" else x) == recorded

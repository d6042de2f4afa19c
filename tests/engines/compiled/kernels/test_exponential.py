"""The exponential, eˣ - 1 and tanh."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest

from tests.engines.compiled.kernels.elementary import digest, has_vectors, largest_error, values

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled
DTYPES, NAMES = ["float32", "float64"], ["exp", "expm1_of_negative", "tanh"]
EXACT: dict[str, Callable[[Decimal], Decimal]] = {
    "exp": lambda x: x.exp(),
    "expm1_of_negative": lambda x: x.exp() - 1,
    "tanh": lambda x: 1 - 2 / ((2 * x).exp() + 1),
}
LARGEST_ERROR = {"exp": 1.2, "expm1_of_negative": 1.3, "tanh": 1.6}  # as the module says


def function(name: str) -> object:
    from hyalite.engines.compiled.kernels import exponential

    return getattr(exponential, name)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_the_exponentials_are_exact_to_a_unit_or_two(name: str, dtype: str) -> None:
    rng = np.random.default_rng(0)
    scale = rng.choice([1e-6, 0.1, 1, 8], 3000)
    x = (rng.standard_normal(3000) * scale).astype(dtype)
    x = x[x != 0]
    if name == "expm1_of_negative":
        x = -abs(x)
    assert largest_error(function(name), EXACT[name], x) <= LARGEST_ERROR[name]


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_exponentials_end_where_those_of_the_c_library_do(dtype: str) -> None:
    x = np.array([0, -0.0, -120, -np.inf, np.nan], dtype)
    if dtype == "float64":
        x[2] = -720
    np.testing.assert_array_equal(values(function("exp"), x), [1, 1, 0, 0, np.nan])
    expm1 = values(function("expm1_of_negative"), x)
    np.testing.assert_array_equal(expm1, [0, 0, -1, -1, np.nan])
    x = np.array([0, -0.0, 1e30, -1e30, np.inf, -np.inf, np.nan], dtype)
    np.testing.assert_array_equal(values(function("tanh"), x), [0, 0, 1, -1, 1, -1, np.nan])
    np.testing.assert_array_equal(values(function("exp"), x[2:4]), [np.inf, 0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_exponential_is_finite_as_far_as_counts_need_it(dtype: str) -> None:
    from hyalite.losses.regression import MAX_LOG_RATE

    x = np.array([MAX_LOG_RATE, 88, -87], dtype)
    np.testing.assert_allclose(values(function("exp"), x), np.exp(x), rtol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_loops_over_exponentials_are_made_of_vector_instructions(name: str, dtype: str) -> None:
    assert has_vectors(function(name), dtype)


@pytest.mark.parametrize(
    ("name", "dtype", "recorded"),
    [
        ("exp", "float32", "4085539f526193d6"),
        ("exp", "float64", "466e23156caf446a"),
        ("expm1_of_negative", "float32", "13fb50ff5463471e"),
        ("expm1_of_negative", "float64", "4117f503b06eb394"),
        ("tanh", "float32", "0a73804ecf87892e"),
        ("tanh", "float64", "0cd61daaa7620c93"),
    ],
)
def test_the_exponentials_have_the_same_bytes_on_every_machine(
    name: str, dtype: str, recorded: str
) -> None:
    x = (np.arange(-50_000, 1) / 1024).astype(dtype)
    assert digest(function(name), x) == recorded

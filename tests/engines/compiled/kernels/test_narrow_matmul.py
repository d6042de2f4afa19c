"""Products with few inputs or outputs: the bytes of the chains that they are said to be."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.engines.compiled.kernels.products import at_the_end
from tests.engines.compiled.kernels.test_matmul import chain

numba = pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

pytestmark = pytest.mark.compiled
DTYPES = ["float32", "float64"]
FEW, LANES, GROUP = (1, 2, 3, 4), 8, 4
# rows of some groups and what is left; vectors of every width, strips of them, and what is left
ROWS = {"float32": (1, 2, 3, 4, 7, 9, 17), "float64": (1, 3, 9)}
MANY = {"float32": (1, 7, 8, 15, 16, 33, 64, 70, 137), "float64": (5, 8, 39)}


@cache
def runnable(module: str, name: str) -> Callable[..., None]:
    """A kernel that Python can call."""
    from importlib import import_module

    kernel = getattr(import_module(f"hyalite.engines.compiled.kernels.{module}"), name)

    def run(*given: Any) -> None:
        kernel(*given)

    compiled: Callable[..., None] = numba.njit(run, error_model="numpy")
    return compiled


def numbers(dtype: str, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(shapes[0])
    return [at_the_end(rng.standard_normal(shape).astype(dtype)) for shape in shapes]


def sizes(dtype: str) -> list[tuple[int, int, int]]:
    """Rows, what there are few of, and what many."""
    return list(itertools.product(ROWS[dtype], FEW, MANY[dtype]))


def dot(x: np.ndarray, W: np.ndarray) -> np.ndarray:
    """x·W: eight sums for each entry, halves added to each other, then what is left."""
    rows, inputs = x.shape
    whole = inputs // LANES * LANES
    zero = np.zeros((rows, W.shape[1]), x.dtype)
    lanes = [chain(x[:, lane:whole:LANES], W[lane:whole:LANES], zero) for lane in range(LANES)]
    while len(lanes) > 1:
        half = len(lanes) // 2
        lanes = [a + b for a, b in zip(lanes[:half], lanes[half:], strict=True)]
    return chain(x[:, whole:], W[whole:], lanes[0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_few_inputs(dtype: str) -> None:
    plain = runnable("narrow_matmul", "few_inputs")
    rectified = runnable("narrow_matmul", "few_inputs_rectified")
    for rows, inputs, outputs in sizes(dtype):
        x, W, bias, y = numbers(
            dtype, (rows, inputs), (inputs, outputs), (outputs,), (rows, outputs)
        )
        if rows > 2 and dtype == "float32":  # of NaN there is no fraction
            x[1] = np.nan
        expected = chain(x, W, np.zeros_like(y))
        plain(x, W, y)
        np.testing.assert_array_equal(y, expected)
        rectified(x, W, bias, y)
        np.testing.assert_array_equal(y, np.maximum(expected + bias, 0))


@pytest.mark.parametrize("dtype", DTYPES)
def test_few_outputs(dtype: str) -> None:
    kernel = runnable("narrow_matmul", "narrow_outputs")
    for rows, outputs, inputs in sizes(dtype):
        x, W, bias, y = numbers(
            dtype, (rows, inputs), (inputs, outputs), (outputs,), (rows, outputs)
        )
        kernel(x, W, bias, y)
        np.testing.assert_array_equal(y, dot(x, W) + bias)
        kernel(x, W, bias[:0], y)
        np.testing.assert_array_equal(y, dot(x, W))


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_gradients_with_few_outputs(dtype: str) -> None:
    by_weights = runnable("narrow_matmul", "narrow_outputs_dw")
    by_inputs = runnable("narrow_matmul", "narrow_outputs_dx")
    for rows, outputs, inputs in sizes(dtype):
        x, W, dy, dW, dx = numbers(
            dtype, (rows, inputs), (inputs, outputs), (rows, outputs), (inputs, outputs),
            (rows, inputs),
        )  # fmt: skip
        whole = rows // GROUP * GROUP
        order = [*np.arange(whole).reshape(-1, GROUP)[:, ::-1].ravel(), *range(whole, rows)]
        expected, before = chain(x[order].T, dy[order], np.zeros_like(dW)), dW.copy()
        by_weights(x, dy, dW, False)
        np.testing.assert_array_equal(dW, before + expected)
        by_weights(x, dy, dW, True)
        np.testing.assert_array_equal(dW, expected)
        expected = chain(dy, W.T, np.zeros_like(dx))
        by_inputs(dy, W, x, False, 2.0, dx)
        np.testing.assert_array_equal(dx, expected)
        by_inputs(dy, W, x, True, 1.1, dx)
        factor = dx.dtype.type(1.1)
        np.testing.assert_array_equal(dx, np.where(x > 0, expected * factor, 0))


@pytest.mark.parametrize("width", [1, 5, 63, 64, 130])
@pytest.mark.parametrize("dtype", DTYPES)
def test_sums_of_columns(dtype: str, width: int) -> None:
    kernel = runnable("elementwise", "add_column_sums")
    for rows in (1, 3, 4, 9):
        dy, out = numbers(dtype, (rows, width), (width,))
        expected = [np.zeros_like(out), out.copy()]
        whole = rows // GROUP * GROUP
        for total in expected:
            for a, b, c, d in dy[:whole].reshape(-1, GROUP, width):
                total += (a + b) + (c + d)
            for row in dy[whole:]:
                total += row
        kernel(dy, out, False)
        np.testing.assert_array_equal(out, expected[1])
        kernel(dy, out, True)
        np.testing.assert_array_equal(out, expected[0])

"""Matrix products: the bytes are those of one chain of fused sums, whoever computes them."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from tests.engines.compiled.kernels.products import FORMS, SHAPES, digest, operands

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

pytestmark = pytest.mark.compiled
DTYPES = ["float32", "float64"]


def fused(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """a·b + c in single precision, rounded once.

    In double precision a·b is exact; the sum is rounded to odd, from where the second rounding
    comes to the same as a single one would have (Boldo and Melquiond, 2008).
    """
    x, y = a.astype(np.float64) * b.astype(np.float64), c.astype(np.float64)
    total = x + y
    other = total - x
    error = (x - (total - other)) + (y - other)
    bits = total.view(np.int64)
    away = (error > 0) == (total > 0)
    bits += np.where((error != 0) & (bits % 2 == 0), np.where(away, 1, -1), 0)
    return total.astype(np.float32)


def fused_exactly(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """a·b + c in double precision, rounded once: by whole numbers."""
    exact = np.vectorize(lambda a, b, c: float(Fraction(a) * Fraction(b) + Fraction(c)), [float])
    return exact(a, b, c)


def chain(a: np.ndarray, b: np.ndarray, start: np.ndarray) -> np.ndarray:
    """start + a·b, k after k."""
    total = start.copy()
    for k in range(a.shape[1]):
        left, right = np.broadcast_arrays(a[:, k, None], b[k])
        total = (fused if a.dtype == np.float32 else fused_exactly)(left, right, total)
    return total


def test_the_reference_rounds_once() -> None:
    rng = np.random.default_rng(0)
    a, b, c = rng.standard_normal((3, 2000)).astype(np.float32)
    c *= 2.0 ** rng.integers(-40, 40, 2000)
    found = fused(a, b, c)
    for one in zip(a.tolist(), b.tolist(), c.tolist(), found, strict=True):
        exact = Fraction(one[0]) * Fraction(one[1]) + Fraction(one[2])
        around = (np.nextafter(one[3], side, dtype=np.float32) for side in (-np.inf, np.inf))
        miss = abs(Fraction(float(one[3])) - exact)
        assert all(miss <= abs(Fraction(float(other)) - exact) for other in around)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_entry_is_one_chain_of_fused_sums(dtype: str, form: str) -> None:
    from hyalite.engines.compiled.machine_code.entry_points import matrix_product

    multiply = matrix_product(np.dtype(dtype))
    most = 400_000 if dtype == "float32" else 12_000
    some = [shape for shape in SHAPES if np.prod(shape) <= most]
    assert some
    for shape in some:
        a, b, c = operands(*shape, form, dtype)
        kept = chain(a, b, c)
        multiply(a, b, c, True)
        np.testing.assert_array_equal(c, kept, str(shape))
        multiply(a, b, c)
        np.testing.assert_array_equal(c, chain(a, b, np.zeros_like(c)), str(shape))


@pytest.mark.parametrize("form", FORMS)
def test_large_products_are_cut_and_copied_without_a_trace(form: str) -> None:
    from hyalite.engines.compiled.machine_code.entry_points import matrix_product

    multiply = matrix_product(np.dtype("float32"))
    for shape in SHAPES[-4:]:
        a, b, c = operands(*shape, form, "float32")
        multiply(a, b, c)
        np.testing.assert_array_equal(c, chain(a, b, np.zeros_like(c)), str(shape))


@pytest.mark.parametrize("dtype", DTYPES)
def test_some_columns_are_those_of_the_whole_product(dtype: str) -> None:
    """And nothing else is written."""
    from hyalite.engines.compiled.machine_code.entry_points import matrix_product

    multiply = matrix_product(np.dtype(dtype))
    for shape, form in itertools.product(SHAPES, FORMS):
        a, b, whole = operands(*shape, form, dtype)
        multiply(a, b, whole)
        for first, stop in itertools.pairwise((0, *range(64, shape[2], 64)[:2], shape[2])):
            some = np.full_like(whole, 7)
            multiply(a, b, some, False, first, stop)
            expected = np.full_like(whole, 7)
            expected[:, first:stop] = whole[:, first:stop]
            np.testing.assert_array_equal(some, expected, f"{shape} {form} {first} {stop}")


@pytest.fixture(scope="module")
def digests() -> list[str]:
    """Those of this processor."""
    return list(map(digest, DTYPES))


WIDTHS = {"+sse4.2": 16, "+sse4.2,+avx,+avx2,+fma": 32, "+avx512f": 64}  # bytes


@pytest.mark.parametrize("features", WIDTHS)
def test_the_bytes_do_not_depend_on_the_width_of_the_vectors(
    features: str, digests: list[str]
) -> None:
    from hyalite.engines.compiled.kernels.intrinsics import X86
    from hyalite.engines.compiled.kernels.vectors import VECTOR_BYTES
    from hyalite.engines.compiled.machine_code.levels import runnable

    if not X86:
        pytest.skip("this processor has vectors of one width")
    if features == "+avx512f" and "x86-64-v4" not in runnable():
        pytest.skip("this processor has no AVX-512")
    if WIDTHS[features] == VECTOR_BYTES:
        pytest.skip("the bytes of vectors of this width are those of `digests`")
    here = {"HYALITE_ISA": "numba", "NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": features}
    done = subprocess.run(
        [sys.executable, "-m", "tests.engines.compiled.kernels.products", *DTYPES],
        env={**os.environ, **here}, capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    assert done.stdout.split() == digests


def test_vectors_are_as_wide_as_those_of_the_processor_that_is_compiled_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from numba.core import config

    from hyalite.engines.compiled.kernels.vectors import vector_bytes

    for features, size in (("", 16), ("+sse4.2", 16), ("+avx,+avx2", 32), ("+avx2,+avx512f", 64)):
        monkeypatch.setattr(config, "CPU_FEATURES", features)
        assert vector_bytes() == size
    monkeypatch.setattr(config, "CPU_FEATURES", "-avx512f,+avx2")
    assert vector_bytes() == 32

"""Cosine, logarithm and powers: exact, and the same bytes everywhere."""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext

import numpy as np

from hyalite.elementary import cosine, log2, power


def digest(values: Iterable[float]) -> str:
    packed = b"".join(struct.pack("<d", value) for value in values)
    return hashlib.sha256(packed).hexdigest()[:16]


def largest_error(
    found: Callable[..., float], true: Callable[..., Decimal], rows: Iterable[tuple[float, ...]]
) -> float:
    """In units in the last place."""
    errors = []
    with localcontext() as context:
        context.prec = 50
        for row in rows:
            exact = true(*map(Decimal, row))
            error = abs(Decimal(found(*row)) - exact)
            errors.append(float(error / Decimal(math.ulp(float(exact)))))
    return max(errors)


def test_the_cosine_is_that_of_the_c_library_to_rounding() -> None:
    x = np.linspace(-2, 9, 20_001)
    assert max(abs(cosine(v) - math.cos(math.pi * v)) for v in x[abs(x) <= 1].tolist()) < 4e-16
    assert max(abs(cosine(v) - math.cos(math.pi * v)) for v in x.tolist()) < 4e-15
    quarters = [cosine(v / 4) for v in range(-8, 9, 2)]
    assert quarters == [1, 0, -1, 0, 1, 0, -1, 0, 1]


def test_the_logarithm_is_exact_to_three_units() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([2.0 ** rng.uniform(-9, 30, 1000), 1 + rng.uniform(0, 0.1, 1000)])
    rows = [(v,) for v in x.tolist()]
    assert largest_error(log2, lambda v: v.ln() / Decimal(2).ln(), rows) <= 3
    assert [log2(2.0**n) for n in range(-5, 30)] == list(range(-5, 30))


def test_powers_are_exact_to_three_units_or_as_many_as_their_exponent() -> None:
    rng = np.random.default_rng(1)
    bases, exponents = rng.uniform(0.1, 1.3, 1000), rng.uniform(0, 1, 1000)
    rows = list(zip(bases.tolist(), exponents.tolist(), strict=True))
    assert largest_error(power, lambda base, exponent: base**exponent, rows) <= 3
    rows = [(base, 100 * exponent) for base, exponent in rows]
    assert largest_error(power, lambda base, exponent: base**exponent, rows) <= 100
    assert [power(0.9, n) for n in range(3)] == [1, 0.9, 0.9 * 0.9]
    assert power(2.0, 1e4) == math.inf


def test_they_have_the_same_bytes_on_every_machine() -> None:
    x = [n / 1024 for n in range(1, 4096)]
    assert digest(map(cosine, x)) == "bc04602f74902386"
    assert digest(map(log2, x)) == "5376d6a7db1429cd"
    assert digest(power(0.97, v) for v in x) == "d01247d7ecfb03ab"

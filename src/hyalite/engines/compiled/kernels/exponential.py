"""The exponential, eˣ - 1 and tanh: the same bytes on every machine, and fit for vectors.

Nothing is called, nothing looked up, and no branch is taken, so that loops over them become vector
instructions. Multiplications and additions are rounded one by one; no fused ones are meant, since
not every processor has them.

x = n·ln 2 + r with |r| <= ln(2)/2; ln 2 is subtracted in two parts, of which n times the first is
exact. A polynomial gives eʳ - 1 without cancellation, and 2ⁿ is put together from its bits.

Largest errors in units in the last place, measured over all numbers in single precision and over
ten million a function in double:

| | single | double |
|---|---|---|
| `exp` | 1.0 | 1.2 |
| `expm1_of_negative` | 1.0 | 1.3 |
| `tanh` | 1.6 | 1.6 |

Sources: Cephes, by S. Moshier (expf.c, tanhf.c, tanh.c), and for the two parts of ln 2 in double
precision FDLIBM, by Sun Microsystems (e_exp.c). The polynomial of double precision is the minimax
one of (eʳ - 1 - r - r²/2)/r³, by Remez's exchange; its relative error is 2⁻⁴⁸, so that of eʳ 2⁻⁵⁵.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from hyalite.engines.compiled.kernels.decorators import elementary
from hyalite.engines.compiled.kernels.intrinsics import bits_of, real_of
from hyalite.engines.compiled.structs import Real

F, INT = np.float32, np.int32
F_LOG2_E, D_LOG2_E = F(1.4426950408889634), 1.4426950408889634
F_LN2_HIGH, F_LN2_LOW = F(0.693359375), F(-2.12194440e-4)
D_LN2_HIGH, D_LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
# added, they leave no bits for a fraction: 1.5·2²³ and 1.5·2⁵²
F_SHIFT, D_SHIFT = F(12582912.0), 6755399441055744.0
# Below the first, eˣ is not a normal number: 0. Above the second it is infinite.
F_MIN, F_MAX = F(-87.0), F(89.0)
D_MIN, D_MAX = -708.0, 710.0
F2, F3, F4, F5, F6, F7 = (
    F(5.0000001201e-1),
    F(1.6666665459e-1),
    F(4.1665795894e-2),
    F(8.3334519073e-3),
    F(1.3981999507e-3),
    F(1.9875691500e-4),
)
D3, D4, D5, D6, D7, D8, D9, D10, D11 = (
    0.16666666666666663,
    0.04166666666665135,
    0.008333333333341585,
    0.0013888888905894117,
    0.00019841269815109344,
    2.4801536354165276e-05,
    2.755733227808745e-06,
    2.7613829762176607e-07,
    2.507384260213673e-08,
)
MAX_SERIES = 0.625  # of |x|: up to here tanh is a polynomial, in double precision a quotient of two
F_T3, F_T5, F_T7, F_T9, F_T11 = (
    F(-3.33332819422e-1),
    F(1.33314422036e-1),
    F(-5.37397155531e-2),
    F(2.06390887954e-2),
    F(-5.70498872745e-3),
)
P0, P1, P2 = -1.61468768441708447952e3, -9.92877231001918586564e1, -9.64399179425052238628e-1
Q0, Q1, Q2 = 4.84406305325125486048e3, 2.23548839060100448583e3, 1.12811678491632931402e2


# What differs in the two precisions -------------------------------------------------------------


@elementary
def _parts_single(x: Real) -> tuple[Real, Real]:
    clipped = F_MIN if x < F_MIN else (F_MAX if x > F_MAX else x)
    rounded = clipped * F_LOG2_E + F_SHIFT
    n = rounded - F_SHIFT
    r = (clipped - n * F_LN2_HIGH) - n * F_LN2_LOW
    p = ((((F7 * r + F6) * r + F5) * r + F4) * r + F3) * r + F2
    power = real_of(INT((bits_of(rounded) << INT(23)) + INT(127 << 23)))
    return F(0) if x < F_MIN else power, p * (r * r) + r


@elementary
def _parts_double(x: Real) -> tuple[Real, Real]:
    clipped = D_MIN if x < D_MIN else (D_MAX if x > D_MAX else x)
    rounded = clipped * D_LOG2_E + D_SHIFT
    n = rounded - D_SHIFT
    r = (clipped - n * D_LN2_HIGH) - n * D_LN2_LOW
    z = r * r  # two chains of half the length: neither waits for the other
    odd = (((D11 * z + D9) * z + D7) * z + D5) * z + D3
    even = ((D10 * z + D8) * z + D6) * z + D4
    p = (even * r + odd) * r + 0.5
    power = real_of((bits_of(rounded) << 52) + (1023 << 52))
    return 0.0 if x < D_MIN else power, p * z + r


@elementary
def _series_single(z: Real) -> Real:
    return ((((F_T11 * z + F_T9) * z + F_T7) * z + F_T5) * z + F_T3) * z


@elementary
def _series_double(z: Real) -> Real:
    return ((P2 * z + P1) * z + P0) * z / (((z + Q2) * z + Q1) * z + Q0)


def _parts(x: Real) -> tuple[Real, Real]:
    """2ⁿ, or 0 where eˣ is not a normal number, and eʳ - 1."""
    raise NotImplementedError


def _series(z: Real) -> Real:
    """tanh(x)/x - 1 for z = x², |x| up to `MAX_SERIES`."""
    raise NotImplementedError


@overload(_parts, strict=False)  # their annotations may differ
def _choose_parts(x: types.Type) -> Callable[[Real], Any]:
    single = x == types.float32
    return (lambda x: _parts_single(x)) if single else (lambda x: _parts_double(x))


@overload(_series, strict=False)
def _choose_series(z: types.Type) -> Callable[[Real], Any]:
    single = z == types.float32
    return (lambda z: _series_single(z)) if single else (lambda z: _series_double(z))


# The functions ----------------------------------------------------------------------------------


@elementary
def exp(x: Real) -> Real:
    """eˣ; 0 below -87 (in double precision -708), infinite above 88.3 (709.4)."""
    power, e = _parts(x)
    return (e + type(x)(1)) * power


@elementary
def expm1_of_negative(x: Real) -> Real:
    """eˣ - 1, for x <= 0."""
    power, e = _parts(x)  # at x near 0 the power is 1, and nothing cancels
    return e * power + (power - type(x)(1))


@elementary
def tanh(x: Real) -> Real:
    """The hyperbolic tangent."""
    T = type(x)
    size = math.fabs(x)
    e = exp(T(-2) * size)
    far = (T(1) - e) / (T(1) + e)
    near = _series(x * x) * x + x
    return near if size < T(MAX_SERIES) else (far if x > T(0) else -far)

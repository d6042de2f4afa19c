"""The logarithms: the same bytes on every machine, and fit for vectors; see `exponential`.

x = 2ᵏ·m with m in [√½, √2); with f = m - 1 and s = f/(2 + f), ln m = 2·artanh s, a series in s.
Written as f - (f²/2 - s·(f²/2 + R)) its largest terms are exact, and k·ln 2 is added in two parts.

Largest errors in units in the last place, measured over all numbers in single precision and over
ten million a function in double: `log` 0.9 in both, `log1p` 1.5.

Source: FDLIBM, by Sun Microsystems (e_log.c), with the order of summation of musl's log.c. The
polynomials of R are minimax ones of (2·artanh s - 2s)/s³ in s², by Remez's exchange; their relative
errors are 2⁻²⁹ and 2⁻⁵¹, so those of the logarithm 2⁻³⁶ and 2⁻⁵⁷.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from hyalite.engines.compiled.kernels.decorators import elementary
from hyalite.engines.compiled.kernels.intrinsics import bits_of, real_of
from hyalite.engines.compiled.structs import Real

F, INT = np.float32, np.int32
F_SQRT_HALF, D_SQRT_HALF = 0x3F3504F3, 0x3FE6A09E667F3BCD  # the bits of √½
F_ONE, D_ONE = 0x3F800000, 0x3FF0000000000000  # of 1
F_FRACTION, D_FRACTION = (1 << 23) - 1, (1 << 52) - 1  # those behind the exponent
# A whole number among the last bits of 2²³ (2⁵²) is added to it; 127 (1023) stands for 2⁰.
F_WHOLE, D_WHOLE = 0x4B000000, 0x4330000000000000
F_BIAS, D_BIAS = F(2**23 + 127), float(2**52 + 1023)
F_LN2_HIGH, F_LN2_LOW = F(6.9313812256e-01), F(9.0580006145e-06)
D_LN2_HIGH, D_LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
F2, F4, F6, F8 = (
    F(0.6666666655398993),
    F(0.40000122169925334),
    F(0.2855078915741487),
    F(0.23331223359952394),
)
D2, D4, D6, D8, D10, D12, D14 = (
    0.666666666666667,
    0.39999999999899055,
    0.28571428626161594,
    0.2222221110679358,
    0.18182891026785236,
    0.15331662162585077,
    0.14617145565010659,
)


# What differs in the two precisions -------------------------------------------------------------


@elementary
def _split_single(x: Real) -> tuple[Real, Real, Real]:
    shifted = INT(bits_of(x) + INT(F_ONE - F_SQRT_HALF))
    k = real_of(INT(((shifted >> INT(23)) & INT(0x1FF)) | INT(F_WHOLE))) - F_BIAS
    m = real_of(INT((shifted & INT(F_FRACTION)) + INT(F_SQRT_HALF)))
    return m, k * F_LN2_HIGH, k * F_LN2_LOW


@elementary
def _split_double(x: Real) -> tuple[Real, Real, Real]:
    shifted = bits_of(x) + (D_ONE - D_SQRT_HALF)
    k = real_of(((shifted >> 52) & 0xFFF) | D_WHOLE) - D_BIAS
    m = real_of((shifted & D_FRACTION) + D_SQRT_HALF)
    return m, k * D_LN2_HIGH, k * D_LN2_LOW


@elementary
def _series_single(z: Real) -> Real:
    return (((F8 * z + F6) * z + F4) * z + F2) * z


@elementary
def _series_double(z: Real) -> Real:
    w = z * z  # two chains of half the length: neither waits for the other
    odd = ((D14 * w + D10) * w + D6) * w + D2
    even = (D12 * w + D8) * w + D4
    return odd * z + even * w


def _split(x: Real) -> tuple[Real, Real, Real]:
    """m, and k·ln 2 in two parts, of a normal number."""
    raise NotImplementedError


def _series(z: Real) -> Real:
    """R for z = s²: (2·artanh s - 2s)/s."""
    raise NotImplementedError


@overload(_split, strict=False)  # their annotations may differ
def _choose_split(x: types.Type) -> Callable[[Real], Any]:
    return (lambda x: _split_single(x)) if x == types.float32 else (lambda x: _split_double(x))


@overload(_series, strict=False)
def _choose_series(z: types.Type) -> Callable[[Real], Any]:
    return (lambda z: _series_single(z)) if z == types.float32 else (lambda z: _series_double(z))


# The functions ----------------------------------------------------------------------------------


@elementary
def log(x: Real) -> Real:
    """The natural logarithm; -∞ of 0 and of what is below the normal numbers, NaN of less."""
    T = type(x)
    m, high, low = _split(x)
    f = m - T(1)
    s = f / (f + T(2))
    half = T(0.5) * f * f
    found = s * (half + _series(s * s)) + low - half + f + high
    least = np.finfo(T).tiny
    beyond = (T(-np.inf) if x >= T(0) else T(np.nan)) if x < least else x
    return found if x >= least and x < T(np.inf) else beyond


@elementary
def log1p(x: Real) -> Real:
    """ln(1 + x), for -1 < x <= 1: the logarithm of the rounded sum, and what rounding took."""
    one = type(x)(1)
    u = one + x
    return log(u) + (x - (u - one)) / u

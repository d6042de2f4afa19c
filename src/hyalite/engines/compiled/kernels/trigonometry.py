"""Sine and cosine by arithmetic alone: the same bits on every machine, and loops in vectors.

x = m·π/2 + r with a whole m, odd for the cosine and even for the sine, so that both are ±sin r with
r in [-π/2, π/2], and one polynomial serves both. π/2 is subtracted in three parts with one rounding
each, of which the first is exact. Within 2 units in the last place for |x| up to 10,000; beyond
1e6 in single precision (1e15 in double) x leaves no room for a fraction and the result means
nothing, but stays within ±1, give or take a unit. Infinity gives NaN.

The polynomials interpolate (sin r - r)/r³ in r² at the Chebyshev nodes of [0, 1.01·(π/2)²]; their
relative errors are 2⁻³³ and 2⁻⁶⁰.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import types
from numba.extending import overload, register_jitable

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import fma
from hyalite.engines.compiled.structs import Real, Vector

F, D = np.float32, np.float64
# π/2 in three parts, and 1/π
F_HIGH, F_MIDDLE, F_LOW = F(1.5707963705062866), F(-4.371138828673793e-08), F(-1.71512451e-15)
D_HIGH, D_MIDDLE, D_LOW = 1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33
INVERSE_PI = 0.3183098861837907
# added, they leave no bits for a fraction: 1.5·2²³ and 1.5·2⁵²
F_SHIFT, D_SHIFT = F(12582912.0), 6755399441055744.0
LIMIT = 1.6  # of |r|; reached only where x is too large for its rounding to be exact
F3, F5, F7, F9, F11 = (
    F(-0.1666666666374001),
    F(0.008333332746000505),
    F(-0.00019841081060563884),
    F(2.7536049708553138e-06),
    F(-2.407065765302617e-08),
)
D3, D5, D7, D9, D11, D13, D15, D17 = (
    -0.16666666666666666,
    0.008333333333333314,
    -0.00019841269841254063,
    2.7557319218918382e-06,
    -2.5052107585970116e-08,
    1.6058975310917623e-10,
    -7.64390671129415e-13,
    2.7306558712256386e-15,
)


@register_jitable
def _sine_near(x: Real, m: Real) -> Real:
    """sin r of single precision."""
    r = fma(-m, F_LOW, fma(-m, F_MIDDLE, fma(-m, F_HIGH, x)))
    r = F(LIMIT) if r > F(LIMIT) else (F(-LIMIT) if r < F(-LIMIT) else r)
    z = r * r
    p = fma(fma(fma(fma(F11, z, F9), z, F7), z, F5), z, F3)
    return fma(p * z, r, r)


@register_jitable
def _sine_near_double(x: Real, m: Real) -> Real:
    """sin r of double precision."""
    r = fma(-m, D_LOW, fma(-m, D_MIDDLE, fma(-m, D_HIGH, x)))
    r = LIMIT if r > LIMIT else (-LIMIT if r < -LIMIT else r)
    z = r * r
    p = fma(fma(fma(fma(D17, z, D15), z, D13), z, D11), z, D9)
    p = fma(fma(fma(p, z, D7), z, D5), z, D3)
    return fma(p * z, r, r)


@register_jitable
def _cosine(x: Real) -> Real:
    n = fma(x, F(INVERSE_PI), F(-0.5)) + F_SHIFT - F_SHIFT
    odd = n - F(2) * (n * F(0.5) + F_SHIFT - F_SHIFT)  # -1, 0 or 1
    return (F(2) * odd * odd - F(1)) * _sine_near(x, n + n + F(1))


@register_jitable
def _sine(x: Real) -> Real:
    n = x * F(INVERSE_PI) + F_SHIFT - F_SHIFT
    odd = n - F(2) * (n * F(0.5) + F_SHIFT - F_SHIFT)
    return (F(1) - F(2) * odd * odd) * _sine_near(x, n + n)


@register_jitable
def _cosine_double(x: Real) -> Real:
    n = fma(x, INVERSE_PI, -0.5) + D_SHIFT - D_SHIFT
    odd = n - 2.0 * (n * 0.5 + D_SHIFT - D_SHIFT)
    return (2.0 * odd * odd - 1.0) * _sine_near_double(x, n + n + 1.0)


@register_jitable
def _sine_double(x: Real) -> Real:
    n = x * INVERSE_PI + D_SHIFT - D_SHIFT
    odd = n - 2.0 * (n * 0.5 + D_SHIFT - D_SHIFT)
    return (1.0 - 2.0 * odd * odd) * _sine_near_double(x, n + n)


def cosine(x: Real) -> Real:
    """cos x."""
    raise NotImplementedError


def sine(x: Real) -> Real:
    """sin x."""
    raise NotImplementedError


@overload(cosine, strict=False)
def _choose_cosine(x: types.Type) -> Callable[[Real], Real]:
    return _cosine if x == types.float32 else _cosine_double


@overload(sine, strict=False)
def _choose_sine(x: types.Type) -> Callable[[Real], Real]:
    return _sine if x == types.float32 else _sine_double


@kernel
def cosines(x: Vector, y: Vector) -> None:
    """y ← cos x. In place the loop would not be made of vector instructions: 15 times slower."""
    for i in range(x.size):
        y[i] = cosine(x[i])


@kernel
def sines(x: Vector, y: Vector) -> None:
    """y ← sin x; see `cosines`."""
    for i in range(x.size):
        y[i] = sine(x[i])

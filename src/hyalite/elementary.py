"""Cosine, logarithm and powers of single numbers: the same bytes on every machine.

Those of the C library differ in the last bit from one to the next, and a learning rate that does
makes another training. These take additions, multiplications and divisions alone, each rounded once
on any processor. They are exact to 3 units in the last place; a power to as many as its exponent,
where that is more.

The polynomials are minimax ones, by Remez's exchange, with relative errors below 2⁻⁵².
"""

from __future__ import annotations

import math

# of cos πt in t² and of sin πt / t in t², |t| <= 1/4
C1, C2, C3, C4, C5, C6, C7 = (
    -4.934802200544679,
    4.058712126416765,
    -1.3352627688537986,
    0.23533063028325216,
    -0.025806887941793213,
    0.0019294935479949823,
    -0.00010369908015847789,
)
S1, S2, S3, S4, S5, S6 = (
    -5.167712780049969,
    2.550164039876608,
    -0.5992645291835559,
    0.08214587726207336,
    -0.00737014282685231,
    0.00046220583679249097,
)
# of 2·artanh(s)/s in s², |s| <= 0.172
L1, L2, L3, L4, L5, L6, L7 = (
    0.666666666666667,
    0.39999999999899055,
    0.28571428626161594,
    0.2222221110679358,
    0.18182891026785236,
    0.15331662162585077,
    0.14617145565010659,
)
# of 2ᶠ in f, |f| <= 1/2
P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11 = (
    0.6931471805599453,
    0.24022650695910097,
    0.055504108664821236,
    0.00961812910760703,
    0.0013333558146531837,
    0.00015403530441538747,
    1.5252733701053875e-05,
    1.321544268876647e-06,
    1.0178121342664095e-07,
    7.0725688064411336e-09,
    4.445534996099641e-10,
)
INVERSE_LN2 = 1.4426950408889634
ROOT_HALF = 0.7071067811865476


def cosine(half_turns: float) -> float:
    """cos(π·x) for x = `half_turns`; exact where it is 0, 1/2 turn or 1.

    Examples:
        >>> from hyalite.elementary import cosine
        >>> [cosine(x) for x in (0, 0.5, 1, 2.0)]
        [1.0, 0.0, -1.0, 1.0]
    """
    whole = round(half_turns)
    t = abs(half_turns - whole)
    if t <= 0.25:
        z = t * t
        found = 1.0 + z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * (C6 + z * C7))))))
    else:  # the sine of what is left to a quarter turn
        t = 0.5 - t
        z = t * t
        found = t * (math.pi + z * (S1 + z * (S2 + z * (S3 + z * (S4 + z * (S5 + z * S6))))))
    return -found if whole % 2 else found


def log2(x: float) -> float:
    """The logarithm to base 2 of a number above 0; exact where it is a whole number.

    Examples:
        >>> from hyalite.elementary import log2
        >>> log2(8.0), log2(0.5)
        (3.0, -1.0)
    """
    m, exponent = math.frexp(x)
    if m < ROOT_HALF:
        m, exponent = 2 * m, exponent - 1
    s = (m - 1) / (m + 1)
    z = s * s
    rest = z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * (L6 + z * L7))))))
    return exponent + (2 * s + s * rest) * INVERSE_LN2


def power(base: float, exponent: float) -> float:
    """`base`, above 0, to the power of `exponent`, 0 or more.

    Where the exponent is whole it is a product, so small ones are exact where the product is.

    Examples:
        >>> from hyalite.elementary import power
        >>> power(0.5, 3), power(0.25, 1.5)
        (0.125, 0.125)
    """
    whole = math.floor(exponent)
    found, square, rest = 1.0, float(base), whole
    while rest:
        if rest % 2:
            found *= square
        square *= square
        rest //= 2
    return found * _power_of_two((exponent - whole) * log2(base)) if exponent > whole else found


def _power_of_two(x: float) -> float:
    whole = round(x)
    f = x - whole
    high = P7 + f * (P8 + f * (P9 + f * (P10 + f * P11)))
    rest = f * (P1 + f * (P2 + f * (P3 + f * (P4 + f * (P5 + f * (P6 + f * high))))))
    return math.ldexp(1.0 + rest, whole)

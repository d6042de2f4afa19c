"""Numbers as people read them: few digits, one power of ten for an array, sums that add up.

What is not zero is never shown as 0, and what is exactly zero is shown as nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from hyalite.parameters import Array

DIGITS = 4  # significant ones
# sizes between these are written without a power of ten: of one number, of the largest of several
PLAIN = (1e-3, 1e5)
PLAIN_TOGETHER = (1e-2, 1e5)
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Figures(NamedTuple):
    """An array's numbers as texts of one form.

    Attributes:
        texts: of the array's shape, dtype object.
        power: by which all of them are to be multiplied, such as "×10⁻⁵"; else empty.
    """

    texts: Array
    power: str


def number(value: Any, digits: int = DIGITS) -> str:
    """One number.

    Examples:
        >>> from hyalite.numerals import number
        >>> [number(value) for value in (0.0, 2, -0.0311159, 1e-7, 123456.7)]
        ['0', '2', '-0.03112', '10⁻⁷', '1.235×10⁵']
    """
    value = float(value)
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    if value.is_integer() and abs(value) < PLAIN[1]:
        return str(int(value))
    scientific = f"{value:.{digits - 1}e}"  # rounded first: 0.00099999 is 0.001
    mantissa, _, exponent = scientific.partition("e")
    if PLAIN[0] <= abs(float(scientific)) < PLAIN[1]:
        text = f"{float(scientific):.{max(0, digits - 1 - int(exponent))}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa = mantissa.rstrip("0").rstrip(".")
    head = {"1": "", "-1": "-"}.get(mantissa, f"{mantissa}×")
    return f"{head}{_power(int(exponent))}"


def figures(array: Any, digits: int = DIGITS) -> Figures:
    """All numbers of an array, as many decimals each; with one power of ten where they need one.

    The largest has `digits` digits or more, fewer where these are all; each has two at least.
    Where their sizes are too far apart for that, each is written as `number` has it.

    Examples:
        >>> from hyalite.numerals import figures
        >>> figures([[0.25, -1.0, 0.0]])
        Figures(texts=array([['0.25', '-1.00', '0']], dtype=object), power='')
        >>> figures([0.0000321, 0.000004])
        Figures(texts=array(['3.21', '0.40'], dtype=object), power='×10⁻⁵')
        >>> figures([1.5, 3e-9]).texts.tolist()
        ['1.5', '3×10⁻⁹']
    """
    values = np.asarray(array, np.float64)
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    if not sizes.size or (sizes.max() < PLAIN[1] and (sizes == np.rint(sizes)).all()):
        return Figures(_each(values, number), "")
    exponent = _shared_exponent(float(sizes.max()))
    scaled, sizes = values / 10.0**exponent, sizes / 10.0**exponent
    most = math.floor(math.log10(sizes.max()))
    decimals = max(0, digits - 1 - most)
    for more in range(3):
        if sizes.min() >= 10.0 ** (1 - decimals - more):  # two digits
            decimals += more
            break
    else:
        return Figures(_each(values, lambda value: number(value, digits)), "")
    decimals = _fewest(scaled, decimals)
    texts = _each(scaled, lambda value: f"{value:.{decimals}f}" if value else "0")
    return Figures(texts, f"×{_power(exponent)}" if exponent else "")


class Sum(NamedTuple):
    """Summands and their total as texts with one number of decimals, which add up as they stand.

    Attributes:
        terms: of each summand.
        total: of all of them.
        power: by which all are to be multiplied, such as "×10⁻⁵"; else empty.
    """

    terms: list[str]
    total: str
    power: str


def adding_up(terms: Sequence[float], total: float, digits: int = DIGITS + 1) -> Sum:
    """Rounded so that the texts add up: to the next number below or above, as is needed.

    Each alone rounded to the nearest, ten numbers may miss their total by five in its last digit.
    A summand too small for the decimals of the others is shown with a power of its own; it adds 0.

    Examples:
        >>> from hyalite.numerals import adding_up
        >>> adding_up([1 / 3, 1 / 3, 1 / 3], 1.0, digits=3)
        Sum(terms=['0.34', '0.33', '0.33'], total='1.00', power='')
    """
    largest = max(map(abs, [*terms, total]))
    if not largest or not all(map(math.isfinite, [*terms, total])):
        return Sum([number(term) for term in terms], number(total), "")
    exponent = _shared_exponent(largest)
    decimals = max(0, digits - 1 - math.floor(math.log10(largest / 10.0**exponent)))
    decimals = _fewest(np.array([*terms, total]) / 10.0**exponent, decimals)
    unit = 10.0 ** (exponent - decimals)
    below = [math.floor(term / unit) for term in terms]
    rests = [term / unit - floor for term, floor in zip(terms, below, strict=True)]
    missing = round(total / unit) - sum(below)
    for place in sorted(range(len(terms)), key=lambda place: -rests[place])[: max(0, missing)]:
        below[place] += 1

    def text(count: int, value: float) -> str:
        if not count and value:
            return number(value / 10.0**exponent, 2)
        return f"{count / 10**decimals:.{decimals}f}" if value or count else "0"

    texts = [text(count, term) for count, term in zip(below, terms, strict=True)]
    power = f"×{_power(exponent)}" if exponent else ""
    return Sum(texts, text(round(total / unit), total), power)


def _shared_exponent(largest: float) -> int:
    """The power of ten for numbers up to this size; 0 where they need none."""
    low, high = PLAIN_TOGETHER
    largest = float(f"{largest:.{DIGITS - 1}e}")  # as it is shown: 0.0099999 is 0.01
    return 0 if low <= largest < high else math.floor(math.log10(largest))


def _power(exponent: int) -> str:
    return f"10{str(exponent).translate(SUPERSCRIPTS)}"


def _fewest(values: Array, most: int) -> int:
    """Decimals that these numbers need, at most `most`: 3.21 and 0.4 need two."""
    for decimals in range(most):
        if np.allclose(np.round(values, decimals), values, rtol=1e-6, atol=0):
            return decimals
    return most


def _each(values: Array, text: Any) -> Array:
    result = np.empty(values.shape, object)
    for place, value in np.ndenumerate(values):
        result[place] = text(value)
    return result

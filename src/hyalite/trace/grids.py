"""A window of a picture with its numbers, as convolution and pooling see it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from hyalite.layers.base import Index
from hyalite.numerals import adding_up, figures, number
from hyalite.parameters import Array
from hyalite.trace.document import Grid, Summand, Summation
from hyalite.trace.products import Products
from hyalite.trace.recording import formulas_of
from hyalite.translation import phrased, translated

LARGEST = 7  # rows and columns of a window that is shown
DIGITS = 3  # of its numbers, so that three windows find room beside each other


def in_a_window(sum_: Products, follow: bool) -> Summation | None:
    """An output's window: its pixels, the kernel's numbers, their products, and their sum.

    Of several channels that of the largest product is shown. None where the terms are not pixels
    that lie beside each other.
    """
    strongest = sum_.followed
    if sum_.name != "y" or strongest is None:
        return None
    pixels = {n: place for n in range(len(sum_.terms)) if (place := sum_.input_place(n))}
    channel = pixels[strongest][3:]
    here = {place[1:3]: n for n, place in pixels.items() if place[3:] == channel}
    if min(len(place) for place in pixels.values()) < 3 or len(here) < 2:
        return None
    rows, columns = (sorted({place[axis] for place in here}) for axis in (0, 1))
    if len(here) != len(rows) * len(columns) or max(len(rows), len(columns)) > LARGEST:
        return None
    window = np.array([[here[row, column] for column in columns] for row in rows])
    factors = sum_.terms[strongest].factors
    if len(factors) == 1 and {sum_.terms[n].scale for n in window.flat} <= {0.0, 1.0}:
        return _one_of(sum_, window, strongest, follow)
    grids = [_grid(sum_, window, key) for key, _ in factors]
    bias = [n for n in range(len(sum_.terms)) if n not in pixels]
    return _added_up(sum_, window, grids, bias, follow)


def _one_of(sum_: Products, window: Array, taken: int, follow: bool) -> Summation:
    """The window out of which one number is taken, the maximum."""
    line = Summand(sum_.letters(taken), "", number(sum_.total), follow)
    formula = formulas_of(sum_.passage.stage).get("y", "")
    return Summation(sum_.label, formula, [line], line.value, "", grids=[_grid(sum_, window, "x")])


def _added_up(
    sum_: Products, window: Array, grids: list[Grid], bias: list[int], follow: bool
) -> Summation:
    """The window whose numbers, times the kernel's or their share, are added up."""
    order, strongest = window.ravel().tolist(), sum_.followed
    assert strongest is not None
    others = len(sum_.terms) - len(order) - len(bias)
    rest = [sum_.total - float(sum_.values[[*order, *bias]].sum())] if others else []
    values = [*sum_.values[order].tolist(), *rest, *sum_.values[bias].tolist()]
    texts = adding_up(values, sum_.total, DIGITS + 1)
    own, more = texts.terms[: len(order)], texts.terms[len(order) :]
    scale = number(sum_.terms[order[0]].scale)
    title = translated("products") if len(grids) > 1 else f"{scale}·x"
    products = np.array(own, dtype=object).reshape(window.shape)
    these = phrased("these {0}" if more else "all {0}", len(own))
    largest = phrased("the largest {0}", sum_.letters(strongest))
    lines = [Summand(these, largest, _total(own), follow)]
    letters = [phrased("{0} of other channels", others)] if others else []
    letters += [sum_.letters(n) for n in bias]
    lines += [Summand(text, "", value) for text, value in zip(letters, more, strict=True)]
    return Summation(
        sum_.label,
        formulas_of(sum_.passage.stage).get("y", ""),
        lines,
        texts.total,
        texts.power,
        grids=[*grids, Grid(f"{title} {texts.power}".rstrip(), products)],
    )


def _grid(sum_: Products, window: Array, name: str) -> Grid:
    """One factor of the terms, as they lie in the picture."""
    places = [p for n in window.flat for key, p in sum_.terms[n].factors if key == name]
    array = sum_.passage.arrays[name]
    values = np.array([array[place] for place in places], np.float64)
    texts, power = figures(values.reshape(window.shape), DIGITS)
    single = name == "x" and sum_.samples == 1
    return Grid(f"{name}[{_range(places, single)}] {power}".rstrip(), texts)


def _range(places: Sequence[Index], single: bool) -> str:
    """Such as "3:6, 7:10, 2"; of the one sample that there is, the place is left out."""
    axes = [sorted(set(axis)) for axis in zip(*places, strict=True)][single:]
    return ", ".join(
        str(axis[0]) if len(axis) == 1 else f"{axis[0]}:{axis[-1] + 1}" for axis in axes
    )


def _total(texts: Sequence[str]) -> str:
    """What the printed numbers add up to; one with a power of its own is too small to count."""
    return str(sum((Decimal(text) for text in texts if "×" not in text), Decimal(0)))

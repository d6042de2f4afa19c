"""A window of a picture with its numbers, as convolution and pooling see it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from hyalite.layers.base import Index
from hyalite.numerals import adding_up, figures, number
from hyalite.trace.document import Grid, Summand, Summation
from hyalite.trace.products import Products
from hyalite.trace.recording import formulas_of

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
    order = [here[row, column] for row in rows for column in columns]  # as in the picture
    shape, formula = (len(rows), len(columns)), formulas_of(sum_.passage.stage).get("y", "")
    grids = [_grid(sum_, order, "x", shape)]
    scales = {sum_.terms[n].scale for n in order}
    if len(sum_.terms[strongest].factors) == 1 and scales <= {0.0, 1.0}:  # one of them is taken
        line = Summand(sum_.letters(strongest), "", number(sum_.total), follow)
        return Summation(sum_.label, formula, [line], line.value, "", grids=grids)
    if len(sum_.terms[strongest].factors) > 1:
        grids.append(_grid(sum_, order, sum_.terms[strongest].factors[1][0], shape))
    bias = [n for n in range(len(sum_.terms)) if n not in pixels]
    others = len(pixels) - len(order)
    values = sum_.values[order].tolist()
    values += [sum_.total - float(sum_.values[[*order, *bias]].sum())] if others else []
    texts = adding_up([*values, *sum_.values[bias].tolist()], sum_.total, DIGITS + 1)
    shown = np.array(texts.terms[: len(order)], dtype=object).reshape(shape)
    times = "products" if len(grids) > 1 else sum_.letters(order[0]).partition("·")[0] + "·x"
    grids.append(Grid(f"{times} {texts.power}".rstrip(), shown))
    strong = f"the largest {sum_.letters(strongest)}"
    these = f"{'these' if others or bias else 'all'} {len(order)}"
    lines = [Summand(these, strong, _total(texts.terms[: len(order)]), follow)]
    more = [f"{others} of other channels"] if others else []
    more += [sum_.letters(n) for n in bias]
    lines += [
        Summand(letters, "", value)
        for letters, value in zip(more, texts.terms[len(order) :], strict=True)
    ]
    return Summation(sum_.label, formula, lines, texts.total, texts.power, grids=grids)


def _grid(sum_: Products, order: Sequence[int], name: str, shape: tuple[int, int]) -> Grid:
    """One factor of the terms, in the order of the picture."""
    places = [place for n in order for key, place in sum_.terms[n].factors if key == name]
    array = sum_.passage.arrays[name]
    values = np.array([array[place] for place in places], np.float64).reshape(shape)
    texts, power = figures(values, DIGITS)
    samples = sum_.samples if name == "x" else 0
    return Grid(f"{name}[{_range(places, samples == 1)}] {power}".rstrip(), texts)


def _range(places: Sequence[Index], single: bool) -> str:
    """Such as "3:6, 7:10, 2"; of the one sample that there is, the place is left out."""
    axes = [sorted(set(axis)) for axis in zip(*places, strict=True)][single:]
    return ", ".join(
        str(axis[0]) if len(axis) == 1 else f"{axis[0]}:{axis[-1] + 1}" for axis in axes
    )


def _total(texts: Sequence[str]) -> str:
    """What the printed numbers add up to; one with a power of its own is too small to count."""
    return str(sum((Decimal(text) for text in texts if "×" not in text), Decimal(0)))

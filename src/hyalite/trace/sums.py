"""One number of an array worked out: as a sum of products, or by its formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from hyalite.exact import is_own
from hyalite.formulas import read
from hyalite.layers.base import Index
from hyalite.numerals import adding_up, number
from hyalite.parameters import Array
from hyalite.trace.document import Equation, Summand, Summation, Worked
from hyalite.trace.grids import in_a_window
from hyalite.trace.products import Products, entry, products
from hyalite.trace.recording import Passage, formulas_of
from hyalite.translation import phrased

MOST_IN_A_LINE = 3  # products of a sum that is written in one line
SHOWN = 5  # products of a longer one that are shown, each in a line; of the others their sum
# how near a formula with numbers must come to what was computed, else it is not filled in
CLOSE, TINY = 1e-3, 1e-6


def worked(
    passage: Passage,
    name: str,
    place: Index,
    *,
    follow: bool = False,
    meanings: Mapping[str, str] | None = None,
) -> Worked:
    """One number of a layer, shown with the numbers that it is made of.

    Args:
        passage: of the layer.
        name: of the array, such as "y" or "dW".
        place: of the number.
        follow: mark the term that a path goes on through.
        meanings: what letters of the formula are; of y, by itself, what x is.
    """
    if meanings is None:
        meanings = {"x": passage.input} if name == "y" else {}
    formula = read(formulas_of(passage.stage).get(name, ""))
    within = {key: array for key, array in passage.letters_within.items() if key in formula.names}
    sum_ = products(passage, name, place)
    if sum_ is None or not sum_.terms:
        block: Worked = _by_formula(passage, name, place)
    else:
        block = in_a_window(sum_, follow) or _in_a_line(sum_) or _beneath_each_other(sum_, follow)
    return replace(block, meanings={**meanings, **within})


def _in_a_line(sum_: Products) -> Equation | None:
    """For few terms."""
    if len(sum_.terms) > MOST_IN_A_LINE:
        return None
    letters = " + ".join(sum_.letters(n) for n in range(len(sum_.terms)))
    filled = " + ".join(sum_.numbers(n, alone=not n) for n in range(len(sum_.terms)))
    total = number(sum_.total)
    return Equation(sum_.label, letters, "" if filled == total else filled, total)


def _beneath_each_other(sum_: Products, follow: bool) -> Summation:
    """The largest terms, what the others add up to, and the bias."""
    every = range(len(sum_.terms))
    # a bias is shown however small it is
    bias = [n for n in every if [key for key, _ in sum_.terms[n].factors] == ["b"]]
    shown = sorted(set(every) - set(bias), key=lambda n: (-abs(sum_.values[n]), n))
    if len(shown) > SHOWN + 1:  # one other has a line for itself
        shown = shown[:SHOWN]
    others = len(every) - len(shown) - len(bias)
    values = sum_.values[shown].tolist()
    values += [sum_.total - float(sum_.values[[*shown, *bias]].sum())] if others else []
    values += sum_.values[bias].tolist()
    texts = adding_up(values, sum_.total)
    followed = sum_.followed if follow else None
    lines = [(sum_.letters(n), sum_.numbers(n), n == followed) for n in shown]
    lines += [(phrased("{0} others", f"{others:,}"), "", False)] if others else []
    lines += [(sum_.letters(n), "", False) for n in bias]
    summands = [
        Summand(letters, numbers, value, mark)
        for (letters, numbers, mark), value in zip(lines, texts.terms, strict=True)
    ]
    formula = formulas_of(sum_.passage.stage).get(sum_.name, "")
    return Summation(sum_.label, formula, summands, texts.total, texts.power)


def _by_formula(passage: Passage, name: str, place: Index) -> Equation:
    """With the numbers in the place of the letters, where they are known and give the result."""
    formula = formulas_of(passage.stage).get(name, "")
    value = float(passage.arrays[name][place])
    values, rows = _scope(passage, place, passage.arrays[name].shape)
    found = read(formula).compute(values, rows) if formula else None
    filled = reason = ""
    if found is not None and np.isclose(float(found), value, rtol=CLOSE, atol=TINY):
        filled = read(formula).filled(values, rows) or ""
        reason = read(formula).reason(values)
    label = entry(f"{passage.name}.{name}", place, len(passage.arrays["x"]))
    text = number(value)
    return Equation(label, formula, "" if filled == text else filled, text, reason=reason)


def _scope(
    passage: Passage, place: Index, shape: tuple[int, ...]
) -> tuple[dict[str, float], dict[str, Array]]:
    """What the letters of a layer's formulas are at a place, and along its sample for a Σ_j."""
    stage = passage.stage
    values: dict[str, float] = {}
    rows: dict[str, Array] = {}
    for key, array in passage.arrays.items():
        try:
            whole = np.broadcast_to(array, shape)
        except ValueError:
            continue
        values[key] = float(whole[place])
        if whole.ndim == 2:
            rows[key] = whole[place[0]].astype(np.float64)
    symbols = stage.symbols if is_own(stage) else {}
    for letter, key in symbols.items():
        if key in values:
            values[letter] = values[key]
        elif isinstance(getattr(stage, key, None), (int, float)):
            values[letter] = float(getattr(stage, key))
    for key, setting in stage.get_config().items():
        if isinstance(setting, (int, float)) and not isinstance(setting, bool):
            values.setdefault(key, float(setting))
    return values, rows

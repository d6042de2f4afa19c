"""One number of an array taken apart: as a sum of products, or by its formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from hyalite.exact import is_own
from hyalite.formulas import read
from hyalite.layers.base import Index, Term
from hyalite.numerals import adding_up, number
from hyalite.parameters import Array
from hyalite.trace.document import Equation, Summand, Summation, Worked
from hyalite.trace.recording import Passage, formulas_of

MOST_IN_A_LINE = 3  # products of a sum that is written in one line
SHOWN = 5  # products of a longer one that are shown, each in a line; of the others their sum
# how near a formula with numbers must come to what was computed, else it is not filled in
CLOSE, TINY = 1e-3, 1e-6


@dataclass(frozen=True)
class Products:
    """A number of a layer as a sum of products.

    Attributes:
        passage: of the layer.
        name: of the array, "y".
        place: in the array.
        terms: as the layer gives them.
        values: of the terms, float64.
    """

    passage: Passage
    name: str
    place: Index
    terms: Sequence[Term]
    values: Array

    @property
    def total(self) -> float:
        """The number itself, as the layer computed it."""
        return float(self.passage.arrays[self.name][self.place])

    @property
    def followed(self) -> int | None:
        """Which term comes most strongly from the input; None where none does."""
        of_input = [n for n, term in enumerate(self.terms) if _place_in("x", term) is not None]
        return max(of_input, key=lambda n: abs(self.values[n]), default=None)

    def input_place(self, term: int) -> Index:
        """Where in x the factor of this term is."""
        place = _place_in("x", self.terms[term])
        assert place is not None
        return place


def products(passage: Passage, name: str, place: Index) -> Products | None:
    """The sum that a number of a layer is; None where it is none, or the layer does not say."""
    stage = passage.stage
    if not is_own(stage) and "terms" not in vars(type(stage)):
        return None
    terms = stage.terms(name, place, passage.arrays)
    if terms is None:
        return None
    arrays = passage.arrays
    values = [
        term.scale * prod(float(arrays[key][where]) for key, where in term.factors)
        for term in terms
    ]
    return Products(passage, name, place, terms, np.array(values))


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
    sum_ = products(passage, name, place)
    if sum_ is None or not sum_.terms:
        block: Worked = _by_formula(passage, name, place)
    elif len(sum_.terms) <= MOST_IN_A_LINE:
        block = _in_a_line(sum_)
    else:
        block = _beneath_each_other(sum_, follow)
    return replace(block, meanings=meanings)


def entry(name: str, place: Index, samples: int) -> str:
    """A number by its name and place; of the one sample that there is, the place is left out."""
    if name.rpartition(".")[2] in ("x", "y", "dx", "dy", "z", "p", "t") and samples == 1:
        place = place[1:]
    return f"{name}[{', '.join(map(str, place))}]"


def largest(array: Array) -> Index:
    """The place of the number furthest from 0."""
    flat = int(np.abs(array).argmax())
    return tuple(int(i) for i in np.unravel_index(flat, array.shape))


def _samples(passage: Passage) -> int:
    return len(passage.arrays["x"])


def _in_a_line(sum_: Products) -> Equation:
    passage, samples = sum_.passage, _samples(sum_.passage)
    letters = " + ".join(_letters(term, samples) for term in sum_.terms)
    numbers = [_numbers(term, passage, alone=not n) for n, term in enumerate(sum_.terms)]
    filled = " + ".join(numbers)
    total = number(sum_.total)
    name = entry(f"{passage.name}.{sum_.name}", sum_.place, samples)
    return Equation(name, letters, "" if filled == total else filled, total)


def _beneath_each_other(sum_: Products, follow: bool) -> Summation:
    passage, samples = sum_.passage, _samples(sum_.passage)
    products_ = [n for n, term in enumerate(sum_.terms) if len(term.factors) > 1 or term.scale != 1]
    # what stands alone, as a bias, is shown however small it is
    alone = [n for n in range(len(sum_.terms)) if n not in set(products_)][:1]
    shown = sorted(products_, key=lambda n: -abs(sum_.values[n]))[:SHOWN]
    others = len(sum_.terms) - len(shown) - len(alone)
    if others == 1:  # a line for itself rather than for "1 other"
        shown += [n for n in range(len(sum_.terms)) if n not in {*shown, *alone}]
        others = 0
    values = [float(sum_.values[n]) for n in shown]
    values += [sum_.total - float(sum_.values[[*shown, *alone]].sum())] if others else []
    values += [float(sum_.values[n]) for n in alone]
    texts = adding_up(values, sum_.total)
    lines = [(_letters(sum_.terms[n], samples), _numbers(sum_.terms[n], passage), n) for n in shown]
    lines += [(f"{others:,} others", "", -1)] if others else []
    lines += [(_letters(sum_.terms[n], samples), "", n) for n in alone]
    followed = sum_.followed if follow else None
    return Summation(
        entry(f"{passage.name}.{sum_.name}", sum_.place, samples),
        formulas_of(passage.stage).get(sum_.name, ""),
        [
            Summand(letters, numbers, value, n == followed)
            for (letters, numbers, n), value in zip(lines, texts.terms, strict=True)
        ],
        texts.total,
        texts.power,
    )


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
    label = entry(f"{passage.name}.{name}", place, _samples(passage))
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


def _place_in(name: str, term: Term) -> Index | None:
    return next((place for key, place in term.factors if key == name), None)


def _letters(term: Term, samples: int) -> str:
    letters = "·".join(entry(key, place, samples) for key, place in term.factors)
    return letters if term.scale == 1 else f"{number(term.scale)}·{letters}"


def _numbers(term: Term, passage: Passage, alone: bool = True) -> str:
    """The factors as numbers; a negative one in parentheses, but where it is the first of all."""
    values = [] if term.scale == 1 else [term.scale]
    values += [float(passage.arrays[key][place]) for key, place in term.factors]
    texts = [number(value) for value in values]
    return "·".join(
        f"({text})" if text.startswith("-") and (n or not alone) else text
        for n, text in enumerate(texts)
    )

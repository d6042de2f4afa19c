"""One number of a layer as the sum of products that `Layer.terms` gives, with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from hyalite.exact import is_own
from hyalite.layers.base import Index, Term
from hyalite.numerals import number
from hyalite.parameters import Array
from hyalite.trace.recording import Passage


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
    def label(self) -> str:
        """The number by name and place."""
        return entry(f"{self.passage.name}.{self.name}", self.place, self.samples)

    @property
    def samples(self) -> int:
        """How many there are."""
        return len(self.passage.arrays["x"])

    @property
    def followed(self) -> int | None:
        """Which term comes most strongly from the input; None where none does."""
        of_input = [n for n, term in enumerate(self.terms) if term.scale and self.input_place(n)]
        return max(of_input, key=lambda n: abs(self.values[n]), default=None)

    def input_place(self, term: int) -> Index | None:
        """Where in x a factor of this term is; None where it has none of x."""
        return next((place for key, place in self.terms[term].factors if key == "x"), None)

    def letters(self, term: int) -> str:
        """A term by names and places."""
        factors, scale = self.terms[term]
        text = "·".join(entry(key, place, self.samples) for key, place in factors)
        return text if scale == 1 else f"{number(scale)}·{text}"

    def numbers(self, term: int, alone: bool = True) -> str:
        """Its factors as numbers; a negative one in parentheses, but where it is the first of all.

        Args:
            term: which.
            alone: whether nothing stands before it.
        """
        factors, scale = self.terms[term]
        values = [] if scale == 1 else [scale]
        values += [float(self.passage.arrays[key][place]) for key, place in factors]
        texts = [number(value) for value in values]
        return "·".join(
            f"({text})" if text.startswith("-") and (n or not alone) else text
            for n, text in enumerate(texts)
        )


def products(passage: Passage, name: str, place: Index) -> Products | None:
    """The sum that a number of a layer is; None where it is none, or the layer does not say."""
    stage, arrays = passage.stage, passage.arrays
    if not is_own(stage) and "terms" not in vars(type(stage)):
        return None
    terms = stage.terms(name, place, arrays)
    if terms is None:
        return None
    values = [
        term.scale * prod(float(arrays[key][where]) for key, where in term.factors)
        for term in terms
    ]
    return Products(passage, name, place, terms, np.array(values))


def entry(name: str, place: Index, samples: int) -> str:
    """A number by its name and place; of the one sample that there is, the place is left out."""
    if name.rpartition(".")[2] in ("x", "y", "dx", "dy", "z", "p", "t") and samples == 1:
        place = place[1:]
    return f"{name}[{', '.join(map(str, place))}]"


def largest(array: Array) -> Index:
    """The place of the number furthest from 0."""
    flat = int(np.abs(array).argmax())
    return tuple(int(i) for i in np.unravel_index(flat, array.shape))

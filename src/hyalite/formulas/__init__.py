"""Formulas as people write them, read once: computed, filled with numbers, or shown as MathML.

Layers, losses and optimizers say theirs in short texts such as "β₁·m + (1 - β₁)·g²", which stand
beside the code that computes the same. So the numbers can be filled in, and a test holds a formula
to its code. What is words rather than mathematics, as in "each sample of x as one row", stays text.

How they are written: ``a·b`` is a product; a quotient with blanks around its sign is wider than the
products beside it (``a·b / c·d``), one without is not (``1/n``); ``Σ_j`` sums the product behind
it; ``a where c, else b`` has cases; definitions follow behind a comma and two blanks
(``x·s,  s = 1 / (1 + e⁻ˣ)``).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from unicodedata import normalize

from hyalite.formulas import computing, markup, tree

__all__ = ["Formula", "read"]


class Formula:
    """A formula's text and what it says; `read` makes it.

    Attributes:
        text: as written.
        main: the same without what stands behind it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.main, *others = text.split(",  ")
        self._body = tree.parse(self.main)
        self._behind = [(other, tree.parse_definition(other)) for other in others]
        self._definitions = [found for _, found in self._behind if found is not None]

    @property
    def additions(self) -> list[tuple[str, str]]:
        """What stands behind it: definitions as text and as markup, and words as text alone."""
        return [(text, markup.definition(found) if found else "") for text, found in self._behind]

    @property
    def is_words(self) -> bool:
        """Whether it is no mathematics."""
        return self._body is None

    @property
    def names(self) -> list[str]:
        """What it is made of, in order, without e and π and what it defines itself."""
        found: dict[str, None] = {}
        for part in (self._body, *(definition.value for definition in self._definitions)):
            found |= dict.fromkeys(tree.names(part) if part is not None else ())
        own = {name for definition in self._definitions for name in definition.defines}
        own |= set(computing.CONSTANTS)
        return [normalize("NFC", name) for name in found if name not in own]

    def compute(self, values: Mapping[str, Any], rows: Mapping[str, Any] | None = None) -> Any:
        """Its value; None where it has a name or a function that is not known.

        Args:
            values: a number for each name, or arrays of one shape.
            rows: what a name is inside of a Σ_j or Σ_k: all the numbers that are summed over.

        Examples:
            >>> from hyalite.formulas import read
            >>> read("1/2·x²").compute({"x": 4.0})
            8.0
            >>> float(read("x / Σ_j x").compute({"x": 1.0}, {"x": np.array([1.0, 3.0])}))
            0.25
        """
        if self._body is None:
            return None
        try:
            return computing.compute(self._body, self._scope(values, rows))
        except computing.Unknown:
            return None

    def filled(
        self, values: Mapping[str, Any], rows: Mapping[str, Any] | None = None
    ) -> str | None:
        """Its text with numbers in the place of the names; None as for `compute`.

        Examples:
            >>> from hyalite.formulas import read
            >>> read("θ - lr·g").filled({"θ": 0.5, "lr": 0.1, "g": -3.0})
            '0.5 - 0.1·(-3)'
        """
        if self._body is None:
            return None
        try:
            return computing.fill(self._body, self._scope(values, rows))
        except computing.Unknown:
            return None

    def reason(self, values: Mapping[str, Any]) -> str:
        """Why the one of its cases was taken, with numbers; empty where it has none.

        Examples:
            >>> from hyalite.formulas import read
            >>> read("dy where x > 0, else 0").reason({"dy": 2.0, "x": -1.5})
            '-1.5 ≤ 0'
        """
        if not isinstance(self._body, tree.Cases):
            return ""
        try:
            return computing.reason(self._body, self._scope(values, None))
        except computing.Unknown:
            return ""

    def _scope(self, values: Mapping[str, Any], rows: Mapping[str, Any] | None) -> computing.Scope:
        scope = computing.Scope(values, rows or {})
        for definition in reversed(self._definitions):  # the later explain the earlier
            scope = scope.with_definition(definition)
        return scope

    @property
    def mathml(self) -> str:
        """The markup of `main`, to stand inside of a ``<math>``.

        Examples:
            >>> from hyalite.formulas import read
            >>> read("1/n").mathml
            '<mfrac><mn>1</mn><mi>n</mi></mfrac>'
        """
        return markup.words(self.main) if self._body is None else markup.mathml(self._body)


@cache
def read(text: str) -> Formula:
    """The formula of this text."""
    return Formula(text)

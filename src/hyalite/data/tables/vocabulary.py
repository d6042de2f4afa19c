"""Known texts, and which of them a text is: by its letters, else by the number it names."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from hyalite.parameters import Array

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_TRUTHS = {"true": True, "false": False}


class Vocabulary:
    """Known texts with their places.

    A text that is not among them and names the same number as just one of them is that one: where a
    file has 007, another reader may have made 7 of it, or 7.0. The same with TRUE and true. So a
    row means the same whichever way it came, and what it means follows from the cell alone.

    Args:
        known: the texts.

    Examples:
        >>> from hyalite.data.tables.vocabulary import Vocabulary
        >>> words = Vocabulary(["007", "12", "True"])
        >>> [words.place(text) for text in ("12", "7", "12.0", "true", "13")]
        [1, 0, 1, 2, None]
    """

    def __init__(self, known: Sequence[str]) -> None:
        self.exact = {text: place for place, text in enumerate(known)}
        self._meaning: dict[float | bool | str, int | None] = {}
        for text, place in self.exact.items():
            meaning = _meaning_of(text)
            if meaning is not None:  # of two that mean the same neither is taken
                self._meaning[meaning] = None if meaning in self._meaning else place

    def place(self, text: str) -> int | None:
        """The place of a text; None where it is not known."""
        found = self.exact.get(text)
        if found is None and self._meaning:
            meaning = _meaning_of(text)
            return None if meaning is None else self._meaning.get(meaning)
        return found

    def places(self, found: Array, unknown: int, missing: int) -> Array:
        """int64 (n,): the places of texts, of which None are missing."""
        places: dict[str | None, int] = {None: missing}
        for text in set(found) - {None}:
            place = self.place(text)
            places[text] = unknown if place is None else place
        return np.fromiter((places[text] for text in found), np.int64, len(found))


def _meaning_of(text: str) -> float | str | None:
    """The number that a text is, or "true" and "false"."""
    if _NUMBER.fullmatch(text):
        return float(text)
    text = text.casefold()
    return text if text in _TRUTHS else None

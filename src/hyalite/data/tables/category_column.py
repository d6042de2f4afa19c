"""A column of categories: an input for each value, or one whole number for an embedding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Self

import numpy as np

from hyalite.data.tables.category_texts import TextFormat
from hyalite.data.tables.column import (
    MISSING_CATEGORY,
    OTHER_CATEGORY,
    Column,
    Role,
    checked_format,
    checked_name,
    strange_cells,
)
from hyalite.data.tables.formats import Format
from hyalite.data.tables.vocabulary import Vocabulary
from hyalite.parameters import Array

MAX_ONE_HOT = 8  # categories; more of them are embedded
MIN_CATEGORY_COUNT = 2  # a category seen less often is "other"
MAX_RARE = 1000  # rare values that are kept, so that they are not said to be new


class Category(Column):
    """A 1 in the feature of the value, 0 in the others; of many values one whole number instead.

    A value that training never saw is "(other)", which stands for all rare ones; where there were
    none, it has 0 in every feature. Of an embedded column a gap is "(other)", too.

    Args:
        name: of the column.
        known: the values, in the features' order; "(other)" and "(missing)" among them where
            training had such.
        embed: give the place in `known` as a whole number, for an `Embedding`.
        rare: values that training saw and that are "(other)"; not all, where they are many.
        missing: whether training had gaps.
        format: how cells are read.
    """

    def __init__(
        self,
        name: str,
        known: Iterable[str],
        embed: bool = False,
        rare: Iterable[str] = (),
        missing: bool = False,
        format: Format | None = None,
    ) -> None:
        self.name = checked_name(name)
        self.known, self.rare = tuple(known), tuple(rare)
        self.embed, self.missing = bool(embed), bool(missing) or MISSING_CATEGORY in self.known
        if not self.known or not all(isinstance(value, str) for value in self.known + self.rare):
            raise ValueError(f"known must be texts, got {self.known!r}")
        if self.embed and OTHER_CATEGORY not in self.known:
            raise ValueError(f"known must have {OTHER_CATEGORY!r} where it is embedded")
        self.format = checked_format(format, TextFormat())
        self._vocabulary = Vocabulary(self.known)
        self._rare = Vocabulary(self.rare)

    @classmethod
    def learn(cls, name: str, found: Array, made: Format | None = None) -> Self:
        """From texts with None where one is missing."""
        counts = Counter(text for text in found if text is not None)
        often = sorted(text for text, count in counts.items() if count >= MIN_CATEGORY_COUNT)
        rare = sorted(text for text, count in counts.items() if count < MIN_CATEGORY_COUNT)
        embed = len(often) > MAX_ONE_HOT
        extra = [OTHER_CATEGORY] if embed or rare or not often else []
        missing = None in found
        extra += [MISSING_CATEGORY] if missing and not embed else []
        return cls(name, [*extra, *often], embed, rare[:MAX_RARE], missing, made)

    @property
    def kind(self) -> str:  # type: ignore[override]
        """What the column holds: "truth" or "category"."""
        return "truth" if self.format.kind == "truth" else "category"

    @property
    def embedded(self) -> int:  # type: ignore[override]
        """How many rows an embedding needs; 0 where there is none."""
        return len(self.known) if self.embed else 0

    @property
    def features(self) -> list[str]:
        if self.embed:
            return [self.name]
        return [f"{self.name} = {value}" for value in self.known]

    @property
    def roles(self) -> list[Role]:
        return ["category"] if self.embed else ["indicator"] * len(self.known)

    def encode(self, column: Array) -> Array:
        places = self._places(self._texts(column))
        if self.embed:
            return places[:, None].astype(np.float64)
        return (places[:, None] == np.arange(len(self.known))).astype(np.float64)

    def _texts(self, column: Array) -> Array:
        found = self.format.read(column)
        return found if found.dtype.kind == "O" else TextFormat().typed(found)

    def _places(self, found: Array) -> Array:
        other = self._vocabulary.exact.get(OTHER_CATEGORY, -1)
        missing = self._vocabulary.exact.get(MISSING_CATEGORY, other)
        return self._vocabulary.places(found, unknown=other, missing=missing)

    def unknown(self, column: Array, row_numbers: Array) -> str:
        found = self._texts(column)
        said = [strange_cells(column, found, self.format, row_numbers)]
        there = [text for text in found if text is not None]
        new = {
            text
            for text in set(there)
            if self._vocabulary.place(text) is None and self._rare.place(text) is None
        }
        # files of former versions do not say which values were rare
        told = self.embed or self.rare or OTHER_CATEGORY not in self.known
        if new and told and len(self.rare) < MAX_RARE:
            rows, some = sum(text in new for text in there), sorted(new)
            names = ", ".join(map(repr, some[:3])) + (", ..." if len(new) > 3 else "")
            said.append(f"{rows:,} with a value not seen in training ({names})")
        gaps = len(found) - len(there)
        if gaps and not self.missing:
            said.append(f"{gaps:,} missing, none in training")
        return "; ".join(filter(None, said))

    def refit(self, column: Array) -> Self:
        return self.learn(self.name, self._texts(column), self.format)

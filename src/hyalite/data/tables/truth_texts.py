"""From texts to truths: true and false, yes and no, in several languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from hyalite.data.tables.formats import Format
from hyalite.parameters import Array

PAIRS = (
    ("true", "false"), ("yes", "no"), ("t", "f"), ("y", "n"), ("on", "off"),
    ("ja", "nein"), ("j", "n"), ("wahr", "falsch"), ("ja", "nee"), ("ja", "nej"),
    ("oui", "non"), ("vrai", "faux"), ("si", "no"), ("sí", "no"), ("verdadero", "falso"),
    ("sì", "no"), ("vero", "falso"), ("sim", "não"), ("sim", "nao"), ("tak", "nie"),
    ("да", "нет"), ("是", "否"), ("はい", "いいえ"), ("예", "아니요"),
)  # fmt: skip


class TruthFormat(Format):
    """Truths, as the texts that stand for them; upper and lower case are the same.

    Args:
        true, false: how training wrote them.
        gaps: texts that are gaps in this column; None takes the usual ones.

    Examples:
        >>> from hyalite.data.tables.truth_texts import TruthFormat
        >>> TruthFormat("Yes", "No").parse(["yes", "NO", "perhaps"]).tolist()
        ['Yes', 'No', None]
    """

    kind = "truth"

    def __init__(
        self, true: str = "true", false: str = "false", gaps: Iterable[str] | None = None
    ) -> None:
        super().__init__(gaps)
        if not isinstance(true, str) or not isinstance(false, str) or true == false:
            raise ValueError(f"true and false must be two texts, got {true!r} and {false!r}")
        self.true, self.false = true, false
        self._words = {true.casefold(): true, false.casefold(): false}
        # truths that came with a type may come back as texts in any language, and as 1 and 0
        usual = {true.casefold(), false.casefold()} == {"true", "false"}
        if usual:
            self._words |= {"t": true, "f": false, "1": true, "0": false, "1.0": true, "0.0": false}

    def parse(self, texts: list[str]) -> Array:
        """object: `true`, `false` or None."""
        found = np.empty(len(texts), object)
        found[:] = [
            None if text in self._gaps else self._words.get(text.casefold()) for text in texts
        ]
        return found

    def typed(self, column: Array) -> Array:
        """Truths as they are; 1 and 0 for them."""
        found = np.empty(len(column), object)
        if column.dtype.kind in "bfi":
            found[column == 1] = self.true
            found[column == 0] = self.false
        return found

    def describe(self) -> str:
        """The two texts."""
        return f"{self.true} or {self.false}"


def truth_format_of(texts: Sequence[str], counts: Array) -> TruthFormat | None:
    """The pair of words that most cells are of, as they are written most often; None for none.

    Args:
        texts: that are no gaps.
        counts: cells of each.
    """
    cells = Counter[str]()
    spelled: dict[str, Counter[str]] = {}
    for text, count in zip(texts, counts.tolist(), strict=True):
        word = text.casefold()
        cells[word] += count
        spelled.setdefault(word, Counter())[text] += count
    best = max(PAIRS, key=lambda pair: (cells[pair[0]] + cells[pair[1]], cells[pair[0]] > 0))
    if not (cells[best[0]] and cells[best[1]]):
        return None
    true, false = (spelled[word].most_common(1)[0][0] for word in best)
    return TruthFormat(true, false)

"""Texts that stay texts: the values of a column of categories."""

from __future__ import annotations

import numpy as np

from hyalite.data.tables.formats import Format, is_missing
from hyalite.data.tables.frames import TRUTHS, number_text
from hyalite.parameters import Array


class TextFormat(Format):
    """Texts as they stand, without blanks around; numbers and truths as a file would have them.

    Args:
        gaps: texts that are gaps in this column; None takes the usual ones.

    Examples:
        >>> from hyalite.data.tables.category_texts import TextFormat
        >>> TextFormat().read(np.array([" city", "NA", "007"], object)).tolist()
        ['city', None, '007']
        >>> TextFormat().read(np.array([3.0, np.nan, 1.5])).tolist()
        ['3', None, '1.5']
    """

    kind = "category"

    def parse(self, texts: list[str]) -> Array:
        """object: a text, or None."""
        found = np.empty(len(texts), object)
        found[:] = [None if text in self._gaps else text for text in texts]
        return found

    def typed(self, column: Array) -> Array:
        """3 and 3.0 are "3"; a date is "2026-11-21", a truth "true" or "false"."""
        found = np.empty(len(column), object)
        if column.dtype.kind in "Mm":
            found[:] = [str(value).removesuffix(" 00:00:00") for value in column.tolist()]
            found[is_missing(column)] = None
            return found
        different, places = np.unique(column, return_inverse=True)
        texts = [_text(value) for value in different.tolist()]
        return self.parse([text or "" for text in texts])[places]


def _text(value: float | bool | int) -> str | None:
    if isinstance(value, bool):
        return TRUTHS[value]
    if isinstance(value, int):
        return str(value)
    return number_text(value) if value == value else None

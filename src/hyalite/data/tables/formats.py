"""How the cells of a column are read: what formats share, and the cells' different texts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hyalite.config import Configurable
from hyalite.data.tables.gaps import GAPS, is_error
from hyalite.parameters import Array


class Cells:
    """The different texts of a column, without blanks around, and which row has which.

    Args:
        column: object (n,), of texts and None; None is the text "".

    Attributes:
        texts: each once, as they came.
        codes: of each row the place of its text, (n,).
        counts: rows of each text.
    """

    def __init__(self, column: Array) -> None:
        cells = column.tolist()
        places = {text: place for place, text in enumerate(dict.fromkeys(cells))}
        if len(places) == len(cells):
            self.codes = np.arange(len(cells))
        else:
            self.codes = np.fromiter(map(places.__getitem__, cells), np.intp, len(cells))
        self.texts = ["" if text is None else text.strip() for text in places]
        self.counts = np.bincount(self.codes, minlength=len(self.texts))


class Format(Configurable):
    """How a column's cells become values of one kind; stored with the column.

    A format reads each cell by itself, so that a row means the same in every file.

    Args:
        gaps: texts that are gaps in this column; None takes the usual ones, `GAPS`.
    """

    kind = "text"
    gap: object = None  # what stands for a gap among the values

    def __init__(self, gaps: Iterable[str] | None = None) -> None:
        self.gaps = None if gaps is None else tuple(gaps)
        if self.gaps is not None and not all(isinstance(text, str) for text in self.gaps):
            raise ValueError(f"gaps must be texts, got {self.gaps!r}")
        self._gaps = GAPS if self.gaps is None else frozenset(self.gaps)

    def parse(self, texts: list[str]) -> Array:
        """The values of texts; a gap for what is none of the kind."""
        raise NotImplementedError

    def typed(self, column: Array) -> Array:
        """The values of a column that has another dtype than object."""
        raise NotImplementedError

    def is_gap(self, text: str) -> bool:
        """Whether a text says that there is nothing."""
        return text in self._gaps

    def read(self, column: Array) -> Array:
        """The values of any column of a table, (n,)."""
        if column.dtype.kind != "O":
            return self.typed(column)
        cells = Cells(column)
        return self.parse(cells.texts)[cells.codes]

    def odd(self, column: Array) -> Array:
        """The rows with a cell that is no gap and yet no value of the kind.

        Spreadsheet errors are among them.
        """
        if column.dtype.kind != "O":
            return np.flatnonzero(is_missing(self.typed(column)) & ~is_missing(column))
        cells = Cells(column)
        missing = is_missing(self.parse(cells.texts))
        odd = np.array(
            [gap and text not in self._gaps for gap, text in zip(missing, cells.texts, strict=True)]
        )
        return np.flatnonzero(odd[cells.codes])

    def describe(self) -> str:
        """How the cells are read, in a few words; empty where there is nothing to say."""
        return ""


def is_missing(values: Array) -> Array:
    """Truths (n,): None, NaN, NaT."""
    if values.dtype.kind == "O":
        return np.array([value is None for value in values], bool)
    if values.dtype.kind in "Mm":
        return np.isnat(values)
    if values.dtype.kind == "f":
        return np.isnan(values)
    return np.zeros(len(values), bool)


def named_cells(column: Array, odd: Array, row_numbers: Array, shown: int = 3) -> str:
    """Cells with their rows, in words, such as ``'Total' (row 201)``."""
    texts: dict[str, list[int]] = {}
    for row in odd:
        texts.setdefault(str(column[row]).strip(), []).append(int(row_numbers[row]))
    said = []
    for text, rows in list(texts.items())[:shown]:
        where = f"row {rows[0]:,}" if len(rows) == 1 else f"{len(rows):,} rows, first {rows[0]:,}"
        error = "the spreadsheet error " if is_error(text) else ""
        said.append(f"{error}{short(text)} ({where})")
    if len(texts) > shown:
        said.append(f"{len(texts) - shown:,} other texts")
    return ", ".join(said)


def short(text: str, longest: int = 30) -> str:
    """A cell's text as it is shown: in quotation marks, cut where it is long."""
    return repr(text if len(text) <= longest else text[: longest - 1] + "…")

"""How a text is cut into rows and cells: its delimiter and where its header stands, from its head.

A candidate is right where all rows of the head fall into equally many cells, counted outside of
quotation marks. Nothing depends on what the cells say, but where a line begins with ``#``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

HEAD = 1 << 20  # characters that are looked at
HEAD_ROWS = 200
# In this order where several are right: tab and bar hardly stand in texts, and where a semicolon
# separates, a comma is often the decimal sign.
DELIMITERS = "\t|;,"
BLANK = " "  # any number of them is one; tried last, where the file's name is that of a text
SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?[;,\t|]*\s*$', re.IGNORECASE)  # as Excel reads and writes


@dataclass(frozen=True)
class Dialect:
    """How the text is cut.

    Attributes:
        delimiter: between cells.
        skipped: lines above the header.
        after_blanks: whether quotation marks may stand after blanks, as in ``1, "a, b"``.
        trailing: whether a delimiter ends all rows but the header.
    """

    delimiter: str = ","
    skipped: int = 0
    after_blanks: bool = False
    trailing: bool = False

    def rows(self, lines: Iterable[str], strict: bool = True) -> Any:
        """A reader of lines."""
        if self.delimiter == BLANK:  # at the end of a line it separates nothing
            lines = (line.rstrip(" \r\n") + "\n" for line in lines)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            skipinitialspace=self.after_blanks or self.delimiter == BLANK,
            strict=strict,
        )


@dataclass(frozen=True)
class _Trial:
    """The head as one delimiter cuts it: each row, and the line it begins at."""

    delimiter: str
    rows: list[list[str]]
    begins: list[int]

    @property
    def counts(self) -> list[int]:
        return [len(row) for row in self.rows]

    def even(self) -> bool:
        """Whether all rows have equally many cells, more than one."""
        return self.trailing() or (len(set(self.counts)) == 1 and self.counts[0] > 1)

    def trailing(self) -> bool:
        """Whether all rows have one cell more than the header, and nothing in it."""
        return len(self.rows) > 1 and all(
            len(row) == len(self.rows[0]) + 1 and not row[-1] for row in self.rows[1:]
        )

    def titles(self) -> int:
        """How many rows stand above the header as titles do, with one cell that says something.

        Below it there may be rows with gaps, such as a date. The row below them all must be one of
        names, and of two names one must have numbers below; so a table of one column in which each
        cell has as many commas is not taken for one of several.
        """
        says = [sum(cell.strip() != "" for cell in row) > 1 for row in self.rows]
        if True not in says or says[0]:
            return 0
        for place, row in enumerate(self.rows[says.index(True) :], start=says.index(True)):
            if all(cell[:1].strip() and not is_number(cell) for cell in row):
                even = len(self.rows) > place + 1 and set(self.counts[place:]) == {len(row)}
                return place if even and (len(row) > 2 or self.has_numbers(place + 1)) else 0
            if all(cell.strip() for cell in row):
                return 0
        return 0

    def has_numbers(self, first: int) -> bool:
        """Whether a column has nothing but numbers from this row on."""
        return any(all(map(is_number, column)) for column in zip(*self.rows[first:], strict=True))

    def share(self) -> float:
        """Of the rows, those that have as many cells as the first."""
        return self.counts.count(self.counts[0]) / len(self.counts)


def sniff(text: IO[str], delimiter: str | None = None, blanks: bool = False) -> Dialect:
    """The dialect of a text, from its head.

    Args:
        text: open at its beginning.
        delimiter: None finds it.
        blanks: whether blanks may separate. They do where nothing else does, all rows fall into
            equally many cells, and a column has numbers below a name, so that a column of names
            such as "Ada Lovelace" is not taken for two.
    """
    head = text.read(HEAD)
    whole = len(head) < HEAD
    lines = list(io.StringIO(head, newline=""))
    skipped, said = _above(lines)
    candidates = delimiter or said or DELIMITERS
    trials = [_trial(lines[skipped:], each, whole) for each in candidates]
    trials = [trial for trial in trials if trial.rows]
    if not trials:
        return Dialect(candidates[0] if len(candidates) == 1 else ",", skipped)
    if blanks and delimiter is said is None and not any(trial.even() for trial in trials):
        trial = _trial(lines[skipped:], BLANK, whole)
        if trial.even() and trial.has_numbers(1) and not any(map(is_number, trial.rows[0])):
            return Dialect(BLANK, skipped)
    hashes = _hashed_header(lines, skipped, trials)
    if hashes is not None:
        return hashes
    trial, titles = _chosen(trials)
    above = skipped + trial.begins[titles]
    spaced = any(
        cell[:1] == " " and cell.lstrip(" ")[:1] == '"' for row in trial.rows for cell in row
    )
    return Dialect(trial.delimiter, above, spaced, not titles and trial.trailing())


def _above(lines: list[str]) -> tuple[int, str | None]:
    """How many lines above the header are comments or blank; the delimiter that one names."""
    said = None
    for skipped, line in enumerate(lines):
        found = SEPARATOR_LINE.match(line.rstrip("\r\n")) if said is None else None
        if found:
            said = found[1]
        elif line[:1] != "#" and line.strip():
            return skipped, said
    return len(lines), said


def _trial(lines: list[str], delimiter: str, whole: bool) -> _Trial:
    reader = Dialect(delimiter).rows(lines, strict=False)
    rows, begins, line = [], [], 0
    try:
        for row in islice(reader, HEAD_ROWS):
            if any(cell.strip() for cell in row) or len(row) > 1:
                rows.append(row)
                begins.append(line)
            line = reader.line_num
    except csv.Error:
        return _Trial(delimiter, rows, begins)
    if not whole and line >= len(lines) - 1 and len(rows) > 1:
        return _Trial(delimiter, rows[:-1], begins[:-1])  # the head ends within the last
    return _Trial(delimiter, rows, begins)


def _chosen(trials: list[_Trial]) -> tuple[_Trial, int]:
    """The best one, and how many of its rows are titles."""
    for trial in trials:
        if trial.even() and not trial.titles():
            return trial, 0
    titled = [(trial.titles(), trial) for trial in trials if trial.titles()]
    if titled:
        titles, trial = min(titled, key=lambda found: found[0])
        return trial, titles
    several = [trial for trial in trials if trial.counts[0] > 1]
    # none is right: the likeliest, so that the error names the row that does not fit
    trial = max(several or trials, key=lambda trial: (trial.share(), trial.counts[0]))
    return trial, 0


def _hashed_header(lines: list[str], skipped: int, trials: list[_Trial]) -> Dialect | None:
    """Where the last line with a ``#`` has the names, as in ``#id,name`` above ``1,x``.

    It does where it has as many cells as the rows, no blank behind the sign, and the line below has
    numbers, as names are none.
    """
    if not skipped or lines[skipped - 1][:1] != "#" or not lines[skipped - 1][1:2].strip():
        return None
    trial, titles = _chosen(trials)
    names = next(Dialect(trial.delimiter).rows([lines[skipped - 1]], strict=False))
    if titles or len(names) < 2 or len(names) != trial.counts[0]:
        return None
    return Dialect(trial.delimiter, skipped - 1) if any(map(is_number, trial.rows[0])) else None


def is_number(cell: str) -> bool:
    """Whether a cell looks like a number, as a name does not."""
    return bool(re.fullmatch(r"\s*[+-]?\d[\d.,]*(e[+-]?\d+)?\s*", cell, re.IGNORECASE))

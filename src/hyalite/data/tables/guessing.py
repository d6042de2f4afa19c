"""What one column holds, as far as its own cells say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hyalite.data.tables import number_texts
from hyalite.data.tables.category_texts import TextFormat
from hyalite.data.tables.date_texts import (
    COMPACT_YEARS,
    DateEvidence,
    DateFormat,
    date_evidence_of,
)
from hyalite.data.tables.formats import Cells, Format, is_missing
from hyalite.data.tables.gaps import GAPS, gaps_of, is_error
from hyalite.data.tables.number_texts import NumberEvidence, NumberFormat, evidence_of
from hyalite.data.tables.time_texts import TimeFormat
from hyalite.data.tables.truth_texts import TruthFormat, truth_format_of
from hyalite.parameters import Array

MAX_ODD = 0.05  # share of a column's cells that may be not of its kind, and are taken as gaps
MAX_MARKED = 0.5  # the share, where all of them are one word, such as "unknown"
MAX_WORDS = 4  # the same of so many words, where most numbers are different; those of codes are not
MIN_DIFFERENT = 20  # different numbers; below, other texts that are repeated are categories, too
SAMPLE = 1000  # different texts that show whether a column may be numbers or dates at all
MAX_WHOLE = 10**15  # whole numbers with more digits are names


@dataclass
class Guess:
    """What one column holds, before the other columns are asked.

    Attributes:
        kind: as in `Understood`.
        format: how cells are read, as far as it is known.
        cells: of a column of texts.
        gaps: what is one in this column.
        numbers, dates: the evidence for the signs and the order, where they are of such a kind.
        order: of day and month, where a user says it.
        unclear: what is not decided, in words.
    """

    kind: str
    format: Format
    cells: Cells | None = None
    gaps: frozenset[str] = GAPS
    numbers: NumberEvidence | None = None
    dates: DateEvidence | None = None
    order: str = ""
    unclear: str = ""

    @property
    def own_gaps(self) -> tuple[str, ...] | None:
        """The gaps as a format keeps them."""
        return None if self.gaps == GAPS else tuple(sorted(self.gaps))


def guess_of(name: str, column: Array, kind: str = "", na_values: Sequence[str] = ()) -> Guess:
    """What a column holds.

    Args:
        name: of the column.
        column: of a `Table`.
        kind: as users may say it, one of `understanding.KINDS`; empty to find out.
        na_values: more texts that are gaps.

    Raises:
        ValueError: it has no cell of that kind.
    """
    if column.dtype.kind != "O":
        return _of_typed(name, column, kind, gaps_of((), na_values))
    cells = Cells(column)
    gaps = gaps_of(cells.texts, na_values)
    guess = Guess("category", TextFormat(), cells, gaps)
    guess.format = TextFormat(guess.own_gaps)
    there = [place for place, text in enumerate(cells.texts) if text not in gaps]
    right = [place for place in there if not is_error(cells.texts[place])]
    if kind in ("category", "text", "ignore"):
        guess.kind = kind
    elif not right:
        guess.kind = "empty"
    else:
        texts, counts = [cells.texts[place] for place in right], cells.counts[right]
        _find(guess, texts, counts, kind)
        if kind and guess.kind != kind.partition("-")[0]:
            raise ValueError(
                f"column {name!r} has no {kind.partition('-')[0]}s, but texts such as {texts[0]!r}"
            )
    return guess


def _find(guess: Guess, texts: list[str], counts: Array, kind: str) -> None:
    """Look for numbers, truths, dates and times, in this order; or for the one that is named."""
    wanted, _, guess.order = kind.partition("-")
    finders = {"number": _numbers, "truth": _truths, "date": _dates, "time": _times}
    if not wanted and _eight_digits(texts):
        finders = {"date": _dates, **finders}
    for name, finder in finders.items():
        if wanted in ("", name) and finder(guess, texts, counts, bool(wanted)):
            guess.kind = name
            return


def _enough(good: Array, texts: list[str], counts: Array, forced: bool) -> bool:
    """Whether so many cells are of a kind that the others are slips or gaps."""
    cells, bad = int(counts.sum()), int(counts[~good].sum())
    if forced or not bad:
        return bad < cells
    different, odd = int(good.sum()), len(texts) - int(good.sum())
    measured = odd <= MAX_WORDS and 2 * different > cells - bad
    if different > MIN_DIFFERENT and (odd == 1 or measured):
        return bad <= MAX_MARKED * cells
    repeated = odd > 1 and bad >= 3 * odd
    if repeated and different <= MIN_DIFFERENT:
        return False
    return bad <= MAX_ODD * cells or (bad == 1 and cells >= 10)


def _numbers(guess: Guess, texts: list[str], counts: Array, forced: bool) -> bool:
    quick = number_texts.plain_evidence(texts)
    if quick is None:
        sample = evidence_of(texts[:SAMPLE], np.ones(len(texts[:SAMPLE]), int))
        if not forced and sample.cells < (1 - MAX_MARKED) * min(SAMPLE, len(texts)) - 1:
            return False
        quick = evidence_of(texts, counts)
        if not quick.cells or (quick.are_codes and not forced):
            return False
        made = number_texts.format_of(quick, quick.decimal or _likely(quick))
        if not _enough(~is_missing(made.parse(texts)), texts, counts, forced):
            return False
    guess.numbers, guess.format = quick, NumberFormat(gaps=guess.own_gaps)
    return True


def _likely(evidence: NumberEvidence) -> str:
    """A decimal sign that leaves the unclear cells numbers."""
    return "." if evidence.unclear["."] >= evidence.unclear[","] else ","


def _truths(guess: Guess, texts: list[str], counts: Array, forced: bool) -> bool:
    if len(texts) > SAMPLE:
        return False
    made = truth_format_of(texts, counts)
    if made is None:
        return False
    good = ~is_missing(made.parse(texts))
    if not forced and (counts[~good] > 1).any():
        return False  # a third word that is repeated is a category, however rare
    if not _enough(good, texts, counts, forced):
        return False
    guess.format = TruthFormat(made.true, made.false, guess.own_gaps)
    return True


def _dates(guess: Guess, texts: list[str], counts: Array, forced: bool) -> bool:
    evidence = date_evidence_of(texts[:SAMPLE], np.ones(len(texts[:SAMPLE]), int))
    if not forced and evidence.cells < (1 - MAX_MARKED) * min(SAMPLE, len(texts)) - 1:
        return False
    evidence = date_evidence_of(texts, counts)
    compact = evidence.compact * 2 > evidence.cells
    if compact and not forced and evidence.compact < (1 - MAX_ODD) * counts.sum():
        return False
    made = DateFormat(guess.order or evidence.order or "dmy", compact)
    if not evidence.cells or not _enough(~is_missing(made.parse(texts)), texts, counts, forced):
        return False
    guess.dates, guess.format = evidence, made
    return True


def _times(guess: Guess, texts: list[str], counts: Array, forced: bool) -> bool:
    if not forced and is_missing(TimeFormat().parse(texts[:SAMPLE])).mean() > MAX_MARKED:
        return False
    if not _enough(~is_missing(TimeFormat().parse(texts)), texts, counts, forced):
        return False
    guess.format = TimeFormat(guess.own_gaps)
    return True


def _eight_digits(texts: list[str]) -> bool:
    return len(texts[0]) == 8 and texts[0].isdecimal() and len(texts) > 1


def _of_typed(name: str, column: Array, kind: str, gaps: frozenset[str]) -> Guess:
    """A column that came with a type."""
    wanted, _, order = kind.partition("-")
    own = None if gaps == GAPS else tuple(sorted(gaps))
    natural = {"b": "truth", "M": "date", "m": "time"}.get(column.dtype.kind, "number")
    if natural == "number" and not wanted:
        wanted = _whole_numbers(column)
    found = wanted or natural
    formats: dict[str, Format] = {
        "number": NumberFormat(gaps=own),
        "time": TimeFormat(own),
        "date": DateFormat(order or None, natural == "number", own),
        "truth": TruthFormat(gaps=own),
    }
    made = formats.get(found, TextFormat(own))
    if is_missing(column).all() and not kind:
        found = "empty"
    elif wanted and found in formats and is_missing(made.read(column)).all():
        raise ValueError(f"column {name!r} has no {found}s, but {column.dtype}")
    return Guess(found, made, gaps=gaps)


def _whole_numbers(column: Array) -> str:
    """What whole numbers are: a "category" of 16 digits and more, a "date" as 20261121, or ""."""
    if column.dtype.kind == "f":
        column = column[np.isfinite(column)]
        if not len(column) or np.abs(column).max() > MAX_WHOLE or (column % 1).any():
            return ""
        column = column.astype(np.int64)
    first, last = COMPACT_YEARS
    long = (column >= MAX_WHOLE) | (column <= -MAX_WHOLE)
    if np.count_nonzero(long) > MAX_ODD * len(column):
        return "category"
    if not first <= column[0] // 10_000 <= last or (column == column[0]).all():
        return ""
    days = DateFormat(compact=True).typed(column)
    return "date" if is_missing(days).mean() <= MAX_ODD else ""

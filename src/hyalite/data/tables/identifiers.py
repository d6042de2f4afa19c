"""Which columns number or name the rows: they may tell their order, and so the target."""

from __future__ import annotations

import re

import numpy as np

from hyalite.parameters import Array

MIN_ROWS = 20  # in fewer, numbers that count the rows are not told from others
MIN_DIFFERENT = 0.95  # share of the rows that must have a number of their own
DENSE = 2 / 3  # numbers in any order: so many of those in their range are there
SORTED_DENSE = 0.02  # numbers that rise or fall with the rows: so many
YEARS = (1500, 2200)
MAX_YEARS = 300  # different ones
MAX_WORDS = 0.5  # share of texts with a blank: more are free text, not names

_WORDS = {
    "id", "ids", "uid", "uuid", "guid", "pk", "rowid", "rownum", "serial", "identifier", "nr",
    "nummer", "no", "key", "index", "idx",
}  # fmt: skip
_SUFFIX = re.compile(
    r"(?:row|record|case|order|invoice|customer|client|kunden|user|account|patient|passenger|person|"
    r"employee|member|student|product|item|ticket|loan|policy|transaction|event|session|sample)"
    r"(?:id|no|nr|num|number|nummer|key|index)"
)


def number_reason(name: str, found: Array) -> str:
    """Why a column of numbers is an identifier; empty where it is none.

    Whole numbers, nearly all different, that

    - rise or fall with the rows, and leave out few of the numbers between them, or
    - in any order are most of the numbers, or of the multiples of a step, in their range, or
    - have a name such as "id" or "customer_no".

    Years stay, unless they are named so. A measure in whole numbers that is different in every row
    stays as well: its numbers are spread.

    Args:
        name: of the column.
        found: float64 (n,), NaN where one is missing, in the order of the rows.
    """
    known = found[~np.isnan(found)]
    if len(known) < MIN_ROWS or len(known) < MIN_DIFFERENT * len(found):
        return ""
    if (known != np.floor(known)).any() or np.abs(known).max() > 2**53:
        return ""
    different = np.unique(known)
    if len(different) < max(2, MIN_DIFFERENT * len(known)):
        return ""
    named = is_named_so(name)
    years = different[0] >= YEARS[0] and different[-1] <= YEARS[1] and len(different) <= MAX_YEARS
    if _counts(known, different) and (named or not years):
        return "a running number"
    if named:
        return f"an identifier: {len(different):,} different whole numbers in {len(found):,} rows"
    return ""


def _counts(known: Array, different: Array) -> bool:
    """Whether numbers follow each other with few left out between them."""
    steps = np.diff(different)
    step = float(np.gcd.reduce(steps.astype(np.int64)))
    density = len(steps) * step / float(different[-1] - different[0])
    order = np.diff(known)
    in_order = bool((order >= 0).all() or (order <= 0).all())
    return density >= (SORTED_DENSE if in_order else DENSE)


def text_reason(different: int, texts: list[str], rows: int) -> str:
    """Why a column of texts is left out: they are different in more than half of the rows."""
    if different <= max(MIN_ROWS, rows / 2):
        return ""
    words = sum(" " in text for text in texts) / len(texts)
    what = "free text" if words > MAX_WORDS else "identifiers"
    return f"{what}: {different:,} different texts in {rows:,} rows"


def is_named_so(name: str) -> bool:
    """Whether a column's name says that it identifies.

    Examples:
        >>> from hyalite.data.tables.identifiers import is_named_so
        >>> [is_named_so(name) for name in ("PassengerId", "order no.", "customernumber", "humid")]
        [True, True, True, False]
    """
    words = re.findall(r"[A-Z]?[a-zäöü]+|[A-Z]+(?![a-zäöü])", name)
    lower = [word.lower() for word in words]
    whole = "".join(lower)
    if lower[-1:] == ["index"] and len(lower) > 1:  # such as a price index
        return False
    return bool(_WORDS & set(lower)) or _SUFFIX.search(whole) is not None or whole == "unnamed"

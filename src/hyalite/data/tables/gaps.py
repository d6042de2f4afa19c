"""What is a gap in a column of texts, and what a spreadsheet's error is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

GAPS = frozenset(
    [
        "", "NA", "N/A", "n/a", "n.a.", "N.A.", "NaN", "nan", "NAN", "-nan", "-NaN", "<NA>",
        "NULL", "Null", "null", "None", "NaT", "?", "-", "--", "---", "–", "—",
        "#N/A", "#NA", "#N/A N/A", "#NV",
    ]
)  # fmt: skip
# In any language: #DIV/0!, #VALUE!, #WERT!, #NAME?, #¡VALOR!
_ERROR = re.compile(r"#[^\W\d_a-z¡/]*[¡/]?[^\W_a-z/]*[/0-9]*[!?]")


def is_error(text: str) -> bool:
    """Whether a cell is what a spreadsheet writes where it cannot compute.

    Examples:
        >>> from hyalite.data.tables.gaps import is_error
        >>> [is_error(text) for text in ("#DIV/0!", "#REF!", "#NAME?", "#1", "yes!")]
        [True, True, True, False, False]
    """
    return text.startswith("#") and _ERROR.fullmatch(text) is not None


def gaps_of(texts: Iterable[str], na_values: Collection[str] = ()) -> frozenset[str]:
    """What is a gap in a column of these texts: `GAPS` and `na_values`.

    A column that has "+" means something by "-", unless `na_values` say otherwise.
    """
    gaps = GAPS | frozenset(text.strip() for text in na_values)
    return gaps - {"-"} if "+" in texts and "-" not in na_values else gaps

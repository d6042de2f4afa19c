"""From texts to numbers: decimal and thousands signs, signs, currencies, units."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from hyalite.data.tables.formats import Format
from hyalite.parameters import Array

THOUSANDS = ("", ".", ",", "'", " ", "_")
_SAME = str.maketrans({**dict.fromkeys("\u00a0\u202f\u2009", " "), "’": "'", "−": "-", "–": "-"})
_CURRENCY = (
    r"(?:[A-Z]{0,3}[$€£¥₹₽₩₪₫₴₦₱฿₺￥＄]|USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|RUB|SEK|NOK|DKK|PLN|CZK|HUF|"
    r"TRY|BRL|MXN|CAD|AUD|NZD|HKD|SGD|KRW|ZAR|Rs\.?|kr\.?|S?Fr\.|Euro)"
)
# A number as it is written: affixes, signs, and the core of digits and separators.
_CELL = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[+-]?)\s*(?P<prefix>{_CURRENCY}?)\s*(?P<sign2>[+-]?)\s*"
    r"(?P<core>\d[\d.,'_ ]*|[.,]\d+)(?P<exponent>(?:[eE][+-]?\d+)?)\s*(?P<after>-?)\s*"
    r"(?P<suffix>[^\d\s+()\-.,:;][^\d()]{0,14}|)\s*(?P<close>\))?"
)
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_NOT_PLAIN = re.compile(r"[^0-9.+\-eE\n]")
# Whole numbers with a leading zero, such as 007 and 01234, and those that float64 does not hold.
_LEADING_ZERO = re.compile(r"[+-]?0\d+")
_LONG = re.compile(r"[+-]?\d{16,}")
_CLOCK = re.compile(r"[AaPp]\.?[Mm]\.?")  # no unit


class NumberFormat(Format):
    """Numbers as texts: sign, digits in groups, decimals, exponent, with affixes.

    A minus may stand before, behind, or be a pair of parentheses. The affixes may be missing; they
    are the column's unit, and change nothing: 12.5 % is 12.5.

    Args:
        decimal: sign, "." or ",".
        thousands: sign between groups of three digits, such as "," and "'"; " " stands for narrow
            blanks, too; "" for none.
        prefix: before the number, such as "$".
        suffix: behind it, such as "EUR" and "%".
        gaps: texts that are gaps in this column; None takes the usual ones.

    Examples:
        >>> from hyalite.data.tables.number_texts import NumberFormat
        >>> NumberFormat(",", ".", suffix="EUR").parse(["1.234,50 EUR", "-3", "cheap"]).tolist()
        [1234.5, -3.0, nan]
    """

    kind = "number"
    gap = np.nan

    def __init__(
        self,
        decimal: str = ".",
        thousands: str = "",
        prefix: str = "",
        suffix: str = "",
        gaps: Iterable[str] | None = None,
    ) -> None:
        super().__init__(gaps)
        if decimal not in (".", ","):
            raise ValueError(f"decimal must be '.' or ',', got {decimal!r}")
        if thousands not in THOUSANDS or thousands == decimal:
            raise ValueError(
                "thousands must be another sign than decimal, one of "
                f"{', '.join(map(repr, THOUSANDS))}, got {thousands!r}"
            )
        if not isinstance(prefix, str) or not isinstance(suffix, str):
            raise ValueError(f"affixes must be texts, got {prefix!r} and {suffix!r}")
        self.decimal, self.thousands, self.prefix, self.suffix = decimal, thousands, prefix, suffix
        point, group = re.escape(decimal), re.escape(thousands)
        # no group before others begins with 0: 0,346 has a decimal comma, wherever it comes from
        whole = rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+" if thousands else r"\d+"
        if thousands == ",":  # and the groups of two in India: 12,34,567
            whole = rf"[1-9]\d?(?:,\d{{2}})+,\d{{3}}|{whole}"
        core = rf"(?:{whole})(?:{point}\d*)?|{point}\d+"
        self._core = re.compile(core)
        self._quick = re.compile(rf"[+-]?(?:{core})(?:[eE][+-]?\d+)?")

    def parse(self, texts: list[str]) -> Array:
        """float64, NaN where there is no number."""
        plain = self.decimal == "."
        if plain and self.gaps is None and _NOT_PLAIN.search("\n".join(texts)) is None:
            try:
                return _finite(np.array([float(text or "nan") for text in texts]))
            except ValueError:
                pass  # a lone sign or letter
        found = np.full(len(texts), np.nan)
        for place, text in enumerate(texts):
            if text in self._gaps:
                continue
            if self._quick.fullmatch(text):
                text = text.replace(self.thousands, "") if self.thousands else text
                found[place] = float(text.replace(",", "."))
            else:
                found[place] = self._number(text)
        return _finite(found)

    def _number(self, text: str) -> float:
        match = _CELL.fullmatch(text.translate(_SAME))
        if match is None:
            return np.nan
        opened, sign, prefix, sign2, core, exponent, after, suffix, closed = match.groups()
        core = core.rstrip()
        if (
            not self._core.fullmatch(core)
            or (prefix and prefix != self.prefix)
            or (suffix and suffix.rstrip() != self.suffix)
            or bool(opened) != bool(closed)
            or bool(sign) + bool(sign2) + bool(after) + bool(opened) > 1
        ):
            return np.nan
        if self.thousands:
            core = core.replace(self.thousands, "")
        value = float(core.replace(",", ".") + exponent)
        return -value if "-" in (sign, sign2, after) or opened else value

    def typed(self, column: Array) -> Array:
        """Numbers as they are; truths as 1 and 0, durations in seconds; dates are no numbers."""
        if column.dtype.kind == "m":
            missing = np.isnat(column)
            return np.where(missing, np.nan, column.astype(np.int64) / 1e6)
        if column.dtype.kind == "M":
            return np.full(len(column), np.nan)
        found = _finite(column.astype(np.float64))
        if self.gaps is not None:  # gaps that are written as numbers, such as -999
            found[np.isin(found, [float(t) for t in self.gaps if _PLAIN.fullmatch(t)])] = np.nan
        return found

    def describe(self) -> str:
        """Such as ``1.234,5 EUR``."""
        usual = self.decimal == "." and self.thousands in ("", ",")
        if usual and not self.prefix and not self.suffix:
            return ""
        text = f"{self.prefix}1{self.thousands}234{self.decimal}5"
        return f"as {text} {self.suffix}".rstrip()


@dataclass
class NumberEvidence:
    """What a column's texts say about how its numbers are written.

    Attributes:
        decimals: cells in which a sign is the decimal one for sure, by sign.
        groups: cells in which a sign is between thousands for sure, by sign.
        unclear: cells such as 1.200, in which a sign may be either, by sign.
        affixes: cells by (prefix, suffix).
        cells: that have the form of a number.
        whole: of them, those that are whole numbers.
        codes: of these, those with a leading zero, and more digits than float64 holds.
        longest: a whole number with the most digits.
    """

    decimals: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    unclear: Counter[str] = field(default_factory=Counter)
    affixes: Counter[tuple[str, str]] = field(default_factory=Counter)
    example: str = ""
    cells: int = 0
    whole: int = 0
    zeros: int = 0
    long: int = 0

    @property
    def are_codes(self) -> bool:
        """Whether the digits are a name rather than a quantity: 007, or 16 digits and more."""
        return (self.zeros > 0 and 2 * self.whole > self.cells) or 20 * self.long > self.cells

    @property
    def decimal(self) -> str:
        """The decimal sign as far as the column itself decides it, else ""."""
        for sign, other in ((".", ","), (",", ".")):
            votes = self.decimals[sign] + self.groups[other]
            if votes > self.decimals[other] + self.groups[sign]:
                return sign
        return ""


def evidence_of(texts: Sequence[str], counts: Array) -> NumberEvidence:
    """What texts that are no gaps, each with its number of cells, say."""
    found = NumberEvidence()
    for text, count in zip(texts, counts.tolist(), strict=True):
        match = _CELL.fullmatch(text.translate(_SAME))
        if match is None or _CLOCK.fullmatch(match["suffix"] or ""):
            continue
        found.cells += count
        if match["prefix"] or match["suffix"]:
            found.affixes[match["prefix"] or "", (match["suffix"] or "").rstrip()] += count
        _weigh(found, match["core"].rstrip(), count, text, bool(match["exponent"]))
    return found


def _weigh(found: NumberEvidence, core: str, count: int, text: str, exponent: bool) -> None:
    signs = [letter for letter in core if not letter.isdigit()]
    if not signs:
        if not exponent:
            found.whole += count
            found.zeros += count * (_LEADING_ZERO.fullmatch(core) is not None)
            found.long += count * (_LONG.fullmatch(core) is not None)
        return
    last, kinds = signs[-1], set(signs)
    for sign in kinds - {".", ","}:
        found.groups[sign] += count
    if kinds >= {".", ","}:
        if signs.count(last) == 1:
            found.decimals[last] += count
            found.groups["," if last == "." else "."] += count
    elif last in ".,":
        before, _, behind = core.rpartition(last)
        if signs.count(last) > 1:
            found.groups[last] += count
        elif kinds - {".", ","} or len(behind) != 3 or not 0 < len(before) < 4 or before[0] == "0":
            found.decimals[last] += count
        else:
            found.unclear[last] += count
            found.example = found.example or text


def format_of(evidence: NumberEvidence, decimal: str, thousands: str | None = None) -> NumberFormat:
    """The format in which a column's numbers are written, once the decimal sign is known.

    Args:
        evidence: of the column.
        decimal: sign.
        thousands: sign; None takes what the column has.
    """
    if thousands is None:
        seen = evidence.groups + evidence.unclear
        del seen[decimal]
        thousands = max(seen, key=lambda sign: seen[sign], default="")
    affixes = evidence.affixes.most_common(1)
    prefix, suffix = affixes[0][0] if affixes else ("", "")
    return NumberFormat(decimal, thousands, prefix, suffix)


def _finite(found: Array) -> Array:
    """Infinite numbers are none."""
    found[np.isinf(found)] = np.nan
    return found


_CODE = re.compile(r"^[+-]?(?:0\d+|\d{16,})$", re.M)
_SURE_POINT = re.compile(r"^[+-]?(?:\.|0\.|\d{4,}\.|\d+\.(?!\d{3}$))", re.M)


def plain_evidence(texts: list[str]) -> NumberEvidence | None:
    """The evidence of texts that are all such as -1.5, found in one pass; None for other ones."""
    joined = "\n".join(texts)
    if _NOT_PLAIN.search(joined) or _CODE.search(joined):
        return None
    sure = _SURE_POINT.search(joined) is not None
    if "." in joined and not sure:
        return None
    try:
        for text in texts:
            float(text)
    except ValueError:
        return None
    return NumberEvidence(decimals=Counter({".": 1} if sure else {}), cells=len(texts))

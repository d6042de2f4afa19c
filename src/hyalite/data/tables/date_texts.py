"""From texts to dates, as the world writes them."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from hyalite.data.tables.formats import Format
from hyalite.data.tables.time_texts import CLOCK, seconds_of
from hyalite.parameters import Array

DAY_MICROSECONDS = 86_400_000_000
ORDERS = ("dmy", "mdy", "ymd")
COMPACT_YEARS = (1900, 2100)  # 20261121 is a date where the year is one of these
MAX_COMPACT = 1e15  # 20261121143000 is below
_MONTHS = {  # the first letters in English, German, French, Spanish, Italian, Dutch and Portuguese
    1: "jan jän gen ene", 2: "feb fév fev", 3: "mar mär mrz maa mrt", 4: "apr avr abr",
    5: "may mai mag mei", 6: "jun juin giu", 7: "jul juil lug", 8: "aug août aou ago",
    9: "sep set", 10: "oct okt ott out", 11: "nov", 12: "dec dez déc dic",
}  # fmt: skip
_MONTH_OF = {start: month for month, starts in _MONTHS.items() for start in starts.split()}
_NAME = r"[^\W\d_]{3,10}\.?"
# 2026-11-21 and 20261121; 21.11.2026; 21. November 2026; Nov 21, 2026; Nov 2026; and so on
_DATE = "|".join(
    [
        r"(?P<y1>\d{4})(?P<s1>[-/. ]?)(?P<m1>\d{1,2})(?P=s1)(?P<d1>\d{1,2})",
        r"(?P<y2>\d{4})\s*年\s*(?P<m2>\d{1,2})\s*月(?:\s*(?P<d2>\d{1,2})\s*日)?",
        r"(?P<y5>\d{4})\s*년\s*(?P<m5>\d{1,2})\s*월(?:\s*(?P<d5>\d{1,2})\s*일)?",
        r"(?P<a>\d{1,2})(?P<s3>[-/.]\s?)(?P<b>\d{1,2})(?P=s3)(?P<c>\d{4}|\d\d)",
        rf"(?P<d4>\d{{1,2}})(?:st|nd|rd|th|er|\.)?[-/ ]*(?:de )?(?P<n4>{_NAME})(?:[-/, ]+| de )"
        r"(?P<y4>\d{4}|\d\d)",
        rf"(?P<n6>{_NAME})[-/ ]+(?P<d6>\d{{1,2}})(?:st|nd|rd|th)?,?[-/ ]+(?P<y6>\d{{4}})",
        rf"(?P<n7>{_NAME})[-/, ]+(?P<y7>\d{{4}})",
        r"(?P<y8>\d{4})[-/](?P<m8>\d{1,2})",
        r"(?P<m9>\d{1,2})[-/](?P<y9>\d{4})",
        r"(?P<yw>\d{4})-?W(?P<week>\d\d)(?:-?(?P<weekday>[1-7]))?",
        r"(?P<y0>\d{4})[- ]?Q(?P<q0>[1-4])|Q(?P<q1>[1-4])[-/ ]?(?P<yq>\d{4})",
    ]
)
_CELL = re.compile(
    rf"(?:[^\W\d_]{{2,10}}[.,]*\s+)??(?P<date>{_DATE})(?:(?:[T,]\s*|\s+(?:at |um )?){CLOCK})?"
)
_ISO = re.compile(
    r"(?:(?:\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?)?\n)*", re.ASCII
)
_CTIME = re.compile(r"(?:\w{3} )?(\w{3}) +(\d{1,2}) (\d\d:\d\d:\d\d) (?:[A-Z]{3,4} )?(\d{4})")
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)[T ]?(\d\d)(\d\d)(\d\d)?(Z?)")


class DateFormat(Format):
    """Dates, with or without the time of the day, as days since 1970.

    Whatever the order, 2026-11-21, 2026/11/21, 21-Nov-2026, Nov 21, 2026 and 2026年11月21日 are
    read. A time with a zone becomes that of UTC; a month is its first day, a week such as 2026-W47
    its Monday. Of a year with two digits 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068, as
    in POSIX.

    Args:
        order: of day, month and year where all are numbers and the year is not first: "dmy"
            (21/11/2026) or "mdy" (11/21/2026); "ymd" where years of two digits are first. None
            where no row of training needed it; such a date has its day first then.
        compact: whether eight digits are a date, 20261121.
        gaps: texts that are gaps in this column; None takes the usual ones.

    Examples:
        >>> from hyalite.data.tables.date_texts import DateFormat
        >>> DateFormat("dmy").parse(["02.01.1970", "1970-01-01 12:00", "soon"]).tolist()
        [1.0, 0.5, nan]
    """

    kind = "date"
    gap = np.nan

    def __init__(
        self, order: str | None = None, compact: bool = False, gaps: Iterable[str] | None = None
    ) -> None:
        super().__init__(gaps)
        if order is not None and order not in ORDERS:
            raise ValueError(f"order must be one of {', '.join(ORDERS)}, got {order!r}")
        self.order, self.compact = order, bool(compact)

    def parse(self, texts: list[str]) -> Array:
        """float64 days since 1970-01-01, NaN where there is no date."""
        if _ISO.fullmatch("\n".join(texts) + "\n"):
            try:
                return _days(np.array([text or "NaT" for text in texts], "datetime64[us]"))
            except ValueError:
                pass  # such as February 30
        days: dict[str, float] = {}
        return np.array(
            [np.nan if text in self._gaps else self._cell(text, days) for text in texts], np.float64
        )

    def _cell(self, text: str, days: dict[str, float]) -> float:
        match = _match(text)
        if match is None:
            return np.nan
        date = match["date"]
        if date not in days:
            days[date] = self._day(match)
        clock = 0.0 if match["hour"] is None else seconds_of(match, day=True)
        return days[date] + clock / 86_400

    def _day(self, match: re.Match[str]) -> float:
        parts = _parts(match, self.order or "dmy", self.compact)
        if parts is None:
            return np.nan
        try:
            return float(dt.date(*parts).toordinal() - 719_163)  # 1970-01-01
        except ValueError:
            return np.nan

    def typed(self, column: Array) -> Array:
        """Dates as they are; whole numbers such as 20261121 where dates are written so."""
        if column.dtype.kind == "M":
            return _days(column)
        if column.dtype.kind not in "fi" or not self.compact:
            return np.full(len(column), np.nan)
        found = column.astype(np.float64)
        texts = [f"{value:.0f}" if abs(value) < MAX_COMPACT else "" for value in found.tolist()]
        return self.parse(texts)

    def describe(self) -> str:
        """Such as ``as 20261121``; the order stands where training needed it."""
        if self.compact:
            return "as 20261121"
        words = {"dmy": "day first", "mdy": "month first", "ymd": "year first", None: ""}
        return words[self.order]


@dataclass
class DateEvidence:
    """What a column's texts say about how its dates are written.

    Attributes:
        cells: that have the form of a date.
        compact: of them, those of eight digits.
        orders: cells of which an order is right for sure.
        unclear: cells such as 03/04/2026.
        signs: between the parts, of cells with three numbers.
        example: an unclear cell.
    """

    cells: int = 0
    compact: int = 0
    orders: Counter[str] = field(default_factory=Counter)
    unclear: int = 0
    signs: Counter[str] = field(default_factory=Counter)
    example: str = ""

    @property
    def order(self) -> str:
        """The order as far as the column itself decides it, else ""."""
        best = self.orders.most_common(2)
        if not best or (len(best) == 2 and best[0][1] == best[1][1]):
            return ""
        return best[0][0]


def date_evidence_of(texts: Sequence[str], counts: Array) -> DateEvidence:
    """What texts that are no gaps, each with its number of cells, say."""
    found = DateEvidence()
    if _ISO.fullmatch("\n".join(texts) + "\n"):
        found.cells = int(counts.sum())
        return found
    for text, count in zip(texts, counts.tolist(), strict=True):
        match = _match(text)
        if match is None:
            continue
        if match["y1"] is not None and not match["s1"]:
            parts = _parts(match, "dmy", True)
            if parts is None:
                continue
            found.compact += count
        found.cells += count
        if match["a"] is None:
            continue
        found.signs[match["s3"].strip()] += count
        first, second, last = int(match["a"]), int(match["b"]), match["c"]
        can = {
            "dmy": 0 < first < 32 and 0 < second < 13,
            "mdy": 0 < first < 13 and 0 < second < 32,
            "ymd": len(last) == 2 and 0 < second < 13 and 0 < int(last) < 32,
        }
        right = [order for order in ("dmy", "mdy") if can[order]]
        if len(right) == 1:
            found.orders[right[0]] += count
        elif right and first != second:
            found.unclear += count
            found.example = found.example or text
        elif not right and can["ymd"]:
            found.orders["ymd"] += count
        elif not right:
            found.cells -= count
    return found


def _match(text: str) -> re.Match[str] | None:
    match = _CELL.fullmatch(text)
    if match is None and (stamp := _STAMP.fullmatch(text)):
        year, month, day, hour, minute, second, zone = stamp.groups()
        return _CELL.fullmatch(f"{year}{month}{day} {hour}:{minute}:{second or '00'}{zone}")
    if match is None and (ctime := _CTIME.fullmatch(text)):
        return _CELL.fullmatch(f"{ctime[2]} {ctime[1]} {ctime[4]} {ctime[3]}")
    return match


def _parts(match: re.Match[str], order: str, compact: bool) -> tuple[int, int, int] | None:
    """Year, month and day."""
    found = match.groupdict()
    if found["y1"] is not None:
        if not found["s1"]:
            first, last = COMPACT_YEARS
            if not compact or len(found["date"]) != 8 or not first <= int(found["y1"]) <= last:
                return None
        return int(found["y1"]), int(found["m1"]), int(found["d1"])
    if found["a"] is not None:
        named = dict(zip(order, (found["a"], found["b"], found["c"]), strict=True))
        return _year(named["y"]), int(named["m"]), int(named["d"])
    for place in "46":
        if found[f"n{place}"] is not None:
            month = _month(found[f"n{place}"])
            day = int(found[f"d{place}"])
            return None if month is None else (_year(found[f"y{place}"]), month, day)
    if found["n7"] is not None:
        month = _month(found["n7"])
        return None if month is None else (int(found["y7"]), month, 1)
    if found["yw"] is not None:
        return _of_week(int(found["yw"]), int(found["week"]), int(found["weekday"] or 1))
    for quarter, of_year in (("q0", "y0"), ("q1", "yq")):
        if found[quarter] is not None:
            return int(found[of_year]), 3 * int(found[quarter]) - 2, 1
    for place in "2589":
        if found[f"y{place}"] is not None:
            day = int(found.get(f"d{place}") or 1)
            return int(found[f"y{place}"]), int(found[f"m{place}"]), day
    return None


def _of_week(year: int, week: int, day: int) -> tuple[int, int, int] | None:
    """A day of a week as ISO 8601 counts them; None where the year has no such week."""
    try:
        found = dt.date.fromisocalendar(year, week, day)
    except ValueError:
        return None
    return found.year, found.month, found.day


def _month(name: str) -> int | None:
    name = name.lower()
    return _MONTH_OF.get(name[:4]) or _MONTH_OF.get(name[:3])


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (1900 if year > 68 else 2000)


def _days(found: Array) -> Array:
    return np.where(np.isnat(found), np.nan, found.astype(np.int64) / DAY_MICROSECONDS)

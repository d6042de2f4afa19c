"""From texts to times of the day and durations, in seconds."""

from __future__ import annotations

import re

import numpy as np

from hyalite.data.tables.formats import Format
from hyalite.parameters import Array

HALVES = {"上午": "a", "下午": "p"}
# A time of the day, as part of larger expressions; the zone behind it too.
CLOCK = (
    r"(?P<half1>[上下]午)?(?P<hour>\d{1,2})(?:[:.h时時点]\s?(?P<minute>\d\d)?(?:[:.分]?(?P<second>\d\d)"
    r"(?P<part>[.,]\d{1,9})?)?[秒分]?)?\s*(?P<half2>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?|Uhr)?(?:\s?\[[\w/]+\])?"
)
_CELL = re.compile(
    r"(?P<sign>-?)(?P<hour>\d{1,4}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<part>[.,]\d{1,9})?)?"
    r"(?P<half1>)(?P<zone>)\s*(?P<half2>[AaPp]\.?[Mm]\.?|)(?:\s*Uhr)?"
    r"|(?P<hours>\d{1,2})\s?(?P<half>[AaPp]\.?[Mm]\.?)"
)


class TimeFormat(Format):
    """Times of the day and durations: 14:30, 2:30 PM, 26:15:00. In seconds.

    Examples:
        >>> from hyalite.data.tables.time_texts import TimeFormat
        >>> TimeFormat().parse(["00:01", "2:30 PM", "26:00:00", "late"]).tolist()
        [60.0, 52200.0, 93600.0, nan]
    """

    kind = "time"
    gap = np.nan

    def parse(self, texts: list[str]) -> Array:
        """float64 seconds, NaN where there is no time."""
        return np.array([np.nan if text in self._gaps else _cell(text) for text in texts])

    def typed(self, column: Array) -> Array:
        """Durations in seconds; of dates the time of the day; numbers as they are."""
        if column.dtype.kind in "mM":
            found = column.astype(np.int64)
            if column.dtype.kind == "M":
                found %= 86_400_000_000
            return np.where(np.isnat(column), np.nan, found / 1e6)
        found = column.astype(np.float64)
        found[np.isinf(found)] = np.nan
        return found

    def describe(self) -> str:
        """In which unit."""
        return "in seconds"


def seconds_of(match: re.Match[str], day: bool = False) -> float:
    """Seconds of what `CLOCK` found, in UTC where it has a zone; NaN where there is no such time.

    Args:
        match: with the groups of `CLOCK`.
        day: whether it must be a time of the day, below 24 hours.
    """
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    second = int(match["second"] or 0) + float((match["part"] or "0").replace(",", "."))
    half = (match["half2"] or "").lower()[:1] or HALVES.get(match["half1"] or "", "")
    if half:
        if not 0 < hour < 13:
            return np.nan
        hour = hour % 12 + 12 * (half == "p")
    elif match["minute"] is None and day and not match["half1"]:
        return np.nan  # a lone number is no time
    if minute > 59 or second >= 61 or (day and hour > 24):
        return np.nan
    zone = (match["zone"] or "").replace(":", "")
    offset = 0
    if zone[:1] in ("+", "-"):
        offset = 3600 * int(zone[1:3]) + 60 * int(zone[3:] or 0)
        offset = -offset if zone[0] == "-" else offset
    return 3600 * hour + 60 * minute + second - offset


def _cell(text: str) -> float:
    match = _CELL.fullmatch(text)
    if match is None:
        return np.nan
    if match["hours"] is not None:
        hour = int(match["hours"])
        late = match["half"].lower().startswith("p")
        return 3600.0 * (hour % 12 + 12 * late) if 0 < hour < 13 else np.nan
    seconds = seconds_of(match)
    return -seconds if match["sign"] else seconds

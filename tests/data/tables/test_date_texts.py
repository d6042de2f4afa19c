"""Dates and times as the world writes them."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.data.tables.date_column import day_text
from hyalite.data.tables.table import Table
from hyalite.data.tables.understanding import Options, understand

WRITTEN = {  # texts of one column: the dates in ISO's form
    "2026-11-21|2026-01-02": "2026-11-21|2026-01-02",
    "2026-11-21T14:30:00Z|2026-11-21 14:30:00+02:00": "2026-11-21 14:30:00|2026-11-21 12:30:00",
    "2026-11-21 14:30|2026-11-21 00:00:30.5": "2026-11-21 14:30:00|2026-11-21 00:00:30",
    "21.11.2026|1.2.2026": "2026-11-21|2026-02-01",
    "21/11/2026|01/02/2026": "2026-11-21|2026-02-01",
    "11/21/2026|01/02/2026": "2026-11-21|2026-01-02",
    "11/21/2026 2:30:05 PM|1/2/2026 12:00:00 AM": "2026-11-21 14:30:05|2026-01-02",
    "2026/11/21|2026/1/2": "2026-11-21|2026-01-02",
    "21-Nov-2026|3-Dec-26": "2026-11-21|2026-12-03",
    "Nov 21, 2026|December 3rd, 2026": "2026-11-21|2026-12-03",
    "21. November 2026|3. März 2026": "2026-11-21|2026-03-03",
    "21 novembre 2026|3 août 2026": "2026-11-21|2026-08-03",
    "Sat, 21 Nov 2026 14:30:00 GMT|Sun, 22 Nov 2026 00:00:00 GMT": "2026-11-21 14:30:00|2026-11-22",
    "Sat Nov 21 14:30:00 2026|Sun Nov 22 00:00:00 2026": "2026-11-21 14:30:00|2026-11-22",
    "20261121|20260103": "2026-11-21|2026-01-03",
    "20261121T143000|20260103000000": "2026-11-21 14:30:00|2026-01-03",
    "21.11.26|01.02.99": "2026-11-21|1999-02-01",
    "2026年11月21日|2026年1月2日": "2026-11-21|2026-01-02",
    "2026-11|2026-12": "2026-11-01|2026-12-01",
    "11/2026|12/2026": "2026-11-01|2026-12-01",
    "Nov 2026|Dec 2025": "2026-11-01|2025-12-01",
    "2026-Q4|Q1 2027": "2026-10-01|2027-01-01",
    "2026-W01|2026W47|2026-W53-7": "2025-12-29|2026-11-16|2027-01-03",
}
TIMES = {
    "14:30|2:05": [52200, 7500],
    "2:30 PM|11:00 am|12:15 AM": [52200, 39600, 900],
    "1:02:03|26:00:00|0:00:00.5": [3723, 93600, 0.5],
    "2 PM|11 AM": [50400, 39600],
}


@pytest.mark.parametrize("texts", WRITTEN)
def test_dates_as_they_are_written(texts: str) -> None:
    found = understand(Table({"c": texts.split("|")}))["c"]
    assert found.kind == "date"
    assert [day_text(day) for day in found.values] == WRITTEN[texts].split("|")
    assert (len(found.odd), found.unclear) == (0, "")


@pytest.mark.parametrize("texts", TIMES)
def test_times_as_they_are_written(texts: str) -> None:
    found = understand(Table({"c": texts.split("|")}))["c"]
    assert (found.kind, found.values.tolist()) == ("time", TIMES[texts])


@pytest.mark.parametrize(
    "texts", ["2020|2021", "11.2026|12.2026", "20269921|20260103", "may|june", "2027-W53|2026-W00"]
)
def test_what_is_no_date(texts: str) -> None:
    assert understand(Table({"c": texts.split("|")}))["c"].kind != "date"


def test_which_of_day_and_month_is_first() -> None:
    unclear = ["03/04/2026", "05/06/2026"]
    found = understand(Table({"c": unclear}))["c"]
    assert day_text(found.values[0]) == "2026-03-04"
    assert "in '03/04/2026' the month is taken to come first, which no row decides" in found.unclear
    assert "date-dmy" in found.unclear
    other = understand(Table({"c": unclear, "d": ["21/11/2026", "01/02/2026"]}))["c"]
    assert (day_text(other.values[0]), other.unclear) == ("2026-04-03", "")
    german = understand(Table({"c": unclear, "n": ["1,5", "2,25"]}))["c"]
    assert day_text(german.values[0]) == "2026-04-03"
    said = understand(Table({"c": unclear}), Options(types={"c": "date-dmy"}))["c"]
    assert (day_text(said.values[0]), said.unclear) == ("2026-04-03", "")


def test_an_impossible_date_among_many_is_a_gap_and_named() -> None:
    rows = Table({"c": ["2026-01-01"] * 30 + ["2026-02-30", "0000-00-00"]})
    with pytest.raises(ValueError, match="has no dates, but texts such as 'x'"):
        understand(Table({"c": ["x"]}), Options(types={"c": "date"}))
    found = understand(rows, Options(types={"c": "date"}))["c"]
    words = "30 of 32 are dates; '2026-02-30' (row 31), '0000-00-00' (row 32) are taken as missing"
    assert found.odd_words(rows) == words


def test_whole_numbers_that_are_dates_whatever_their_type() -> None:
    texts = understand(Table({"c": ["20261121", "20260103", ""]}))["c"]
    floats = understand(Table({"c": np.array([20261121.0, 20260103.0, np.nan])}))["c"]
    whole = understand(Table({"c": np.array([20261121, 20260103])}))["c"]
    assert texts.kind == floats.kind == whole.kind == "date"
    np.testing.assert_array_equal(floats.values, texts.values)
    typed = texts.format.read(np.array([20261121.0, np.nan]))
    np.testing.assert_array_equal(typed, texts.values[[0, 2]])

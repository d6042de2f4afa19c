"""Small drawings: round ticks, texts that say nothing twice, places on the paper."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.recipes.report.svg import Chart, date_ticks, escaped, tick_texts, ticks


@pytest.mark.parametrize(
    ("ends", "texts"),
    [
        ((0, 1), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ((3, 99), ["20", "40", "60", "80"]),
        ((-0.04, 0.11), ["0.00", "0.05", "0.10"]),
        ((0, 1_000_000), ["0", "200k", "400k", "600k", "800k", "1,000k"]),
        ((1.7e9, 1.7e9 + 500), ["1,700,000,000", "1,700,000,100"]),
    ],
)
def test_round_ticks_with_the_digits_they_need(ends, texts: list[str]) -> None:
    found = tick_texts(ticks(*ends))
    assert len(set(found)) == len(found), "no two ticks are called the same"
    if ends[0] < 1e9:
        assert found == texts


@pytest.mark.parametrize(
    ("first", "last", "mark"),
    [
        ("1950-03-01", "2020-01-01", "1960"),
        ("2019-11-05", "2021-02-01", "2020-01"),
        ("2020-01-05", "2020-01-20", "2020-01-"),
        ("2020-01-05T03", "2020-01-05T22", "2020-01-05T"),
    ],
)
def test_dates_begin_with_years_months_days_or_hours(first: str, last: str, mark: str) -> None:
    low, high = np.array([first, last], "M8[us]").astype(float)
    at, texts = date_ticks(low, high)
    assert all(low <= tick <= high for tick in at)
    assert 3 <= len(at) <= 12
    assert any(text.startswith(mark) for text in texts)


def test_places_and_lines_that_break() -> None:
    chart = Chart("t", (100, 100), (0, 10), (0, 5), (10, 10, 10, 10))
    assert (chart.at_x(0), chart.at_x(10), chart.at_y(0), chart.at_y(5)) == (10, 90, 90, 10)
    chart.line([0, 1, 2, 3], [0, float("nan"), 1, 2], "one")
    assert chart.parts[-1].count("M") == 2
    assert Chart("t", x=(3, 3)).x == (1.5, 4.5)


def test_nothing_in_a_text_is_markup_or_steers() -> None:
    assert escaped('<b>"&\x1b\u202e') == "&lt;b&gt;&quot;&amp;��"

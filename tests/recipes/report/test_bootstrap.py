"""Draws of the rows as weights, and the intervals that they give."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.recipes.report import bootstrap
from hyalite.recipes.report.bootstrap import draws_for, interval, weightings


def test_each_draw_takes_as_many_rows_as_there_are(monkeypatch) -> None:
    parts = list(weightings(50, 30, None))
    assert parts[0].tolist() == [[1.0] * 50]
    drawn = np.concatenate(parts[1:])
    assert drawn.shape == (30, 50)
    assert (drawn.sum(axis=1) == 50).all()
    assert len({row.tobytes() for row in drawn}) == 30
    weighted = np.concatenate(list(weightings(50, 30, np.arange(50.0)))[1:])
    np.testing.assert_array_equal(weighted, drawn * np.arange(50))
    monkeypatch.setattr(bootstrap, "ENTRIES_AT_ONCE", 200)
    np.testing.assert_array_equal(np.concatenate(list(weightings(50, 30, None))[1:]), drawn)


def test_few_rows_are_drawn_often() -> None:
    assert [draws_for(rows) for rows in (10, 40_000, 10**7)] == [1000, 250, 100]
    assert draws_for(40_000, 10) == 100


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution() -> None:
    values = np.random.default_rng(1).normal(size=400)
    drawn = np.concatenate([w @ values / w.sum(axis=1) for w in weightings(400, 1000, None)])
    found = interval(drawn)
    assert found.value == pytest.approx(values.mean())
    assert found.half == pytest.approx(1.96 * values.std() / 20, rel=0.1)


def test_the_figure_lies_in_its_interval_and_draws_without_one_do_not_count() -> None:
    found = interval(np.array([0.0, 1, 2, np.nan]))
    assert found.low == 0
    assert found.high < 2
    none = interval(np.array([0.5, np.nan]))
    assert none.value == 0.5
    assert np.isnan(none.half)

"""Intervals hold as many as they say."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.recipes.tabular.intervals import Intervals


def rows(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Predictions, and truths whose spread grows with them."""
    rng = np.random.default_rng(seed)
    predicted = rng.uniform(1, 10, count)
    return predicted, predicted + predicted * rng.normal(size=count)


@pytest.mark.parametrize("coverage", [0.5, 0.9, 0.99])
def test_they_cover_what_they_say(coverage: float) -> None:
    found = Intervals.learn(*rows(3000, 0))
    predicted, y = rows(3000, 1)
    held = np.abs(y - predicted) <= found.widths(predicted, coverage)
    assert held.mean() == pytest.approx(coverage, abs=0.02)
    if coverage == 0.9:
        for low, high in ((1, 4), (7, 10)):
            band = (predicted >= low) & (predicted < high)
            assert held[band].mean() == pytest.approx(0.9, abs=0.04), "in every band"


def test_few_rows_have_one_band_and_wide_intervals() -> None:
    found = Intervals.learn(np.arange(5.0), np.arange(5.0) + np.array([1, -2, 3, -4, 5]))
    assert found.edges == []
    assert found.widths(np.array([2.0]), 0.9).tolist() == [5.0], "the largest error there was"
    assert found.widths(np.array([2.0]), 0.5).tolist() == [3.0]


def test_predictions_that_are_all_the_same() -> None:
    found = Intervals.learn(np.full(500, 2.0), np.arange(500.0))
    assert found.widths(np.array([1.0, 2.0, 3.0]), 0.9).shape == (3,)


@pytest.mark.parametrize("coverage", [0, 1, -1, 2, float("nan")])
def test_what_is_no_share_is_refused(coverage: float) -> None:
    found = Intervals.learn(*rows(20, 0))
    with pytest.raises(ValueError, match="coverage"):
        found.widths(np.ones(1), coverage)


def test_bands_without_errors_are_refused() -> None:
    with pytest.raises(ValueError, match="of 2 bands"):
        Intervals([1.0], [[0.5]], [1])

"""Temperature and threshold."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.recipes.tabular.calibration import (
    COLDEST,
    HOTTEST,
    best_temperature,
    best_threshold,
    floored,
    tempered,
)

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("truth", [0.85, 1.0, 2.5])
def test_the_temperature_is_found(truth: float) -> None:
    logits = 2 * RNG.normal(size=(4000, 3))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = (tempered(p, truth).cumsum(axis=1) < RNG.random((4000, 1))).sum(axis=1)
    assert best_temperature(p, y, np.ones(4000)) == pytest.approx(truth ** (4000 / 4300), rel=0.05)


def test_it_stays_within_bounds_whatever_the_rows() -> None:
    p = np.tile([0.9, 0.1], (50, 1))
    for y in (np.zeros(50, int), np.ones(50, int)):
        assert COLDEST <= best_temperature(p, y, np.ones(50)) <= HOTTEST
    assert best_temperature(np.full((50, 2), 0.5), y, np.ones(50)) == 1, "nothing to gain"
    certain = np.tile([1.0, 0.0], (50, 1))
    assert np.isfinite(tempered(certain, COLDEST)).all()


def test_few_rows_are_believed_less() -> None:
    p, y = np.tile([0.9, 0.1], (400, 1)), np.arange(400) % 2
    found = [best_temperature(p[:n], y[:n], np.ones(n)) for n in (10, 100, 400)]
    assert 1 < found[0] < found[1] < found[2]


def test_no_class_is_impossible() -> None:
    p = floored(np.array([[1.0, 0.0, 0.0]]), 50)
    assert p.sum() == pytest.approx(1)
    assert -np.log(p[0, 1]) == pytest.approx(np.log(5000), abs=0.01)


def test_the_order_of_classes_stays() -> None:
    p = RNG.dirichlet(np.ones(4), 20)
    for temperature in (0.3, 3.0):
        np.testing.assert_array_equal(tempered(p, temperature).argmax(axis=1), p.argmax(axis=1))


def test_the_threshold_of_a_rare_class() -> None:
    p = np.array([0.4, 0.3, 0.2, 0.1, 0.1, 0.1])
    y = np.array([1, 1, 0, 0, 0, 0])
    assert best_threshold(p, y, np.ones(6)) == pytest.approx(0.25), "between the two"
    every = np.full(6, 0.2)
    assert best_threshold(every, y, np.ones(6)) <= 0.2, "equal ones are named together"

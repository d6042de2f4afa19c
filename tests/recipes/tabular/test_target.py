"""Targets of numbers, to and fro."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.recipes.tabular.target import TargetScale, may_be_logarithm

Y = np.array([1.0, 2.0, 4.0, 8.0, 100.0])
ONES = np.ones(5)


@pytest.mark.parametrize("log", [False, True])
def test_there_and_back(log: bool) -> None:
    scale = TargetScale.learn(Y, ONES, log)
    z = scale.encode(Y)
    assert z.mean() == pytest.approx(0, abs=1e-12)
    assert z.std() == pytest.approx(1)
    np.testing.assert_allclose(scale.decode(z), Y)


@pytest.mark.parametrize("log", [False, True])
def test_answers_stay_within_what_training_saw(log: bool) -> None:
    found = TargetScale.learn(Y, ONES, log).decode(np.array([-1e9, 1e9], np.float32))
    np.testing.assert_allclose(found, [1, 100])


@pytest.mark.parametrize(
    ("y", "low", "high"),
    [(Y, 0, 149.5), (-Y, -149.5, 0), (Y - 50, -98.5, 99.5), (Y + 99, 50.5, 248.5)],
)
def test_a_margin_does_not_lead_beyond_zero(y: np.ndarray, low: float, high: float) -> None:
    found = TargetScale.learn(y, ONES, margin=0.5).decode(np.array([-1e9, 1e9], np.float32))
    np.testing.assert_allclose(found, [low, high])


def test_a_target_far_from_zero_keeps_its_digits() -> None:
    y = 1.7e9 + np.arange(5.0)
    scale = TargetScale.learn(y, ONES)
    np.testing.assert_allclose(scale.decode(scale.encode(y).astype(np.float32)), y, atol=1e-3)


def test_the_factor_mends_the_mean_of_a_logarithm() -> None:
    scale = TargetScale.learn(Y, ONES, log=True)
    assert scale.mended(Y, Y / 1.5, ONES).factor == pytest.approx(1.5)
    assert scale.mended(Y, Y / 100, ONES).factor == 2, "no more than twice"
    plain = TargetScale.learn(Y, ONES)
    assert plain.mended(Y, Y / 1.5, ONES) is plain


def test_weights_and_equal_targets() -> None:
    assert TargetScale.learn(Y, np.array([0, 0, 0, 1.0, 1.0])).mean == 54
    assert TargetScale.learn(np.full(5, 3.0), ONES).scale == 1


def test_which_shapes_a_logarithm_suits() -> None:
    prices = np.exp(np.random.default_rng(0).normal(size=300))
    assert may_be_logarithm(prices)
    assert not may_be_logarithm(prices - 1), "some are below 0"
    assert not may_be_logarithm(-prices)
    assert not may_be_logarithm(np.random.default_rng(0).uniform(1, 2, 300)), "no long tail"
    assert not may_be_logarithm(np.repeat([1.0, 2.0, 50.0], 9)), "few values"

"""Targets of numbers: the one far out alone."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.data.tables import Preparation, Table
from hyalite.data.tables.targets import LONE_DISTANCE, NumericTarget, tamed, tamed_words

RNG = np.random.default_rng(0)
Y = RNG.normal(10, 2, 200)


@pytest.mark.parametrize("slips", [[1e9], [-1e9], [1e9, -3e5], [1e300, 1e300, 4e4]])
def test_a_slip_is_brought_back_to_where_the_others_end(slips: list[float]) -> None:
    y = Y.copy()
    y[: len(slips)] = slips
    found, places = tamed(y)
    assert places.tolist() == list(range(len(slips)))
    np.testing.assert_array_equal(found[len(slips) :], y[len(slips) :])
    others = np.abs(y[len(slips) :] - np.median(y)).max()
    np.testing.assert_allclose(np.abs(found[: len(slips)] - np.median(y)), others)


@pytest.mark.parametrize(
    "y",
    [
        Y,
        np.exp(2 * RNG.normal(size=2000)),  # a long tail
        RNG.pareto(1.5, 2000),
        np.append(np.zeros(199), 5.0),  # all that there is to learn
        np.append(np.full(196, 1.0), [1e9] * 4),  # as many are no slip
        np.append(Y[:40], 1e9),  # of so few rows one may be meant
    ],
)
def test_what_is_no_slip_stays(y: np.ndarray) -> None:
    found, places = tamed(y)
    assert found is y
    assert not len(places)
    assert tamed_words("y", y, np.arange(len(y))) == ""


def test_where_it_begins() -> None:
    y = np.append(np.tile([-1.0, 0.0, 1.0], 50), LONE_DISTANCE)
    assert not len(tamed(y)[1])
    assert len(tamed(y + 1e-9 * (y == LONE_DISTANCE))[1]) == 1


def test_it_is_said_and_leaves_the_scale_alone() -> None:
    y = np.append(Y, 1e9)
    table = Table({"x": RNG.normal(size=201), "y": y})
    made = Preparation.learn(table, "y")
    (words,) = made.remarks
    assert words.startswith("the target 'y' has 1e+09 (row 201), 30 times as far out as all others")
    assert isinstance(made.target, NumericTarget)
    assert made.target.scale == pytest.approx(Y.std(), rel=0.1)
    assert made.target.digits(np.array([10.12345]))[0] == pytest.approx(10.12345, abs=1e-5)

"""Schedules of the learning rate."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from tests.training.helpers import bits, fit, plain


@pytest.mark.parametrize(
    "schedule",
    [
        hy.InverseTimeDecay(0.5, 0.1),
        hy.ExponentialDecay(0.5, 0.5, 4),
        hy.StepDecay(0.5, 0.1, 4),
        hy.CosineDecay(0.5, 12, warmup=3, final=0.05),
    ],
    ids=repr,
)
def test_schedules_count_the_steps_of_all_fits(schedule):
    """One linear unit with a constant gradient of 1: each step moves b by the learning rate."""
    model = hy.Sequential([hy.Dense(1, initializer="zeros")], dtype="float64")
    model.compile("mae", hy.SGD(schedule))
    x, y = np.zeros((3, 1)), np.full(3, -1e9)
    rates = []
    for _ in range(5):
        before = float(model.layers[0].b[0]) if model.built else 0.0
        history = fit(model, x, y, batch_size=1)
        rates.append(before - float(model.layers[0].b[0]))
        expected = [schedule(step) for step in range(3 * len(rates) - 3, 3 * len(rates))]
        assert rates[-1] == pytest.approx(sum(expected), rel=1e-12)
        assert history["learning_rate"] == [expected[-1]]


@pytest.mark.parametrize("optimizer", [hy.SGD, hy.Adam])
def test_decay_is_the_schedule_of_the_sources(optimizer):
    models = []
    for rate in (
        {"learning_rate": 0.1, "decay": 0.05},
        {"learning_rate": hy.InverseTimeDecay(0.1, 0.05)},
    ):
        model = plain("categorical_crossentropy", "softmax", 3, optimizer(**rate))
        history = fit(model, epochs=3, batch_size=10)
        models.append(bits(model))
        assert history["learning_rate"] == pytest.approx([0.1 / (1 + 0.05 * n) for n in (2, 5, 8)])
    assert models[0] == models[1]

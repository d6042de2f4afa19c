"""The contract of engines: a run makes steps, pauses where it is told to, and goes on."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

import hyalite as hy
from hyalite.data.samples import Samples
from hyalite.engines.base import Engine, Task, Totals
from hyalite.engines.choice import choose
from hyalite.random import sample_order

ENGINES = [
    "numpy",
    pytest.param(
        "compiled",
        marks=pytest.mark.skipif(not importlib.util.find_spec("numba"), reason="needs Numba"),
    ),
]
ROWS, BATCH = 50, 8
STEPS = -(-ROWS // BATCH)


def prepared(name: str) -> tuple[hy.Sequential, Engine, Task]:
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(ROWS, 4)), rng.integers(0, 3, ROWS)
    model = hy.Sequential([hy.Dense(6, "relu", l2=0.01), hy.Dropout(0.2), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.05), ["accuracy"])
    model.build(4, seed=1)
    for metric in model.metrics:
        metric.begin("classes", 3)
    samples = Samples(x, labels, None, model.network.dtype)
    task = Task(samples, BATCH, model.network.objective(model.loss), model.metrics)
    return model, choose(name, model.network), task


def orders(*epochs: int) -> list[np.ndarray]:
    return [sample_order(7, epoch, ROWS) for epoch in epochs]


@pytest.mark.parametrize("name", ENGINES)
def test_a_run_gives_the_sums_of_each_epoch(name: str) -> None:
    model, engine, task = prepared(name)
    with engine.start(task, model.optimizer) as run:
        epochs = list(run.advance(orders(1, 2, 3)))
    assert [totals.steps for totals in epochs] == [STEPS] * 3
    assert [totals.rows for totals in epochs] == [ROWS] * 3
    assert all(0 <= totals.figures["accuracy"] <= 1 for totals in epochs)
    assert epochs[2].figures["loss"] < epochs[0].figures["loss"]
    assert all(totals.penalty > 0 for totals in epochs)
    assert run.partial == Totals()
    assert model.optimizer.steps == model.network.clock.step == 3 * STEPS


class FalseAlarm(hy.Dense):
    """As OpenBLAS's product for AVX-512: right numbers, and the flag of an invalid operation."""

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        np.dot(np.float32([np.inf]), np.float32([0]))
        return super().forward(x, training)


@pytest.mark.parametrize("shards", [1, 4])
def test_no_warning_comes_of_numbers_that_are_right(shards: int) -> None:
    x, y = np.ones((20, 5)), np.ones((20, 1))
    with pytest.warns(RuntimeWarning, match="invalid value encountered"):
        FalseAlarm(1).build(5).forward(x)
    model = hy.Sequential([FalseAlarm(1), hy.Residual([FalseAlarm(1)])])
    model.compile("mean_squared_error", engine="numpy")
    hy.initialize_from_data(model, x)
    model.fit(x, y, validation_data=(x, y), epochs=1, shards=shards, verbose=0)
    model.evaluate(x, y)
    model.predict(x)
    model.trace(x, y)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("every", [1, 3, STEPS, STEPS + 2])
def test_pausing_changes_no_byte(name: str, every: int) -> None:
    model, engine, task = prepared(name)
    with engine.start(task, model.optimizer) as run:
        expected = [totals.figures for totals in run.advance(orders(1, 2))]
    other, engine, task = prepared(name)
    found = []
    with engine.start(task, other.optimizer) as run:
        while len(found) < 2:
            coming = orders(1, 2)[len(found) :]
            before = other.optimizer.steps
            found += [totals.figures for totals in run.advance(coming, max_steps=every)]
            assert 0 < other.optimizer.steps - before <= every
            assert run.partial.rows == min(run.partial.steps * BATCH, ROWS)
    assert found == expected
    assert other.theta.tobytes() == model.theta.tobytes()


@pytest.mark.parametrize("name", ENGINES)
def test_on_step_pauses(name: str) -> None:
    model, engine, task = prepared(name)
    seen: list[int] = []

    def on_step(rows: int) -> bool:
        seen.append(rows)
        return True

    with engine.start(task, model.optimizer) as run:
        found = list(run.advance(orders(1, 2, 3, 4), None, on_step))
    assert len(seen) == 1
    assert len(found) * STEPS + run.partial.steps == model.optimizer.steps >= 1


@pytest.mark.parametrize("name", ENGINES)
def test_a_run_goes_on_in_another(name: str) -> None:
    model, engine, task = prepared(name)
    with engine.start(task, model.optimizer) as run:
        expected = [totals.figures for totals in run.advance(orders(1))]
    other, engine, task = prepared(name)
    with engine.start(task, other.optimizer) as first:
        assert not list(first.advance(orders(1), max_steps=4))
    with engine.start(task, other.optimizer) as second:
        second.partial = first.partial
        assert [totals.figures for totals in second.advance(orders(1))] == expected
    assert other.theta.tobytes() == model.theta.tobytes()


@pytest.mark.parametrize("name", ENGINES)
def test_epochs_before_a_failure_are_given(name: str) -> None:
    model, engine, task = prepared(name)
    found: list[Totals] = []
    with engine.start(task, model.optimizer) as run:
        found.extend(run.advance(orders(1)))
        model.optimizer.learning_rate = 1e30

        def diverge() -> None:
            with np.errstate(all="ignore"):
                found.extend(run.advance(orders(2, 3)))

        with pytest.raises(hy.NonFiniteError, match=r"batch \d|last batch"):
            diverge()
    assert len(found) == 1

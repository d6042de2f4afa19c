"""A run that is stopped, looked at and sent back ends in the bytes of one that is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyalite.play.problems import Refused
from hyalite.play.run import Run, run_of
from hyalite.play.view import View
from tests.play.helpers import SMALL

ENGINES = ["numpy", "compiled"]
COSINE = {"type": "CosineDecay", "learning_rate": 0.02, "steps": None, "warmup": None}
RICH: dict[str, Any] = {
    **SMALL,
    "layers": [
        {"type": "Dense", "units": 6, "activation": "tanh", "l2": 0.001},
        {"type": "BatchNormalization"},
        {"type": "Dropout", "rate": 0.2},
        {"type": "Dense", "units": 5, "activation": "relu"},
    ],
    "optimizer": {"type": "Adam", "learning_rate": COSINE},
    "batch_size": 7,
}  # fmt: skip


def trained(settings: dict[str, Any], epochs: int) -> Run:
    run = run_of(settings)
    run.train(epochs)
    return run


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_gives_the_bytes_of_a_fit(engine: str) -> None:
    settings = {**RICH, "engine": engine}
    run = run_of(settings)
    model = run.restarted().model
    data = run.data
    run.train(4)
    model.fit(
        data.x, data.y, batch_size=7, epochs=4, validation_data=(data.x_test, data.y_test),
        seed=0, verbose=0,
    )  # fmt: skip
    assert run.engine == engine
    assert run.model.theta.tobytes() == model.theta.tobytes()
    assert run.model.state.tobytes() == model.state.tobytes()
    assert run.model.history.history == model.history.history


@pytest.mark.parametrize("engine", ENGINES)
def test_steps_by_hand_lead_to_the_same_bytes(engine: str) -> None:
    settings = {**RICH, "engine": engine}
    whole, stepped = trained(settings, 3), run_of(settings)
    visited = 0
    while stepped.epoch < 1:  # a sample at a time
        visited += not stepped.visit()
    assert visited == len(stepped.samples)
    while stepped.epoch < 2:
        stepped.advance(1)
        view = View(stepped)  # looking changes nothing
        view.sync_all()
        view.predict(stepped.data.x)
    stepped.advance(4)
    assert stepped.batch == 4
    stepped.advance(100)
    assert stepped.epoch == whole.epoch == 3
    assert stepped.model.theta.tobytes() == whole.model.theta.tobytes()
    assert stepped.model.history.history == whole.model.history.history


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_sent_back_comes_to_the_same_place(engine: str) -> None:
    run = run_of({**RICH, "engine": engine})
    run.train(2)
    run.advance(3)
    middle = run.keep()
    bytes_there, figures = run.model.theta.tobytes(), dict(run.figures)
    run.train(6)
    end, history = run.model.theta.tobytes(), {**run.model.history.history}
    run.seek(middle)
    assert (run.epoch, run.batch) == (2, 3)
    assert run.model.theta.tobytes() == bytes_there
    assert run.figures == figures
    run.train(6)
    assert run.model.theta.tobytes() == end
    assert run.model.history.history == history
    run.seek(run.snapshots.kept[0].number)
    assert (run.epoch, run.step, run.figures) == (0, 0, {})
    run.train(6)
    assert run.model.theta.tobytes() == end
    run.seek(middle)
    run.seek(run.snapshots.kept[-1].number)  # and forward again
    assert run.model.theta.tobytes() == end
    assert run.model.history.history == history
    with pytest.raises(Refused, match="no snapshot 999"):
        run.seek(999)


def test_a_reset_is_the_same_start() -> None:
    run = trained(RICH, 2)
    again = run.restarted()
    first = run_of(RICH)
    assert again.model.theta.tobytes() == first.model.theta.tobytes()
    again.train(2)
    assert again.model.theta.tobytes() == run.model.theta.tobytes()


def test_it_stops_at_the_best_validation() -> None:
    settings = {**SMALL, "stop": {"monitor": "val_loss", "patience": 2}, "epochs": 500,
                "optimizer": {"type": "SGD", "learning_rate": 3.0}}  # fmt: skip
    run = trained(settings, 500)
    assert run.stopped
    assert not run.goes_on
    losses = run.model.history["val_loss"]
    assert run.model.history.best_epoch == int(np.argmin(losses)) + 1
    assert run.model.evaluate(run.data.x_test, run.data.y_test)["loss"] == pytest.approx(
        min(losses)
    )
    kept = run.snapshots.kept[0].number
    end = run.model.theta.tobytes()
    run.seek(kept)
    assert not run.stopped
    run.train(500)
    assert run.stopped
    assert run.model.theta.tobytes() == end


def test_no_numbers_are_told_with_their_cause() -> None:
    settings = {**SMALL, "epochs": 500, "optimizer": {"type": "SGD", "learning_rate": 0.3},
                "loss": "mean_squared_error",
                "layers": [{"type": "Dense", "units": 4, "activation": "relu", "l2": 10.0}],
                }  # fmt: skip
    run = run_of(settings)
    assert run.warnings[0]["field"] == "optimizer.learning_rate"
    run.train(500)
    assert run.failed is not None
    assert run.failed["layer"]
    assert "above 2" in run.failed["cause"]
    assert not run.goes_on
    assert np.isfinite(run.model.theta).all()  # the epoch is undone


def test_numbers_changed_on_the_way_keep_the_weights() -> None:
    run = trained(RICH, 2)
    before, step = run.model.theta.copy(), run.step
    settings = {**run.settings, "batch_size": 20,
                "optimizer": {"type": "Adam", "learning_rate": 0.5}}  # fmt: skip
    run.take_over(settings)
    assert np.array_equal(run.model.theta, before)
    assert not run.reproducible
    run.advance(1)
    assert run.step == step + 1
    assert run.model.optimizer.steps == step + 1  # the moments go on, too
    assert not np.array_equal(run.model.theta, before)
    assert len(run.model.history) == 2


def test_a_weight_is_set_by_hand() -> None:
    run = trained(SMALL, 1)
    assert run.set_number("dense_1.W", (0, 1), 0.25) == 0.25
    assert run.model.get_weights()["dense_1.W"][0, 1] == 0.25
    assert not run.reproducible


def test_snapshots_stay_within_their_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    from hyalite.play import limits

    monkeypatch.setattr(limits, "SNAPSHOTS", 10)
    run = trained(SMALL, 60)
    kept = run.snapshots.kept
    assert len(kept) <= 10
    assert kept[0].epoch == 0
    assert [one.step for one in kept] == sorted(one.step for one in kept)
    assert len(kept) > 4


@pytest.mark.parametrize(
    "settings",
    [
        {"data": {"kind": "moons", "classes": 2, "samples": 30}, "loss": "binary_crossentropy"},
        {"data": {"kind": "circles", "classes": 10, "samples": 10}},
        {"data": {"kind": "xor", "samples": 20}, "loss": "mean_squared_error",
         "output": {"activation": "tanh"}},
        {"data": {"kind": "blobs", "samples": 20, "features": ["x1", "x2", "x1^2", "sin(x2)"]}},
        {"data": {"kind": "vertical", "samples": 20}, "layers": []},
        {"data": {"kind": "sine", "samples": 50, "test_samples": 20},
         "layers": [{"type": "Dense", "units": 8, "activation": "gelu"}]},
        {"data": {"kind": "sine", "samples": 50}, "loss": {"type": "Huber", "delta": 0.5}},
        {"data": {"kind": "points", "points": [[0, 0, 0], [1, 1, 1], [0, 1, 1], [1, 0, 0]] * 3}},
        {"data": {"kind": "points", "task": "numbers", "test_share": 0,
                  "points": [[0, 0], [1, 2], [2, 4]]}},
        {"data": {"kind": "mnist", "samples": 200, "test_samples": 100}, "batch_size": 50},
        {"data": {"kind": "mnist", "samples": 100, "test_samples": 100}, "batch_size": 50,
         "layers": [{"type": "Conv2D", "filters": 4, "kernel_size": 3, "activation": "relu"},
                    {"type": "MaxPooling2D"}, {"type": "Dense", "units": 8}]},
        {"data": {"kind": "spiral", "samples": 20}, "batch_size": None, "class_weight": "balanced",
         "layers": [{"type": "Residual", "layers": [{"type": "Dense", "units": 2}]}]},
    ],
)  # fmt: skip
def test_all_kinds_of_data_are_trained(settings: dict[str, Any]) -> None:
    run = trained({**settings, "engine": "numpy"}, 2)
    assert run.epoch == 2
    assert np.isfinite(run.figures["loss"] or np.nan)

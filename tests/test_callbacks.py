"""Callbacks beside early stopping: learning rate, best model, logs and trackers."""

from __future__ import annotations

import csv
import json
import sys
import types

import numpy as np
import pytest

import hyalite as hy
from hyalite.training.callbacks import (
    Callback,
    CSVLog,
    JSONLinesLog,
    MLflowLog,
    ReduceLearningRate,
    SaveBest,
    TensorBoardLog,
    WandbLog,
)

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((40, 3), np.float32), RNG.integers(0, 2, 40)


HOOKS = ("on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end")


class Note(Callback):
    """Notes what it is told, and fails where it should."""

    def __init__(self, log, name, fails=None, at=2):
        self.log, self.name, self.fails, self.at = log, name, fails, at

    def _note(self, hook, *numbers):
        self.log.append((self.name, hook, *numbers))
        if hook == self.fails and numbers in ((), (self.at,)):
            raise RuntimeError(f"{self.name} fails {hook}")

    def on_train_begin(self, model):
        assert model.network.built
        assert len(model.history) == 0
        self._note("on_train_begin")

    def on_epoch_begin(self, model, epoch):
        assert len(model.history) == epoch - 1
        self._note("on_epoch_begin", epoch)

    def on_epoch_end(self, model, epoch, figures):
        assert len(model.history) == epoch - 1
        assert {"loss", "accuracy", "learning_rate"} <= set(figures)
        assert model.predict(X).shape == (40, 2)  # what `Trainable` has may be used
        assert set(model.evaluate(X, Y)) == {"loss", "accuracy"}
        self._note("on_epoch_end", epoch)

    def on_train_end(self, model):
        self._note("on_train_end")


def test_the_hooks_come_in_the_order_that_is_documented():
    log = []
    fit(Note(log, "a"), Note(log, "b"), epochs=2)
    told = [
        ("on_train_begin",),
        *[(hook, epoch) for epoch in (1, 2) for hook in ("on_epoch_begin", "on_epoch_end")],
        ("on_train_end",),
    ]
    assert log == [(name, *call) for call in told for name in "ab"]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_callback_that_fails_leaves_the_model_usable(hook, engine):
    if engine == "compiled":
        pytest.importorskip("numba", reason="needs the extra 'fast'")
    log = []
    model = hy.Sequential([hy.Dense(4, "relu"), hy.Dense(2, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.01), ["accuracy"], engine=engine)
    callbacks = [Note(log, "a"), Note(log, "b", fails=hook), Note(log, "c")]
    with pytest.raises(RuntimeError, match=f"b fails {hook}"):
        model.fit(X, Y, epochs=4, seed=1, callbacks=callbacks, verbose=0)
    ended = [name for name, called, *_ in log if called == "on_train_end"]
    assert ended == (["a"] if hook == "on_train_begin" else ["a", "b", "c"])
    trained = {"on_train_begin": 0, "on_epoch_begin": 1, "on_epoch_end": 2, "on_train_end": 4}[hook]
    assert model.history.epochs == list(range(1, trained + 1))
    assert model.network.epochs == trained
    model.predict(X)
    # and it goes on as if nothing had happened
    model.fit(X, Y, epochs=5 - trained, seed=1, verbose=0)
    whole = hy.Sequential([hy.Dense(4, "relu"), hy.Dense(2, "softmax")])
    whole.compile("categorical_crossentropy", hy.Adam(0.01), ["accuracy"], engine=engine)
    whole.fit(X, Y, epochs=5, seed=1, verbose=0)
    assert model.theta.tobytes() == whole.theta.tobytes()


class Script(Callback):
    """A figure "score" by the epoch."""

    def __init__(self, *values, name="score"):
        self.values, self.name = values, name

    def on_epoch_end(self, model, epoch, figures):
        if epoch <= len(self.values) and self.values[epoch - 1] is not None:
            figures[self.name] = self.values[epoch - 1]


def fit(*callbacks, epochs, **options):
    model = hy.Sequential([hy.Dense(4, "relu"), hy.Dense(2, "softmax")])
    model.compile("categorical_crossentropy", hy.SGD(0.8), ["accuracy"], engine="numpy")
    options = {"seed": 1, "verbose": 0} | options
    model.fit(X, Y, epochs=epochs, callbacks=list(callbacks), **options)
    return model


def test_the_learning_rate_falls_after_epochs_without_improvement():
    reduce = ReduceLearningRate("score", factor=0.5, patience=2, cooldown=1, least=0.15)
    model = fit(Script(3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2), reduce, epochs=12)
    assert model.history["learning_rate"] == [0.8] * 4 + [0.4] * 3 + [0.2] * 3 + [0.15] * 2
    assert reduce.epochs == [4, 7, 10]
    assert (reduce.best, reduce.best_epoch) == (2, 2)


def test_a_rising_figure_and_a_schedule():
    reduce = ReduceLearningRate("accuracy", patience=1)
    fit(Script(0.1, 0.2, 0.3, name="accuracy"), reduce, epochs=3)
    assert reduce.epochs == []
    model = hy.Sequential([hy.Dense(2)])
    model.compile("mse", hy.SGD(hy.CosineDecay(0.1, 10)), engine="numpy")
    with pytest.raises(ValueError, match="follows a schedule"):
        model.fit(X, X[:, :2], callbacks=[ReduceLearningRate("loss")], verbose=0)


def test_the_best_model_is_in_the_file(tmp_path):
    thetas = []

    class Note(Callback):
        def on_epoch_end(self, model, epoch, figures):
            thetas.append(model.network.ready.theta.copy())

    path = tmp_path / "best.safetensors"
    fit(Script(3, 1, 2, 1), Note(), SaveBest(path, "score"), epochs=4)
    assert hy.load(path).theta.tobytes() == thetas[1].tobytes()
    with pytest.raises(ValueError, match=r"monitor 'scor' is not among the figures\. Did you mean"):
        fit(Script(1), SaveBest(path, "scor"), epochs=1)


def rows_of(path):
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            return list(csv.DictReader(file))
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("kind", [CSVLog, JSONLinesLog])
def test_logs_have_a_line_an_epoch(kind, tmp_path):
    path = tmp_path / ("log.csv" if kind is CSVLog else "log.jsonl")
    path.write_text("of an earlier run\n")
    model = fit(Script(None, 0.5, float("nan")), kind(path), epochs=4)
    rows = rows_of(path)
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3, 4]
    np.testing.assert_array_equal([float(row["loss"]) for row in rows], model.history["loss"])
    late = [row.get("score") for row in rows]
    assert late == (["", "0.5", "nan", ""] if kind is CSVLog else [None, 0.5, None, None])


@pytest.mark.parametrize("kind", [CSVLog, JSONLinesLog])
def test_a_log_of_a_resumed_run_is_that_of_a_whole_one(kind, tmp_path):
    name = "log.csv" if kind is CSVLog else "log.jsonl"
    fit(kind(tmp_path / name), epochs=5)
    whole = (tmp_path / name).read_text()

    class Crash(Callback):
        def on_epoch_end(self, model, epoch, figures):
            if epoch == 4:
                raise RuntimeError("the end")

    class Quiet(Crash):
        def on_epoch_end(self, model, epoch, figures):
            pass

    Quiet.__name__ = "Crash"
    saved = hy.Checkpoint(tmp_path / "run", resume=True)
    with pytest.raises(RuntimeError):
        fit(kind(tmp_path / name), Crash(), epochs=5, checkpoint=saved)
    fit(kind(tmp_path / name), Quiet(), epochs=5, checkpoint=saved)
    assert (tmp_path / name).read_text() == whole


def test_tensorboard_reads_what_is_written(tmp_path):
    pytest.importorskip("tensorboardX", reason="needs the extra 'log'")
    events = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="TensorBoard's reader"
    )
    model = fit(TensorBoardLog(tmp_path), epochs=3)
    reader = events.EventAccumulator(str(tmp_path))
    reader.Reload()
    points = reader.Scalars("loss")
    assert [point.step for point in points] == [1, 2, 3]
    np.testing.assert_allclose([p.value for p in points], model.history["loss"], rtol=1e-6)


@pytest.mark.parametrize(
    ("kind", "module", "function"),
    [(MLflowLog, "mlflow", "log_metrics"), (WandbLog, "wandb", "log")],
)
def test_trackers_are_told_each_epochs_figures(kind, module, function, monkeypatch):
    told = []
    stand_in = types.ModuleType(module)
    setattr(stand_in, function, lambda figures, step: told.append((step, figures["loss"])))
    monkeypatch.setitem(sys.modules, module, stand_in)
    model = fit(kind(), epochs=2)
    assert told == list(enumerate(model.history["loss"], 1))


def test_a_tracker_that_is_not_installed_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(hy.MissingExtra, match=r"pip install 'hyalite\[wandb\]'"):
        fit(WandbLog(), epochs=1)

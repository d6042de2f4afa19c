"""Logs and trackers: a line an epoch."""

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
    TensorBoardLog,
    WandbLog,
)
from tests.training.callbacks.helpers import Script, fit


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

"""The figures of every epoch, into a file or a tracker, as the fit goes."""

from __future__ import annotations

import csv
import io
import json
import math
from numbers import Real
from pathlib import Path
from typing import Any

from hyalite.errors import require
from hyalite.files.replacing import replace
from hyalite.training.callbacks.base import Callback, Trainable


class _FileLog(Callback):
    """A line an epoch in a file; a resumed run goes on behind the epochs of its checkpoint."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._rows: list[dict[str, Any]] = []
        self._names: list[str] = []

    def on_train_begin(self, model: Trainable) -> None:
        self._rows, self._names = [], []

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        row = {"epoch": epoch, **figures}
        new = [name for name in row if name not in self._names]
        self._rows.append(row)
        self._names += new
        if new:  # the first epoch, or a figure that comes late: a column of its own
            self._write_all()
        else:
            with self.path.open("a", encoding="utf-8", newline="") as file:
                file.write(self._line(row))

    def _write_all(self) -> None:
        text = self._head() + "".join(self._line(row) for row in self._rows)
        replace(self.path, text.encode())

    def _head(self) -> str:
        return ""

    def _line(self, row: dict[str, Any]) -> str:
        raise NotImplementedError

    def get_state(self) -> dict[str, Any]:
        return {"rows": self._rows, "names": self._names}

    def set_state(self, state: dict[str, Any]) -> None:
        self._rows, self._names = state["rows"], state["names"]
        if self._rows:
            self._write_all()


class CSVLog(_FileLog):
    """A table with a line an epoch: ``epoch,loss,...``; figures that come late get a column, too.

    Args:
        path: of the file; an older one is replaced when the first epoch ends.

    Raises:
        OSError: (in the fit) the file cannot be written.

    Examples:
        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.compile("mse", hy.SGD(0.5))
        >>> log = hy.callbacks.CSVLog("log.csv")
        >>> history = model.fit([[0.0]], [2.0], epochs=2, callbacks=[log], verbose=0)
        >>> print(log.path.read_text(), end="")
        epoch,loss,learning_rate
        1,4.0,0.5
        2,0.0,0.5
    """

    def _head(self) -> str:
        return _csv(self._names)

    def _line(self, row: dict[str, Any]) -> str:
        return _csv([row.get(name, "") for name in self._names])


def _csv(entries: list[Any]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(entries)
    return file.getvalue()


class JSONLinesLog(_FileLog):
    """A line of JSON an epoch: ``{"epoch": 1, "loss": 0.5, ...}``; what is not finite is null.

    Args:
        path: of the file; an older one is replaced when the first epoch ends.

    Raises:
        OSError: (in the fit) the file cannot be written.

    Examples:
        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.compile("mse", hy.SGD(0.5))
        >>> log = hy.callbacks.JSONLinesLog("log.jsonl")
        >>> history = model.fit([[0.0]], [2.0], epochs=2, callbacks=[log], verbose=0)
        >>> print(log.path.read_text(), end="")
        {"epoch": 1, "loss": 4.0, "learning_rate": 0.5}
        {"epoch": 2, "loss": 0.0, "learning_rate": 0.5}
    """

    def _line(self, row: dict[str, Any]) -> str:
        return json.dumps({name: _plain(value) for name, value in row.items()}) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Real) and not isinstance(value, int):
        return float(value) if math.isfinite(value) else None
    return value


def _numbers(figures: dict[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in figures.items() if isinstance(value, Real)}


class TensorBoardLog(Callback):
    """Event files for TensorBoard; needs the extra ``log`` (tensorboardX).

    Args:
        folder: of the run.

    Raises:
        MissingExtra: tensorboardX is not installed.

    Examples:
        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.compile("mse")
        >>> log = hy.callbacks.TensorBoardLog("runs")
        >>> history = model.fit([[0.0]], [2.0], callbacks=[log], verbose=0)
        >>> len(list(log.folder.glob("events.out.tfevents.*")))
        1
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._writer: Any = None
        require("tensorboardX", extra="log", purpose="writing for TensorBoard")

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        if self._writer is None:
            module = require("tensorboardX", extra="log", purpose="writing for TensorBoard")
            self._writer = module.SummaryWriter(str(self.folder))
        for name, value in _numbers(figures).items():
            self._writer.add_scalar(name, value, epoch)

    def on_train_end(self, model: Trainable) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


class MLflowLog(Callback):
    """The figures of each epoch into MLflow's active run; needs mlflow.

    ::

        with mlflow.start_run():
            model.fit(x, y, epochs=5, callbacks=[hy.callbacks.MLflowLog()])

    Raises:
        MissingExtra: (in the fit) mlflow is not installed.
    """

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        mlflow = require("mlflow", extra="mlflow", purpose="logging to MLflow")
        mlflow.log_metrics(_numbers(figures), step=epoch)


class WandbLog(Callback):
    """The figures of each epoch into the active run of Weights & Biases; needs wandb.

    ::

        with wandb.init(project="digits"):
            model.fit(x, y, epochs=5, callbacks=[hy.callbacks.WandbLog()])

    Raises:
        MissingExtra: (in the fit) wandb is not installed.
    """

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        wandb = require("wandb", extra="wandb", purpose="logging to Weights & Biases")
        wandb.log(_numbers(figures), step=epoch)

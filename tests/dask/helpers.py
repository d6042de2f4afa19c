"""Models, data and small clusters for the tests of fits on Dask."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

import hyalite as hy
from tests.extras import need

SETTINGS = {"dashboard_address": "127.0.0.1:0", "host": "127.0.0.1", "silence_logs": 50}
FIT = {"batch_size": 90, "epochs": 3, "seed": 5}  # of 1,000 rows: the last batch is uneven
ROWS, FEATURES = 1000, 12
WORKERS = 3
RESTARTED = 180  # seconds that a nanny may take to start a worker anew


@contextmanager
def cluster(workers: int, **more: Any) -> Iterator[Any]:
    """A client of so many worker processes on this machine, one thread each."""
    distributed = need("distributed", "dask")
    with (
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, **SETTINGS, **more
        ) as found,
        distributed.Client(found) as client,
    ):
        client.wait_for_workers(workers, timeout=60)
        yield client


def data(rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """Samples of three classes."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((rows, FEATURES)).astype(np.float32)
    return x, (x @ rng.standard_normal((FEATURES, 3))).argmax(axis=1)


def collections(rows: int = ROWS, chunk: int = 130) -> tuple[Any, Any]:
    """The same as Dask's arrays."""
    array = need("dask.array", "dask")
    x, y = data(rows)
    return array.from_array(x, chunks=(chunk, FEATURES)), array.from_array(y, chunks=chunk)


def network(engine: str = "numpy", *more: hy.Layer) -> hy.Sequential:
    """With everything whose bytes could depend on who computes what."""
    model = hy.Sequential(
        [
            *more,
            hy.Dense(24, "relu", l2=1e-4),
            hy.BatchNormalization(),
            hy.Dropout(0.2),
            hy.Dense(3, "softmax"),
        ]
    )
    optimizer = hy.Adam(0.01, clip_norm=1.0)
    model.compile("categorical_crossentropy", optimizer, metrics=["accuracy"], engine=engine)
    return model


def sha(model: hy.Sequential) -> str:
    """Of weights, running statistics, optimizer and history."""
    digest = hashlib.sha256()
    slots = model.optimizer.get_state()["slots"]
    for array in (model.theta, model.state, *(slots[name] for name in sorted(slots))):
        digest.update(array.tobytes())
    digest.update(repr((model.history.history, model.history.epochs)).encode())
    return digest.hexdigest()


class Kill(hy.Layer):
    """Passes its input on; in the step of that number it kills its process, once.

    Args:
        step: of the fit, from 0.
        flag: a file that says that it was done.
        first: whether the worker that has the batch's first row is killed, or one that has not.
    """

    def __init__(self, step: int, flag: str, first: bool = True) -> None:
        super().__init__()
        self.step, self.flag, self.first = step, flag, first

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        now, row = self.clock.step, self.clock.row
        if training and now == self.step and (row == 0) == self.first:
            with suppress(FileExistsError):
                os.close(os.open(self.flag, os.O_CREAT | os.O_EXCL))
                os.kill(os.getpid(), signal.SIGKILL)
        return x

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy


class Slow(hy.Layer):
    """Passes its input on, after a moment."""

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        if training:
            time.sleep(0.02)
        return x

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy


def alone(model: hy.Sequential, rows: int = ROWS, **more: Any) -> str:
    """What one process makes of it."""
    x, y = data(rows)
    model.fit(x, y, shards=8, verbose=0, **FIT | more)
    return sha(model)

"""Fits on a Dask cluster whose workers are killed, and join, at random moments."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import hyalite as hy
from reliability.finding import Finding

TITLE = "Workers of a Dask cluster killed in the middle of a fit"
WORKERS, EPOCHS = 3, 12
FEW, MANY = 3, 250  # fits of each engine
LIMIT = 300.0  # seconds after which a fit counts as hanging; on a quiet machine one takes seconds
FIT: dict[str, Any] = {"batch_size": 96, "epochs": EPOCHS, "seed": 3}


def measure(full: bool) -> list[Finding]:
    """Kill workers of so many fits with each engine."""
    from reliability.kills import engines

    return [killed(engine, MANY if full else FEW) for engine in engines()]


def killed(engine: str, fits: int) -> Finding:
    """Fits in which one or two of three workers die, rank 0 or others, and new ones come; of
    collections and of a pack in turns.
    """
    import dask.array as da
    from distributed import Client, LocalCluster

    import hyalite.dask

    finding = Finding(
        "A fit whose workers are killed ends in the bytes of one process, and never hangs "
        f"({engine} engine)."
    )
    chance = random.Random(2)
    x, y = data()
    parts = da.from_array(x, chunks=(170, x.shape[1])), da.from_array(y, chunks=170)
    settings = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "silence_logs": 60}
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=0, **settings) as cluster,
        Client(cluster) as client,
        Workers(cluster.scheduler_address) as workers,
    ):
        pack = hy.tables.pack((x, y), f"{folder}/pack", validation_split=0, verbose=0)
        kinds = [(parts, alone(engine, x, y)), ((pack,), alone(engine, pack))]
        client.wait_for_workers(WORKERS, timeout=LIMIT)
        seconds = timed(lambda: hyalite.dask.fit(client, network(engine), *parts, **FIT))
        while finding.tried.get("fits", 0) < fits:
            rows, expected = kinds[finding.tried.get("fits", 0) % 2]
            workers.fill()
            client.wait_for_workers(WORKERS - 1, timeout=LIMIT)
            count = chance.choice([1, 1, 2])
            moments = sorted(chance.uniform(0, 1.1 * seconds) for _ in range(count))
            killer = threading.Thread(target=workers.kill, args=(chance, moments), daemon=True)
            killer.start()
            began = time.monotonic()
            try:
                found = digest(
                    hyalite.dask.fit(client, network(engine), *rows, timeout=LIMIT / 5, **FIT)
                )
            except Exception as error:
                found = f"{type(error).__name__}: {error}"
            took = time.monotonic() - began
            killer.join()
            finding.count("fits")
            finding.tried["kills"] = workers.kills
            finding.count("other bytes or errors", found != expected)
            finding.count("hangs", took > LIMIT)
            finding.check(found == expected and took <= LIMIT, f"{found} after {took:.1f} s")
            if finding.tried["fits"] % 20 == 0:
                finding.say()
    return finding


class Workers:
    """Worker processes of a scheduler; for each that is killed another is started."""

    def __init__(self, scheduler: str) -> None:
        self.scheduler, self.kills = scheduler, 0
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Workers:
        self.fill()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.wait()

    def fill(self) -> None:
        """Start as many as are missing."""
        self.processes = [one for one in self.processes if one.poll() is None]
        command = [sys.executable, "-m", "distributed.cli.dask_worker", self.scheduler]
        options = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
        while len(self.processes) < WORKERS:
            self.processes.append(subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL))

    def kill(self, chance: random.Random, moments: list[float]) -> None:
        """At each moment, counted from now, another one; and start one in its place."""
        began = time.monotonic()
        for moment in moments:
            time.sleep(max(0.0, began + moment - time.monotonic()))
            chosen = chance.choice(self.processes)
            chosen.kill()
            chosen.wait()
            self.kills += 1
            self.fill()


def alone(engine: str, *rows: Any) -> str:
    """What one process makes of rows."""
    model = network(engine)
    model.fit(*rows, shards=8, verbose=0, **FIT)
    return digest(model)


def timed(function: Callable[[], object]) -> float:
    """The seconds of a second call: the first may compile."""
    function()
    began = time.monotonic()
    function()
    return time.monotonic() - began


def data() -> tuple[Any, Any]:
    """Samples of three classes."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1500, 20)).astype(np.float32)
    return x, (x @ rng.standard_normal((20, 3))).argmax(axis=1)


def network(engine: str) -> hy.Sequential:
    """With what has a state beside its weights."""
    model = hy.Sequential(
        [hy.Dense(48, "relu"), hy.BatchNormalization(), hy.Dropout(0.2), hy.Dense(3, "softmax")]
    )
    model.compile("categorical_crossentropy", hy.Adam(0.01), metrics=["accuracy"], engine=engine)
    return model


def digest(model: hy.Sequential) -> str:
    """SHA-256 of weights, running statistics, optimizer and history."""
    found = hashlib.sha256()
    slots = model.optimizer.get_state()["slots"]
    for array in (model.theta, model.state, *(slots[name] for name in sorted(slots))):
        found.update(array.tobytes())
    found.update(repr(model.history.history).encode())
    return found.hexdigest()

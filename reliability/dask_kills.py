"""Fits on a Dask cluster whose workers are killed, and join, at random moments."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

import hyalite as hy
from reliability.finding import Finding

TITLE = "Workers of a Dask cluster killed in the middle of a fit"
WORKERS, EPOCHS = 3, 12
FEW, MANY = 3, 250  # fits of each engine
LIMIT = 120.0  # seconds after which a fit counts as hanging; one takes a second or two
FIT: dict[str, Any] = {"batch_size": 96, "epochs": EPOCHS, "seed": 3}


def measure(full: bool) -> list[Finding]:
    """Kill workers of so many fits with each engine."""
    from reliability.kills import engines

    return [killed(engine, MANY if full else FEW) for engine in engines()]


def killed(engine: str, fits: int) -> Finding:
    """Fits in which one or two of three workers die, rank 0 or others, and new ones come."""
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
    same = network(engine)
    same.fit(x, y, shards=8, verbose=0, **FIT)
    expected = digest(same)
    with (
        LocalCluster(
            n_workers=WORKERS, threads_per_worker=1, host="127.0.0.1", silence_logs=60,
            dashboard_address="127.0.0.1:0",
        ) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        seconds = timed(lambda: hyalite.dask.fit(client, network(engine), *parts, **FIT))
        while finding.tried.get("fits", 0) < fits:
            client.wait_for_workers(WORKERS, timeout=LIMIT)
            count = chance.choice([1, 1, 2])
            moments = sorted(chance.uniform(0, 1.1 * seconds) for _ in range(count))
            killer = threading.Thread(
                target=kill, args=(client, chance, moments, finding), daemon=True
            )
            killer.start()
            began = time.monotonic()
            try:
                found = digest(
                    hyalite.dask.fit(client, network(engine), *parts, timeout=LIMIT / 4, **FIT)
                )
            except Exception as error:
                found = f"{type(error).__name__}: {error}"
            took = time.monotonic() - began
            killer.join()
            finding.count("fits")
            finding.count("other bytes or errors", found != expected)
            finding.count("hangs", took > LIMIT)
            finding.check(found == expected and took <= LIMIT, f"{found} after {took:.1f} s")
            if finding.tried["fits"] % 20 == 0:
                finding.say()
    return finding


def kill(client: Any, chance: random.Random, moments: list[float], finding: Finding) -> None:
    """At each moment, counted from now, another of the workers there are."""
    began = time.monotonic()
    for moment in moments:
        time.sleep(max(0.0, began + moment - time.monotonic()))
        with suppress(Exception):  # whoever is asked may be dying
            there = list(client.run(os.getpid, on_error="ignore").values())
            os.kill(chance.choice(there), signal.SIGKILL)
            finding.count("kills")


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

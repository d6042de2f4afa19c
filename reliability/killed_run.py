"""A run that others kill: ``python -m reliability.killed_run FOLDER ENGINE THREADS EPOCHS EVERY``,
or with ``mpi`` behind that a rank of several.

It goes on from the newest checkpoint in the folder and prints the SHA-256 of all it ends with.
"""

from __future__ import annotations

import hashlib
import os
import sys
from typing import Any

import numpy as np

import hyalite as hy


def main() -> None:
    """Train."""
    folder, engine, threads, epochs, every, *mpi = sys.argv[1:]
    hy.set_num_threads(int(threads))
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((1900, 20), np.float32), rng.integers(0, 4, 1900)
    saved = hy.Checkpoint(folder, int(every), resume=True)
    made(engine).fit(x[:50], y[:50], verbose=0)  # what is loaded now leaves time for the kills
    model = made(engine)
    options: dict[str, Any] = {
        "epochs": int(epochs),
        "batch_size": 40,
        "seed": 1,
        "checkpoint": saved,
    }
    if not mpi:
        print("ready", flush=True)
        model.fit(x, y, shards=2, verbose=0, **options)
        print("end", digest(model))
        return
    with hy.workers.mpi(timeout=60) as workers:
        print(f"ready {os.getpid()}\n", end="", flush=True)  # in one piece
        model.fit(x, y, verbose=0, workers=workers, **options)
        if workers.rank == 0:
            print(f"end {digest(model)}\n", end="", flush=True)


def made(engine: str) -> hy.Sequential:
    """The model."""
    model = hy.Sequential(
        [hy.Dense(32, "relu"), hy.BatchNormalization(), hy.Dropout(0.1), hy.Dense(4, "softmax")]
    )
    model.compile("categorical_crossentropy", "adam", ["accuracy", "f1"], engine=engine)
    return model


def digest(model: hy.Sequential) -> str:
    """Of weights, statistics, optimizer and history."""
    found = hashlib.sha256(model.theta.tobytes() + model.state.tobytes())
    for _, slot in sorted(model.optimizer.slots.items()):
        found.update(slot.tobytes())
    counts = model.optimizer.steps, model.network.clock.step, model.network.epochs
    found.update(repr((counts, model.history.history, model.history.epochs)).encode())
    return found.hexdigest()


if __name__ == "__main__":
    main()

"""A program for ``mpiexec``: it trains, and in one rank something may go wrong on the way.

``mpiexec -n 3 python -m tests.workers.mpi_program ENGINE EPOCHS FOLDER [WHAT RANK STEP]``: with a
FOLDER other than "-" it saves there, and goes on from what is there.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import hyalite as hy
from hyalite.workers import step
from tests.workers.helpers import LABELS, X, digest, mixed


def main() -> None:
    engine, epochs, folder, *wrong = sys.argv[1:]
    saved = None if folder == "-" else hy.Checkpoint(folder, every=3, resume=True)
    with hy.workers.mpi(timeout=30) as workers:
        if wrong and workers.rank == int(wrong[1]):
            go_wrong(workers, wrong[0], int(wrong[2]))
        model = mixed(engine)
        model.fit(
            X, LABELS, batch_size=32, epochs=int(epochs), seed=3, validation_split=0.2,
            callbacks=[hy.EarlyStopping(patience=3)], checkpoint=saved, workers=workers,
            verbose=2 if wrong else 0,
        )  # fmt: skip
        print(f"digest {digest(model)}\n", end="", flush=True)  # in one piece


def go_wrong(workers: Any, what: str, at: int) -> None:
    """Let something happen to this rank in a step."""
    exchange = workers.exchange

    def fail(pieces: Any, timeout: float) -> Any:
        if pieces[0][0].tolist() == [step.SUMS, at]:
            if what == "raise":
                raise ArithmeticError("this rank is broken")
            if what == "exit":
                sys.exit(3)
            if what == "leave":
                os._exit(4)
            os.kill(os.getpid(), getattr(signal, what))
        return exchange(pieces, timeout)

    workers.exchange = fail


if __name__ == "__main__":
    main()

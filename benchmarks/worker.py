"""One peer in a process of its own: ``python -m benchmarks.worker PEER``.

It reads a request a line and answers with a line, both JSON: {"method": "round"} calls
`Session.round`. `benchmarks.crew` is the other end.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import data
from benchmarks.peers import PEERS, Entry
from benchmarks.resident import most_resident
from benchmarks.workloads import Workload
from hyalite.errors import require

CORES = "HYALITE_BENCHMARK_CORES"  # to how many cores a worker keeps itself
TOGETHER = 2000  # rows predicted in one call: what lies between a picture's layers is large


class Session:
    """What a worker can be asked; each method's result goes into JSON."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def prepare(self, workload: dict[str, Any], folder: str) -> None:
        """Read the data, build the model and take the initial weights."""
        sizes = tuple(workload.pop("sizes"))
        self.workload = Workload(sizes=sizes, **workload)
        self.data = data.read(Path(folder), self.workload)
        self.peer = self.entry.load()(self.workload, self.data)
        self.epochs = 1

    def choose(self) -> None:
        """Let the peer take the fastest of its ways."""
        self.peer.choose()

    def calibrate(self, seconds: float) -> dict[str, Any]:
        """Train until all is compiled and warm; find how many epochs a round of `seconds` has."""
        self.peer.choose()
        first, epochs, most = self._timed(1), 1, self.workload.epochs
        while True:
            # the second time: a scan over another number of steps is compiled anew
            spent = min(self._timed(epochs) for _ in range(2))
            wanted = min(most, max(1, round(seconds * epochs / spent)))
            if wanted <= 2 * epochs:
                break
            epochs = min(wanted, 10 * epochs)
        self.epochs = wanted
        if wanted != epochs:
            self._timed(wanted)
        steps = wanted * -(-self.peer.rows // self.peer.batch)
        return {"first": first, "epochs": wanted, "steps": steps, "form": self.peer.form}

    def round(self, epochs: int | None = None) -> dict[str, Any]:
        """Train from the initial weights, timed."""
        epochs = epochs or self.epochs
        if epochs > 1:
            self.peer.train(1)  # threads that slept while others worked need up to 10 ms to wake
        seconds = self._timed(epochs)
        figures = {name: values[-1] for name, values in self.figures._asdict().items() if values}
        return {"seconds": seconds, **figures}

    def footprint(self, epochs: int) -> dict[str, Any]:
        """A round, and the most private memory in it: maps of files are not counted."""
        with Watch() as watch:
            found = self.round(epochs)
        return {"memory": watch.most, **found}

    def peak(self) -> int:
        """The most memory that this process has had so far, in bytes."""
        return most_resident()

    def trajectory(self, epochs: int) -> list[float]:
        """The data's loss after each epoch, computed here from the outputs, so alike for all."""
        self.peer.reset()
        losses = []
        for _ in range(epochs):
            self.peer.train(1)
            losses.append(self._loss())
        return losses

    def race(self, target: float, epochs: int) -> dict[str, list[float]]:
        """Train until `target` of the test rows are right; evaluation is not timed."""
        self.peer.reset()
        found: dict[str, list[float]] = {"seconds": [], "accuracy": []}
        while len(found["seconds"]) < epochs and max(found["accuracy"], default=0.0) < target:
            start = time.perf_counter()
            self.peer.train(1)
            found["seconds"].append(time.perf_counter() - start)
            found["accuracy"].append(self._test_accuracy())
        return found

    def predict(self, rows: int, seconds: float) -> dict[str, Any]:
        """The median time of a prediction of the first `rows` rows, called for some seconds."""
        x, predict = self.data.x[:rows], self.peer.predict
        times: list[float] = []
        predict(x)
        stop = time.perf_counter() + seconds
        while time.perf_counter() < stop or len(times) < 3:
            start = time.perf_counter()
            predict(x)
            times.append(time.perf_counter() - start)
        return {"seconds": statistics.median(times), "calls": len(times)}

    def _timed(self, epochs: int) -> float:
        self.peer.reset()
        start = time.perf_counter()
        self.figures = self.peer.train(epochs)
        return time.perf_counter() - start

    def _loss(self) -> float:
        output, y = self._outputs(self.data.x), self.data.y
        if self.workload.regression:
            return float(np.square(output - y, dtype=np.float64).mean())
        right = output[np.arange(len(y)), y].astype(np.float64)
        return float(-np.log(np.maximum(right, 1e-30)).mean())

    def _outputs(self, x: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        parts = range(0, len(x), TOGETHER)
        return np.concatenate([self.peer.predict(x[at : at + TOGETHER]) for at in parts])

    def _test_accuracy(self) -> float:
        assert self.data.x_test is not None
        assert self.data.y_test is not None
        output = self._outputs(self.data.x_test)
        return float((output.argmax(1) == self.data.y_test).mean())


class Watch(threading.Thread):
    """Looks every few milliseconds at how much memory the process has to itself."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.process, self.most, self.over = _process(), 0, threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        while not self.over.wait(0.02):
            memory = self.process.memory_info()
            # on Linux pages of mapped files are part of the resident memory, and shared
            self.most = max(self.most, memory.rss - getattr(memory, "shared", 0))

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.join()


def _process() -> Any:
    psutil = require("psutil", extra="bench", purpose="measuring memory")
    return psutil.Process()


def _keep_to_cores() -> None:
    """Use as many cores as the crew says: not every library has a variable for its threads."""
    cores = os.environ.get(CORES)
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(cores)])


def main() -> None:
    """Answer requests until there are no more."""
    # Replies have a stream of their own: what a library prints must not come between them.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _keep_to_cores()
    session = Session(PEERS[sys.argv[1]])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = {"reply": getattr(session, request.pop("method"))(**request)}
        except Exception:
            reply = {"error": traceback.format_exc()}
        print(json.dumps(reply), file=replies, flush=True)


if __name__ == "__main__":
    main()

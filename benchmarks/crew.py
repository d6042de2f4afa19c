"""The peers of a measurement, each in a process of its own, of which one works at a time.

Several libraries in one process would share its cores with each other's idle thread pools.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import data
from benchmarks.plan import Plan
from benchmarks.workloads import Workload

ROOT = Path(__file__).resolve().parents[1]
PAUSE = 0.2  # seconds; idle BLAS threads of the peer before spin on for up to 0.1 s


class WorkerError(RuntimeError):
    """A worker could not do what it was asked."""


class Worker:
    """A process that runs `benchmarks.worker` for one peer."""

    def __init__(self, peer: str, environment: Mapping[str, str]) -> None:
        paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
        # closed with the worker
        self.notes = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", peer],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.notes,
            encoding="utf-8",
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, paths)),
                **environment,
            },
        )

    def ask(self, method: str, **details: Any) -> Any:
        """Call a method of the worker's `Session` and wait for its result.

        Raises:
            WorkerError: with what the worker said last.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended; why is read below
            print(json.dumps({"method": method, **details}), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            self.notes.seek(0)
            raise WorkerError(self.notes.read().strip() or f"it ended: {self.process.wait()}")
        reply = json.loads(line)
        if "error" in reply:
            raise WorkerError(reply["error"].strip())
        return reply["reply"]

    def close(self) -> None:
        """End the process."""
        assert self.process.stdout is not None
        try:
            self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        self.notes.close()


class Crew:
    """Some peers at work on the same thing.

    ::

        with Crew(plan, peers) as crew:
            crew.prepare(workload)
            rounds = [crew.ask("round") for _ in range(plan.rounds)]

    A peer that fails is noted in the plan and left out from then on.
    """

    def __init__(
        self, plan: Plan, peers: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        self.plan, self.peers, self.environment = plan, peers, environment or {}

    def __enter__(self) -> Crew:
        self.workers = {name: Worker(name, self.environment) for name in self.peers}
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.workers):
            self.workers.pop(name).close()

    def prepare(self, workload: Workload) -> None:
        """Give all the same data and model."""
        data.write(self.plan.folder, workload.data)
        self.workload = workload
        self.ask("prepare", workload=asdict(workload), folder=str(self.plan.folder))

    def ask(self, method: str, **details: Any) -> dict[str, Any]:
        """Ask all, one after the other; the results by peer."""
        results = {}
        for name in list(self.workers):
            if len(self.peers) > 1:
                time.sleep(PAUSE)
            try:
                results[name] = self.workers[name].ask(method, **details)
            except WorkerError as error:
                self.plan.failures.append(f"{name}: {method} {self.workload.name}")
                self.plan.say(f"{self.plan.failures[-1]} failed: {error}")
                self.workers.pop(name).close()
        return results

    def rounds(self, count: int, method: str = "round", **details: Any) -> dict[str, list[Any]]:
        """Ask all `count` times in turn; the results by peer, of those who went through."""
        rounds = [self.ask(method, **details) for _ in range(count)]
        return {name: [results[name] for results in rounds] for name in self.workers}

"""Weight: what an installation takes on disk, an import in seconds, and the first step of all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

from benchmarks import data
from benchmarks.crew import Crew
from benchmarks.installed import closure, size
from benchmarks.peers import PEERS
from benchmarks.plan import Plan
from benchmarks.tables import megabytes, spread, table
from benchmarks.workloads import TRAINING

TITLE = "Weight"
WORKLOAD = TRAINING["spiral64"]
FRESH = 5
Result = dict[str, Any]


def measure(plan: Plan) -> Result:
    """By peer: bytes installed by package, seconds of imports and of first steps."""
    result: Result = {}
    seen: set[tuple[str, ...]] = set()
    for name in plan.peers:
        entry = PEERS[name]
        if not entry.requirements or entry.requirements in seen:
            continue
        seen.add(entry.requirements)
        plan.say(f"weight of {entry.title}")
        fresh = 1 if plan.quick else FRESH
        result[name] = {
            "bytes": {package: size(package) for package in sorted(closure(entry.requirements))},
            "import": [import_seconds(entry.imports) for _ in range(fresh)],
            "first": [first_step(plan, name) for _ in range(fresh)] if entry.trains else [],
        }
    return result


def import_seconds(modules: tuple[str, ...]) -> float:
    """In a fresh interpreter, the interpreter's own start not counted."""
    names = ", ".join(modules)
    code = f"from time import perf_counter as now; t = now(); import {names}; print(now() - t)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "KERAS_BACKEND": "jax"},
    )
    return float(done.stdout)


def first_step(plan: Plan, peer: str) -> float | None:
    """From the start of a process to the end of its first training step."""
    data.write(plan.folder, WORKLOAD.data)
    start = time.perf_counter()
    with Crew(plan, [peer]) as crew:
        crew.prepare(WORKLOAD)
        crew.ask("round", epochs=1)
        return time.perf_counter() - start if crew.workers else None


def tables(result: Result) -> str:
    """Size, import and first step of each."""
    lines = []
    for name, found in result.items():
        first = [seconds for seconds in found["first"] if seconds is not None]
        lines.append(
            [
                " + ".join(PEERS[name].requirements),
                megabytes(sum(found["bytes"].values())),
                str(len(found["bytes"])),
                spread(found["import"]),
                spread(first) if first else "–",
            ]
        )
    head = ["", "installed", "packages", "import, s", f"first step of {WORKLOAD.name}, s"]
    text = (
        "Files of the package and of all that it brings, without byte code; seconds of an import "
        "in a fresh interpreter; seconds from the start of a process to the end of its first "
        "training step, with what earlier processes compiled where a library keeps that."
    )
    return f"{text}\n\n" + table(head, lines)

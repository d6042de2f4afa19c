"""What importing costs, in fresh interpreters."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.plan import Plan
from benchmarks.tables import spread, table

TITLE = "Import"
CODE = """
from time import perf_counter
a = perf_counter()
import numpy
b = perf_counter()
import hyalite
c = perf_counter()
hyalite.Sequential, hyalite.Dense, hyalite.Adam, hyalite.datasets
d = perf_counter()
print(b - a, c - b, d - c)
"""
ROWS = ("import numpy", "import hyalite, after numpy", "first use of model, layers, data")
Result = dict[str, list[float]]


def measure(plan: Plan) -> Result:
    """Seconds of each part, a number for each fresh interpreter; two to a round."""
    plan.say("imports of Hyalite, part by part")
    return fresh(2 * plan.rounds + 1)


def fresh(rounds: int) -> Result:
    """The same for a given number of interpreters."""
    runs = []
    for _ in range(rounds + 1):
        done = subprocess.run(
            [sys.executable, "-c", CODE], capture_output=True, text=True, check=True
        )
        runs.append([float(part) for part in done.stdout.split()])
    parts = zip(*runs[1:], strict=True)  # the first warms disks
    return {name: list(times) for name, times in zip(ROWS, parts, strict=True)}


def tables(result: Result) -> str:
    """Milliseconds of each part."""
    count = len(next(iter(result.values())))
    lines = [[name, spread([1000 * s for s in times])] for name, times in result.items()]
    return table([f"{count} fresh interpreters", "ms: median (least..greatest)"], lines)

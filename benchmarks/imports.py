"""What importing costs, in fresh interpreters."""

from __future__ import annotations

import statistics
import subprocess
import sys

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


def report(rounds: int) -> None:
    """Print the least, the median and the greatest time of each part, in milliseconds."""
    runs = []
    for _ in range(rounds + 1):
        done = subprocess.run(
            [sys.executable, "-c", CODE], capture_output=True, text=True, check=True
        )
        runs.append([1000 * float(part) for part in done.stdout.split()])
    print(f"{rounds} fresh interpreters, ms          least  median  greatest")
    for name, times in zip(ROWS, zip(*runs[1:], strict=True), strict=True):  # the first warms disks
        print(f"{name:34} {min(times):6.1f}  {statistics.median(times):6.1f}  {max(times):8.1f}")

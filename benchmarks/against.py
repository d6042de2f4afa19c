"""``python -m benchmarks.against OTHER``: this checkout beside another one of Hyalite.

For a change that must cost nothing: both train the workloads in turn, in processes of their own,
in one run, so that a noisy machine is noisy for both; each then compiles its kernels in a fresh
cache. What counts is the ratio.

    git worktree add ../before d68b105
    python -m benchmarks.against ../before
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from benchmarks.crew import ROOT, Crew, Worker
from benchmarks.peers import OURS
from benchmarks.plan import Plan
from benchmarks.tables import number, table
from benchmarks.workloads import TRAINING

# what a first fit, evaluation and prediction compile
COMPILE = """
import time, numpy as np, hyalite as hy
x, y = np.random.default_rng(0).normal(size=(64, 5)), np.arange(64) % 3
model = hy.Sequential([hy.Dense(8, "relu"), hy.Dense(3, "softmax")], dtype={dtype!r})
model.compile("categorical_crossentropy", metrics=["accuracy"], engine="compiled")
began = time.perf_counter()
model.fit(x, y, seed=0, verbose=0)
model.evaluate(x, y), model.predict(x), model.predict(x[:1].astype({dtype!r}))
print(time.perf_counter() - began)
"""


class Versions(Crew):
    """The same peer from two checkouts."""

    def __init__(self, plan: Plan, sources: dict[str, Path]) -> None:
        super().__init__(plan, [*sources])
        self.sources = sources

    def __enter__(self) -> Versions:
        self.workers = {name: Worker(OURS, path_of(root)) for name, root in self.sources.items()}
        return self


def path_of(root: Path) -> dict[str, str]:
    """The environment in which a checkout's package is imported, and this one's benchmarks."""
    return {"PYTHONPATH": os.pathsep.join([str(root / "src"), str(ROOT)])}


def steps(plan: Plan, sources: dict[str, Path]) -> list[list[str]]:
    """A row for each workload: microseconds a step of both, and their ratio."""
    rows = []
    for workload in plan.workloads:
        plan.say(f"training {workload.name}: {workload}")
        with Versions(plan, sources) as crew:
            crew.prepare(workload)
            known = crew.ask("calibrate", seconds=plan.seconds)
            # one length of round for both
            epochs = max(1, min(found["epochs"] for found in known.values()))
            per_epoch = {name: found["steps"] / found["epochs"] for name, found in known.items()}
            found = crew.rounds(plan.rounds, epochs=epochs)
        each = {
            name: [1e6 * one["seconds"] / (epochs * per_epoch[name]) for one in found[name]]
            for name in sources
        }
        rows.append([workload.name, *compared(each)])
    return rows


def compiling(plan: Plan, sources: dict[str, Path], rounds: int) -> list[list[str]]:
    """A row for each dtype: seconds that a first use takes where nothing is kept on disk."""
    rows = []
    for dtype in ("float32", "float64") if rounds else ():
        each: dict[str, list[float]] = {name: [] for name in sources}
        for _ in range(rounds):
            for name, root in sources.items():
                plan.say(f"compiling {dtype}, {name}")
                each[name].append(compile_once(root, dtype))
        rows.append([f"compiling, {dtype}, s", *compared(each)])
    return rows


def compile_once(root: Path, dtype: str) -> float:
    """Seconds, in a fresh process with an empty cache."""
    with tempfile.TemporaryDirectory() as cache:
        # of the kernels; Numba's own is that of older commits
        caches = {"HYALITE_CACHE_DIR": cache, "NUMBA_CACHE_DIR": cache, "HYALITE_ISA": "numba"}
        done = subprocess.run(
            [sys.executable, "-c", COMPILE.format(dtype=dtype)],
            env={**os.environ, **path_of(root), **caches},
            capture_output=True,
            text=True,
            check=True,
        )
    return float(done.stdout)


def compared(each: dict[str, list[float]]) -> list[str]:
    """Both medians, and the median of the ratios of rounds made next to each other."""
    before, after = each.values()
    ratio = statistics.median(b / a for a, b in zip(before, after, strict=True))
    return [number(statistics.median(before)), number(statistics.median(after)), f"{ratio:.3f}"]


@click.command(context_settings={"show_default": True, "help_option_names": ["-h", "--help"]})
@click.argument("other", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--rounds", type=click.IntRange(min=1), default=11, help="How often each is timed.")
@click.option("--only", default=",".join(TRAINING), help="Workloads, with commas between them.")
@click.option("--compiles", default=2, help="How often each is compiled; 0 leaves it out.")
def main(other: Path, rounds: int, only: str, compiles: int) -> None:
    """Time this checkout beside the one in OTHER, in turn; a ratio below 1 is a gain."""
    sources: dict[str, Any] = {"other": other.resolve(), "this": ROOT}
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(Path(folder), rounds=rounds, only=tuple(only.split(",")), peers=(OURS,))
        rows = steps(plan, sources) + compiling(plan, sources, compiles)
    click.echo(table(["µs a step", *sources, "this / other"], rows))


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.against")

"""Growth: a step's time by width, batch, depth and threads, an epoch's time and memory by rows."""

from __future__ import annotations

import os
import statistics
from dataclasses import replace
from typing import Any

from benchmarks.crew import Crew
from benchmarks.peers import PEERS
from benchmarks.plan import Plan
from benchmarks.tables import number, table
from benchmarks.train import microseconds, peers_in
from benchmarks.worker import CORES
from benchmarks.workloads import Workload

TITLE = "Growth"
AMONG = ("hyalite", "hyalite-numpy", "pytorch", "scikit-learn", "jax-scan")
MAPPING = AMONG[:3]  # those that can train on rows that are not read into memory as a whole
ROUNDS = 3
UNIT = {"rows": "seconds an epoch"}  # of all others: microseconds a step
Result = dict[str, Any]


def layered(rows: int, *sizes: int, batch: int = 128) -> Workload:
    """A model on noise; ten classes."""
    name = "-".join(map(str, sizes))
    return Workload(name, f"noise-{rows}-{sizes[0]}", (*sizes, 10), batch)


SERIES = {
    "width": {w: layered(3200, 256, w, w) for w in (16, 32, 64, 128, 256, 512, 1024, 2048)},
    "batch": {
        b: layered(max(1024, 8 * b), 256, 128, 128, batch=b)
        for b in (1, 4, 16, 64, 256, 1024, 4096, 8192)
    },
    "depth": {d: layered(3200, 256, *[128] * d) for d in (1, 2, 4, 8, 16)},
}
THREADED = layered(3200, 784, 512, 512)
MAPPED = {
    rows: replace(layered(rows, 32, 64, batch=1000), name=f"{rows:,}", data=f"mapped-{rows}-32")
    for rows in (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
}


def measure(plan: Plan) -> Result:
    """By series and peer: a list of points, `at` which number and what was found."""
    result: Result = {}
    for series, points in SERIES.items():
        with Crew(plan, plan.trainers(*AMONG)) as crew:
            for at, workload in thin(plan, points).items():
                plan.say(f"growth with {series}: {at}")
                enter(result, series, at, step_times(plan, crew, workload))
    for threads in thread_counts():
        plan.say(f"growth with threads: {threads}")
        names = ("HYALITE_NUM_THREADS", "OMP_NUM_THREADS", CORES)
        wanted = dict.fromkeys(names, str(threads))
        with Crew(plan, plan.trainers(*AMONG), wanted) as crew:
            enter(result, "threads", threads, step_times(plan, crew, THREADED))
    with Crew(plan, plan.trainers(*MAPPING)) as crew:
        for rows, workload in thin(plan, MAPPED).items():
            plan.say(f"growth with rows, mapped from a file: {rows:,}")
            enter(result, "rows", rows, epoch_times(crew, workload))
    return result


def thin(plan: Plan, points: dict[int, Workload]) -> dict[int, Workload]:
    """All points, or in a quick run the first two."""
    return dict(list(points.items())[:2]) if plan.quick else points


def thread_counts() -> list[int]:
    """1, 2, 4 and so on, and the number of cores."""
    cores = os.cpu_count() or 1
    return sorted({*(2**k for k in range(cores.bit_length()) if 2**k <= cores), cores})


def step_times(plan: Plan, crew: Crew, workload: Workload) -> Result:
    """Rounds on one model, by peer."""
    crew.prepare(workload)
    known = crew.ask("calibrate", seconds=plan.seconds / 2)
    rounds = crew.rounds(ROUNDS)
    return {
        name: {**known[name], "seconds": [found["seconds"] for found in found_all]}
        for name, found_all in rounds.items()
    }


def epoch_times(crew: Crew, workload: Workload) -> Result:
    """Rounds on one number of rows, by peer; the greatest take long enough to be timed once."""
    crew.prepare(workload)
    rows = int(workload.data.split("-")[1])
    epochs = max(1, 300_000 // rows)
    if rows <= 100_000:
        crew.ask("round", epochs=epochs)  # a warm-up; the greater ones follow warm
    rounds = crew.rounds(ROUNDS if rows <= 1_000_000 else 1, "footprint", epochs=epochs)
    return {
        name: {
            "epochs": epochs,
            "seconds": [found["seconds"] for found in found_all],
            "memory": max(found["memory"] for found in found_all),
        }
        for name, found_all in rounds.items()
    }


def enter(result: Result, series: str, at: int, found: Result) -> None:
    """Add a point to a series."""
    for peer, values in found.items():
        result.setdefault(series, {}).setdefault(peer, []).append({"at": at, **values})


def curve(series: str, points: list[Result]) -> dict[int, float]:
    """By point, microseconds a step, or for rows seconds an epoch: medians."""
    if series == "rows":
        return {p["at"]: statistics.median(p["seconds"]) / p["epochs"] for p in points}
    return {p["at"]: statistics.median(microseconds(p)) for p in points}


def heap(points: list[Result]) -> dict[int, float]:
    """By number of rows, the most private memory, in MB."""
    return {p["at"]: p["memory"] / 1e6 for p in points}


def tables(result: Result) -> str:
    """One table a series."""
    blocks = []
    for series, found in result.items():
        peers = [name for name in peers_in(result) if name in found]
        curves = {name: curve(series, found[name]) for name in peers}
        head = [series, *(PEERS[name].title for name in peers)]
        heaps = {name: heap(found[name]) if series == "rows" else {} for name in peers}
        lines = []
        for at in sorted({at for values in curves.values() for at in values}):
            cells = [number(curves[n][at]) if at in curves[n] else "–" for n in peers]
            if series == "rows":
                cells += [number(heaps[n][at]) if at in heaps[n] else "–" for n in peers]
            lines.append([f"{at:,}", *cells])
        if series == "rows":
            head += [f"MB, {PEERS[name].title}" for name in peers]
        blocks += [f"### By {series}", explained(series), table(head, lines)]
    return "\n\n".join(blocks)


def explained(series: str) -> str:
    """What was varied and what was measured."""
    if series == "rows":
        first = next(iter(MAPPED.values()))
        return (
            f"Seconds an epoch, and the most memory the process had to itself meanwhile, with rows "
            f"of {first.sizes[0]} numbers mapped from a file: "
            f"{first.shape}, batches of {first.batch}."
        )
    points = [THREADED] if series == "threads" else list(SERIES[series].values())
    texts = dict.fromkeys(str(points[i]).replace(f", {points[i].data}", "") for i in (0, -1))
    return f"Microseconds a step, on noise: {' up to '.join(texts)}."

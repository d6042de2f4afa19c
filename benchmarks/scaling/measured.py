"""Training by 1 to 4 ranks, measured on this machine, beside what the model says of it.

A link is a line through the exchanges of two ranks by their size, a machine one through the steps
of one rank by their rows. All else is predicted. The JSON has

    cores      that the ranks shared
    exchange   list of ranks, floats, and seconds: of MPI's own all-reduce, of ours
    steps      list of batch, ranks, and seconds of a step, one a round
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import click
import numpy as np

from benchmarks import machine as here
from benchmarks import workers
from benchmarks.scaling.cost import ADDITION, FLOAT, PASSES, PRODUCTS, Link, Machine, step

NAME = "scaling-measured"
PARAMETERS = 669_706  # 784-512-512-10, which `python -m benchmarks workers` trains
SHARDS = 8
RANKS = (1, 2, 3, 4)
STEPS = {256: 48, 1024: 24, 4096: 8}  # of an epoch, by batch
Result = dict[str, Any]


def measure(out: Path, command: str, rounds: int) -> None:
    """All forms in turns, one thread a rank; needs MPI, and a machine that does nothing else."""
    result: Result = {
        "command": command,
        "date": datetime.date.today().isoformat(),
        "machine": here.describe(),
        "cores": here.usable_cores(),
        "exchange": [],
        "steps": [],
    }
    seconds: dict[tuple[int, int], list[float]] = {}
    for number in range(rounds):
        click.echo(f"round {number + 1} of {rounds}", err=True)
        for batch, steps in STEPS.items():
            for ranks in RANKS:
                spent = workers.ran(ranks, "step", batch, SHARDS, steps)
                seconds.setdefault((batch, ranks), []).append(spent)
    for (batch, ranks), found in seconds.items():
        result["steps"].append({"batch": batch, "ranks": ranks, "seconds": found})
    for ranks in RANKS[1:]:
        for floats, theirs, ours in workers.ran(ranks, "exchange", 30):
            line = {"ranks": ranks, "floats": floats, "allreduce": theirs, "ours": ours}
            result["exchange"].append(line)
    text = json.dumps(result, indent=1) + "\n"
    (out / f"{NAME}.json").write_text(text, encoding="utf-8")


def read(out: Path) -> Result | None:
    """What the folder has of it."""
    path = out / f"{NAME}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def link_of(exchange: list[Result]) -> Link:
    """Of two ranks. Adding is within the bandwidth, since it was measured with it."""
    two = [found for found in exchange if found["ranks"] == 2]
    slope, rest = _line([found["floats"] for found in two], [found["ours"] for found in two])
    return Link(max(rest, 0.0) / 2, FLOAT / slope)


def machine_of(steps: list[Result]) -> Machine:
    """From one rank's steps. The slope gives the speed; the rest is taken for passes."""
    one = [found for found in steps if found["ranks"] == 1]
    slope, rest = _line([f["batch"] for f in one], [median(f["seconds"]) for f in one])
    passes = (PASSES + ADDITION * (SHARDS - 1)) * PARAMETERS
    return Machine(PRODUCTS * PARAMETERS / slope, passes / rest if rest > 0 else np.inf)


def _line(x: list[float], y: list[float]) -> tuple[float, float]:
    """Slope and value at 0, by least squares of the relative errors."""
    slope, rest = np.polyfit(x, y, 1, w=1 / np.array(y))
    return float(slope), float(rest)


class Comparison(NamedTuple):
    """A figure, predicted and measured, in seconds."""

    size: int  # rows of the batch, or numbers exchanged
    ranks: int
    predicted: float
    measured: float
    beside: float  # one rank's measured step, or MPI's own all-reduce


def exchanges(result: Result) -> Iterator[Comparison]:
    """Each exchange that was measured."""
    link = link_of(result["exchange"])
    for found in result["exchange"]:
        size, ranks = found["floats"], found["ranks"]
        parts = step(size, 0, ranks, Machine(1.0, np.inf), link, shards=SHARDS)
        yield Comparison(size, ranks, parts.exchange, found["ours"], found["allreduce"])


def steps(result: Result) -> Iterator[Comparison]:
    """Each step that was measured.

    Ranks that share cores take turns: with more ranks than cores computing takes as many times as
    long.
    """
    link, machine = link_of(result["exchange"]), machine_of(result["steps"])
    alone = {f["batch"]: median(f["seconds"]) for f in result["steps"] if f["ranks"] == 1}
    for found in result["steps"]:
        batch, ranks = found["batch"], found["ranks"]
        parts = step(PARAMETERS, batch, ranks, machine, link, shards=SHARDS)
        crowd = max(1.0, ranks / result["cores"])
        predicted = parts.compute * crowd + parts.latency + parts.wire
        yield Comparison(batch, ranks, predicted, median(found["seconds"]), alone[batch])

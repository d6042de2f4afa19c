"""What `python -m benchmarks workers` measured here, beside what the model says of it.

Latency and bandwidth are those of two ranks, of the fewest numbers and of the most; speed and memory
are a line through the steps of one rank. All else is predicted. The JSON has, besides machine, date
and command,

    cores      that the ranks shared
    exchange   list of ranks, floats, and lists of seconds: ordered, allreduce
    steps      list of workload, parameters, batch, shards, ranks, threads, and seconds, of a step each
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from benchmarks.scaling.cost import ADDITION, FLOAT, PASSES, PRODUCTS, Link, Machine, step

NAME = "workers"
Result = dict[str, Any]


def read(out: Path) -> Result | None:
    """What the folder has of it."""
    path = out / f"{NAME}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def link_of(exchange: list[Result]) -> Link:
    """Of two ranks. Adding is within the bandwidth, since it was measured with it."""
    seconds = {e["floats"]: median(e["ordered"]) for e in exchange if e["ranks"] == 2}
    least, most = min(seconds), max(seconds)
    bandwidth = FLOAT * (most - least) / (seconds[most] - seconds[least])
    return Link(max(seconds[least] - FLOAT * least / bandwidth, 0.0) / 2, bandwidth)


def machine_of(steps: list[Result]) -> Machine:
    """From steps of one rank, one network and one number of shards, by at least two batches.

    The slope by the rows gives the speed. All of the rest is taken for passes over the parameters.
    """
    parameters, shards = steps[0]["parameters"], steps[0]["shards"]
    seconds = np.array([median(found["seconds"]) for found in steps])
    slope, rest = np.polyfit([found["batch"] for found in steps], seconds, 1, w=1 / seconds)
    passes = (PASSES + ADDITION * (shards - 1)) * parameters
    return Machine(PRODUCTS * parameters / slope, passes / rest if rest > 0 else np.inf)


class Comparison(NamedTuple):
    """A figure, predicted and measured, in seconds."""

    what: str  # workload, or "exchange"
    size: int  # rows of the batch, or numbers exchanged
    ranks: int
    predicted: float
    measured: float
    beside: float  # one rank's measured step, or MPI's own all-reduce


def exchanges(result: Result) -> Iterator[Comparison]:
    """Each exchange that was measured."""
    link = link_of(result["exchange"])
    for found in result["exchange"]:
        floats, ranks = found["floats"], found["ranks"]
        parts = step(floats, 0, ranks, Machine(1.0, np.inf), link)
        measured, beside = median(found["ordered"]), median(found["allreduce"])
        yield Comparison("exchange", floats, ranks, parts.exchange, measured, beside)


def steps(result: Result) -> Iterator[Comparison]:
    """Each step that was measured with shards, of networks that one rank trained by two batches.

    Ranks that share cores wait for each other: with more threads than cores computing takes as many
    times as long.
    """
    link = link_of(result["exchange"])
    sharded = [found for found in result["steps"] if found["shards"] > 1]
    kinds = dict.fromkeys((f["workload"], f["shards"], f["threads"]) for f in sharded)
    for kind in kinds:
        of = [f for f in sharded if (f["workload"], f["shards"], f["threads"]) == kind]
        alone = {found["batch"]: found for found in of if found["ranks"] == 1}
        if len(alone) < 2:
            continue
        machine = machine_of(list(alone.values()))
        for found in of:
            ranks, batch = found["ranks"], found["batch"]
            parts = step(found["parameters"], batch, ranks, machine, link, shards=kind[1])
            crowd = max(1.0, ranks * found["threads"] / result["cores"])
            predicted = parts.compute * crowd + parts.latency + parts.wire
            one = median(alone[batch]["seconds"]) if batch in alone else np.nan
            yield Comparison(kind[0], batch, ranks, predicted, median(found["seconds"]), one)

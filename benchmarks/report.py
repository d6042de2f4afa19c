"""The report: all parts of a run as one page, every figure of it from the run's JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks import (
    accuracy,
    agreement,
    goals,
    growth,
    imports,
    memory,
    predict,
    sizes,
    train,
)
from benchmarks.peers import INSTALL, OURS, PEERS
from benchmarks.tables import table
from benchmarks.workloads import TRAINING

# in the report's order; each has TITLE, measure(plan) and tables(result)
PARTS: dict[str, ModuleType] = {
    "train": train,
    "agreement": agreement,
    "predict": predict,
    "accuracy": accuracy,
    "memory": memory,
    "sizes": sizes,
    "imports": imports,
    "growth": growth,
}
NAME = "benchmarks"

METHOD = """\
Every peer has a process of its own, and one works at a time. First each prepares data and model
and trains until all that it compiles is compiled and a round's length is known: about
{seconds:g} s, but whole epochs, and never more of them than the source trains. Then the peers take
turns: round 1 of each, round 2 of each, and so on, {rounds} rounds. A round starts from the
initial weights, the same for all, after one untimed epoch that wakes a library's threads, unless an
epoch is all there is to it. What is timed is the training call alone, as the library's user
writes it, with loss and accuracy of every epoch reported and, where a batch is not all of the data,
the rows in a new order each epoch. All get the same float32 arrays, MNIST's from -1 to 1. Only the
ratios mean much, since machines are noisy; where another program keeps a core busy, a library whose
threads wait for each other at every operation takes many times as long."""


def write(out: Path) -> Path:
    """Render ``benchmarks.md`` and its pictures from the JSON in the folder `out`."""
    from benchmarks import pictures

    result = json.loads((out / f"{NAME}.json").read_text(encoding="utf-8"))
    page = out / f"{NAME}.md"
    page.write_text(render(result, pictures.draw(result, out)), encoding="utf-8")
    return page


def render(result: dict[str, Any], drawn: dict[str, str]) -> str:
    """The page; `drawn` has the pictures' paths by part."""
    blocks = head(result, "Benchmarks", NAME)
    reached = goals.tables(result)
    blocks += ["## Goals", reached] if reached else []
    blocks += ["## Machine", both(result["machine"]), both(result["versions"])]
    blocks += ["## How it was measured", METHOD.format(**result), _workloads()]
    blocks.append(particulars(result, {name: entry.differs for name, entry in PEERS.items()}))
    for name, part in PARTS.items():
        if result.get(name):
            blocks += [f"## {part.TITLE}", part.tables(result[name])]
            if name in drawn:
                blocks.append(f"![{part.TITLE}]({drawn[name]})")
    return "\n\n".join(blocks) + "\n"


def head(result: dict[str, Any], title: str, name: str) -> list[str]:
    """How a page begins, whose numbers are in the JSON of this name."""
    blocks = [
        f"# {title}",
        f"Written by `{result['command']}` on {result['date']}, in {result['minutes']} minutes; "
        f"raw numbers in [{name}.json]({name}.json). Do not edit: the command writes it anew.",
    ]
    if result["quick"]:
        blocks.append("**A quick run: it shows that all works, and measures nothing.**")
    return blocks


def both(values: dict[str, str]) -> str:
    """Names and values as a table."""
    return table(["", ""], [[name, value] for name, value in values.items()], text=2)


def _workloads() -> str:
    lines = [[name, workload.source, str(workload)] for name, workload in TRAINING.items()]
    note = "(spiral-100: 100 points in each of 3 classes; sine-1000: 1,000 points.)"
    return table(["workload", "of", "model, data, Adam"], lines, text=3) + f"\n\n{note}"


def particulars(result: dict[str, Any], differs: Mapping[str, str]) -> str:
    """What sets peers apart, who is missing, what failed."""
    lines = [
        f"- {PEERS[name].title}: {differs[name]}." for name in result["peers"] if differs.get(name)
    ]
    lines += [
        f"- {PEERS[name].title}: not measured, it was not installed; `{INSTALL}` brings it."
        for name in result["missing"]
    ]
    lines += [f"- Failed: {failure}." for failure in result["failures"]]
    start = f"What sets a peer apart from {PEERS[OURS].title}, if anything:"
    return "\n".join([start, "", *lines]) if lines else ""

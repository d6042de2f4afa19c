"""Memory: the most that a fresh process holds while it trains one epoch of mnist64."""

from __future__ import annotations

from typing import Any

from benchmarks.crew import Crew
from benchmarks.peers import PEERS
from benchmarks.plan import Plan
from benchmarks.tables import megabytes, table
from benchmarks.workloads import TRAINING

TITLE = "Memory"
WORKLOAD = TRAINING["mnist64"]
BASE = "nothing"
Result = dict[str, Any]


def measure(plan: Plan) -> Result:
    """Bytes by peer."""
    result: Result = {}
    for peer in (BASE, *(name for name in plan.trainers() if name != "floor")):
        plan.say(f"memory of {PEERS[peer].title}")
        with Crew(plan, [peer]) as crew:
            crew.prepare(plan.sized(WORKLOAD))
            crew.ask("round", epochs=1)
            result |= crew.ask("peak")
    return result


def tables(result: Result) -> str:
    """The peaks, and what each has above the interpreter that only holds the data."""
    lines = [
        [
            PEERS[name].title,
            megabytes(size),
            "" if name == BASE else megabytes(size - result[BASE]),
        ]
        for name, size in result.items()
    ]
    text = f"Peak resident memory of one epoch of {WORKLOAD.name} in a fresh process."
    return f"{text}\n\n" + table(["", "peak", "above the data"], lines)

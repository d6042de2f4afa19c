"""The most that a fresh process holds before and while it trains an epoch of DeepConvNet."""

from __future__ import annotations

from benchmarks.convolution.workloads import REMEMBERED
from benchmarks.crew import Crew
from benchmarks.memory import BASE
from benchmarks.peers import PEERS
from benchmarks.plan import Plan
from benchmarks.tables import megabytes, table

Result = dict[str, dict[str, int]]


def measure(plan: Plan) -> Result:
    """Bytes by peer: "built", with library, data and model, and "peak" after an epoch."""
    result: Result = {}
    for peer in (BASE, *plan.learners()):
        plan.say(f"memory of {PEERS[peer].title}")
        with Crew(plan, [peer]) as crew:
            crew.prepare(plan.sized(REMEMBERED))
            built = crew.ask("peak")
            crew.ask("round", epochs=1)
            peak = crew.ask("peak")
        if peer in peak:
            result[peer] = {"built": built[peer], "peak": peak[peer]}
    return result


def tables(result: Result) -> str:
    """Peaks, and what training adds."""
    lines = [
        [
            PEERS[name].title,
            *map(megabytes, (found["built"], found["peak"])),
            "" if name == BASE else megabytes(found["peak"] - found["built"]),
        ]
        for name, found in result.items()
    ]
    text = (
        f"Peak resident memory of one epoch of {REMEMBERED.rows:,} pictures with "
        f"{REMEMBERED.name}, in a fresh process: with library, data and model before the first "
        "step, then the most in all, which has what a library compiles in it."
    )
    return f"{text}\n\n" + table(["", "before the first step", "in all", "training adds"], lines)

"""Whether all do the same work: losses along the way from the same weights, rows in one order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks.crew import Crew
from benchmarks.peers import OURS, PEERS
from benchmarks.plan import Plan
from benchmarks.tables import table
from benchmarks.train import peers_in
from benchmarks.workloads import Workload

TITLE = "The same work"
STEPS, BATCHES = 10, 5
EPSILON = 1e-10  # so small that where a peer adds it makes no difference
CLOSE = 1e-3  # relative; what rounding alone makes of float32 in so many steps of Adam
Result = dict[str, Any]


def measure(plan: Plan) -> Result:
    """By workload and peer: the data's loss after each epoch."""
    result: Result = {}
    with Crew(plan, plan.learners()) as crew:
        for workload in map(without_chance, plan.workloads):
            plan.say(f"agreement on {workload.name}")
            epochs = STEPS // BATCHES if workload.batch else STEPS
            crew.prepare(workload)
            result[workload.name] = crew.ask("trajectory", epochs=epochs)
    return result


def without_chance(workload: Workload) -> Workload:
    """Nothing at random, rows in their order, and few of them where an epoch has many steps."""
    rows = workload.batch and BATCHES * workload.batch
    return replace(workload.without_chance(), epsilon=EPSILON, rows=rows)


def differences(found: dict[str, list[float]]) -> dict[str, float]:
    """By peer, the largest relative difference of its losses from Hyalite's."""
    return {
        peer: max(abs(a - b) / abs(b) for a, b in zip(losses, found[OURS], strict=True))
        for peer, losses in found.items()
        if peer != OURS and OURS in found
    }


def tables(result: Result, close: float = CLOSE) -> str:
    """The differences, and whether they are small."""
    by_workload = {workload: differences(found) for workload, found in result.items()}
    peers = [name for name in peers_in(result) if name != OURS]
    lines = []
    for peer in peers:
        values = [found.get(peer) for found in by_workload.values()]
        cells = ["–" if value is None else f"{value:.0e}" for value in values]
        close = all(value is not None and value < close for value in values)
        lines.append([PEERS[peer].title, *cells, "yes" if close else "no"])
    return "\n\n".join(
        [
            f"{STEPS} steps from the same initial weights, nothing at random, rows in one order, ε "
            f"{EPSILON:g}: the largest relative difference of the data's loss from Hyalite's.",
            table(["", *by_workload, f"all below {close:g}"], lines),
        ]
    )

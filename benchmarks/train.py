"""Training: microseconds a step of every peer on every workload, and the ratios to Hyalite."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.crew import Crew
from benchmarks.peers import OURS, PEERS
from benchmarks.plan import Plan
from benchmarks.tables import number, spread, table

TITLE = "Training"
Result = dict[str, Any]


def measure(plan: Plan) -> Result:
    """By workload and peer: seconds of each round, and how many epochs and steps a round has."""
    result: Result = {}
    for workload in plan.workloads:
        plan.say(f"training {workload.name}: {workload}")
        with Crew(plan, plan.trainers()) as crew:
            crew.prepare(workload)
            known = crew.ask("calibrate", seconds=plan.seconds)
            rounds = crew.rounds(plan.rounds)
        result[workload.name] = {
            name: {
                **known[name],
                "seconds": [found["seconds"] for found in found_all],
                "loss": found_all[-1].get("loss"),
                "accuracy": found_all[-1].get("accuracy"),
            }
            for name, found_all in rounds.items()
        }
    return result


def microseconds(found: Result) -> list[float]:
    """A step's time in each round."""
    return [1e6 * seconds / found["steps"] for seconds in found["seconds"]]


def ratios(result: Result, peer: str) -> dict[str, float]:
    """By workload, how many times as long as Hyalite a peer takes for a step: medians."""
    return {
        workload: statistics.median(microseconds(found[peer]))
        / statistics.median(microseconds(found[OURS]))
        for workload, found in result.items()
        if peer in found and OURS in found
    }


def peers_in(result: Result) -> list[str]:
    """Those who were measured, in the registry's order."""
    return [name for name in PEERS if any(name in found for found in result.values())]


def tables(result: Result) -> str:
    """Times, ratios, first calls."""
    workloads, peers = list(result), peers_in(result)

    def grid(cell: Any) -> list[list[str]]:
        return [
            [PEERS[p].title, *(cell(result[w][p]) if p in result[w] else "–" for w in workloads)]
            for p in peers
        ]

    blocks = [
        "Microseconds a step: median (least..greatest) of the rounds.",
        table(["", *workloads], grid(lambda found: spread(microseconds(found)))),
    ]
    if OURS in peers:
        lines = []
        for peer in peers:
            by_workload = ratios(result, peer)
            cells = [number(by_workload[w]) if w in by_workload else "–" for w in workloads]
            mean = number(statistics.geometric_mean(by_workload.values())) if by_workload else "–"
            lines.append([PEERS[peer].title, *cells, mean])
        blocks += [
            "How many times as long as Hyalite: ratios of the medians, and their geometric mean.",
            table(["", *workloads, "mean"], lines),
        ]
    blocks += [
        "Seconds of the first epoch, in which a library compiles what it compiles.",
        table(["", *workloads], grid(lambda found: number(found["first"]))),
    ]
    return "\n\n".join(blocks)

"""Prediction: one row at a time, and many at once, from NumPy array to NumPy array."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.crew import Crew
from benchmarks.peers import PEERS
from benchmarks.plan import Plan
from benchmarks.tables import number, spread, table
from benchmarks.workloads import PREDICTED

TITLE = "Prediction"
ROWS = (1, 1_000, 60_000)
Result = dict[str, Any]


def measure(plan: Plan) -> Result:
    """By number of rows and peer: the median seconds a call, of each round."""
    plan.say(f"prediction with the model of {PREDICTED.name}")
    result: Result = {}
    with Crew(plan, [name for name in plan.peers if PEERS[name].predicts]) as crew:
        crew.prepare(PREDICTED)
        for rows in ROWS:
            crew.ask("predict", rows=rows, seconds=plan.seconds / 5)
            rounds = crew.rounds(plan.rounds, "predict", rows=rows, seconds=plan.seconds / 2)
            result[str(rows)] = {
                name: [found["seconds"] for found in found_all]
                for name, found_all in rounds.items()
            }
    return result


def microseconds(result: Result, peer: str, rows: int = 1) -> float | None:
    """The median time of a call, where it was measured."""
    found = result.get(str(rows), {}).get(peer)
    return None if found is None else 1e6 * statistics.median(found)


def tables(result: Result) -> str:
    """Time of a call for one row, rows a second for many."""
    one, *many = result
    lines = []
    for name, entry in PEERS.items():
        if name not in result[one]:
            continue
        cells = [spread([1e6 * seconds for seconds in result[one][name]])]
        for rows in many:
            times = result[rows].get(name)
            cells.append(number(int(rows) / statistics.median(times) / 1e6) if times else "–")
        lines.append([entry.title, *cells])
    head = ["", "one row, µs", *(f"{int(rows):,} rows, million rows/s" for rows in many)]
    return f"The model of {PREDICTED.name}: {PREDICTED}.\n\n" + table(head, lines)

"""Time to an accuracy: seconds of training until enough of the test images are right."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from benchmarks.crew import Crew
from benchmarks.peers import PEERS
from benchmarks.plan import Plan
from benchmarks.tables import number, spread, table
from benchmarks.train import peers_in
from benchmarks.workloads import RACES, Workload

TITLE = "Time to accuracy"
SEEDS, EPOCHS = 3, 15
Result = dict[str, Any]
Races = Mapping[str, tuple[Workload, float]]


def measure(
    plan: Plan, races: Races = RACES, *, seeds: int = SEEDS, epochs: int = EPOCHS
) -> Result:
    """By race and peer: for each seed the seconds and the test accuracy of each epoch, of which
    there are at most `epochs` and as many as the workload has.
    """
    if plan.quick:
        seeds, epochs = 1, 2
    result: Result = {}
    for name, (workload, target) in races.items():
        plan.say(f"race to {100 * target:g} % on {name}: {workload}")
        runs, most = [], min(epochs, workload.epochs)
        with Crew(plan, plan.learners()) as crew:
            for seed in range(seeds):
                crew.prepare(replace(plan.sized(workload), seed=seed))
                crew.ask("choose")
                crew.ask("round", epochs=1)  # compiles
                runs.append(crew.ask("race", target=target, epochs=most))
            found = {peer: [run[peer] for run in runs] for peer in crew.workers}
        result[name] = {"target": target, "epochs": most, "peers": found}
    return result


def to_target(run: Result, target: float) -> tuple[float, int] | None:
    """Seconds and epochs until the target, or None."""
    if max(run["accuracy"]) < target:
        return None
    return sum(run["seconds"]), len(run["seconds"])


def tables(result: Result, races: Races = RACES) -> str:
    """Seconds and epochs to each target."""
    by_data = {name: found["peers"] for name, found in result.items()}
    lines = []
    for peer in peers_in(by_data):
        cells: list[str] = []
        for found in result.values():
            cells += _cells(found["peers"].get(peer, []), found["target"])
        lines.append([PEERS[peer].title, *cells])
    head, text = [""], []
    for name, found in result.items():
        goal = f"{100 * found['target']:g} % on {name}"
        head += [f"{goal}, s", "epochs"]
        seeds = max(map(len, found["peers"].values()), default=0)
        text.append(f"{goal}: {races[name][0]}, seeds {seeds}, at most {found['epochs']} epochs.")
    note = (
        "Seconds of training, evaluation after each epoch not counted: median (least..greatest) "
        "of the seeds."
    )
    return "\n\n".join([note, "\n".join(f"- {line}" for line in text), table(head, lines)])


def _cells(runs: list[Result], target: float) -> list[str]:
    reached = [found for found in (to_target(run, target) for run in runs) if found]
    if not runs or len(reached) < len(runs):
        best = max((max(run["accuracy"]) for run in runs), default=None)
        return ["–" if best is None else f"not always, best {100 * best:.2f} %", "–"]
    seconds, epochs = zip(*reached, strict=True)
    return [spread(seconds), number(statistics.median(epochs))]

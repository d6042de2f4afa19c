"""The page of the goals, every figure of it from its JSON."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from benchmarks.convolution_accuracy.goals import GOALS, SEEDS, Goal
from benchmarks.report import both
from benchmarks.tables import number, table

NAME = "convolution-accuracy"
DATA = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST"}
Result = dict[str, Any]

METHOD = """\
Each network is trained on the 60,000 training pictures from the seeds 0, 1, ..., which decide
initial values, order, masks and augmentation, and judged once by the 10,000 test pictures, after
its last epoch. No setting was chosen by test pictures: where settings were compared, they were
trained on the first 50,000 training pictures and judged by the other 10,000, as `--held-out` does;
[the decisions](decisions.md) say what was compared. `s` is the time of training alone, `CPU s` the
same summed over the threads; both are medians of the seeds. On a machine that has other work `s`
says little; accuracies depend on neither machine nor threads."""


def render(result: Result) -> str:
    """The page."""
    goals = result["goals"]
    blocks = [
        "# Accuracy with convolutions",
        f"Written by `{result['command']}` on {result['date']}; raw numbers in "
        f"[{NAME}.json]({NAME}.json). Do not edit: the command writes it anew.",
        "## Goals",
        table(HEAD, [_row(goal, goals.get(key)) for key, goal in GOALS.items()], text=3),
        f"A goal is met by the mean of {SEEDS} seeds.",
        *[text for key, goal in GOALS.items() if (text := _in_time(goal, goals.get(key)))],
        "## Networks",
        "\n".join(_particulars(GOALS[key], goals[key]) for key in GOALS if key in goals),
        "## How it was measured",
        METHOD,
        both(result["machine"]),
        both(result["versions"]),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def write(result: Result, out: Path) -> Path:
    """Render `convolution-accuracy.md` in the folder `out`."""
    path = out / f"{NAME}.md"
    path.write_text(render(result), encoding="utf-8")
    return path


HEAD = [
    *("network", "data", "goal", "parameters", "mean", "least", "greatest", "seeds"),
    *("s", "CPU s", "threads", "met"),
]


def _row(goal: Goal, found: Result | None) -> list[str]:
    start = [goal.title, DATA[goal.data], f"≥ {100 * goal.least:g} %"]
    if found is None:
        return [*start, *["–"] * 8, "not measured"]
    runs = list(found["seeds"].values())
    shares = [run["accuracy"] for run in runs]
    mean = statistics.mean(shares)
    threads = sorted({run["threads"] for run in runs})
    met = "yes" if mean >= goal.least else "no"
    return [
        *start,
        f"{found['parameters']:,}",
        *(f"{100 * share:.2f} %" for share in (mean, min(shares), max(shares))),
        str(len(runs)),
        *(number(statistics.median(run[unit] for run in runs)) for unit in ("s", "CPU s")),
        ", ".join(map(str, threads)),
        met if len(runs) >= SEEDS else f"{met}, so far",
    ]


def _in_time(goal: Goal, found: Result | None) -> str:
    """Whether training is over in time, where that is a goal."""
    if goal.seconds is None or found is None:
        return ""
    text = f"{goal.title} is to train within {goal.seconds:g} s on two cores: "
    on_two = [run["s"] for run in found["seeds"].values() if run["threads"] == 2]
    if not on_two:
        return text + "not measured with two threads."
    longest = max(on_two)
    met = "met" if longest <= goal.seconds else "not met"
    return f"{text}{number(longest)} s at most, {met}."


def _particulars(goal: Goal, found: Result) -> str:
    """The layers and the recipe."""
    return f"- {goal.title}, {DATA[goal.data]}: {found['network']}; {found['recipe']}."

"""Every participant on every table, one by one; each figure is written when it is there."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.tabular import protocol
from benchmarks.tabular.catalogue import TABLES
from benchmarks.tabular.needed import needed
from benchmarks.tabular.ours import OURS
from benchmarks.tabular.protocol import Cut
from benchmarks.tabular.rivals import RIVALS, Participant

PARTICIPANTS: dict[str, Participant] = {**OURS, **RIVALS}
Result = dict[str, Any]


def measure(
    tables: Sequence[str],
    participants: Sequence[str],
    *,
    max_rows: int,
    seed: int,
    path: Path,
    again: bool = False,
) -> Result:
    """What each achieved on each table, as it is written to `path` after each.

    Args:
        tables: names from the catalogue.
        participants: keys of `PARTICIPANTS`.
        max_rows: to learn from.
        seed: of the cut.
        path: of the JSON; what it has of the same rows and seed is kept and not measured again.
        again: whether these tables and participants are, even so; the others' figures stay.
    """
    result = _kept(path, {"max_rows": max_rows, "seed": seed})
    warm_up(participants)
    for name in tables:
        found = result["tables"].setdefault(name, {"participants": {}})
        waiting = [key for key in participants if again or not answered(found, key)]
        if waiting:
            table = TABLES[name]
            cut = protocol.cut(*table.load(), table.task, max_rows, seed)
            found |= {"task": cut.task, "rows": len(cut.x), "columns": cut.x.shape[1]}
        for key in waiting:
            found["participants"][key] = one(PARTICIPANTS[key], cut)
            path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
            click.echo(f"{name}, {PARTICIPANTS[key].title}: {_line(found['participants'][key])}")
    return result


def answered(found: Result, key: str) -> bool:
    """Whether a table's entry has figures of a participant."""
    return "failed" not in found["participants"].get(key, {"failed": "not tried"})


def _kept(path: Path, settings: Result) -> Result:
    if path.is_file():
        result: Result = json.loads(path.read_text(encoding="utf-8"))
        if {key: result.get(key) for key in settings} == settings:
            return result
    return {**settings, "tables": {}}


def _line(figures: Result) -> str:
    return ", ".join(
        f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
        for key, value in figures.items()
    )


def warm_up(participants: Sequence[str]) -> None:
    """Import what they need, and compile our engine, before any clock runs."""
    for key in participants:
        for package in PARTICIPANTS[key].packages:
            needed(package)
    for key in set(OURS) & set(participants):
        for task in ("classification", "regression"):
            one(PARTICIPANTS[key], tiny(task))


def tiny(task: str) -> Cut:
    """Forty rows of numbers, a text and a category, so that all that a table needs is compiled."""
    numpy, pandas = needed("numpy"), needed("pandas")
    number = numpy.random.default_rng(0).normal(size=60)
    text = numpy.where(numpy.arange(60) % 3 == 0, "a", "b").astype(object)
    y = number + (text == "a")
    many = numpy.array([f"c{place % 20}" for place in range(60)], object)
    frame = pandas.DataFrame({"number": number, "text": text, "category": many})
    target = pandas.Series(numpy.where(y > 0.3, "yes", "no") if task == "classification" else y)
    return protocol.cut(frame, target, task, 40)


def one(participant: Participant, cut: Cut) -> Result:
    """Figures and seconds, or what went wrong."""
    wall, processor = time.perf_counter(), time.process_time()
    try:
        answer = participant.answer(cut)
        seconds = {"s": time.perf_counter() - wall, "CPU s": time.process_time() - processor}
        return {**figures(answer, cut), **seconds}
    except Exception as error:  # of another's code, whatever it is: the others go on
        return {"failed": f"{type(error).__name__}: {error}"[:300]}


def figures(answer: Any, cut: Cut) -> dict[str, float]:
    """The figures of an answer: (probabilities, classes), numbers, or (numbers, intervals)."""
    numpy = needed("numpy")
    if cut.task == "classification":
        order = cut.classes
        labels = numpy.array([order.index(name) for name in cut.y_test])
        probabilities, classes = answer
        return protocol.class_figures(protocol.aligned(probabilities, classes, order), labels)
    truth = cut.y_test.to_numpy()
    if isinstance(answer, tuple):
        numbers, intervals = answer
        share = protocol.coverage(intervals, truth)
        return {**protocol.number_figures(numbers, truth), "coverage": share}
    return protocol.number_figures(answer, truth)

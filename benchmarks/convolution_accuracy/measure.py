"""Every network from every seed, one by one; each figure is written when it is there."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

import hyalite as hy
from benchmarks.convolution_accuracy.goals import GOALS, Goal
from benchmarks.convolution_accuracy.training import Training
from hyalite.files.replacing import replace as write_all_or_nothing
from hyalite.recipes.dataset import Dataset
from hyalite.recipes.named import named_dataset

HELD_OUT = 10_000  # of the training pictures, the last ones, to choose settings by
Result = dict[str, Any]


def measure(keys: Sequence[str], seeds: int, path: Path, *, again: bool = False) -> None:
    """Train what `path` has no figures of, and write each figure there.

    Runs that go on beside each other may write to the same file, if they have other goals.

    Args:
        keys: of `GOALS`.
        seeds: 0, 1, ... so many of each.
        path: of the JSON; figures of the same setting are kept.
        again: whether these are measured even so.
    """
    for key in keys:
        dataset = named_dataset(GOALS[key].data)
        training = GOALS[key].make(dataset, 0)
        about = {
            "network": training.network,
            "recipe": training.recipe,
            "parameters": training.model.theta.size,
            "setting": training.setting,
        }
        waiting = [seed for seed in range(seeds) if again or seed not in _seeds(path, key, about)]
        if waiting:
            warm_up(training, dataset)
        for seed in waiting:
            figures = one(GOALS[key], dataset, seed)
            _keep(path, key, about, seed, figures)
            click.echo(f"{key}, seed {seed}: {line(figures)}")


def held_out(keys: Sequence[str], seeds: int) -> None:
    """Train without the last training pictures, and print how many of those are right."""
    for key in keys:
        dataset = without_held_out(named_dataset(GOALS[key].data))
        warm_up(GOALS[key].make(dataset, 0), dataset)
        for seed in range(seeds):
            figures = one(GOALS[key], dataset, seed)
            click.echo(f"{key}, seed {seed}, of {HELD_OUT:,} held out: {line(figures)}")


def without_held_out(dataset: Dataset) -> Dataset:
    """The same data with the last training pictures in the place of the test pictures."""
    return replace(
        dataset,
        x=dataset.x[:-HELD_OUT],
        y=dataset.y[:-HELD_OUT],
        x_test=dataset.x[-HELD_OUT:],
        y_test=dataset.y[-HELD_OUT:],
        part="validation",
    )


def warm_up(training: Training, dataset: Dataset) -> None:
    """Compile all that is run, before any clock."""
    model, rows = training.model, slice(training.batch_size)
    model.fit(dataset.x[rows], dataset.y[rows], batch_size=training.batch_size, seed=0, verbose=0)
    model.evaluate(dataset.x_test[rows], dataset.y_test[rows])


def one(goal: Goal, dataset: Dataset, seed: int) -> Result:
    """The share that is right after the last epoch, and the seconds of training."""
    training = goal.make(dataset, seed)
    wall, processor = time.perf_counter(), time.process_time()
    training.model.fit(
        dataset.x,
        dataset.y,
        epochs=training.epochs,
        batch_size=training.batch_size,
        seed=seed,
        verbose=0,
    )
    seconds = {"s": time.perf_counter() - wall, "CPU s": time.process_time() - processor}
    accuracy = float(training.model.evaluate(dataset.x_test, dataset.y_test)["accuracy"])
    return {"accuracy": accuracy, **seconds, "threads": hy.get_num_threads()}


def line(figures: Result) -> str:
    """A run's figures in one line."""
    seconds = ", ".join(f"{figures[unit]:.1f} {unit}" for unit in ("s", "CPU s"))
    return f"{100 * figures['accuracy']:.2f} %, {seconds}, threads {figures['threads']}"


def read(path: Path) -> Result:
    """What has been measured."""
    if not path.is_file():
        return {"goals": {}}
    result: Result = json.loads(path.read_text(encoding="utf-8"))
    return result


def write(path: Path, result: Result) -> None:
    """Put it there, all or nothing."""
    write_all_or_nothing(path, (json.dumps(result, indent=1) + "\n").encode())


def _seeds(path: Path, key: str, about: Result) -> list[int]:
    """Of which there are figures, of this setting."""
    found = read(path)["goals"].get(key, {})
    if found.get("setting") != about["setting"]:
        return []
    return [int(seed) for seed in found["seeds"]]


def _keep(path: Path, key: str, about: Result, seed: int, figures: Result) -> None:
    """Add figures to what the file has now; those of another setting go."""
    kept = _seeds(path, key, about)
    result = read(path)
    seeds = result["goals"].get(key, {}).get("seeds", {})
    seeds = {name: of for name, of in seeds.items() if int(name) in kept} | {str(seed): figures}
    result["goals"][key] = {**about, "seeds": dict(sorted(seeds.items(), key=lambda s: int(s[0])))}
    write(path, result)

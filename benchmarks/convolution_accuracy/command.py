"""``python -m benchmarks convolution-accuracy``."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import click

from benchmarks import machine
from benchmarks.convolution_accuracy import measure, page
from benchmarks.convolution_accuracy.goals import GOALS, SEEDS
from benchmarks.installed import version
from benchmarks.options import some_of

VERSIONS = ("hyalite", "numpy", "numba")


@click.command("convolution-accuracy", short_help="Test accuracy of networks with convolutions")
@click.option("--seeds", type=click.IntRange(min=1), default=SEEDS, help="Trainings of each.")
@click.option("--only", type=some_of(GOALS), default=",".join(GOALS), help="Goals.")
@click.option("--again", is_flag=True, help="Measure what the JSON has of --only.")
@click.option(
    "--held-out",
    is_flag=True,
    help="Judge by 10,000 training pictures, which are left out of training; only print.",
)
@click.pass_context
def convolution_accuracy(
    context: click.Context, seeds: int, only: tuple[str, ...], again: bool, held_out: bool
) -> None:
    """Networks of the sources and of our own, from several seeds, by MNIST's test pictures.

    Writes docs/convolution-accuracy.md and .json. Takes an hour or more of one core; a run that was
    ended goes on where it stood. Fashion-MNIST is read from $HYALITE_DATA, or downloaded.
    """
    if held_out:
        measure.held_out(only, seeds)
        return
    out: Path = context.obj["out"]
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{page.NAME}.json"
    measure.measure(only, seeds, path, again=again)
    result = {**_about(), "goals": measure.read(path)["goals"]}
    measure.write(path, result)
    click.echo(f"written: {page.write(result, out)}")


def _about() -> dict[str, Any]:
    """When, on which machine, with what."""
    return {
        "command": f"python -m benchmarks {page.NAME}",
        "date": datetime.date.today().isoformat(),
        "machine": machine.describe(),
        "versions": {name: version(name) for name in VERSIONS},
    }

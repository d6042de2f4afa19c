"""``python -m benchmarks scaling``."""

from __future__ import annotations

import datetime
import json
from typing import Any

import click

from benchmarks.installed import version
from benchmarks.run import typed
from benchmarks.scaling import draws, measured, noise, page
from benchmarks.scaling.cost import Link, Machine


@click.command("scaling", short_help="The plan past these machines: what more workers would give")
@click.option("--measure", is_flag=True, help="Train by 1 to 4 ranks of MPI, to compare with.")
@click.option("--render", is_flag=True, help="Only write the page again, from its JSON.")
@click.option("--speed", type=float, help="Of a machine of yours, FLOP/s in a training step.")
@click.option("--memory", type=float, default=50e9, help="Its bytes a second of memory.")
@click.option("--latency", type=float, default=30e-6, help="Seconds of a message of your network.")
@click.option("--bandwidth", type=float, default=1.1e9, help="Bytes a second of it.")
@click.pass_context
def scaling(
    context: click.Context,
    measure: bool,
    render: bool,
    speed: float | None,
    memory: float,
    latency: float,
    bandwidth: float,
) -> None:
    """What a step costs on 2 to 4,096 machines, from which batch on they pay, how often to save.

    Writes docs/scaling.md, .json and pictures: a model, and a simulation of stragglers and
    failures, in a minute or two. --measure first trains by 1 to 4 ranks here, some minutes on a
    machine that does nothing else. With --speed it only prints the plan for machines and a network
    of yours.
    """
    if speed is not None:
        click.echo(page.plan_for(Machine(speed, memory, 100e-6), Link(latency, bandwidth)))
        return
    out = context.obj["out"]
    if measure:
        measured.measure(out, typed(context), context.obj["rounds"])
    if not (render or measure):
        result: dict[str, Any] = {
            "command": typed(context),
            "date": datetime.date.today().isoformat(),
            "versions": {name: version(name) for name in ("hyalite", "numpy")},
            "stragglers": draws.stragglers(),
            "sweep": draws.sweep(),
            "failures": draws.failures(),
            "noise": noise.measure(),
        }
        text = json.dumps(result, indent=1) + "\n"
        (out / f"{page.NAME}.json").write_text(text, encoding="utf-8")
    click.echo(f"written: {page.write(out)}")

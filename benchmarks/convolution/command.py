"""``python -m benchmarks convolution``."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from benchmarks import accuracy, agreement, data, train
from benchmarks.convolution import memory, page
from benchmarks.convolution.workloads import PICTURES, RACES
from benchmarks.options import some_of
from benchmarks.plan import planned
from benchmarks.run import carry_out, typed

DEFAULT = ("hyalite", "pytorch", "keras", "jax-step", "floor", "floor-pytorch")
KNOWN = (*DEFAULT, "hyalite-numpy", "pytorch-compile", "jax-scan")


@click.command("convolution", short_help="Networks of pictures, beside other libraries")
@click.option("--only", type=some_of(PICTURES), default=",".join(PICTURES), help="Workloads.")
@click.option("--peers", type=some_of(KNOWN), default=",".join(DEFAULT), help="Who takes part.")
@click.option(
    "--race",
    type=click.Choice(list(RACES)),
    default="short",
    help="To which accuracies: one that takes minutes, those of the goals (hours), or none.",
)
@click.option("--render", is_flag=True, help="Write the page again from its JSON.")
@click.pass_context
def convolution(
    context: click.Context, only: tuple[str, ...], peers: tuple[str, ...], race: str, render: bool
) -> None:
    """Networks of pictures: time a step and to an accuracy, whether all do the same, and memory.

    Writes docs/convolution-benchmark.md and .json. Close everything else: only quiet machines give
    true figures.
    """
    out = context.obj["out"]
    if not render:
        parts: dict[str, Any] = {
            "steps": train.measure,
            "agreement": agreement.measure,
            "races": partial(accuracy.measure, races=RACES[race], seeds=1, epochs=20),
            "memory": memory.measure,
        }
        with planned(context.obj, known=PICTURES, only=only, peers=peers) as plan:
            for workload in plan.workloads:
                data.write(plan.folder, workload.data)  # what is not to be had is known at once
            carry_out(plan, typed(context), parts, out / f"{page.NAME}.json")
    click.echo(f"written: {page.write(out)}")

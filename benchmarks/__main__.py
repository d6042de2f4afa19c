"""``python -m benchmarks``: measure everything and write the report, or one part of it."""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks import imports, pack, products, report, workers
from benchmarks.convolution.command import convolution
from benchmarks.convolution_accuracy.command import convolution_accuracy
from benchmarks.options import some_of
from benchmarks.peers import DEFAULT, PEERS
from benchmarks.plan import planned
from benchmarks.run import carry_out, typed
from benchmarks.scaling.command import scaling
from benchmarks.tabular.command import tables
from benchmarks.workloads import TRAINING


@click.group(
    context_settings={"show_default": True, "help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.option("--rounds", type=click.IntRange(min=5), default=7, help="How often each is timed.")
@click.option("--only", type=some_of(TRAINING), default=",".join(TRAINING), help="Workloads.")
@click.option("--peers", type=some_of(PEERS), default=",".join(DEFAULT), help="Who takes part.")
@click.option("--quick", is_flag=True, help="Everything small: only to see that it works.")
@click.option("--resume", is_flag=True, help="Keep the parts that a run that broke off has.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("docs"), help="A folder.")
@click.pass_context
def main(
    context: click.Context,
    rounds: int,
    only: tuple[str, ...],
    peers: tuple[str, ...],
    quick: bool,
    resume: bool,
    out: Path,
) -> None:
    """Measure Hyalite beside its peers and write docs/benchmarks.md, .json and pictures.

    A command measures one part and prints its tables. Close everything else: only quiet machines
    give true figures.
    """
    context.obj = {"rounds": rounds, "only": only, "peers": peers, "quick": quick, "out": out}
    if context.invoked_subcommand is None:
        parts = {name: part.measure for name, part in report.PARTS.items()}
        with planned(context.obj) as plan:
            path = out / f"{report.NAME}.json"
            carry_out(plan, typed(context), parts, path, resume=resume)
            plan.say(f"written: {report.write(out)}")


def add_part(name: str) -> None:
    """A command that measures one part."""
    part = report.PARTS[name]

    @main.command(name, help=part.__doc__, short_help=part.TITLE)
    @click.pass_context
    def run(context: click.Context) -> None:
        with planned(context.obj) as plan:
            click.echo(part.tables(part.measure(plan)))


for name in report.PARTS:
    if name != "imports":
        add_part(name)


@main.command("imports")
@click.option("--rounds", default=15, show_default=True, help="Fresh interpreters.")
def _imports(rounds: int) -> None:
    """What `import hyalite` costs over `import numpy`."""
    click.echo(imports.tables(imports.fresh(rounds)))


main.add_command(convolution)
main.add_command(tables)
main.add_command(convolution_accuracy)
main.add_command(scaling)
main.add_command(products.command)
main.add_command(pack.command)
main.add_command(workers.command)


@main.command("report")
@click.pass_context
def _report(context: click.Context) -> None:
    """Render the page again from its JSON."""
    click.echo(report.write(context.obj["out"]))


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")

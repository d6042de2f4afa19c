"""``python -m benchmarks``: measure everything and write the report, or one part of it."""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from benchmarks import imports, machine, products, report
from benchmarks.peers import DEFAULT, PEERS
from benchmarks.plan import Plan
from benchmarks.tabular.command import tables
from benchmarks.workloads import TRAINING


def some_of(known: Iterable[str]) -> Callable[[str], tuple[str, ...]]:
    """A type of option: names with commas between them."""

    def names(text: str) -> tuple[str, ...]:
        found = tuple(text.split(","))
        for name in found:
            if name not in known:
                raise click.BadParameter(f"{name!r} is none of {', '.join(known)}")
        return found

    return names


@click.group(
    context_settings={"show_default": True, "help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.option("--rounds", type=click.IntRange(min=5), default=7, help="How often each is timed.")
@click.option("--only", type=some_of(TRAINING), default=",".join(TRAINING), help="Workloads.")
@click.option("--peers", type=some_of(PEERS), default=",".join(DEFAULT), help="Who takes part.")
@click.option("--quick", is_flag=True, help="Everything small: only to see that it works.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("docs"), help="A folder.")
@click.pass_context
def main(
    context: click.Context,
    rounds: int,
    only: tuple[str, ...],
    peers: tuple[str, ...],
    quick: bool,
    out: Path,
) -> None:
    """Measure Hyalite beside its peers and write docs/benchmarks.md, .json and pictures.

    A command measures one part and prints its tables. Close everything else: only quiet machines
    give true figures.
    """
    context.obj = {"rounds": rounds, "only": only, "peers": peers, "quick": quick, "out": out}
    if context.invoked_subcommand is None:
        with planned(context) as plan:
            whole(plan, command(context), out)


@contextmanager
def planned(context: click.Context) -> Iterator[Plan]:
    """The plan that the options ask for, with a folder for as long as it is carried out."""
    options = {key: value for key, value in context.obj.items() if key != "out"}
    with tempfile.TemporaryDirectory() as folder:
        yield Plan(Path(folder), **options)


def command(context: click.Context) -> str:
    """What was typed, without the place of the report."""
    words = ["python -m benchmarks"]
    for key, value in context.params.items():
        given = context.get_parameter_source(key) is click.core.ParameterSource.COMMANDLINE
        if given and key != "out":
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            words.append(f"--{key}" if value is True else f"--{key} {text}")
    return " ".join(words)


def whole(plan: Plan, typed: str, out: Path) -> None:
    """All parts, then the report; the JSON is written after each part."""
    out.mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {
        "command": typed,
        "date": datetime.date.today().isoformat(),
        "quick": plan.quick,
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "peers": plan.peers,
        "missing": plan.missing,
        "machine": machine.describe(),
        "versions": machine.versions(plan),
    }
    for name, part in report.PARTS.items():
        result[name] = part.measure(plan)
        result |= {"failures": plan.failures, "minutes": plan.minutes}
        text = json.dumps(result, indent=1) + "\n"
        (out / f"{report.NAME}.json").write_text(text, encoding="utf-8")
    plan.say(f"written: {report.write(out)}")


def add_part(name: str) -> None:
    """A command that measures one part."""
    part = report.PARTS[name]

    @main.command(name, help=part.__doc__, short_help=part.TITLE)
    @click.pass_context
    def run(context: click.Context) -> None:
        with planned(context) as plan:
            click.echo(part.tables(part.measure(plan)))


for name in report.PARTS:
    if name != "imports":
        add_part(name)


@main.command("imports")
@click.option("--rounds", default=15, show_default=True, help="Fresh interpreters.")
def _imports(rounds: int) -> None:
    """What `import hyalite` costs over `import numpy`."""
    click.echo(imports.tables(imports.fresh(rounds)))


main.add_command(tables)
main.add_command(products.command)


@main.command("report")
@click.pass_context
def _report(context: click.Context) -> None:
    """Render the page again from its JSON."""
    click.echo(report.write(context.obj["out"]))


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")

"""``python -m benchmarks tables``."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from benchmarks import machine
from benchmarks.installed import version
from benchmarks.tabular import measure, page
from benchmarks.tabular.catalogue import TABLES, install_hint, installed_tables
from benchmarks.tabular.measure import PARTICIPANTS

VERSIONS = (
    "hyalite",
    "numpy",
    "numba",
    "pandas",
    "scikit-learn",
    "lightgbm",
    "catboost",
    "pytabkit",
    "torch",
)


def some_of(known: Iterable[str]) -> Callable[[str], list[str]]:
    """A type of option: names with commas between them, or none for all."""

    def names(text: str) -> list[str]:
        found = [name for name in text.split(",") if name]
        for name in found:
            if name not in known:
                raise click.BadParameter(f"{name!r} is none of {', '.join(known)}")
        return found

    return names


@click.command("tables", short_help="Public tables, beside other libraries")
@click.option("--rows", type=click.IntRange(min=20), default=4000, help="To learn from, at most.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the cut.")
@click.option("--only", type=some_of(TABLES), default="", help="Tables; by default all.")
@click.option("--who", type=some_of(PARTICIPANTS), default="", help="Participants; all.")
@click.option("--again", is_flag=True, help="Measure what the JSON has of --only and --who.")
@click.pass_context
def tables(
    context: click.Context, rows: int, seed: int, only: list[str], who: list[str], again: bool
) -> None:
    """Public tables, our estimators and those that are installed: ranks, errors and time.

    Writes docs/tables-benchmark.md and .json. Takes about an hour; a run that was ended goes on
    where it stood. Close everything else: the seconds are of this machine as it is.
    """
    names = only or installed_tables()
    if not names:
        raise click.UsageError(f"none of the tables is installed: {install_hint()}")
    keys = [key for key in who or PARTICIPANTS if PARTICIPANTS[key].installed]
    out: Path = context.obj["out"]
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{page.NAME}.json"
    found = measure.measure(names, keys, max_rows=rows, seed=seed, path=path, again=again)
    result = {**_about(rows, seed), **found}
    result["missing"] = [key for key in PARTICIPANTS if not PARTICIPANTS[key].installed]
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    click.echo(f"written: {page.write(result, out)}")


def _about(rows: int, seed: int) -> dict[str, Any]:
    """What was asked for, when, on which machine, with what."""
    return {
        "command": f"python -m benchmarks tables --rows {rows} --seed {seed}",
        "date": datetime.date.today().isoformat(),
        "machine": machine.describe(),
        "versions": {name: version(name) for name in VERSIONS},
    }

"""``python -m reliability``: keep every promise under attack, and write what was found."""

from __future__ import annotations

import datetime
import json
import platform
import time
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import click
import numpy as np

import hyalite
from reliability import (
    dask_kills,
    flips,
    guided,
    hostile,
    kills,
    limits,
    mutants,
    predictions,
    same_bytes,
    saves,
    soak,
    workers,
)
from reliability.finding import Finding

# in the report's order; each has TITLE and measure(full)
PARTS: dict[str, ModuleType] = {
    "saves": saves,
    "kills": kills,
    "workers": workers,
    "dask": dask_kills,
    "flips": flips,
    "hostile": hostile,
    "guided": guided,
    "same-bytes": same_bytes,
    "predictions": predictions,
    "mutants": mutants,
    "limits": limits,
    "soak": soak,
}
NAME = "reliability"


@click.command(context_settings={"show_default": True, "help_option_names": ["-h", "--help"]})
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option("--quick", is_flag=True, help="The short forms, a minute or two in all.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("docs"), help="A folder.")
def main(parts: tuple[str, ...], quick: bool, out: Path) -> None:
    """Attack every promise, or those of some PARTS; write docs/reliability.md and .json.

    What was found of other parts before stays in the report, with its date.
    """
    store = out / f"{NAME}.json"
    result = json.loads(store.read_text(encoding="utf-8")) if store.exists() else {}
    broken = 0
    for name in parts or PARTS:
        click.echo(f"{name} ...", err=True)
        began = time.perf_counter()
        found: list[Finding] = PARTS[name].measure(not quick)
        result[name] = {
            "date": datetime.date.today().isoformat(),
            "command": f"python -m reliability {name}{' --quick' if quick else ''}",
            "minutes": round((time.perf_counter() - began) / 60, 1),
            "machine": f"{platform.system()} {platform.machine()}, Python "
            f"{platform.python_version()}, NumPy {np.__version__}, Hyalite {hyalite.__version__}",
            "findings": [asdict(finding) for finding in found],
        }
        out.mkdir(parents=True, exist_ok=True)
        store.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        (out / f"{NAME}.md").write_text(page(result), encoding="utf-8")
        click.echo(section(name, result[name]))
        broken += sum(finding.broken for finding in found)
    if broken:
        raise SystemExit(1)


def page(result: dict[str, dict[str, object]]) -> str:
    """The report."""
    head = (
        "# Reliability\n\nWhat is promised, how often it was put to the test, and how often it was "
        "broken. Every figure\nwas written by the command above its table; "
        "`python -m reliability` makes them all anew.\n"
    )
    return "\n".join([head, *(section(name, result[name]) for name in PARTS if name in result)])


def section(name: str, part: dict[str, object]) -> str:
    """One part of the report."""
    lines = [
        f"## {PARTS[name].TITLE}\n",
        f"`{part['command']}`, {part['date']}, {part['minutes']} minutes; {part['machine']}\n",
        "| promise | put to the test | broken |",
        "|---|---|---:|",
    ]
    notes: list[str] = []
    for found in part["findings"]:  # type: ignore[attr-defined]
        finding = Finding(**found)
        tried = ", ".join(f"{number:,} {what}" for what, number in finding.tried.items())
        lines.append(f"| {finding.promise} | {tried or '-'} | {finding.broken} |")
        notes += [f"- {note}" for note in finding.notes]
    return "\n".join([*lines, "", *notes, *([""] if notes else [])])


if __name__ == "__main__":
    main(prog_name="python -m reliability")

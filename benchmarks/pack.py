"""``python -m benchmarks pack``: rows on disk beside the same rows in memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

import hyalite as hy
from benchmarks.packed_run import Rows, forget
from benchmarks.resident import most_resident
from benchmarks.tables import table

TITLE = "Rows on disk"


@click.command("pack")
@click.option("--rows", default=100_000_000, show_default=True, help="Of the pack.")
@click.option("--features", default=20, show_default=True, help="Of a row.")
@click.option("--batch-size", default=1024, show_default=True, help="Rows a step.")
@click.option("--memory", default="1 GB", show_default=True, help="That packing may take.")
@click.option("--limit", default=0, help="Bytes of addresses that training may take; 0 for any.")
@click.option("--rounds", default=3, show_default=True, help="Of each way to train.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the pack goes; it is removed afterwards.  [a temporary one]",
)
def command(
    rows: int, features: int, batch_size: int, memory: str, limit: int, rounds: int,
    folder: Path | None,
) -> None:  # fmt: skip
    """Pack synthetic rows, train an epoch on them from disk, and from memory; print rates."""
    home = Path(tempfile.mkdtemp(dir=folder))
    try:
        path, base = home / "synthetic.pack", most_resident()
        began = time.perf_counter()
        pack = hy.tables.pack(Rows(rows, features), path, memory=memory, validation_split=0.0)
        seconds = time.perf_counter() - began
        size = sum(file.stat().st_size for file in path.iterdir())
        click.echo(
            f"{len(pack):,} rows, {size / 1e9:.2f} GB, packed in {seconds:.0f} s "
            f"({rows / seconds / 1e6:.2f} M rows/s), {(most_resident() - base) / 1e6:.0f} MB above "
            f"{base / 1e6:.0f} MB"
        )
        found: dict[str, list[dict[str, Any]]] = {}
        for _ in range(rounds):  # in turns
            for name, where in (("disk, unread", "disk"), ("disk", "disk"), ("memory", "memory")):
                if name == "disk, unread":
                    forget(path)
                own = limit if where == "disk" else 0
                found.setdefault(name, []).append(run(where, path, batch_size, own))
                click.echo(f"{name}: {json.dumps(found[name][-1])}", err=True)
        click.echo(tables(found))
    finally:
        shutil.rmtree(home)


def run(where: str, folder: Path, batch_size: int, limit: int) -> dict[str, Any]:
    """An epoch in a fresh process."""
    words = [sys.executable, "-m", "benchmarks.packed_run", where, str(folder)]
    done = subprocess.run(
        [*words, str(batch_size), str(limit)],
        stdout=subprocess.PIPE, text=True, check=True, env=dict(os.environ),
    )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def tables(found: dict[str, list[dict[str, Any]]]) -> str:
    """Medians of rows a second, and the most memory, by where the rows are."""
    rates = {name: sorted(one["rows a second"] for one in runs) for name, runs in found.items()}
    whole = rates["memory"][len(rates["memory"]) // 2]
    lines = []
    for name, runs in found.items():
        middle = rates[name][len(runs) // 2]
        spread = f"{rates[name][0] / 1e6:.2f} to {rates[name][-1] / 1e6:.2f}"
        lines.append(
            [
                name,
                f"{middle / 1e6:.2f} ({spread})",
                f"{100 * middle / whole:.0f} %",
                f"{min(one['processor seconds'] for one in runs):.1f} s",
                f"{max(one['peak'] for one in runs) / 1e6:,.0f} MB",
                f"{max(one['addresses'] for one in runs) / 1e6:,.0f} MB",
                f"{runs[0]['loss']:.5f}",
            ]
        )
    head = [
        "",
        "M rows/s",
        "of memory's",
        "processor time",
        "resident at most",
        "addresses",
        "loss",
    ]
    return table(head, lines)

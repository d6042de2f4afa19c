"""``python -m lessons [--full] [NUMBER ...]``: run the lessons, then the table of their figures."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import click

from lessons.running import run

FOLDER = Path(__file__).resolve().parent


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--full",
    is_flag=True,
    help="Train as long as the sources do: minutes, not seconds.",
)
@click.option("--quiet", is_flag=True, help="Only the table, and what fails.")
@click.argument("numbers", nargs=-1, type=int)
def main(full: bool, quiet: bool, numbers: tuple[int, ...]) -> None:
    """Run all lessons, or those of the given NUMBERS, each as a script of its own."""
    files = sorted(FOLDER.glob("[0-9][0-9]_*.py"))
    if numbers:
        files = [file for file in files if int(file.name[:2]) in numbers]
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.jsonl"
        table.touch()
        environment = {"LESSON_TABLE": str(table)}
        failed = run(
            files, *(["--full"] if full else []), environment=environment, quiet=quiet
        )
        rows = [
            json.loads(line) for line in table.read_text(encoding="utf-8").splitlines()
        ]
    _print_table(rows)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _print_table(rows: list[dict[str, str]]) -> None:
    names = ("lesson", "name", "source", "ours", "note")
    widths = [max([len(name), *(len(row[name]) for row in rows)]) for name in names]
    click.echo()
    for row in ({name: name for name in names}, *rows):
        click.echo(
            "  ".join(
                row[n].ljust(w) for n, w in zip(names, widths, strict=True)
            ).rstrip()
        )


main(prog_name="python -m lessons")

"""``python -m examples [NAME ...]``: run the examples; each leaves a picture in ``pictures/``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from lessons.running import run

FOLDER = Path(__file__).resolve().parent
FILES = {file.stem: file for file in sorted(FOLDER.glob("[a-z]*.py"))}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quiet", is_flag=True, help="Only the times, and what fails.")
@click.argument("names", nargs=-1, type=click.Choice(list(FILES)), metavar="[NAME]...")
def main(quiet: bool, names: tuple[str, ...]) -> None:
    """Run all examples, or those of the given NAMES, each as a script of its own."""
    if failed := run([FILES[name] for name in names or FILES], quiet=quiet):
        sys.exit(f"failed: {', '.join(failed)}")


main(prog_name="python -m examples")

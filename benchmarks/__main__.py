"""``python -m benchmarks NAME``: run one measurement and print its table."""

from __future__ import annotations

import click

from benchmarks import imports


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measure Hyalite. Close everything else: only quiet machines give true figures."""


@main.command("imports")
@click.option("--rounds", default=15, show_default=True, help="Fresh interpreters.")
def _imports(rounds: int) -> None:
    """What `import hyalite` costs over `import numpy`."""
    imports.report(rounds)


main(prog_name="python -m benchmarks")

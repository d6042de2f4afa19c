"""`hyalite pack`: a table of any size, prepared once, as rows on disk that training reads."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from hyalite.cli.arguments import column_names, column_types, reading_options, value_options
from hyalite.cli.wording import echo, options_for_arguments


@click.command(short_help="Prepare a table larger than memory, for train.")
@click.argument("sources", nargs=-1, required=True, metavar="FILES...")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--target", metavar="COLUMN", required=True, help="What to predict.")
@click.option("--memory", metavar="SIZE", default="1 GB", help="At most so much, as 512MB or 2GB.")
@click.option(
    "--validation-split",
    type=float,
    metavar="P",
    help="Share to set apart.  [a fifth, at most 100,000 rows]",
)
@click.option("--no-shuffle", is_flag=True, help="Leave the rows in the order of the files.")
@click.option("--seed", type=int, metavar="N", default=0, help="Of the order, and of that choice.")
@click.option(
    "--task",
    type=click.Choice(["auto", "classification", "regression"]),
    metavar="KIND",
    default="auto",
    help="classification or regression.",
)
@click.option(
    "--categories",
    callback=column_names,
    metavar="COLUMNS",
    help="Numbers that stand for categories, as a,b.",
)
@click.option(
    "--ignore", callback=column_names, metavar="COLUMNS", help="Columns to leave out, as a,b."
)
@click.option(
    "--type",
    "types",
    callback=column_types,
    multiple=True,
    metavar="COLUMN=KIND",
    help="What a column is, as for train.",
)
@value_options
@reading_options
@click.option("-q", "--quiet", is_flag=True, help="Print the result only.")
def pack(
    sources: tuple[str, ...], folder: Path, memory: str, no_shuffle: bool, quiet: bool, **said: Any
) -> None:
    """Prepare the rows of FILES once, and write them into FOLDER, which train takes.

    FILES are CSV, Parquet or other tables with the same columns: names, patterns, folders. The rows
    are written in one random order, whatever memory there is. Killed meanwhile, the same command
    goes on.

    \b
    Examples:
      hyalite pack trips.csv trips.pack --target fare
      hyalite pack "trips/*.parquet" trips.pack --target fare --memory 512MB
      hyalite train trips.pack
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.cli.artifacts import how_called
    from hyalite.data.tables.packs.packing import make_pack
    from hyalite.recipes.tables import column_lines

    with options_for_arguments():
        made = make_pack(
            list(sources), folder, memory=memory, shuffle=not no_shuffle,
            say=_silent if quiet else echo, **said,
        )  # fmt: skip
    assert made.preparation is not None
    if not quiet:
        echo("\n".join(column_lines(made.preparation)))
    rows = made.manifest.rows
    echo(
        f"{folder}: {rows['training']:,} rows to train on, {rows['validation']:,} for validation, "
        f"{len(made.features):,} inputs"
    )
    if not quiet:
        echo(f"\nTry next:\n  {how_called()} train {shlex.quote(folder.as_posix())}")


def _silent(text: str) -> None:
    """What --quiet says."""

"""`hyalite trace`: one training step of a saved model, with its formulas and numbers."""

from __future__ import annotations

from pathlib import Path

import click

from hyalite.cli.arguments import MODEL
from hyalite.cli.wording import echo, options_for_arguments


@click.command(short_help="Show one training step with its formulas and numbers.")
@click.argument("model", type=MODEL)
@click.argument("data", required=False)
@click.option("--row", type=int, default=0, metavar="N", help="Which test sample.")
@click.option("--rows", type=int, default=1, metavar="N", help="How many of them.")
@click.option("--output", type=int, metavar="N", help="Which output to follow.  [the target's]")
@click.option("--full", is_flag=True, help="Show every array whole, however large.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Write it as a page instead, with formulas.",
)
def trace(
    model: str,
    data: str | None,
    row: int,
    rows: int,
    output: int | None,
    full: bool,
    html: Path | None,
) -> None:
    """Show one training step of the saved MODEL: forward, loss, backward, the optimizer's step.

    A small network is shown with every number. Of a large one a path is: one output, the largest
    terms of each sum back to one input, and one weight from its gradient to its update.

    The sample is taken from the test part of DATA: mnist, fashion-mnist, spiral, sine or a folder
    of images; where it is left out, from the data that the model was trained on.

    \b
    Examples:
      hyalite trace runs/spiral/spiral.safetensors --row 5
      hyalite trace runs/mnist/mnist.safetensors mnist --row 5 --html step.html
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.loading import load
    from hyalite.recipes.labelled import labelled

    if html is not None and html.suffix.lower() != ".html":
        raise click.UsageError(f"--html writes a page, so its name ends in .html, got {html}")
    network = load(model)
    source = data or network.metadata.get("data")
    if not isinstance(source, str):
        raise click.UsageError("the model does not say what it was trained on; name DATA")
    with options_for_arguments():
        x, y, what = labelled(network, source)
    if not 0 <= row < row + rows <= len(x):
        raise click.UsageError(f"rows go from 0 to {len(x) - 1}, got {row} to {row + rows - 1}")
    chosen = range(row, row + rows)
    found = network.trace(x, y, rows=chosen, output=output, full=full, source=what)
    if html is None:
        echo(found)
    else:
        found.save(html)
        echo(f"{html} written.")

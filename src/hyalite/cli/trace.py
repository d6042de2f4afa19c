"""`hyalite trace`: one sample's way through a saved model, forward and back."""

from __future__ import annotations

import click

from hyalite.cli.arguments import MODEL
from hyalite.cli.wording import echo, options_for_arguments


@click.command(short_help="Show every number of one pass, with its formula.")
@click.argument("model", type=MODEL)
@click.argument("data", required=False)
@click.option("--row", type=int, default=0, metavar="N", help="Which test sample.")
@click.option("--rows", type=int, default=1, metavar="N", help="How many of them.")
def trace(model: str, data: str | None, row: int, rows: int) -> None:
    """Show every intermediate value of one forward and backward pass through the saved MODEL.

    The sample is taken from the test part of DATA: mnist, fashion-mnist, spiral, sine or a folder
    of images; where it is left out, from the data that the model was trained on.

    \b
    Examples:
      hyalite trace runs/spiral/spiral.safetensors --row 5
      hyalite trace runs/mnist/mnist.safetensors mnist --row 5
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.loading import load
    from hyalite.recipes.labelled import labelled

    network = load(model)
    source = data or network.metadata.get("data")
    if not isinstance(source, str):
        raise click.UsageError("the model does not say what it was trained on; name DATA")
    with options_for_arguments():
        x, y, what = labelled(network, source)
    if not 0 <= row < row + rows <= len(x):
        raise click.UsageError(f"rows go from 0 to {len(x) - 1}, got {row} to {row + rows - 1}")
    echo(f"Row {row} of {len(x):,} {what}\n")
    echo(network.trace(x[row : row + rows], y[row : row + rows]))
    echo(f"\nAnswer {network.predict(x[row : row + rows]).round(4).tolist()}")
    echo(f"Target {y[row : row + rows].tolist()}")

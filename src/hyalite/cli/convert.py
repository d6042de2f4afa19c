"""`hyalite convert`: a pickle of weights, as the books leave them, into a model file."""

from __future__ import annotations

import click

from hyalite.cli.arguments import ACTIVATIONS


@click.command(short_help="Make a model file of a pickle with weights.")
@click.argument("pickle", type=click.Path(exists=True, dir_okay=False))
@click.argument("output", type=click.Path(dir_okay=False))
@click.option(
    "--activation",
    type=click.Choice(ACTIVATIONS),
    metavar="NAME",
    default="relu",
    help="Of the hidden layers, such as sigmoid.",
)
@click.option(
    "--last",
    type=click.Choice(("softmax", "sigmoid", "linear")),
    metavar="NAME",
    default="softmax",
    help="Softmax, sigmoid or linear.",
)
def convert(pickle: str, output: str, activation: str, last: str) -> None:
    """Make the model file OUTPUT of the weights W1, b1, W2, b2, ... in the file PICKLE.

    Nothing in the pickle is run: it is read as data, and anything that is not an array of numbers
    is refused.

    \b
    Example:
      hyalite convert sample_weight.pkl model.safetensors --activation sigmoid
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.files.pickles import dense_arrays, import_pickle
    from hyalite.loading import from_dense_arrays

    model = from_dense_arrays(dense_arrays(import_pickle(pickle)), activation, last)
    model.save(output)
    click.echo(f"{model}\n\n{output} written.")

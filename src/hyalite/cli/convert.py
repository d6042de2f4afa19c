"""`hyalite convert`: a pickle of weights, as the books leave them, into a model file."""

from __future__ import annotations

import click

from hyalite.cli.arguments import ACTIVATIONS
from hyalite.cli.wording import echo

LAST = "softmax"


@click.command(short_help="Make a model file of a pickle with weights.")
@click.argument("pickle", type=click.Path(exists=True, dir_okay=False))
@click.argument("output", type=click.Path(dir_okay=False))
@click.option(
    "--activation",
    type=click.Choice(ACTIVATIONS),
    metavar="NAME",
    help="Of the hidden layers; the pickle does not say.",
)
@click.option(
    "--last",
    type=click.Choice((LAST, "sigmoid", "linear")),
    metavar="NAME",
    show_default=LAST,
    help="Softmax, sigmoid or linear.",
)
def convert(pickle: str, output: str, activation: str | None, last: str | None) -> None:
    """Make the model file OUTPUT of the weights W1, b1, W2, b2, ... in the file PICKLE.

    They are those of dense layers, or of the networks with convolutions in Deep Learning from
    Scratch, its params.pkl and deep_convnet_params.pkl.

    Nothing in the pickle is run: it is read as data, and anything that is not an array of numbers
    is refused.

    \b
    Example:
      hyalite convert sample_weight.pkl model.safetensors --activation sigmoid
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.files.pickles import convolution_arrays, dense_arrays, import_pickle
    from hyalite.loading import BOOK_NAMES, from_book_arrays, from_dense_arrays

    arrays = import_pickle(pickle)
    if any(array.ndim == 4 for array in arrays.values()):
        if (activation, last) != (None, None):
            raise click.UsageError(
                f"{pickle} has convolutions and is read as one of the book's networks, whose "
                "activations are known; leave out --activation and --last"
            )
        kernels, pairs = convolution_arrays(arrays)
        model = from_book_arrays(kernels, pairs)
        model.save(output)
        echo(f"{model}\n\n{output} written: the book's {BOOK_NAMES[len(kernels)]}.")
        return
    pairs = dense_arrays(arrays)
    if activation is None and len(pairs) > 1:
        # any guess makes a model, and a wrong one reads as a worse network: 84.15 % instead of
        # 93.52 for the book's weights, taken for ReLU's
        raise click.UsageError(
            f"{pickle} has hidden layers and does not say which activation they were trained "
            f"with; name it, as --activation sigmoid (or {', '.join(ACTIVATIONS)})"
        )
    model = from_dense_arrays(pairs, activation or "linear", last or LAST)
    model.save(output)
    echo(f"{model}\n\n{output} written.")
    if last is None:
        echo(f"Its last layer was taken to be {LAST}; --last names another.")

"""`hyalite evaluate`: how well a saved model does on data."""

from __future__ import annotations

import click

from hyalite.cli.arguments import MODEL, known_or_folder


@click.command(short_help="Measure how well a saved model does.")
@click.argument("model", type=MODEL)
@click.argument("data", callback=known_or_folder)
def evaluate(model: str, data: str) -> None:
    """Measure how well the saved MODEL does on DATA.

    DATA is mnist, fashion-mnist, spiral, sine or a folder of images, as for train. It is measured
    on the test part; of a folder without train and test in it on all images, which are resized and
    converted as the model needs them.

    \b
    Examples:
      hyalite evaluate runs/mnist/mnist.safetensors mnist
      hyalite evaluate runs/pictures/pictures.safetensors more-pictures/
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.cli.results import result_sentence
    from hyalite.cli.tasks import test_data
    from hyalite.loading import load

    network = load(model)
    x, y, what = test_data(network, data)
    click.echo(result_sentence(network, x, y, what))
    if network.compiled:
        figures = network.evaluate(x, y)
        click.echo("  ".join(f"{name} {value:.4f}" for name, value in figures.items()))
    if what.startswith("images in") and network.metadata.get("part") == "validation":
        click.echo(
            "Note: the model was trained on four fifths of a folder. If it was this one, most of "
            "these images are known to it; the honest figure is the one in `hyalite summary`."
        )

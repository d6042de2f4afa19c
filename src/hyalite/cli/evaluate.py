"""`hyalite evaluate`: how well a saved model does on data."""

from __future__ import annotations

from pathlib import Path

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
    from hyalite.cli import tasks
    from hyalite.cli.arguments import KNOWN_DATA
    from hyalite.cli.results import result_sentence
    from hyalite.model import load

    network = load(model)
    takes = network.network.input_shape
    if data in KNOWN_DATA:
        task = tasks.load_task(data)
        x, y, names = task.x_test, task.y_test, task.classes
        what = f"{task.part} {task.noun} of {data}"
    else:
        path = Path(data)
        part = path / "test" if tasks.has_parts(path) else path
        shape = tasks.picture_shape(network)
        x, y, names = tasks.read_folder(part, shape[:2], "gray" if len(shape) == 2 else "rgb")
        what = f"images in {part}"
    if x.dtype == "uint8":
        tasks.picture_shape(network)  # refuses a model that takes no pictures
        x = tasks.prepare_for(network, x)
    if x.shape[1:] != takes:
        raise ValueError(
            f"{data} has samples of shape {x.shape[1:]}, the model takes {takes}; "
            "give data like those it was trained on, see `hyalite summary`"
        )
    if names:
        y = tasks.relabel(y, names, tasks.class_names(network), data)
    click.echo(result_sentence(network, x, y, what))
    if network.compiled:
        figures = network.evaluate(x, y)
        click.echo("  ".join(f"{name} {value:.4f}" for name, value in figures.items()))
    if what.startswith("images in") and network.metadata.get("part") == "validation":
        click.echo(
            "Note: the model was trained on four fifths of a folder. If it was this one, most of "
            "these images are known to it; the honest figure is the one in `hyalite summary`."
        )

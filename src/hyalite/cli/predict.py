"""`hyalite predict`: what a saved model sees in pictures, with its probabilities as bars."""

from __future__ import annotations

from collections.abc import Sequence

import click

from hyalite.cli.arguments import MODEL, one_or_more

WIDTH = 30  # of the longest bar, in characters
EIGHTHS = " ▏▎▍▌▋▊▉"


@click.command(short_help="Say what is in a picture.")
@click.argument("model", type=MODEL)
@click.argument("images", type=click.Path(), metavar="IMAGE...", nargs=-1, required=True)
@click.option(
    "--invert", is_flag=True, help="Swap dark and bright, for dark strokes on white paper."
)
@click.option(
    "--top",
    type=int,
    callback=one_or_more,
    metavar="N",
    default=5,
    help="Show so many classes.  [default: 5]",
)
def predict(model: str, images: Sequence[str], invert: bool, top: int) -> None:
    """Say what the saved MODEL sees in each IMAGE (PNG or JPEG).

    An image is converted to gray, or colour, and to the size that the model was trained on. MNIST
    and Fashion-MNIST are white on black: for a digit in dark ink on white paper add --invert.

    \b
    Examples:
      hyalite predict runs/mnist/mnist.safetensors runs/mnist/example.png
      hyalite predict runs/mnist/mnist.safetensors photo.jpg --invert
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.cli.tasks import class_names, picture_shape, prepare_for, size_text
    from hyalite.data.datasets import read_image
    from hyalite.loading import load
    from hyalite.plots import probabilities

    network = load(model)
    shape = picture_shape(network)
    height, width, *color = shape
    names = class_names(network)
    for number, path in enumerate(images):
        picture = read_image(path)
        notes = []
        if picture.ndim > len(shape):
            notes.append("converted to gray")
        if picture.shape[:2] != (height, width):
            notes.append(
                f"resized from {size_text(picture.shape[:2])} to {size_text((height, width))} "
                "(height x width)"
            )
        picture = read_image(path, size=(height, width), color="rgb" if color else "gray")
        if invert:
            picture = 255 - picture
            notes.append("inverted")
        elif str(network.metadata.get("data")).endswith("mnist") and picture.mean() > 127:
            notes.append("mostly bright, while the model knows white on black: try --invert")
        shares = probabilities(network, prepare_for(network, picture[None]))[0]
        best = shares.argsort(kind="stable")[::-1][:top]
        if number:
            click.echo()
        click.echo(f"{path}: {names[best[0]]}")
        for note in notes:
            click.echo(f"  ({note})")
        widest = max(len(names[label]) for label in best)
        for label in best:
            share = float(shares[label])
            click.echo(f"  {names[label]:<{widest}} {bar(share):<{WIDTH}} {100 * share:5.1f} %")


def bar(share: float) -> str:
    """A share from 0 to 1 as a bar of blocks, exact to an eighth of a character."""
    whole, part = divmod(round(share * WIDTH * 8), 8)
    return "█" * whole + EIGHTHS[part].strip()

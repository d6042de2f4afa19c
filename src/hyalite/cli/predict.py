"""`hyalite predict`: what a saved model sees in pictures, or says of the rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hyalite.cli.arguments import MODEL, is_table, positive_int

if TYPE_CHECKING:
    from hyalite.recipes import ImagePipeline
    from hyalite.recipes.pipelines import RowModel

BAR_WIDTH = 30  # of the longest bar, in characters
SHOWN_ROWS = 10  # rows, where no output is named
EIGHTHS = " ▏▎▍▌▋▊▉"


@click.command(short_help="Say what is in a picture, or of a table's rows.")
@click.argument("model", type=MODEL)
@click.argument("files", type=click.Path(), metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--invert", is_flag=True, help="Swap dark and bright, for dark strokes on white paper."
)
@click.option(
    "--top",
    type=int,
    callback=positive_int,
    metavar="N",
    default=5,
    help="Show so many classes.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.csv",
    help="A table with its predictions, or .parquet.",
)
@click.option("--encoding", metavar="NAME", default="utf-8", help="Of a table's texts.")
def predict(
    model: str, files: Sequence[str], invert: bool, top: int, output: Path | None, encoding: str
) -> None:
    """Say what the saved MODEL sees in each FILE: an image, or a table.

    An image is converted to gray, or colour, and to the size that the model was trained on. MNIST
    and Fashion-MNIST are white on black: for a digit in dark ink on white paper add --invert.

    A table has raw rows with the columns that the model was trained on; the target may be missing.

    \b
    Examples:
      hyalite predict runs/mnist/mnist.safetensors runs/mnist/example.png
      hyalite predict runs/mnist/mnist.safetensors photo.jpg --invert
      hyalite predict runs/houses/houses.safetensors new.csv --output prices.csv
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.loading import load
    from hyalite.recipes import ImagePipeline
    from hyalite.recipes.pipelines import load_rows

    if is_table(files[0]):
        if len(files) > 1:
            raise click.UsageError("give one table at a time")
        _predict_rows(load_rows(model), Path(files[0]), output, encoding)
    elif output is not None:
        raise click.UsageError("--output is for tables")
    else:
        _predict_images(ImagePipeline(load(model)), files, invert, top)


def _predict_rows(pipeline: RowModel, path: Path, output: Path | None, encoding: str) -> None:
    from hyalite.cli.table_output import first_rows, with_predictions, write_table

    rows = pipeline.read(path, encoding=encoding)
    predicted = with_predictions(pipeline, rows)
    for note in pipeline.preparation.notes(rows):
        click.echo(f"Note: {note}", err=True)
    if output is not None:
        write_table(predicted, output)
        click.echo(f"{output} written: {len(rows):,} rows.")
        return
    added = predicted.column_names[rows.num_columns :]
    click.echo(first_rows(predicted.select(added), SHOWN_ROWS))
    if len(rows) > SHOWN_ROWS:
        click.echo(f"... {len(rows) - SHOWN_ROWS:,} more; --output OUT.csv writes all of them")


def _predict_images(pipeline: ImagePipeline, images: Sequence[str], invert: bool, top: int) -> None:
    from hyalite.data.datasets import read_image
    from hyalite.recipes.dataset import size_text

    names, size = pipeline.classes, pipeline.shape[:2]
    for number, path in enumerate(images):
        picture = read_image(path)
        notes = []
        if picture.ndim > len(pipeline.shape):
            notes.append("converted to gray")
        if picture.shape[:2] != size:
            notes.append(
                f"resized from {size_text(picture.shape[:2])} to {size_text(size)} (height x width)"
            )
        picture = pipeline.read(path)
        if invert:
            picture = 255 - picture
            notes.append("inverted")
        elif str(pipeline.model.metadata.get("data")).endswith("mnist") and picture.mean() > 127:
            notes.append("mostly bright, while the model knows white on black: try --invert")
        shares = pipeline.predict_proba(picture[None])[0]
        best = shares.argsort(kind="stable")[::-1][:top]
        if number:
            click.echo()
        click.echo(f"{path}: {names[best[0]]}")
        for note in notes:
            click.echo(f"  ({note})")
        widest = max(len(names[label]) for label in best)
        for label in best:
            share = float(shares[label])
            click.echo(f"  {names[label]:<{widest}} {bar(share):<{BAR_WIDTH}} {100 * share:5.1f} %")


def bar(share: float) -> str:
    """A share from 0 to 1 as a bar of blocks, exact to an eighth of a character."""
    whole, part = divmod(round(share * BAR_WIDTH * 8), 8)
    return "█" * whole + EIGHTHS[part].strip()

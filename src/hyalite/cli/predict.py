"""`hyalite predict`: what a saved model sees in pictures, or says of the rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hyalite.cli.arguments import MODEL, is_table, positive_int, reading_options
from hyalite.cli.wording import echo, options_for_arguments

if TYPE_CHECKING:
    from hyalite.data.tables.reading import ReadOptions
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
@reading_options
def predict(
    model: str,
    files: Sequence[str],
    invert: bool,
    top: int,
    output: Path | None,
    encoding: str | None,
    delimiter: str | None,
    sheet: str | None,
) -> None:
    """Say what the saved MODEL sees in each FILE: an image, or a table.

    An image is converted to gray, or colour, and to the size that the model was trained on. MNIST
    and Fashion-MNIST are white on black: for a digit in dark ink on white paper add --invert.

    A table has raw rows with the columns that the model was trained on; the target may be missing.
    --output writes its rows as they stand in the file, with the predictions beside them.

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
        pipeline = load_rows(model)
        reading: ReadOptions = {"encoding": encoding, "delimiter": delimiter, "sheet": sheet}
        with options_for_arguments():
            _predict_rows(pipeline, Path(files[0]), output, reading)
    elif output is not None:
        raise click.UsageError("--output is for tables")
    else:
        _predict_images(ImagePipeline(load(model)), files, invert, top)


def _predict_rows(
    pipeline: RowModel, path: Path, output: Path | None, reading: ReadOptions
) -> None:
    import warnings

    from hyalite.cli.table_output import first_rows, predictions, write_rows
    from hyalite.data import tables
    from hyalite.errors import DataWarning

    rows = tables.read(path, **reading)
    with warnings.catch_warnings(action="ignore", category=DataWarning):  # the notes say it
        added = predictions(pipeline, rows)
    for note in pipeline.preparation.notes(rows):
        echo(f"Note: {note}", err=True)
    if output is not None:
        write_rows(output, path, reading, rows, added)
        echo(f"{output} written: {len(rows):,} rows.")
        return
    echo(first_rows(added, SHOWN_ROWS))
    if len(rows) > SHOWN_ROWS:
        echo(f"... {len(rows) - SHOWN_ROWS:,} more; --output OUT.csv writes all of them")


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
            echo()
        echo(f"{path}: {names[best[0]]}")
        for note in notes:
            echo(f"  ({note})")
        widest = max(len(names[label]) for label in best)
        for label in best:
            share = float(shares[label])
            echo(f"  {names[label]:<{widest}} {bar(share):<{BAR_WIDTH}} {100 * share:5.1f} %")


def bar(share: float) -> str:
    """A share from 0 to 1 as a bar of blocks, exact to an eighth of a character."""
    whole, part = divmod(round(share * BAR_WIDTH * 8), 8)
    return "█" * whole + EIGHTHS[part].strip()

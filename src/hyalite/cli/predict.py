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
    from hyalite.recipes.pipelines import RowModel

SHOWN_ROWS = 10  # rows, where no output is named


@click.command(short_help="Say what is in a picture, or of a table's rows.")
@click.argument("model", type=MODEL)
@click.argument("files", type=click.Path(), metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--prepare-digit", is_flag=True, help="Bring a digit that somebody drew into MNIST's form."
)
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
    "--save-input",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.png",
    help="Save the images as the network sees them.",
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
    prepare_digit: bool,
    invert: bool,
    top: int,
    save_input: Path | None,
    output: Path | None,
    encoding: str | None,
    delimiter: str | None,
    sheet: str | None,
) -> None:
    """Say what the saved MODEL sees in each FILE: an image, or a table.

    An image is converted to gray, or colour, and to the size that the model was trained on. MNIST
    and Fashion-MNIST are white on black: for dark on white add --invert.

    MNIST's digits are also of one size, and in the middle. One that somebody drew or photographed
    is brought into this form by --prepare-digit: it is found, whatever the paper, the light and the
    pen, inverted where needed, cut out, scaled into 20 x 20 and centred. --save-input shows what
    the network sees then.

    A table has raw rows with the columns that the model was trained on; the target may be missing.
    --output writes its rows as they stand in the file, with the predictions beside them.

    \b
    Examples:
      hyalite predict runs/mnist/mnist.safetensors runs/mnist/example.png
      hyalite predict runs/mnist/mnist.safetensors photo.jpg --prepare-digit
      hyalite predict runs/houses/houses.safetensors new.csv --output prices.csv
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.cli.predict_images import predict_images
    from hyalite.loading import load
    from hyalite.recipes import ImagePipeline
    from hyalite.recipes.pipelines import load_rows

    if is_table(files[0]):
        if len(files) > 1:
            raise click.UsageError("give one table at a time")
        if prepare_digit or invert or save_input is not None:
            raise click.UsageError("--prepare-digit, --invert and --save-input are for images")
        pipeline = load_rows(model)
        reading: ReadOptions = {"encoding": encoding, "delimiter": delimiter, "sheet": sheet}
        with options_for_arguments():
            _predict_rows(pipeline, Path(files[0]), output, reading)
    elif output is not None:
        raise click.UsageError("--output is for tables")
    elif prepare_digit and invert:
        raise click.UsageError("--prepare-digit inverts where needed; leave out --invert")
    else:
        images = ImagePipeline(load(model))
        predict_images(images, files, top, save_input, invert=invert, digit=prepare_digit)


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

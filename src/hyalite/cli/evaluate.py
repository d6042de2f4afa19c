"""`hyalite evaluate`: how well a saved model does on data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from hyalite.cli.arguments import MODEL, data_argument, reading_options
from hyalite.cli.wording import echo, options_for_arguments

if TYPE_CHECKING:
    from hyalite.data.tables.reading import ReadOptions


@click.command(short_help="Measure how well a saved model does.")
@click.argument("model", type=MODEL)
@click.argument("data", callback=data_argument)
@reading_options
def evaluate(
    model: str, data: str, encoding: str | None, delimiter: str | None, sheet: str | None
) -> None:
    """Measure how well the saved MODEL does on DATA.

    DATA is mnist, fashion-mnist, spiral, sine, a table or a folder of images, as for train. It is
    measured on the test part; of a table on all rows, of a folder without train and test in it on
    all images, which are resized and converted as the model needs them.

    \b
    Examples:
      hyalite evaluate runs/mnist/mnist.safetensors mnist
      hyalite evaluate runs/houses/houses.safetensors new-houses.csv
      hyalite evaluate runs/pictures/pictures.safetensors more-pictures/
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.loading import holds_mixture, load
    from hyalite.recipes.labelled import labelled
    from hyalite.recipes.metadata import target_offset
    from hyalite.recipes.results import result_sentence

    if holds_mixture(model):
        with options_for_arguments():
            _evaluate_mixture(model, data, encoding=encoding, delimiter=delimiter, sheet=sheet)
        return
    network = load(model)
    with options_for_arguments():
        x, y, what = labelled(network, data, encoding=encoding, delimiter=delimiter, sheet=sheet)
    echo(result_sentence(network, x, y, what))
    if network.compiled:
        offset = target_offset(network)
        figures = network.evaluate(x, y - offset if offset else y)
        echo("  ".join(f"{name} {value:.4f}" for name, value in figures.items()))
    if what.startswith(("images in", "rows of")) and network.metadata.get("part") == "validation":
        noun, _, _ = what.partition(" ")
        echo(
            "Note: the model was trained on four fifths of its data. If this was a part of it, "
            f"most of these {noun} are known to it; the honest figure is the one in "
            "`hyalite summary`."
        )


def _evaluate_mixture(model: str, data: str, **reading: Unpack[ReadOptions]) -> None:
    """Of several networks for a table."""
    from hyalite.data import tables
    from hyalite.recipes.pipelines import load_mixture
    from hyalite.recipes.results import classes_sentence, numbers_sentence
    from hyalite.recipes.tabular.scores import evaluation

    found = load_mixture(model)
    rows = tables.read(data, **reading)
    known = found.preparation.labelled(rows)
    gone = len(rows) - len(known)
    if gone:
        name = found.preparation.target.name
        echo(
            f"Note: {gone:,} of {len(rows):,} rows have no usable {name!r}, and are left out",
            err=True,
        )
    answers, y = found.outputs(found.preparation.x(known)), found.preparation.y(known)
    what = f"rows of {data}"
    if found.classes:
        echo(classes_sentence(answers.argmax(axis=1), y, what))
    else:
        echo(numbers_sentence(answers, y, what))
    echo("  ".join(f"{name} {value:.4f}" for name, value in evaluation(answers, y).items()))
    echo(
        "Note: the model was trained on all of its data. If this was a part of it, these rows are "
        "known to it; the honest figure is the one in `hyalite summary`."
    )

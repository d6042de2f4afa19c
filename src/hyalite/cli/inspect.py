"""`hyalite summary` and `hyalite datasets`: what is in a model file, and what data there is."""

from __future__ import annotations

from collections.abc import Mapping

import click

from hyalite.cli.arguments import MODEL
from hyalite.cli.wording import echo


@click.command(short_help="Show a saved model's layers and how it was trained.")
@click.argument("model", type=MODEL)
@click.option("--diagram", metavar="OUT.svg", help="Draw the layers as a block diagram, too.")
def summary(model: str, diagram: str | None) -> None:
    """Show the layers of the saved MODEL, what it was trained on, and what it achieved.

    \b
    Examples:
      hyalite summary runs/mnist/mnist.safetensors
      hyalite summary runs/mnist/mnist.safetensors --diagram mnist.svg
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.data.tables.description import as_text
    from hyalite.loading import holds_mixture, load
    from hyalite.recipes.metadata import TABLE_KEY, class_names, preparation_of

    if holds_mixture(model):
        if diagram is not None:
            raise click.UsageError("--diagram is for one network; this file holds several")
        _summary_of_mixture(model)
        return
    network = load(model)
    echo(network)
    facts = {}
    if "data" in network.metadata:
        facts["trained on"] = network.metadata["data"]
    if "classes" in network.metadata:
        facts["classes"] = ", ".join(class_names(network))
    if TABLE_KEY in network.metadata:
        preparation = preparation_of(network)
        facts["predicts"] = preparation.target.name
        facts["from"] = ", ".join(column.name for column in preparation.columns)
    if network.compiled:
        facts["loss"] = repr(network.loss)
        facts["optimizer"] = repr(network.optimizer)
    if "result" in network.metadata:
        facts["result"] = network.metadata["result"]
    _print_facts(facts)
    if TABLE_KEY in network.metadata:
        echo(f"\n{as_text(preparation.describe())}")
    if diagram is not None:
        network.diagram(diagram)
        echo(f"\n{diagram} written.")


def _summary_of_mixture(path: str) -> None:
    """Of several networks for a table."""
    from hyalite.data.tables.description import as_text
    from hyalite.recipes.pipelines import load_mixture

    model = load_mixture(path)
    echo(model)
    facts = {"trained on": model.metadata.get("data", "rows")} if model.metadata else {}
    if model.classes:
        facts["classes"] = ", ".join(model.classes)
    facts["predicts"] = model.preparation.target.name
    facts["from"] = ", ".join(column.name for column in model.preparation.columns)
    for name in ("effort", "result"):
        if name in model.metadata:
            facts[name] = model.metadata[name]
    _print_facts(facts)
    echo(f"\n{as_text(model.preparation.describe())}")


def _print_facts(facts: Mapping[str, object]) -> None:
    from hyalite.text import shown

    echo()
    for name, fact in facts.items():
        echo(f"{name:<12}{shown(str(fact), 1000)}")


@click.command(short_help="List the data there is, and where it lies.")
def datasets() -> None:
    """List the data that train and evaluate know by name, and where it lies.

    \b
    Beside these, a folder of images can be given: a sub-folder for each class.
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.recipes.named import SINE, SPIRAL, TEST_SINE

    points = SPIRAL["samples"] * SPIRAL["classes"]
    rows = [
        (
            "mnist",
            "handwritten digits: 60,000 + 10,000 images of 28 x 28, 10 classes",
            "comes with hyalite",
        ),
        (
            "fashion-mnist",
            "clothes: 60,000 + 10,000 images of 28 x 28, 10 classes",
            _where_fashion_mnist_is(),
        ),
        (
            "spiral",
            f"three spiral arms: {points} + {points} points, 3 classes",
            "made by a formula",
        ),
        ("sine", f"one period of the sine: {SINE:,} + {TEST_SINE} points", "made by a formula"),
    ]
    for name, what, where in rows:
        echo(f"{name:<15}{what}\n{'':<15}{where}")
    echo("\nA + B: A to train on, B to test on. Your own images: hyalite train FOLDER")


def _where_fashion_mnist_is() -> str:
    from hyalite.data import datasets, fetch
    from hyalite.errors import MissingExtra

    try:
        found = datasets.find_fashion_mnist()
        if found is not None:
            return f"on disk in {found}"
        cache = fetch.cache_folder("fashion-mnist")
        if datasets.holds_files(cache):
            return f"on disk in {cache}"
        return f"downloaded when first used, 31 MB, into {cache}"
    except MissingExtra as error:
        return f"not on disk; {error}"
    except OSError as error:
        return f"not found: {error}"

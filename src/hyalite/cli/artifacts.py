"""What `hyalite train` leaves beside the model: pictures, and commands to go on with."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hyalite.data.tables.packs.pack import is_pack
from hyalite.errors import require
from hyalite.recipes import Recipe, Trained
from hyalite.recipes.dataset import Dataset, Kind
from hyalite.recipes.pictures import NETWORKS
from hyalite.recipes.report import TrainingReport, Verdict
from hyalite.recipes.tables import TableDataset

REPORT_FILE = "report.html"
MOST_OCCLUDED = 8  # images


def draw(
    trained: Trained, folder: Path, report: TrainingReport | None = None
) -> list[tuple[str, str]]:
    """Draw the pictures; name and meaning of each. A table's report has what columns are worth.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    from hyalite import plots
    from hyalite.plots.reading import convolutions

    model, dataset = trained.model, trained.dataset
    figures = "loss and accuracy" if dataset.classes else "loss and error"
    drawn = [("curves.png", f"{figures} over the epochs")]
    plots.save(plots.curves(model.history, validation=dataset.part), folder / "curves.png")
    if dataset.kind == "images":
        grid = plots.mistakes(model, dataset.x_test, dataset.y_test, dataset.classes)
        plots.save(grid, folder / "mistakes.png")
        drawn.append(("mistakes.png", "the surest wrong answers"))
        if convolutions(model):
            drawn += _draw_inside(trained, folder)
        pillow = require("PIL.Image", extra="data", purpose="writing a picture")
        pillow.fromarray(dataset.x_test[0]).save(folder / "example.png")
        drawn.append(("example.png", f"the first {dataset.part} image, to try predict on"))
    elif isinstance(dataset, TableDataset):
        if dataset.classes:
            matrix = plots.confusion_matrix(model, dataset.x_test, dataset.y_test, dataset.classes)
            plots.save(matrix, folder / "confusion.png")
            drawn.append(("confusion.png", "which classes are taken for which"))
        else:
            offset = dataset.preparation.target.offset  # type: ignore[union-attr]
            fit = plots.regression_fit(model, dataset.x_test, dataset.y_test - offset)
            plots.save(fit, folder / "fit.png")
            drawn.append(("fit.png", "predictions over the true values"))
        if report is not None and report.importance is not None:
            plots.save(plots.importance(report.importance), folder / "importance.png")
            drawn.append(("importance.png", "what each column is worth to the model"))
    elif dataset.kind == "points":
        regions = plots.decision_regions(model, dataset.x_test, dataset.y_test, dataset.classes)
        plots.save(regions, folder / "regions.png")
        drawn.append(("regions.png", f"which class each place gets, and the {dataset.part} points"))
    else:
        plots.save(plots.regression_fit(model, dataset.x_test, dataset.y_test), folder / "fit.png")
        drawn.append(("fit.png", f"the learned curve over the {dataset.part} points"))
    return drawn


def _draw_inside(trained: Trained, folder: Path) -> list[tuple[str, str]]:
    """Draw what a network with convolutions has learned; name and meaning of each picture."""
    from hyalite import plots

    model, dataset = trained.model, trained.dataset
    before = trained.recipe.model(dataset).get_weights()  # its seed draws the same ones again
    plots.save(plots.filters(model, before), folder / "filters.png")
    plots.save(plots.feature_maps(model, dataset.x_test[0]), folder / "feature_maps.png")
    rows = np.unique(dataset.y_test, return_index=True)[1][:MOST_OCCLUDED]  # one of each class
    found = plots.occlusion_map(model, dataset.x_test[rows], dataset.y_test[rows])
    plots.save(plots.occlusion(found, dataset.classes), folder / "occlusion.png")
    return [
        ("filters.png", "filters of the first convolution, before training and after"),
        ("feature_maps.png", f"what each layer makes of the first {dataset.part} image"),
        ("occlusion.png", "which parts of an image its class hangs on"),
    ]


def next_steps(
    data: str,
    options: list[str],
    kind: Kind,
    folder: Path,
    model_file: Path,
    reading: Sequence[str] = (),
    verdict: Verdict | None = None,
    other_images: str = "",
) -> list[str]:
    """Commands that work when pasted; `options` and `reading` are those that this data needed.

    `other_images` are the options of another training on images.

    By a table's verdict: a larger network is tried only where the network is better than what is
    simpler; of the linear model the command that trains it is given; a leak is to be left out.
    """

    def quoted(path: Path | str) -> str:
        return shlex.quote(Path(path).as_posix())

    model = quoted(model_file)
    if kind == "images":
        first = f"hyalite summary {model}"
        if (folder / "example.png").exists():
            first = f"hyalite predict {model} {quoted(folder / 'example.png')}"
        other = "hyalite train fashion-mnist" if data == "mnist" else "hyalite train mnist"
        variation = other_images
    elif kind == "rows":
        file = "new.csv" if is_pack(data) else " ".join([quoted(data), *reading])
        first = f"hyalite predict {model} {file} --output predictions.csv"
        other, variation = f"hyalite summary {model}", "--layers 128,128 --dropout 0.2"
    elif kind == "points":
        first = f"hyalite evaluate {model} spiral"
        other, variation = "hyalite train sine", "--layers 8"
    else:
        first = f"hyalite evaluate {model} sine"
        other, variation = "hyalite train mnist", "--layers 8 --activation relu"
    take = "network" if verdict is None else verdict.take
    if verdict is not None and verdict.leaks:
        variation = f"--ignore {shlex.quote(','.join(verdict.leaks))}"
    elif take == "trivial":
        return [first, other]
    elif take == "linear":
        variation = "--layers none"
    words = [
        "hyalite train",
        quoted(data),
        *reading,
        *options,
        variation,
        "--output",
        quoted(f"{folder}-2"),
    ]
    return [first, " ".join(words), other]


def other_network(network: str, recipe: Recipe, dataset: Dataset) -> str:
    """Options of another training on images: a wider network, or convolutions for twice as long.

    Where convolutions saw the images as they are, these are moved, too.
    """
    if not recipe.convolutional:
        return "--layers 128,128 --dropout 0.1"
    own = NETWORKS[network]
    words = [] if network == "dense" else [f"--network {network}"]
    if str(recipe.hidden_layers) != own.get("layers"):
        words.append(f"--layers {recipe.hidden_layers}")
    if not own.get("augment"):
        words.append("--augment")
    return " ".join([*words, f"--epochs {2 * recipe.epochs_for(dataset)}"])


def how_called() -> str:
    """The command as it can be called here: by name, or by place where PATH does not have it."""
    found = shutil.which("hyalite")
    own = Path(sys.argv[0])
    if own.name != "hyalite" or (found and Path(found).resolve() == own.resolve()):
        return "hyalite"
    return shlex.quote(os.path.relpath(own))

"""What `hyalite train` leaves beside the model: pictures, and commands to go on with."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from hyalite.cli.tables import TableTask
from hyalite.cli.tasks import Task
from hyalite.errors import require
from hyalite.model import Sequential


def draw(model: Sequential, task: Task, folder: Path) -> list[tuple[str, str]]:
    """Draw the pictures; name and meaning of each.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    from hyalite import plots

    figures = "loss and accuracy" if task.classes else "loss and error"
    drawn = [("curves.png", f"{figures} over the epochs")]
    plots.save(plots.curves(model.history, validation=task.part), folder / "curves.png")
    if task.kind == "images":
        grid = plots.mistakes(model, task.x_test, task.y_test, task.classes)
        plots.save(grid, folder / "mistakes.png")
        drawn.append(("mistakes.png", "the surest wrong answers"))
        pillow = require("PIL.Image", extra="data", purpose="writing a picture")
        pillow.fromarray(task.x_test[0]).save(folder / "example.png")
        drawn.append(("example.png", f"the first {task.part} image, to try predict on"))
    elif isinstance(task, TableTask):
        if task.classes:
            matrix = plots.confusion_matrix(model, task.x_test, task.y_test, task.classes)
            plots.save(matrix, folder / "confusion.png")
            drawn.append(("confusion.png", "which classes are taken for which"))
        else:
            fit = plots.regression_fit(model, task.x_test, task.truth)
            plots.save(fit, folder / "fit.png")
            drawn.append(("fit.png", "predictions over the true values"))
        plots.save(plots.importance(task.importance(model)), folder / "importance.png")
        drawn.append(("importance.png", "what each column is worth to the model"))
    elif task.kind == "points":
        regions = plots.decision_regions(model, task.x_test, task.y_test, task.classes)
        plots.save(regions, folder / "regions.png")
        drawn.append(("regions.png", f"which class each place gets, and the {task.part} points"))
    else:
        plots.save(plots.regression_fit(model, task.x_test, task.y_test), folder / "fit.png")
        drawn.append(("fit.png", f"the learned curve over the {task.part} points"))
    return drawn


def next_steps(
    data: str, options: list[str], task: Task, folder: Path, model_file: Path
) -> list[str]:
    """Commands that work when pasted; `options` are those that this data needed."""

    def quoted(path: Path | str) -> str:
        return shlex.quote(Path(path).as_posix())

    model = quoted(model_file)
    if task.kind == "images":
        first = f"hyalite summary {model}"
        if (folder / "example.png").exists():
            first = f"hyalite predict {model} {quoted(folder / 'example.png')}"
        other = "hyalite train fashion-mnist" if data == "mnist" else "hyalite train mnist"
        variation = "--layers 128,128 --dropout 0.1"
    elif task.kind == "rows":
        first = f"hyalite predict {model} {quoted(data)} --output predictions.csv"
        other, variation = f"hyalite summary {model}", "--layers 128,128 --dropout 0.2"
    elif task.kind == "points":
        first = f"hyalite evaluate {model} spiral"
        other, variation = "hyalite train sine", "--layers 8"
    else:
        first = f"hyalite evaluate {model} sine"
        other, variation = "hyalite train mnist", "--layers 8 --activation relu"
    words = ["hyalite train", quoted(data), *options, variation, "--output", quoted(f"{folder}-2")]
    return [first, " ".join(words), other]


def how_called() -> str:
    """The command as it can be called here: by name, or by place where PATH does not have it."""
    found = shutil.which("hyalite")
    own = Path(sys.argv[0])
    if own.name != "hyalite" or (found and Path(found).resolve() == own.resolve()):
        return "hyalite"
    return shlex.quote(os.path.relpath(own))

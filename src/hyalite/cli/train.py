"""`hyalite train`: train a network on known data or a folder of images, and leave its files."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hyalite.cli.arguments import (
    ACTIVATIONS,
    OPTIMIZERS,
    image_size,
    known_or_folder,
    layer_sizes,
    one_or_more,
)
from hyalite.errors import MissingExtra, require

if TYPE_CHECKING:
    from hyalite.cli.tasks import Task
    from hyalite.model import Sequential


@click.command(short_help="Train a network; leaves model, figures and pictures in a folder.")
@click.argument("data", callback=known_or_folder)
@click.option(
    "--layers",
    callback=layer_sizes,
    metavar="SIZES",
    default="64,64",
    help="Units of the hidden layers, or none.  [default: 64,64]",
)
@click.option(
    "--activation",
    type=click.Choice(ACTIVATIONS),
    metavar="NAME",
    help="Of the hidden layers, see above.  [default: relu]",
)
@click.option(
    "--optimizer",
    type=click.Choice(OPTIMIZERS),
    metavar="NAME",
    default="adam",
    help="How weights are moved, see above.  [default: adam]",
)
@click.option(
    "--learning-rate",
    type=float,
    metavar="RATE",
    help="The highest; warms up, falls to 0.  [adam's: 0.005]",
)
@click.option(
    "--epochs",
    type=int,
    callback=one_or_more,
    metavar="N",
    help="Passes over the data.  [mnist: 5, more for less data]",
)
@click.option(
    "--batch-size",
    type=int,
    callback=one_or_more,
    metavar="N",
    default=32,
    help="Samples a step.  [default: 32]",
)
@click.option(
    "--dropout",
    type=float,
    metavar="SHARE",
    default=0.0,
    help="Share of the hidden units dropped.  [default: 0]",
)
@click.option(
    "--l1",
    type=float,
    metavar="LAMBDA",
    default=0.0,
    help="Penalty λ·Σ|w| on the weights.  [default: 0]",
)
@click.option(
    "--l2",
    type=float,
    metavar="LAMBDA",
    default=0.0,
    help="Penalty λ·Σw² on the weights.  [default: 0]",
)
@click.option(
    "--seed",
    type=int,
    metavar="N",
    default=0,
    help="The same seed gives the same model.  [default: 0]",
)
@click.option(
    "--image-size",
    callback=image_size,
    metavar="HxW",
    help="Resize a folder's images, such as to 28x28.",
)
@click.option(
    "--color", type=click.Choice(["gray", "rgb"]), help="Convert a folder's images to this."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the files go.  [default: runs/NAME-OF-DATA]",
)
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Save the run there as it goes, and at Ctrl-C.",
)
@click.option(
    "--save-every",
    metavar="TIME",
    default="epoch",
    help='Or "5 min", or "500 steps".  [default: epoch]',
)
@click.option("--resume", is_flag=True, help="Go on from the newest checkpoint.")
@click.option("-q", "--quiet", is_flag=True, help="Print the result only.")
def train(
    data: str,
    output: Path | None,
    quiet: bool,
    checkpoint: Path | None,
    save_every: str,
    resume: bool,
    image_size: tuple[int, int] | None,
    color: str | None,
    **settings: Any,
) -> None:
    """Train a network on DATA and leave model, figures and pictures in a folder.

    \b
    DATA is one of
      mnist           handwritten digits; they come with hyalite
      fashion-mnist   clothes; downloaded once, 31 MB
      spiral          three spiral arms of points, to be told apart
      sine            one period of the sine, to be learned as a curve
      FOLDER          images, a sub-folder for each class. Where it holds train and test
                      instead, these are used; else a fifth of each class is set apart.

    \b
    activations   relu, leaky_relu, gelu (default for sine), tanh, sigmoid, linear
    optimizers    adam, adamw, sgd, rmsprop, adagrad

    \b
    Examples:
      hyalite train mnist
      hyalite train mnist --layers 128,128 --dropout 0.1 --output runs/wider
      hyalite train spiral --activation tanh --epochs 300
      hyalite train pictures/ --image-size 28x28 --color gray
      hyalite train mnist --epochs 100 --checkpoint saved --resume
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.cli.recipe import Recipe
    from hyalite.cli.results import result_sentence
    from hyalite.cli.tasks import load_task
    from hyalite.training.checkpoint import Checkpoint

    if resume and checkpoint is None:
        raise click.UsageError("--resume needs --checkpoint FOLDER, where the run was saved")
    saving = None
    if checkpoint is not None:
        saving = Checkpoint(checkpoint, save_every, resume=resume)
    recipe = Recipe(**settings)
    task = load_task(data, size=image_size, color=color, seed=recipe.seed)
    folder = _ready_folder(output or Path("runs") / task.name, task.name)
    if (folder / f"{task.name}.safetensors").exists():
        click.echo(f"{folder} holds an earlier run, which this one will replace\n", err=True)
    model = recipe.model(task)
    say = _silent if quiet else click.echo
    say(f"{task.name}: {task.describe()}\n\n{model}\n\n{recipe.describe(task)}")
    say(f"val_... are figures of the {task.part} {task.noun}, which training never sees\n")

    began = time.perf_counter()
    model.fit(
        task.x,
        task.y,
        epochs=recipe.epochs_for(task),
        batch_size=recipe.batch_size,
        validation_data=(task.x_test, task.y_test),
        seed=recipe.seed,
        checkpoint=saving,
        verbose=0 if quiet else "auto",
    )
    seconds = time.perf_counter() - began

    result = result_sentence(model, task.x_test, task.y_test, f"{task.part} {task.noun}")
    model.metadata["result"] = result
    model_file = folder / f"{task.name}.safetensors"
    model.save(model_file)
    model.history.save(folder / "history.json")
    say(f"\nTrained in {seconds:.1f} s.")
    click.echo(result)

    say(f"\nIn {folder}:")
    say(f"  {model_file.name:<20}the model: layers, weights, and what it was trained on")
    say(f"  {'history.json':<20}the figures of every epoch")
    try:
        for name, meaning in _draw(model, task, folder):
            say(f"  {name:<20}{meaning}")
    except MissingExtra as error:
        click.echo(f"No pictures: {error}", err=quiet)
    say("\nTry next:")
    options = []
    if image_size is not None:
        options.append(f"--image-size {image_size[0]}x{image_size[1]}")
    if color is not None:
        options.append(f"--color {color}")
    called = _how_called()
    for line in _next_steps(data, options, task, folder, model_file):
        say(f"  {called}{line.removeprefix('hyalite')}")


def _how_called() -> str:
    """The command as it can be called here: by name, or by place where PATH does not have it."""
    found = shutil.which("hyalite")
    own = Path(sys.argv[0])
    if own.name != "hyalite" or (found and Path(found).resolve() == own.resolve()):
        return "hyalite"
    return shlex.quote(os.path.relpath(own))


def _silent(text: str) -> None:
    """What --quiet says."""


def _ready_folder(folder: Path, name: str) -> Path:
    """The output folder, made; it may hold an older run of the same data, but no other model.

    Raises:
        ValueError: it holds another model.
        OSError: it cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    others = sorted(
        file.name for file in folder.glob("*.safetensors") if file.name != f"{name}.safetensors"
    )
    if others:
        raise ValueError(f"{folder} holds another model, {others[0]}; choose another --output")
    return folder


def _draw(model: Sequential, task: Task, folder: Path) -> list[tuple[str, str]]:
    """Draw the pictures; name and meaning of each.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    from hyalite import plots

    drawn = [("curves.png", "loss and accuracy over the epochs")]
    plots.save(plots.curves(model.history, validation=task.part), folder / "curves.png")
    if task.kind == "images":
        grid = plots.mistakes(model, task.x_test, task.y_test, task.classes)
        plots.save(grid, folder / "mistakes.png")
        drawn.append(("mistakes.png", "the surest wrong answers"))
        pillow = require("PIL.Image", extra="data", purpose="writing a picture")
        pillow.fromarray(task.x_test[0]).save(folder / "example.png")
        drawn.append(("example.png", f"the first {task.part} image, to try predict on"))
    elif task.kind == "points":
        regions = plots.decision_regions(model, task.x_test, task.y_test, task.classes)
        plots.save(regions, folder / "regions.png")
        drawn.append(("regions.png", f"which class each place gets, and the {task.part} points"))
    else:
        drawn[0] = ("curves.png", "loss and error over the epochs")
        plots.save(plots.regression_fit(model, task.x_test, task.y_test), folder / "fit.png")
        drawn.append(("fit.png", f"the learned curve over the {task.part} points"))
    return drawn


def _next_steps(
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
    elif task.kind == "points":
        first = f"hyalite evaluate {model} spiral"
        other, variation = "hyalite train sine", "--layers 8"
    else:
        first = f"hyalite evaluate {model} sine"
        other, variation = "hyalite train mnist", "--layers 8 --activation relu"
    words = ["hyalite train", quoted(data), *options, variation, "--output", quoted(f"{folder}-2")]
    return [first, " ".join(words), other]

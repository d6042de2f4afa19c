"""`hyalite train DATA.csv` without settings of a network of one's own: the mixture for a table."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hyalite.cli.wording import echo

if TYPE_CHECKING:
    from hyalite.recipes import TrainedTable

# options of `hyalite train` that are of one network
OWN_NETWORK = (
    "network", "layers", "activation", "optimizer", "learning_rate", "epochs", "batch_size",
    "dropout", "l1", "l2", "checkpoint", "workers",
)  # fmt: skip
OF_A_MIXTURE = ("effort", "time_limit", "n_jobs", "groups", "balanced")


def wants_own_network() -> bool:
    """Whether an option of one network is given to the command that is run."""
    return bool(_given(OWN_NETWORK))


def refuse_options_of_a_mixture(data: str) -> None:
    """Refuse the options that one network does not know, rather than train without them.

    Args:
        data: as it was named.

    Raises:
        ValueError: such an option is given.
    """
    given, own = _given(OF_A_MIXTURE), _given(OWN_NETWORK)
    if given:
        what = f"the one network that {own[0]} asks for" if own else data
        raise ValueError(f"{given[0]} is for a table's mixture of networks, not for {what}")


def _given(names: Sequence[str]) -> list[str]:
    """The options, as they are written, that are on the command line."""
    context, line = click.get_current_context(), click.core.ParameterSource.COMMANDLINE
    options = {option.name: option.opts[0] for option in context.command.params}
    return [options[name] for name in names if context.get_parameter_source(name) == line]


def train_table(
    data: str,
    frame: Any,
    target: str,
    folder: Path,
    say: Callable[[str], object],
    options: dict[str, Any],
    columns: dict[str, Any],
) -> None:
    """Train, and leave the model and pictures in the folder.

    Args:
        data: as it was named.
        frame: its rows.
        target: the column to predict.
        folder: for the files.
        say: prints what --quiet leaves out.
        options: how it is run, as `Options` takes it.
        columns: how columns are understood, and what rows count, as `fit_mixture` takes it.
    """
    from hyalite.cli.arguments import table_name
    from hyalite.cli.artifacts import REPORT_FILE, how_called
    from hyalite.errors import MissingExtra
    from hyalite.recipes.tabular.effort import Options
    from hyalite.recipes.tabular.table import fit_mixture

    name = table_name(Path(data))
    model_file = folder / f"{name}.safetensors"
    if model_file.exists():
        echo(f"{folder} holds an earlier run, which this one will replace\n", err=True)
    say(f"{name}:")
    trained = fit_mixture(frame, target, Options(**options, say=say), **columns)
    trained.model.metadata |= {"data": name, "kind": "rows"}
    say(f"\n{trained.describe()}")
    trained.save(model_file)
    say(f"\nTrained in {trained.seconds:.1f} s.")
    echo(trained.result)
    report = trained.full_report(name, model_file)
    say(f"\n{trained.report}\n")
    echo(report.verdict)
    for warning in report.warnings:
        echo(f"Warning: {warning}")
    report.save(folder / REPORT_FILE)
    say(f"\nIn {folder}:")
    wide = max(20, len(model_file.name) + 2)
    say(f"  {model_file.name:<{wide}}the model: all networks, and what prepares its rows")
    say(f"  {REPORT_FILE:<{wide}}all of this with figures and pictures, for a browser")
    try:
        for file, meaning in _draw(trained, folder):
            say(f"  {file:<{wide}}{meaning}")
    except MissingExtra as error:
        echo(f"No pictures: {error}", err=True)
    model, called = shlex.quote(model_file.as_posix()), how_called()
    say(
        f"\nTry next:\n  {called} predict {model} {shlex.quote(data)} --output predictions.csv\n"
        f"  {called} summary {model}"
    )
    variation = "--layers none" if report.verdict.take == "linear" else ""
    if report.verdict.leaks:
        variation = f"--ignore {shlex.quote(','.join(report.verdict.leaks))}"
    if variation:
        words = f"{shlex.quote(data)} --target {shlex.quote(target)} {variation}"
        say(f"  {called} train {words} --output {shlex.quote(f'{folder.as_posix()}-2')}")


def _draw(trained: TrainedTable, folder: Path) -> list[tuple[str, str]]:
    """Draw the pictures; name and meaning of each."""
    import numpy as np

    from hyalite import plots

    if not trained.classes:
        return []
    count = len(trained.classes)
    labels = trained.mixture.answers.argmax(axis=1)
    matrix = np.bincount(count * trained.y + labels, minlength=count * count)
    picture = plots.confusion_matrix(matrix.reshape(count, count), classes=trained.classes)
    plots.save(picture, folder / "confusion.png")
    return [("confusion.png", "which classes are taken for which")]

"""`hyalite train FOLDER.pack`: a mixture, or one network, for rows that are read from disk."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hyalite.cli.wording import echo

if TYPE_CHECKING:
    from hyalite.data.tables import Pack


def open_pack(data: str, target: str | None, said: dict[str, Any]) -> Pack:
    """The pack in a folder.

    Args:
        data: the folder.
        target: as the command names it, or None.
        said: options of how data are read, which was done when the pack was made.

    Raises:
        ValueError: it was made for another target, or such an option is given.
        FileFormatError: it is damaged.
    """
    from hyalite.data.tables import Pack
    from hyalite.recipes.packs import packed_target
    from hyalite.recipes.tabular.packs import refuse_with_pack

    refuse_with_pack(**said)
    pack = Pack(data)
    if target not in (None, packed_target(pack)):
        raise ValueError(f"{data} was packed to predict {packed_target(pack)!r}, not {target!r}")
    return pack


def train_pack_mixture(
    pack: Pack,
    name: str,
    folder: Path,
    say: Callable[[str], object],
    options: dict[str, Any],
    class_weight: str | None,
) -> None:
    """Train networks and a linear model on a pack, and leave the model in the folder.

    Args:
        pack: opened.
        name: of its data.
        folder: for the file.
        say: prints what --quiet leaves out.
        options: how it is run, as `Options` takes it.
        class_weight: "balanced", or None.
    """
    from hyalite.cli.artifacts import how_called
    from hyalite.recipes.tabular.effort import Options
    from hyalite.recipes.tabular.packs import fit_pack

    model_file = folder / f"{name}.safetensors"
    if model_file.exists():
        echo(f"{folder} holds an earlier run, which this one will replace\n", err=True)
    say(f"{name}:")
    trained = fit_pack(pack, Options(**options, say=say), class_weight)
    trained.model.metadata |= {"data": name, "kind": "rows"}
    say(f"\n{trained.describe()}")
    trained.save(model_file)
    say(f"\nTrained in {trained.seconds:.1f} s.")
    echo(trained.result)
    say(f"\n{trained.report}\n")
    say(f"In {folder}:")
    say(f"  {model_file.name}  the model: all networks, and what prepares its rows")
    model, called = shlex.quote(model_file.as_posix()), how_called()
    say(
        f"\nTry next:\n  {called} predict {model} new.csv --output predictions.csv\n"
        f"  {called} summary {model}"
    )

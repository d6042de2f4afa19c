"""A `TabularModel` in one safetensors file: members' arrays by name, all else as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hyalite.config import from_config, to_config
from hyalite.data.tables.stored import preparation_from
from hyalite.errors import FileFormatError
from hyalite.files import model_file
from hyalite.loading import MIXTURE_KEY, described
from hyalite.parameters import Array
from hyalite.recipes.tabular.ensemble import TabularModel
from hyalite.recipes.tabular.intervals import Intervals
from hyalite.recipes.tabular.member import Member
from hyalite.recipes.tabular.target import TargetScale
from hyalite.version import __version__

FORMAT = 1  # of what is under MIXTURE_KEY
PARTS: dict[str, type] = {"TargetScale": TargetScale, "Intervals": Intervals}


def save(model: TabularModel, path: str | Path) -> None:
    """Write it; the same model gives the same bytes.

    Raises:
        OSError: it cannot be written; an older file at `path` is then untouched.
    """
    arrays: dict[str, Array] = {}
    members = []
    for number, (weight, member) in enumerate(zip(model.weights, model.members, strict=True)):
        network = member.model.network
        arrays |= {f"{number}.{name}": array for name, array in network.ready.named().items()}
        config = member.model.get_config(network.input_shape)
        config.pop("training", None)  # it only predicts
        members.append(config | {"weight": float(weight), "target": to_config(member.target)})
    about = {
        "format": FORMAT,
        "members": members,
        "preparation": to_config(model.preparation),
        "rows": model.rows,
        "temperature": model.temperature,
        "threshold": model.threshold,
        "intervals": to_config(model.intervals),
    }
    metadata = to_config(model.metadata)
    settings = {"version": __version__, MIXTURE_KEY: about, "metadata": metadata}
    model_file.write(path, settings, arrays)


def read(reader: model_file.Reader) -> TabularModel:
    """The model of an opened file.

    Raises:
        FileFormatError: damaged, or made by a newer version.
    """
    path, settings = reader.path, reader.settings
    try:
        about = settings[MIXTURE_KEY]
        if about["format"] != FORMAT:
            raise ValueError(f"its form is {about['format']!r}, this version reads {FORMAT}")
        found = [described(config) for config in about["members"]]
        expected = {
            f"{number}.{name}": shape
            for number, (_, _, arrays) in enumerate(found)
            for name, shape in arrays.items()
        }
        reader.check(expected, np.dtype(np.float32))  # before anything of that size is made
        named: dict[str, Array] = {}
        for number, (network, shape, _) in enumerate(found):
            network.network.allocate(shape)
            own = network.network.ready.named()
            named |= {f"{number}.{name}": array for name, array in own.items()}
        reader.read_into(named)
        members = [
            Member(network, _target(config))
            for (network, _, _), config in zip(found, about["members"], strict=True)
        ]
        intervals = from_config(about["intervals"], PARTS)
        return TabularModel(
            preparation_from(about["preparation"]),
            members,
            [float(config["weight"]) for config in about["members"]],
            rows=about["rows"],
            temperature=float(about["temperature"]),
            threshold=about["threshold"],
            intervals=intervals,
            metadata=settings["metadata"],
        )
    except FileFormatError as error:
        raise error if str(path) in str(error) else FileFormatError(f"{path}: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise FileFormatError(f"{path}: its settings do not make a model: {error!r}") from None


def _target(config: dict[str, Any]) -> TargetScale | None:
    target = from_config(config["target"], PARTS)
    if target is not None and not isinstance(target, TargetScale):
        raise ValueError("a member's target is none")
    return target

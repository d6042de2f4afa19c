"""What there is to choose from, for the page's controls; and the presets."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from hyalite.engines.compiled.machine_code.choice import there_is_any
from hyalite.engines.threads import get_num_threads
from hyalite.initializers import INITIALIZERS
from hyalite.layers import ACTIVATIONS
from hyalite.losses import LOSSES
from hyalite.play import limits
from hyalite.play.data import pictures_there
from hyalite.play.exports import FORMATS
from hyalite.play.frames import finite
from hyalite.play.parts import KINDS, PICTURE_LAYERS, arguments
from hyalite.play.settings import DATA, FEATURES, normalized
from hyalite.version import __version__

LIMITS = (
    "CLASSES", "SAMPLES_OF_A_CLASS", "POINTS", "LAYERS", "UNITS", "FILTERS", "PARAMETERS", "BATCH",
    "EPOCHS", "SEED", "GRID", "MAP", "SNAPSHOTS", "UPLOAD_BYTES",
)  # fmt: skip


def catalog() -> dict[str, Any]:
    """Everything that settings may name, as JSON data."""

    def group(name: str) -> dict[str, Any]:
        return {
            kind: {"arguments": {k: v.described() for k, v in arguments(part).items()}}
            for kind, part in KINDS[name].items()
        }

    layers = group("layer")
    for name, about in layers.items():
        about["pictures"] = name in PICTURE_LAYERS
    losses = group("loss")
    for loss in LOSSES.values():
        regression = loss.kind == "regression"
        tasks = ["numbers", "classes"] if regression else ["classes"]
        losses[loss.__name__] |= {"name": loss.name, "kind": loss.kind, "tasks": tasks}
    return finite(
        {
            "version": __version__,
            "engines": ["compiled", "numpy"] if there_is_any() else ["numpy"],
            "threads": get_num_threads(),
            "data": {
                name: {
                    "shape": kind.shape,
                    "task": kind.task,
                    "available": kind.shape != "pictures" or pictures_there(name),
                    "fields": {key: field.described() for key, field in kind.fields.items()},
                }
                for name, kind in DATA.items()
            },
            "features": list(FEATURES),
            "layers": layers,
            "activations": list(ACTIVATIONS),
            "initializers": list(INITIALIZERS),
            "losses": losses,
            "optimizers": group("optimizer"),
            "schedules": group("schedule"),
            "exports": list(FORMATS),
            "limits": {name.lower(): getattr(limits, name) for name in LIMITS},
            "defaults": normalized({}),
        }
    )


@cache
def presets() -> list[dict[str, Any]]:
    """The presets that come with the page, in their order."""
    folder = resources.files("hyalite.play") / "presets"
    if not folder.is_dir():
        return []
    files = [one for one in folder.iterdir() if one.name.endswith(".json")]
    found = [json.loads(one.read_text("utf-8")) for one in files]
    return sorted(found, key=lambda preset: (preset.get("order", 0), preset["name"]))

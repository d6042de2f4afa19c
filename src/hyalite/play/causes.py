"""Why training came to no numbers, or probably will, in words that name the setting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hyalite.errors import NonFiniteError
from hyalite.model import Sequential
from hyalite.schedules import Schedule

LARGE = 2.0  # learning rate times curvature: beyond it a step goes farther than where it came from


def cause_of(error: NonFiniteError, settings: Mapping[str, Any], epoch: int) -> dict[str, Any]:
    """What the page says of a run whose numbers are not finite."""
    message = str(error)
    layer = re.search(r"layer ([\w.]+)", message)
    rate = (
        settings["optimizer"].get("learning_rate")
        if isinstance(settings["optimizer"], dict)
        else None
    )
    cause = "the learning rate is too high"
    if isinstance(rate, int | float):
        cause = f"the learning rate of {rate:g} is too high"
    strong = _strongest_penalty(settings)
    if isinstance(rate, int | float) and 2 * rate * strong > LARGE:
        cause = (
            f"rate times penalty, 2·{rate:g}·{strong:g} = {2 * rate * strong:g}, is above 2: each "
            "step throws the weights farther to the other side of 0"
        )
    return {
        "epoch": epoch,
        "layer": layer[1] if layer else "",
        "message": message,
        "cause": cause,
    }


def warnings_of(settings: Mapping[str, Any], model: Sequential, steps: int) -> list[dict[str, str]]:
    """What will probably go wrong with these settings.

    Args:
        settings: in normal form.
        model: of them.
        steps: of an epoch.
    """
    found = []
    rate = model.optimizer.learning_rate
    plain = type(model.optimizer).__name__ == "SGD"
    strong = _strongest_penalty(settings)
    if plain and not isinstance(rate, Schedule) and 2 * rate * strong > LARGE:
        found.append(
            {
                "field": "optimizer.learning_rate",
                "message": f"2 · rate · l2 = {2 * rate * strong:g} is above 2: the weights will "
                "grow without bound",
            }
        )
    return found


def _strongest_penalty(settings: Mapping[str, Any]) -> float:
    """The largest λ of L2 in any layer."""
    layers = [*settings["layers"], settings["output"]]
    return max((float(layer.get("l2") or 0.0) for layer in layers), default=0.0)

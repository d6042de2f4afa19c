"""One weight or one unit, clicked: value, gradient, the optimizer's step, how alive it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from hyalite.config import snake_case
from hyalite.play.parts import whole
from hyalite.play.pictures import layer_of
from hyalite.play.problems import Refused
from hyalite.play.statistics import (
    DEAD,
    SATURATED,
    gradient_to_come,
    state_of,
    unit_outputs,
)
from hyalite.play.view import View

BINS = 40
STATES = {0: "", DEAD: "dead", SATURATED: "saturated"}
MOST_WEIGHTS = 1024


def place_in(view: View, parameter: Any, index: Any) -> tuple[str, tuple[int, ...], int]:
    """Name and place of one number, and where it lies in theta.

    Raises:
        Refused: there is no such number.
    """
    layout = view.model.network.ready.layout
    slot = next((slot for slot in layout.slots if slot.name == parameter), None)
    if slot is None:
        known = ", ".join(slot.name for slot in layout.slots)
        raise Refused(
            f"there is no parameter {str(parameter)[:60]!r}. There are {known}", "parameter"
        )
    if not isinstance(index, list) or len(index) != len(slot.shape):
        raise Refused(f"index must be {len(slot.shape)} places in {slot.shape}", "index")
    ends = zip(index, slot.shape, strict=True)
    place = tuple(whole(i, "a place", "index", 0, end - 1) for i, end in ends)
    return slot.name, place, slot.offset + int(np.ravel_multi_index(place, slot.shape))


def weight(view: View, parameter: Any, index: Any) -> dict[str, Any]:
    """One number of a parameter, and what the coming step does with it."""
    name, place, flat = place_in(view, parameter, index)
    network, optimizer = view.model.network, view.model.optimizer
    gradient, update = gradient_to_come(view)
    layer, _, key = name.rpartition(".")
    penalty = 0.0
    value = float(network.ready.theta[flat])
    owner = next(one.layer for one in network.walk() if one.name == layer)
    for penalized, l1, l2 in owner.penalties():
        if penalized == key:
            penalty = l1 * float(np.sign(value)) + 2 * l2 * value
    slots = {slot: float(vector[flat]) for slot, vector in optimizer.slots.items()}
    at = [int(one) for one in place]
    return {
        "name": f"{name}[{', '.join(map(str, at))}]",
        "value": value,
        "gradient": float(gradient[flat]),
        "loss_gradient": float(gradient[flat]) - penalty,
        "penalty_gradient": penalty,
        "update": float(update[flat]),
        "after": value + float(update[flat]),
        "learning_rate": float(optimizer.current_learning_rate),
        "optimizer": slots,
        "reference": {"array": f"{layer}.d{key}", "index": at},
        "update_reference": {"array": f"{name} after", "index": at},
    }


def unit(view: View, about: Any) -> dict[str, Any]:
    """One unit: its bias and weights, and what it gives for the training samples."""
    if not isinstance(about, dict):
        raise Refused("unit must be an object with layer and unit", "unit")
    layer = layer_of(view, about.get("layer"), "unit.layer")
    number = whole(about.get("unit"), "unit", "unit.unit", 0, layer.units - 1)
    outputs = unit_outputs(view)[layer.name]
    y = outputs[:, number]
    known = y[np.isfinite(y)]
    counts, edges = np.histogram(known, BINS) if known.size else (np.zeros(BINS, int), [0, 0])
    own = layer.layer.values
    has_column = "W" in own and own["W"].shape[-1] == layer.units
    weights = own["W"][..., number] if has_column else np.zeros(0)
    places = [*np.ndindex(*weights.shape)][:MOST_WEIGHTS]
    references = [
        {"array": f"{layer.name}.W", "index": [*map(int, place), number]} for place in places
    ]
    activation = layer.activation
    return {
        "layer": layer.name,
        "unit": number,
        "activation": None if activation is None else snake_case(type(activation)),
        "bias": float(own["b"][number]) if "b" in own else None,
        "bias_reference": {"array": f"{layer.name}.b", "index": [number]} if "b" in own else None,
        "state": STATES[int(state_of(layer, outputs)[number])],
        "mean": float(y.mean()),
        "std": float(y.std()),
        "active": float((y > 0).mean()),
        "weights": [float(weights[place]) for place in places],
        "weight_references": references,
        "histogram": {
            "counts": counts.tolist(),
            "low": float(edges[0]),
            "high": float(edges[-1]),
        },
        "output_reference": {"array": f"{layer.name}.y", "index": [0, number]},
    }

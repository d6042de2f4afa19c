"""One forward and backward pass, laid open: every array by name, with the formula it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from hyalite.config import snake_case
from hyalite.data.samples import Batch
from hyalite.exact import is_exactly, is_own
from hyalite.layers import Activation, Dropout, Layer
from hyalite.losses import Loss, Objective
from hyalite.network import Network
from hyalite.parameters import Array

MAX_PRINTED_ENTRIES = 60  # entries of an array that is printed in full
DIGITS = 4


@dataclass(frozen=True)
class Value:
    """One array of a pass.

    Attributes:
        name: such as "dense_1.dW"; the part before the dot is the layer's.
        formula: what it is computed from, in the layer's own letters.
        array: a copy.
        part: "forward", "loss" or "backward".
    """

    name: str
    formula: str
    array: Array
    part: str


class Trace(Mapping[str, Array]):
    """The arrays of one pass by name, in the order in which they were computed.

    Attributes:
        values_in_order: with formula and part.
    """

    def __init__(self, values: list[Value]) -> None:
        self.values_in_order = values
        self._arrays = {value.name: value.array for value in values}

    def __getitem__(self, name: str) -> Array:
        try:
            return self._arrays[name]
        except KeyError:
            raise KeyError(f"{name!r}; there are {', '.join(self._arrays)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __repr__(self) -> str:
        return f"<Trace of {len(self)} arrays: {', '.join(self)}>"

    def __str__(self) -> str:
        lines: list[str] = []
        part = ""
        for value in self.values_in_order:
            if value.part != part:
                part = value.part
                lines += ["", part.upper(), ""]
            formula = f" = {value.formula}" if value.formula else ""
            lines.append(f"{value.name}{formula}   {_shape(value.array)}".rstrip())
            if value.formula not in self:  # else it has just been shown
                lines += [f"    {line}" for line in _text(value.array).splitlines()]
        return "\n".join(lines[1:])


def trace(network: Network, objective: Objective, batch: Batch) -> Trace:
    """Run a training pass over `batch` and note everything. The network is left as it was.

    Args:
        network: built.
        objective: the loss with the last activation.
        batch: of the network's dtype.
    """
    parameters = network.ready
    kept = parameters.state.copy(), parameters.grad.copy(), network.clock.row
    network.clock.row = 0
    try:
        return Trace(_run(network, objective, batch))
    finally:
        parameters.state[...], parameters.grad[...], network.clock.row = kept


def _run(network: Network, objective: Objective, batch: Batch) -> list[Value]:
    values: list[Value] = []

    def note(name: str, formula: str, array: Array, part: str) -> None:
        values.append(Value(name, formula, np.array(array), part))

    stages = network.stages()
    run = network.stages(objective)
    names = [_name(stage, network) for stage in stages]
    x, y, weight, _ = batch
    assert y is not None
    note("x", "the samples", x, "forward")
    for stage, name in zip(run, names, strict=False):
        stage.needs_dx = True  # here the derivative by the samples themselves is of interest, too
        for key, array in stage.values.items():
            note(f"{name}.{key}", "", array, "forward")
        x = stage.forward(x, training=True)
        if is_exactly(stage, Dropout) and stage.active:
            note(f"{name}.m", "0 or 1/(1 - rate)", stage.kept * stage.scale, "forward")
        note(f"{name}.y", _formulas(stage).get("y", ""), x, "forward")

    total = float(len(x)) if weight is None else float(weight.sum())
    prediction, losses, dy = objective(x, y, weight, total)
    if objective.fuses_last:
        note(f"{names[-1]}.y", stages[-1].formulas["y"], prediction, "forward")
    formulas = _formulas(objective.loss)
    logits = objective.fuses_last or objective.loss.from_logits
    fused = "fused " if logits and "fused values" in formulas else ""
    mean = np.average(losses, weights=weight)
    note("t", "the targets", y, "loss")
    note("losses", formulas.get(f"{fused}values", ""), losses, "loss")
    note("loss", "mean of losses" if weight is None else "Σ w·losses / Σ w", mean, "loss")
    if any(layer.has_penalty for layer in network.layers):
        known = all(is_own(layer) for layer in network.layers if layer.has_penalty)
        formula = "Σ λ1·|w| + λ2·w²" if known else ""
        note("penalty", formula, np.array(network.penalty()), "loss")

    formula = formulas.get(f"{fused}gradient", "")
    for stage, name in zip(reversed(run), reversed(names[: len(run)]), strict=True):
        note(f"{name}.dy", formula, dy, "backward")
        dx = stage.backward(dy)
        for key, array in stage.gradients.items():
            note(f"{name}.d{key}", _formulas(stage).get(f"d{key}", ""), array, "backward")
        if dx is None:
            break
        note(f"{name}.dx", _formulas(stage).get("dx", ""), dx, "backward")
        dy, formula = dx, f"{name}.dx"
    for layer, name in zip(network.layers, network.names, strict=True):
        before = {key: array.copy() for key, array in layer.gradients.items()}
        layer.add_penalty_gradient()
        for key, array in layer.gradients.items():
            if not np.array_equal(array, before[key]):
                own = f" + λ1·sign({key}) + 2·λ2·{key}" if is_own(layer) else ""
                formula = f"{name}.d{key}{own or ' + the gradient of the penalty'}"
                note(f"{name}.d{key} with penalty", formula, array, "backward")
    return values


def _formulas(part: Layer | Loss) -> Mapping[str, str]:
    """What its class says of its own; an inherited formula may not be what a subclass computes."""
    found: Mapping[str, str] = vars(type(part)).get("formulas", {})
    return found


def _name(stage: Layer, network: Network) -> str:
    """The layer's name; an activation inside a dense layer adds its own."""
    name = network.names[stage.index]
    if isinstance(stage, Activation) and not isinstance(network.layers[stage.index], Activation):
        return f"{name}.{snake_case(type(stage))}"
    return name


def _shape(array: Array) -> str:
    return str(array.shape) if array.ndim else ""


def _text(array: Array) -> str:
    return np.array2string(
        array,
        precision=DIGITS,
        suppress_small=True,
        threshold=MAX_PRINTED_ENTRIES,
        edgeitems=3,
        max_line_width=100,
    )

"""One forward and backward pass, laid open: every array by name, with the formula it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    notes = _Notes(network)
    run = network.stages(objective)
    x, y, weight, _ = batch
    assert y is not None
    notes.add("x", "the samples", x, "forward")
    x = notes.forward(run, x)

    total = float(len(x)) if weight is None else float(weight.sum())
    prediction, losses, dy = objective(x, y, weight, total)
    if objective.fuses_last:
        last = network.stages()[-1]
        notes.add(f"{notes.name(last)}.y", last.formulas["y"], prediction, "forward")
    formulas = _formulas(objective.loss)
    logits = objective.fuses_last or objective.loss.from_logits
    fused = "fused " if logits and "fused values" in formulas else ""
    mean = np.average(losses, weights=weight)
    notes.add("t", "the targets", y, "loss")
    notes.add("losses", formulas.get(f"{fused}values", ""), losses, "loss")
    notes.add("loss", "mean of losses" if weight is None else "Σ w·losses / Σ w", mean, "loss")
    penalized = {
        place.name: place.layer
        for place in network.walk()
        if place.layer.has_penalty and place.layer.chain is None
    }
    if penalized:
        known = all(is_own(layer) for layer in penalized.values())
        formula = "Σ λ1·|w| + λ2·w²" if known else ""
        notes.add("penalty", formula, np.array(network.penalty()), "loss")

    notes.backward(run, dy, formulas.get(f"{fused}gradient", ""))
    for name, layer in penalized.items():
        before = {key: array.copy() for key, array in layer.gradients.items()}
        layer.add_penalty_gradient()
        for key, array in layer.gradients.items():
            if not np.array_equal(array, before[key]):
                own = f" + λ1·sign({key}) + 2·λ2·{key}" if is_own(layer) else ""
                formula = f"{name}.d{key}{own or ' + the gradient of the penalty'}"
                notes.add(f"{name}.d{key} with penalty", formula, array, "backward")
    return notes.values


class _Notes:
    """What a pass computes, noted stage by stage."""

    def __init__(self, network: Network) -> None:
        self.values: list[Value] = []
        self.layers = {place.name: place.layer for place in network.walk()}

    def add(self, name: str, formula: str, array: Array, part: str) -> None:
        """Note a copy of an array."""
        self.values.append(Value(name, formula, np.array(array), part))

    def name(self, stage: Layer) -> str:
        """The layer's name; an activation inside a dense layer adds its own."""
        assert stage.name is not None
        if isinstance(stage, Activation) and not isinstance(self.layers[stage.name], Activation):
            return f"{stage.name}.{snake_case(type(stage))}"
        return stage.name

    def forward(self, stages: Sequence[Layer], x: Array) -> Array:
        """The output of the last stage."""
        for stage in stages:
            # here the derivative by the samples themselves is of interest, too
            name, stage.needs_dx = self.name(stage), True
            if stage.within:
                self.forward(stage.within, x)  # what the block computes is the same again
            else:
                for key, array in stage.values.items():
                    self.add(f"{name}.{key}", "", array, "forward")
            x = stage.forward(x, training=True)
            if is_exactly(stage, Dropout) and stage.active:
                formula = "0 or 1/(1 - rate)"
                self.add(f"{name}.m", formula, stage.kept * stage.scale, "forward")
            self.add(f"{name}.y", _formulas(stage).get("y", ""), x, "forward")
        return x

    def backward(self, stages: Sequence[Layer], dy: Array, formula: str) -> None:
        """From dL/d(output), which comes by the formula."""
        for stage in reversed(stages):
            name = self.name(stage)
            self.add(f"{name}.dy", formula, dy, "backward")
            dx = stage.backward(dy)
            if stage.within:
                self.backward(stage.within, dy, f"{name}.dy")
            else:
                for key, array in stage.gradients.items():
                    self.add(
                        f"{name}.d{key}", _formulas(stage).get(f"d{key}", ""), array, "backward"
                    )
            if dx is None:
                break
            self.add(f"{name}.dx", _formulas(stage).get("dx", ""), dx, "backward")
            dy, formula = dx, f"{name}.dx"


def _formulas(part: Layer | Loss) -> Mapping[str, str]:
    """What its class says of its own; an inherited formula may not be what a subclass computes."""
    found: Mapping[str, str] = vars(type(part)).get("formulas", {})
    return found


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

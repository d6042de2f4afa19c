"""A training pass and an optimizer's step with everything noted; the network is left as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hyalite.config import snake_case
from hyalite.data.samples import Batch
from hyalite.engines.blas import no_false_alarm
from hyalite.exact import is_own
from hyalite.formulas import read
from hyalite.layers import Activation, Layer
from hyalite.losses import Loss, Objective
from hyalite.network import Network
from hyalite.numerals import number
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array
from hyalite.trace.stepping import Step, make_step


@dataclass(frozen=True)
class Value:
    """One array of a pass.

    Attributes:
        name: such as "dense_1.dW"; the part before the last dot is the layer's.
        formula: what it is computed from, in the layer's own letters.
        array: a copy.
        part: "forward", "loss", "backward" or "step".
        meanings: what letters of the formula are: the names of other arrays, or numbers.
    """

    name: str
    formula: str
    array: Array
    part: str
    meanings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Passage:
    """What one stage made of its input, and of the derivative by its output.

    Attributes:
        stage: it still knows its last passes.
        name: the layer's, with the activation's where that is a stage of its own.
        source: the name of the array that is its x.
        arrays: copies, by the names in its formulas: "x", "y", "dy", "dx", "W", "dW", ...
        within: of a block, the passages of the stages that it is made of, in order.
    """

    stage: Layer
    name: str
    source: str
    arrays: dict[str, Array]
    within: Sequence[Passage] = ()

    @property
    def input(self) -> str:
        """What its x is, in words."""
        if self.source != "x":
            return self.source
        return "the sample" if len(self.arrays["x"]) == 1 else "the samples"

    @property
    def letters_within(self) -> dict[str, str]:
        """What letters of a block's formulas are: the names of arrays of the layers within."""
        if not self.within:
            return {}
        return {"f": f"{self.within[-1].name}.y", "dx_f": f"{self.within[0].name}.dx"}


@dataclass(frozen=True)
class Outcome:
    """The end of the forward pass.

    Attributes:
        arrays: copies, by the names in the loss's formulas: "p" and "t", "z" where it has logits.
        names: of the same among all arrays of the trace.
        dy: the derivative of the loss by what the last stage gave.
        values: the formula of each sample's loss.
        gradient: the formula of the derivative.
        numbers: "n", "d", and the loss's own, such as "δ".
    """

    arrays: dict[str, Array]
    names: dict[str, str]
    dy: Array
    values: str
    gradient: str
    numbers: dict[str, float]

    @property
    def by_output(self) -> dict[str, Array]:
        """The arrays that have a number for each output: all but labels."""
        shape = self.arrays["p"].shape
        return {name: array for name, array in self.arrays.items() if array.shape == shape}


@dataclass(frozen=True)
class Recording:
    """All of it.

    Attributes:
        values: every array, in the order in which they were computed.
        passages: of the stages that ran, in order; a block's holds those of the stages within.
        outcome: prediction, target and loss.
        step: the optimizer's.
        classes: what the outputs are called; None where they have no names.
    """

    values: list[Value]
    passages: list[Passage]
    outcome: Outcome
    step: Step
    classes: Sequence[str] | None = None

    @property
    def samples(self) -> int:
        """How many there are."""
        return len(self["x"])

    def find(self, name: str) -> Value | None:
        """The array of this name with all that is known of it; None where there is none."""
        return next((value for value in self.values if value.name == name), None)

    def value(self, name: str) -> Value:
        """The array of this name, which there is, with all that is known of it."""
        found = self.find(name)
        assert found is not None
        return found

    def __getitem__(self, name: str) -> Array:
        return self.value(name).array

    def passage(self, name: str) -> Passage | None:
        """That of the stage of this name, be it within a block; None where there is none."""
        return next((found for found in _each(self.passages) if found.name == name), None)


def record(network: Network, objective: Objective, optimizer: Optimizer, batch: Batch) -> Recording:
    """Run a training step over `batch` on copies and note everything.

    The stages of the recording keep their memory of the pass; what a `backward` of theirs writes
    into the network's gradients is the caller's to restore.
    """
    with no_false_alarm():
        return _Recorder(network).run(objective, optimizer, batch)


class _Recorder:
    def __init__(self, network: Network) -> None:
        self.network = network
        places = network.walk()
        self.layers = {place.name: place.layer for place in places if place.layer.chain is None}
        self.values: list[Value] = []

    def note(
        self, name: str, formula: str, array: Any, part: str, meanings: Mapping[str, str]
    ) -> Array:
        copy = np.array(array)
        self.values.append(Value(name, formula, copy, part, dict(meanings)))
        return copy

    def run(self, objective: Objective, optimizer: Optimizer, batch: Batch) -> Recording:
        samples = "the samples" if len(batch.x) > 1 else "the sample"
        x = self.note("x", samples, batch.x, "forward", {})
        passages = self.forward(self.network.stages(objective), x, "x")
        if passages:
            x, source = passages[-1].arrays["y"], f"{passages[-1].name}.y"
        else:  # all there is, an activation, is computed as one with the loss
            source = "x"
        outcome, dy = self.loss(objective, batch, x, source)
        self.backward(passages, dy, outcome.gradient, meanings_in(outcome.gradient, outcome))
        gradients = self.penalty_gradient()
        step = make_step(self.network.ready, optimizer, gradients)
        for name, formula, array, meanings in step.noted():
            self.note(name, formula, array, "step", meanings)
        return Recording(self.values, passages, outcome, step)

    def forward(self, stages: Sequence[Layer], x: Array, source: str) -> list[Passage]:
        """Run them on x, which is called `source`."""
        passages = []
        for stage in stages:
            stage.needs_dx = True  # the derivative by the samples is of interest here, too
            name, arrays = self.name_of(stage), {"x": np.array(x)}
            # a block computes again what the stages within did, and comes to the same
            within = self.forward(stage.within, x, source)
            if within:
                arrays["f"] = within[-1].arrays["y"]
            else:
                for key, array in stage.values.items():
                    arrays[key] = self.note(f"{name}.{key}", "", array, "forward", {})
            x = stage.forward(x, training=True)
            made = (stage.intermediates() if is_own(stage) else {}) | {"y": x}
            passages.append(Passage(stage, name, source, arrays, within))
            for key, array in made.items():
                formula = formulas_of(stage).get(key, "")
                meanings = self.meanings(passages[-1], formula)
                arrays[key] = self.note(f"{name}.{key}", formula, array, "forward", meanings)
            source = f"{name}.y"
        return passages

    def loss(
        self, objective: Objective, batch: Batch, output: Array, source: str
    ) -> tuple[Outcome, Array]:
        """What the loss says, and its derivative by `output`."""
        loss, y, weight = objective.loss, batch.y, batch.weight
        assert y is not None
        total = float(len(y)) if weight is None else float(weight.sum())
        prediction, losses, dy = objective(output, y, weight, total)
        names = {"z": source, "p": source}
        arrays = {"z": np.array(output), "p": np.array(prediction)}
        if objective.fuses_last:
            last = self.network.stages()[-1]
            names["p"] = f"{self.name_of(last)}.y"
            formula = formulas_of(last)["y"]
            self.note(names["p"], formula, prediction, "forward", {"x": source})
        arrays["t"], names["t"] = self.target(loss, y, prediction.shape[1]), "t"

        formulas, logits = formulas_of(loss), objective.fuses_last or loss.from_logits
        fused = "fused " if logits and "fused values" in formulas else ""
        values = formulas.get(f"{fused}values", "")
        gradient = _weighted(formulas.get(f"{fused}gradient", ""), weight)
        numbers = {"n": float(len(y)), "d": float(prediction.shape[1])}
        own = _numbers(loss, values) | _numbers(loss, gradient)
        outcome = Outcome(arrays, names, np.array(dy), values, gradient, numbers | own)
        self.note("losses", values, losses, "loss", meanings_in(values, outcome))
        if weight is not None:
            self.note("w", "the samples' weights", weight, "loss", {})
        mean = np.average(losses, weights=weight)
        formula = "Σ w·losses / Σ w" if weight is not None else "mean of losses"
        self.note("loss", formula if len(y) > 1 else "losses", mean, "loss", {})
        if self.penalized:
            known = all(is_own(layer) for layer in self.penalized)
            formula = "Σ λ1·|w| + λ2·w²,  λ1 and λ2 as each layer has them" if known else ""
            self.note("penalty", formula, self.network.penalty(), "loss", {})
        return outcome, dy

    def target(self, loss: Loss, y: Array, outputs: int) -> Array:
        """The t of the formulas, noted."""
        if not is_own(loss):
            return self.note("t", "the targets", y, "loss", {})
        rows = loss.expanded(y, outputs)
        if rows is y:
            return self.note("t", "the targets" if len(y) > 1 else "the target", y, "loss", {})
        if y.ndim == 1 or loss.kind == "groups":
            self.note("labels", "the targets", y, "loss", {})
            form = "the labels as one-hot rows" if len(y) > 1 else "the label as a one-hot row"
        else:
            form = "the targets"
        smoothing = getattr(loss, "label_smoothing", 0.0)
        if smoothing:
            form += f", smoothed by {number(smoothing)}"
        return self.note("t", form, rows, "loss", {})

    def backward(
        self, passages: Sequence[Passage], dy: Array, formula: str, meanings: Mapping[str, str]
    ) -> None:
        """Run back from dy, which comes by the formula."""
        for passage in reversed(passages):
            stage, name, arrays = passage.stage, passage.name, passage.arrays
            arrays["dy"] = self.note(f"{name}.dy", formula, dy, "backward", meanings)
            dx = stage.backward(dy)
            if passage.within:
                self.backward(passage.within, dy, f"{name}.dy", {})
                first, made = passage.within[0].arrays, {}
                arrays |= {"dx_f": first["dx"]} if "dx" in first else {}
            else:
                made = {f"d{key}": array for key, array in stage.gradients.items()}
            if dx is not None:
                made["dx"] = dx
            for key, array in made.items():
                own = formulas_of(stage).get(key, "")
                full = self.meanings(passage, own)
                arrays[key] = self.note(f"{name}.{key}", own, array, "backward", full)
            if dx is None:
                return
            dy, formula, meanings = dx, f"{name}.dx", {}

    def penalty_gradient(self) -> dict[str, str]:
        """Add it, and note each gradient that it changes; what each parameter's is called then."""
        names = {}
        for name, layer in self.layers.items():
            before = {key: array.copy() for key, array in layer.gradients.items()}
            layer.add_penalty_gradient()
            weights = {key: (l1, l2) for key, l1, l2 in layer.penalties()}
            for key, array in layer.gradients.items():
                names[f"{name}.{key}"] = f"{name}.d{key}"
                if np.array_equal(array, before[key]):
                    continue
                names[f"{name}.{key}"] += " with penalty"
                formula, meanings = f"{name}.d{key} + the gradient of the penalty", {}
                if is_own(layer):
                    formula = f"d{key} + λ1·sign({key}) + 2·λ2·{key}"
                    meanings = dict(zip(("λ1", "λ2"), map(number, weights[key]), strict=True))
                    meanings = {f"d{key}": f"{name}.d{key}", **meanings}
                self.note(f"{name}.d{key} with penalty", formula, array, "backward", meanings)
        return names

    @property
    def penalized(self) -> list[Layer]:
        """The layers with a penalty, those within blocks too."""
        return [layer for layer in self.layers.values() if layer.has_penalty]

    def name_of(self, stage: Layer) -> str:
        """The layer's name; an activation inside a dense layer adds its own."""
        name = stage.name
        assert name is not None
        if isinstance(stage, Activation) and not isinstance(self.layers[name], Activation):
            return f"{name}.{snake_case(type(stage))}"
        return name

    @staticmethod
    def meanings(passage: Passage, formula: str) -> dict[str, str]:
        """What the letters of a stage's formula are."""
        stage, within, found = passage.stage, passage.letters_within, {}
        symbols = stage.symbols if is_own(stage) else {}
        for letter in read(formula).names:
            key = symbols.get(letter, letter)
            if letter == "x":
                found["x"] = passage.input
            elif letter in within:
                found[letter] = within[letter]
            elif key != letter and key in passage.arrays:
                found[letter] = f"{passage.name}.{key}"
        return found | {name: number(value) for name, value in _numbers(stage, formula).items()}


def _each(passages: Sequence[Passage]) -> Iterator[Passage]:
    """All of them, and those within."""
    for passage in passages:
        yield passage
        yield from _each(passage.within)


def formulas_of(part: Layer | Loss | Optimizer) -> Mapping[str, str]:
    """Those that hold for it: a user's class may compute something else than its base does."""
    if is_own(part):
        return part.formulas
    found: Mapping[str, str] = vars(type(part)).get("formulas", {})
    return found


def meanings_in(formula: str, outcome: Outcome) -> dict[str, str]:
    """What the letters of a loss's formula are."""
    known = {**outcome.names, **{name: number(value) for name, value in outcome.numbers.items()}}
    return {name: known[name] for name in read(formula).names if name in known and name != "t"}


def _numbers(part: Layer | Loss, formula: str) -> dict[str, float]:
    """The settings of a layer or loss that its formula names."""
    found = {}
    for name in read(formula).names:
        value = getattr(part, part.symbols.get(name, name), None)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found[name] = float(value)
    return found


def _weighted(gradient: str, weight: Array | None) -> str:
    """The formula of the gradient, of a mean over the samples' weights where they have some."""
    main, behind, additions = gradient.partition(",  ")
    if weight is None or not main.endswith(" / n"):
        return gradient
    own = main.removesuffix(" / n")
    own = f"({own})" if own.startswith("-") else own
    return f"w·{own} / Σ w{behind}{additions}"

"""The optimizer's step, made on copies: what it starts from, what it keeps, where it ends."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from hyalite.exact import is_own
from hyalite.formulas import read
from hyalite.numerals import number
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array, Parameters, Slot
from hyalite.schedules import Schedule
from hyalite.translation import joined, phrased


class Line(NamedTuple):
    """One assignment of the step for one weight.

    Attributes:
        name: of what gets a new value: "m", "θ".
        formula: in letters.
        filled: with the numbers.
        value: the new one.
    """

    name: str
    formula: str
    filled: str
    value: float


@dataclass(frozen=True)
class Step:
    """What a step does to each parameter.

    Attributes:
        optimizer: a copy, after the step.
        slots: where each parameter lies in the vectors.
        gradients: what each parameter's gradient is called, by the parameter's name.
        grad: the gradient as it came, penalties included.
        used: the same after clipping.
        before: the parameters, "θ", and the vectors that the optimizer keeps, by their names.
        after: the same after the step.
        factors: of learning rate and weight decay, for each number of the vector.
    """

    optimizer: Optimizer
    slots: tuple[Slot, ...]
    gradients: Mapping[str, str]
    grad: Array
    used: Array
    before: dict[str, Array]
    after: dict[str, Array]
    factors: tuple[Array, Array]

    @property
    def number(self) -> int:
        """Of the step, counted from 1."""
        return self.optimizer.steps

    @property
    def kind(self) -> str:
        """The optimizer's class."""
        return type(self.optimizer).__name__

    @property
    def formulas(self) -> Mapping[str, str]:
        """Its update, line by line; empty for a user's class that has none of its own."""
        if is_own(self.optimizer):
            return self.optimizer.formulas
        return vars(type(self.optimizer)).get("formulas", {})

    @property
    def letters(self) -> dict[str, str]:
        """Of the vectors that the optimizer keeps, by their names."""
        names = self.optimizer.slot_names
        return {name: letter for letter, name in self.optimizer.symbols.items() if name in names}

    def flat(self, parameter: str, place: tuple[int, ...]) -> int:
        """Where in the vectors a number of a parameter lies."""
        slot = next(slot for slot in self.slots if slot.name == parameter)
        return slot.offset + int(np.ravel_multi_index(place, slot.shape))

    def gradient(self, parameter: str) -> Array:
        """Of a parameter, as the step uses it."""
        slot = next(slot for slot in self.slots if slot.name == parameter)
        return self.used[slot.offset : slot.offset + slot.size].reshape(slot.shape)

    @property
    def _names(self) -> list[str]:
        """All letters of the formulas."""
        return [name for formula in self.formulas.values() for name in read(formula).names]

    def settings(self, place: int) -> str:
        """The letters of the formulas that are settings, at a place of theta, in a sentence."""
        optimizer, rate = self.optimizer, self.optimizer.learning_rate
        done, constants = self.number - 1, self.constants(place)
        lr = f"lr = {number(optimizer.last_learning_rate)}"
        if isinstance(rate, Schedule):
            lr = phrased("{0} by {1} after {2} steps", lr, repr(rate), f"{done:,}")
        elif optimizer.decay:
            lr = f"lr = {number(rate)} / (1 + {number(optimizer.decay)}·{done}){lr[2:]}"
        factor = float(self.factors[0][place])
        if factor != 1:
            own = number(factor), number(constants["lr"])
            lr = phrased("{0}, times {1} for this parameter: {2}", lr, *own)
        named = [name for name in constants if name in self._names and name not in ("lr", "g")]
        found = [lr, *(f"{name} = {number(constants[name])}" for name in named)]
        if done == 0 and self.letters:
            letters = joined("{0} and {1}", self.letters.values())
            one = len(self.letters) == 1
            found.append(phrased("{0} is 0 before it" if one else "{0} are 0 before it", letters))
        return joined("{0}; {1}", found)

    @property
    def clipping(self) -> str:
        """What clipping did to the gradient; empty where it did nothing."""
        if np.array_equal(self.grad, self.used):
            return ""
        optimizer, did = self.optimizer, []
        grad = self.grad
        if optimizer.clip_value is not None and np.abs(grad).max() > optimizer.clip_value:
            within = number(optimizer.clip_value)
            did.append(phrased("Each entry of g is kept within ±{0}.", within))
            grad = np.clip(grad, -optimizer.clip_value, optimizer.clip_value)
        norm = float(np.linalg.norm(grad.astype(np.float64)))
        if optimizer.clip_norm is not None and norm > optimizer.clip_norm:
            form = "The gradient's length, {0}, is cut to {1}: g ← g·{1}/{0}."
            did.append(phrased(form, number(norm), number(optimizer.clip_norm)))
        return joined("{0} {1}", did) if did else ""

    def constants(self, place: int) -> dict[str, float]:
        """The letters of the formulas that are the same before and after, at a place of theta."""
        optimizer = self.optimizer
        rates, decays = self.factors
        found = {
            "lr": optimizer.last_learning_rate * float(rates[place]),
            "t": float(self.number),
            "g": float(self.used[place]),
        }
        for letter in self._names:
            name = optimizer.symbols.get(letter, "")
            if name == "weight_decay":
                found[letter] = self._decay * float(decays[place])
            elif name and name not in optimizer.slot_names:
                found[letter] = float(getattr(optimizer, name))
        return found

    @property
    def _decay(self) -> float:
        """The weight decay of this step: it may go by a schedule."""
        before = copy.copy(self.optimizer)
        before.steps = self.number - 1
        return float(before.coming_weight_decays(1)[0])

    def lines(self, place: int) -> list[Line]:
        """The update of one number of theta; of a user's optimizer without formulas nothing."""
        values: dict[str, Any] = self.constants(place)
        for letter, vector in self._lettered(self.before):
            values[letter] = float(vector[place])
        after = dict(self._lettered(self.after))
        found = []
        for name, formula in self.formulas.items():
            value, filled = read(formula).compute(values), read(formula).filled(values)
            if value is None or filled is None:
                return []
            values[name] = float(value)
            if name in after:  # what the step itself gave, to the last digit
                values[name] = float(after[name][place])
            found.append(Line(name, formula, filled, values[name]))
        return found

    def _lettered(self, vectors: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
        """Vectors by the letters that the formulas have for them."""
        yield "θ", vectors["θ"]
        for letter, name in self.optimizer.symbols.items():
            if name in vectors:
                yield letter, vectors[name]

    def noted(self) -> Iterator[tuple[str, str, Array, dict[str, str]]]:
        """Name, formula, array and the formula's letters of all that a trace keeps of the step."""
        letters = self.letters
        names, first = self.optimizer.slot_names, self.number == 1
        for slot in self.slots:
            part = slice(slot.offset, slot.offset + slot.size)

            def view(vector: Array, part: slice = part, slot: Slot = slot) -> Array:
                return vector[part].reshape(slot.shape)

            grad = self.gradients[slot.name]
            if not np.array_equal(self.grad[part], self.used[part]):
                grad += " clipped"
                yield grad, "", view(self.used), {}
            meanings = {"g": grad}
            for name in names:
                before = "zero before the first step" if first else ""
                yield f"{slot.name} {name} before", before, view(self.before[name]), {}
                meanings[letters.get(name, name)] = f"{slot.name} {name}"
            for name in names:
                formula = self.formulas.get(letters.get(name, ""), "")
                own = {**meanings, letters.get(name, name): f"{slot.name} {name} before"}
                yield f"{slot.name} {name}", formula, view(self.after[name]), own
            formula = self.formulas.get("θ", "")
            yield f"{slot.name} after", formula, view(self.after["θ"]), {"θ": slot.name, **meanings}


def make_step(parameters: Parameters, optimizer: Optimizer, gradients: Mapping[str, str]) -> Step:
    """The step from the parameters and gradients as they are, of copies of all."""
    optimizer = copy.deepcopy(optimizer)
    optimizer.bind(parameters.layout)
    theta, used = parameters.theta.copy(), parameters.grad.copy()
    optimizer.prepare(theta)

    def state() -> dict[str, Array]:
        return {"θ": theta.copy()} | {name: v.copy() for name, v in optimizer.slots.items()}

    before = state()
    optimizer.step(theta, used)
    rates, decays = np.ones(theta.size), np.ones(theta.size)
    for start, stop, rate, decay in optimizer.segments_of(theta.size):
        rates[start:stop], decays[start:stop] = rate, decay
    return Step(
        optimizer,
        parameters.layout.slots,
        gradients,
        parameters.grad.copy(),
        used,
        before,
        state(),
        (rates, decays),
    )

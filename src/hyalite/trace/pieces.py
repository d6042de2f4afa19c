"""Numbers worked out that a small network's whole and a path through a large one have in common."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from hyalite.formulas import read
from hyalite.layers.base import Index
from hyalite.numerals import DIGITS, adding_up, figures, number
from hyalite.parameters import Array
from hyalite.trace.document import Block, Equation, Heading, Paragraph
from hyalite.trace.products import entry, largest
from hyalite.trace.recording import Recording, meanings_in
from hyalite.trace.sums import CLOSE, TINY
from hyalite.translation import phrased

MOST_DIGITS = 10  # of a weight, so that its change is seen


def prediction(recording: Recording, row: int, output: int) -> Equation | None:
    """One output of an activation that is computed as one with the loss; None without such."""
    outcome = recording.outcome
    name, source = outcome.names["p"], outcome.names["z"]
    if name == source:
        return None
    formula, z = recording.value(name).formula, outcome.arrays["z"]
    value = float(outcome.arrays["p"][row, output])
    filled = filled_in(formula, {"x": z[row, output]}, {"x": z[row]}, value)
    label = entry(name, (row, output), recording.samples)
    return Equation(label, formula, filled, number(value), meanings={"x": source})


def sample_loss(recording: Recording, row: int) -> Equation:
    """The loss of one sample."""
    outcome = recording.outcome
    value = float(recording["losses"][row])
    rows = {name: array[row] for name, array in outcome.by_output.items()}
    filled = filled_in(outcome.values, outcome.numbers, rows, value)
    meanings = meanings_in(outcome.values, outcome)
    return Equation(f"losses[{row}]", outcome.values, filled, number(value), meanings=meanings)


def first_derivative(recording: Recording, row: int, output: int) -> Equation:
    """Of the loss by one number of what the last stage gave."""
    outcome = recording.outcome
    value = float(outcome.dy[row, output])
    at = {name: array[row, output] for name, array in outcome.by_output.items()}
    filled = filled_in(outcome.gradient, {**at, **outcome.numbers}, {}, value)
    layer = recording.passages[-1].name if recording.passages else "x"
    label = entry(f"{layer}.dy", (row, output), recording.samples)
    meanings = meanings_in(outcome.gradient, outcome)
    return Equation(label, outcome.gradient, filled, number(value), meanings=meanings)


def penalty(recording: Recording, parameter: str, place: Index) -> Equation | None:
    """What the size of a weight adds to its gradient; None where it adds nothing."""
    layer, _, key = parameter.rpartition(".")
    found = recording.find(f"{layer}.d{key} with penalty")
    if found is None:
        return None
    gradient, weight = recording[f"{layer}.d{key}"][place], recording[parameter][place]
    settings = {name: read(text).compute({}) for name, text in found.meanings.items()}
    value = float(found.array[place])
    filled = filled_in(found.formula, {**settings, f"d{key}": gradient, key: weight}, {}, value)
    label = f"{found.name}[{', '.join(map(str, place))}]"
    return Equation(label, found.formula, filled, number(value))


def step(recording: Recording, parameter: str, place: Index) -> list[Block]:
    """The optimizer's step for one number of a parameter, line by line."""
    taken, at = recording.step, f"[{', '.join(map(str, place))}]"
    flat = taken.flat(parameter, place)
    before, after = (float(state["θ"][flat]) for state in (taken.before, taken.after))
    blocks: list[Block] = [
        Heading(
            phrased("Step {0} of {1}, for {2}", f"{taken.number:,}", taken.kind, f"{parameter}{at}")
        ),
        Paragraph(taken.settings(flat)),
    ]
    if taken.clipping:
        blocks.append(Paragraph(taken.clipping))
    gradient = number(taken.used[flat])
    blocks.append(Equation("θ", f"{parameter}{at}", "", number(before)))
    blocks.append(Equation("g", f"{taken.gradients[parameter]}{at}", "", gradient))
    for name, letter in taken.letters.items():
        if taken.number > 1:
            kept = number(taken.before[name][flat])
            blocks.append(Equation(letter, f"{parameter} {name} before{at}", "", kept))
    blocks += [
        Equation(line.name, line.formula, line.filled, number(line.value))
        for line in taken.lines(flat)
    ]
    change, digits = after - before, DIGITS
    if change and before:
        digits = max(DIGITS, math.ceil(math.log10(abs(before / change))) + 3)
    texts = adding_up([before, change], after, min(digits, MOST_DIGITS))
    start, moved = texts.terms
    sign = "-" if moved.startswith("-") else "+"
    changed = f"{start} {sign} {moved.removeprefix('-')}"
    blocks.append(Equation(f"{parameter} after{at}", "", changed, texts.total, power=texts.power))
    return blocks


def steepest_step(recording: Recording) -> list[Block]:
    """That of the number with the largest gradient; nothing where there are no parameters."""
    taken = recording.step
    if not taken.slots:
        return []
    name = max((slot.name for slot in taken.slots), key=lambda n: np.abs(taken.gradient(n)).max())
    return step(recording, name, largest(taken.gradient(name)))


def columns(vectors: Mapping[str, Array]) -> tuple[list[str], list[list[str]]]:
    """Vectors as columns of texts: heads, with the power of ten of each, and rows."""
    shown = {name: figures(vector) for name, vector in vectors.items()}
    heads = [f"{name} {column.power}".rstrip() for name, column in shown.items()]
    return heads, [list(row) for row in zip(*(c.texts for c in shown.values()), strict=True)]


def filled_in(
    formula: str, values: Mapping[str, float], rows: Mapping[str, Array], expected: float
) -> str:
    """The formula with its numbers, where they give what was computed; else nothing."""
    values = {name: float(value) for name, value in values.items()}
    rows = {name: np.asarray(row, np.float64) for name, row in rows.items()}
    found = read(formula).compute(values, rows) if formula else None
    if found is None or not np.isclose(found, expected, rtol=CLOSE, atol=TINY):
        return ""
    filled = read(formula).filled(values, rows) or ""
    return "" if filled == number(expected) else filled

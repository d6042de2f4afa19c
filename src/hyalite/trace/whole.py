"""A small network whole: every array, and of each kind one number worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hyalite.formulas import read
from hyalite.numerals import number
from hyalite.trace import pieces
from hyalite.trace.document import Block, Equation, Heading, Table, Worked
from hyalite.trace.products import largest
from hyalite.trace.recording import Recording, Value
from hyalite.trace.sums import worked
from hyalite.translation import translated

WIDEST = 10  # numbers along each axis of an array that is shown whole
MOST = 800  # numbers in all that are read on some pages
MOST_ROWS = 100  # parameters that stand in a table, a line each; more are shown as arrays


def fits(values: Sequence[Value]) -> bool:
    """Whether all of them can be read."""
    return (
        all(max(value.array.shape, default=1) <= WIDEST for value in values)
        and sum(value.array.size for value in values) <= MOST
    )


def whole(recording: Recording, row: int, output: int) -> list[Block]:
    """Everything as it is shown; the numbers worked out are of one sample and output."""
    blocks: list[Block] = []
    part, names = "", {value.name for value in recording.values}
    as_table = recording.step.before["θ"].size <= MOST_ROWS
    for value in recording.values:
        if value.part != part:
            part = value.part
            if part == "step":
                blocks += pieces.steepest_step(recording)
            title = "All parameters" if part == "step" else part.capitalize()
            blocks.append(Heading(translated(title)))
        if part == "step" and as_table:
            return [*blocks, _all_parameters(recording)]
        shown = value.formula not in names  # else it has just been
        blocks.append(_equation(value, shown))
        blocks += _example(recording, value, row, output) if shown else []
    return blocks


def _equation(value: Value, with_array: bool) -> Equation:
    array, meanings = value.array, value.meanings
    if not array.ndim:
        return Equation(value.name, value.formula, "", number(array), meanings=meanings)
    shown, plane = array if with_array else None, (-2, -1)
    if array.ndim == 4:  # pictures lie in the middle, a kernel in front
        key = value.name.rpartition(".")[2].partition(" ")[0]
        plane = (0, 1) if key in ("W", "dW") else (1, 2)
    return Equation(value.name, value.formula, array=shown, meanings=meanings, plane=plane)


def _example(recording: Recording, value: Value, row: int, output: int) -> list[Block]:
    """One number of an array, worked out."""
    outcome = recording.outcome
    last = recording.passages[-1] if recording.passages else None
    layer, _, key = value.name.rpartition(".")
    passage = recording.passage(layer)
    example: Worked | None = None
    if value.name == "losses":
        example = pieces.sample_loss(recording, row)
    elif value.name == outcome.names["p"] and passage is None:
        example = pieces.prediction(recording, row, output)
    elif last is not None and value.name == f"{last.name}.dy":
        example = pieces.first_derivative(recording, row, output)
    elif passage is not None and key == "dW" and value.array.any():
        example = worked(passage, key, largest(value.array))
    elif passage is not None and passage is last and key == "y":
        example = worked(passage, key, (row, output))
    elif passage is not None and key in ("y", "dx") and value.array[row].any():
        example = worked(passage, key, (row, *largest(value.array[row])))
    if example is None or (isinstance(example, Equation) and not example.filled):
        return []
    # the array above it says what the letters are
    return [replace(example, meanings={}, formula=read(example.formula).main)]


def _all_parameters(recording: Recording) -> Table:
    """Before and after the step, with what the optimizer keeps."""
    step = recording.step
    kept = {step.letters.get(name, name): step.after[name] for name in step.optimizer.slot_names}
    vectors = {"θ": step.before["θ"], "g": step.used, **kept, "θ after": step.after["θ"]}
    head, rows = pieces.columns(vectors)
    names = [
        f"{slot.name}[{', '.join(map(str, place))}]"
        for slot in step.slots
        for place in np.ndindex(*slot.shape)
    ]
    return Table(["", *head], [[name, *row] for name, row in zip(names, rows, strict=True)])

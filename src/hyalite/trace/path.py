"""One path through a network, for one too large to be shown whole.

From one output back to the input that it hangs on most, layer by layer; then forward along it with
the largest terms of each sum, the loss, the derivatives on the way back, and one weight's step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hyalite.exact import is_own
from hyalite.layers.base import Index
from hyalite.numerals import number
from hyalite.text import shown as shown_name
from hyalite.trace import pieces
from hyalite.trace.document import Block, Equation, Heading, Paragraph, Table
from hyalite.trace.origin import samples as samples_text
from hyalite.trace.products import entry, products
from hyalite.trace.recording import Passage, Recording
from hyalite.trace.sums import worked
from hyalite.translation import phrased, translated

MOST_INPUTS = 10  # that are shown themselves
MOST_OUTPUTS = 12


@dataclass(frozen=True)
class Section:
    """Where the path goes through one layer.

    Attributes:
        passage: of the layer.
        output: the place in its y.
        input: the place in its x; None where the path begins in this layer.
        weight: key and place of the parameter between the two; None where there is none.
        within: of a block, the sections within; none where the path goes by beside them.
    """

    passage: Passage
    output: Index
    input: Index | None
    weight: tuple[str, Index] | None
    within: Sequence[Section] = ()


def follow(recording: Recording, row: int, output: int) -> list[Section]:
    """The path to one output of a sample, from the input on."""
    return _sections(recording.passages, (row, output))


def _sections(passages: Sequence[Passage], place: Index | None) -> list[Section]:
    """The path through these to a number of what the last of them gave."""
    sections: list[Section] = []
    for passage in reversed(passages):
        if place is None:
            break
        sections.append(_section(passage, place))
        place = sections[-1].input
    return sections[::-1]


def _section(passage: Passage, place: Index) -> Section:
    if passage.within and is_own(passage.stage):  # y = x + f: through the larger of the two
        x, f = passage.arrays["x"][place], passage.arrays["f"][place]
        if abs(x) > abs(f):
            return Section(passage, place, place, None)
        within = _sections(passage.within, place)
        return Section(passage, place, within[0].input, None, within)
    source, weight = _back(passage, place)
    return Section(passage, place, source, weight)


def _each(sections: Sequence[Section]) -> Iterator[Section]:
    """All of them in order, those within a block before its own."""
    for section in sections:
        yield from _each(section.within)
        yield section


def path(recording: Recording, row: int, output: int) -> list[Block]:
    """The path as it is shown."""
    sections = follow(recording, row, output)
    stations = " → ".join(_stations(recording, sections, row, output))
    return [
        Paragraph(
            phrased(
                "{0} parameters and {1} are too much to be read number by number: below is one "
                "path through the network. full=True (--full) shows everything.",
                f"{recording.step.before['θ'].size:,}",
                samples_text(recording.samples),
            )
        ),
        Paragraph(phrased("The path: {0}", stations)),
        *_forward(recording, sections, row, output),
        *_loss(recording, row, output),
        *_backward(recording, sections, row, output),
        *_step(recording, sections),
    ]


def _back(passage: Passage, place: Index) -> tuple[Index | None, tuple[str, Index] | None]:
    """Where an output comes from most, and by which weight."""
    sum_ = products(passage, "y", place)
    if sum_ is not None:
        if sum_.followed is None:
            return None, None
        weights = [factor for factor in sum_.terms[sum_.followed].factors if factor[0] != "x"]
        return sum_.input_place(sum_.followed), weights[0] if weights else None
    x, y = passage.arrays["x"], passage.arrays["y"]
    if x.size == y.size:  # number by number, or nearly so
        flat = int(np.ravel_multi_index(place, y.shape))
        return _place(flat, x.shape), None
    one = np.zeros_like(y)
    one[place] = 1
    slopes = passage.stage.backward(one)  # how y there changes with each number of x
    if slopes is None or not slopes.any():
        return None, None
    flat = int(np.abs(slopes[place[0]]).argmax())
    return (place[0], *_place(flat, x.shape[1:])), None


def _place(flat: int, shape: tuple[int, ...]) -> Index:
    return tuple(int(i) for i in np.unravel_index(flat, shape))


def _stations(
    recording: Recording, sections: Sequence[Section], row: int, output: int
) -> list[str]:
    """The numbers that the path goes through, by name."""
    samples, outcome, names = recording.samples, recording.outcome, []
    if sections and sections[0].input is not None:
        names.append(entry("x", sections[0].input, samples))
    names += [entry(f"{s.passage.name}.y", s.output, samples) for s in _each(sections)]
    if outcome.names["p"] != outcome.names["z"]:
        names.append(entry(outcome.names["p"], (row, output), samples))
    return [*names, "loss"]


def _forward(
    recording: Recording, sections: Sequence[Section], row: int, output: int
) -> list[Block]:
    blocks: list[Block] = [Heading(translated("Forward")), *_sample(recording, row)]
    blocks += [
        worked(section.passage, "y", section.output, follow=section.input is not None)
        for section in _each(sections)
    ]
    example = pieces.prediction(recording, row, output)
    return blocks if example is None else [*blocks, example]


def _sample(recording: Recording, row: int) -> list[Block]:
    """The input: whole, or in a sentence."""
    x = recording["x"][row]
    if x.size <= MOST_INPUTS:
        return [Equation("x", array=x)]
    sizes, not_0 = " × ".join(map(str, x.shape)), np.count_nonzero(x)
    least, most = number(x.min()), number(x.max())
    form = "x: {0} numbers, {1} of them not 0, from {2} to {3}."
    return [Paragraph(phrased(form, sizes, f"{not_0:,}", least, most))]


def _loss(recording: Recording, row: int, output: int) -> list[Block]:
    """Target and loss of the sample, and the mean that is minimized."""
    outcome, samples = recording.outcome, recording.samples
    t, about = outcome.arrays["t"], recording.value("t").formula
    blocks: list[Block] = [Heading(translated("Loss"))]
    if t.ndim == 2 and t.shape[1] <= MOST_OUTPUTS:
        blocks.append(Equation("t", about, array=t[row]))
    elif t.ndim == 2:
        place = (row, output)
        blocks.append(Equation(entry("t", place, samples), about, "", number(t[place])))
    found = pieces.sample_loss(recording, row)
    blocks.append(replace(found, name="loss") if samples == 1 else found)
    more = [recording.find(name) for name in (["loss"] if samples > 1 else []) + ["penalty"]]
    return blocks + [Equation(v.name, v.formula, "", number(v.array)) for v in more if v]


def _backward(
    recording: Recording, sections: Sequence[Section], row: int, output: int
) -> list[Block]:
    """From the loss to the weights of the path, and from layer to layer."""
    return [
        Heading(translated("Backward")),
        pieces.first_derivative(recording, row, output),
        *_outputs(recording, row, output),
        *_derivatives(recording, sections),
    ]


def _derivatives(
    recording: Recording, sections: Sequence[Section], behind: str = "", to_input: bool = False
) -> list[Block]:
    """By the weights of the path, and by what goes from layer to layer.

    Args:
        recording: of the pass.
        sections: of the path, or of a part of it within a block.
        behind: the layer whose dx is the dy of the last section; empty where that is the loss's.
        to_input: whether what comes before the first section wants its dx.
    """
    blocks: list[Block] = []
    for section in reversed(sections):
        passage, wanted = section.passage, to_input or section is not sections[0]
        meanings = {"dy": f"{behind}.dx"} if behind else {}
        if section.weight is not None:
            key, place = section.weight
            blocks.append(worked(passage, f"d{key}", place))
            more = pieces.penalty(recording, f"{passage.name}.{key}", place)
            blocks += [more] if more is not None else []
        blocks += _derivatives(recording, section.within, behind, wanted)
        if not wanted or section.input is None or "dx" not in passage.arrays:
            break
        blocks.append(worked(passage, "dx", section.input, meanings=meanings))
        behind = passage.name
    return blocks


def _outputs(recording: Recording, row: int, output: int) -> list[Block]:
    """All outputs of the sample beside each other; of many those with the largest derivatives."""
    arrays, names = recording.outcome.arrays, recording.outcome.names
    dy = recording.outcome.dy[row]
    if dy.size == 1:
        return []
    shown = sorted(np.argsort(-np.abs(dy), kind="stable")[:MOST_OUTPUTS].tolist())
    given = {"z": arrays["z"]} if names["z"] != names["p"] else {}
    given |= {name: array for name, array in recording.outcome.by_output.items() if name != "z"}
    vectors = {name: array[row][shown] for name, array in given.items()} | {"dy": dy[shown]}
    head, rows = pieces.columns(vectors)
    classes = recording.classes or [str(place) for place in range(dy.size)]
    lines = [[shown_name(classes[place]), *texts] for place, texts in zip(shown, rows, strict=True)]
    followed = shown.index(output) if output in shown else None
    return [Table([translated("output"), *head], lines, followed)]


def _step(recording: Recording, sections: Sequence[Section]) -> list[Block]:
    """Of the path's first weight that has a gradient; without such of the steepest of all."""
    for section in _each(sections):
        if section.weight is not None:
            name, place = f"{section.passage.name}.{section.weight[0]}", section.weight[1]
            if recording.step.gradient(name)[place] != 0:
                return pieces.step(recording, name, place)
    return pieces.steepest_step(recording)

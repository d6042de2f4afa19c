"""One number of a network, clicked: what it is made of, with its formula and the numbers in it.

The library's trace of one training step does the work; here a number's name is looked up in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hyalite.data.samples import Batch
from hyalite.layers.base import Index
from hyalite.numerals import DIGITS, adding_up, number
from hyalite.play import limits
from hyalite.play.parts import whole
from hyalite.play.problems import Refused
from hyalite.play.view import View
from hyalite.trace import pieces
from hyalite.trace.as_html import markup
from hyalite.trace.as_text import as_text
from hyalite.trace.document import Block, Equation
from hyalite.trace.products import products
from hyalite.trace.recording import Passage, Recording, Value, record
from hyalite.trace.sums import worked
from hyalite.trace.whole import whole as whole_step

MOST_PARENTS = 200
WIDTH = 80
PER_SAMPLE = ("x", "y", "z", "dx", "dy", "p", "t", "losses", "labels")


class Step:
    """One training step over some samples, laid open; names are those of the page.

    A page says ``dense_1.y`` for what comes out of a layer and ``dense_1.z`` for what goes into
    its activation; the trace has two stages there, ``dense_1`` and ``dense_1.relu``.

    Args:
        view: the network, in the state of the run with all that a step depends on.
        samples: as a reference names them.
    """

    def __init__(self, view: View, samples: Any) -> None:
        self.view, self.samples = view, samples
        batch = self._batch()
        size = len(batch.x) * sum(int(np.prod(layer.shape)) for layer in view.layers)
        if size > limits.TRACED_NUMBERS * 20:
            raise Refused("so many numbers are not laid open at once; choose fewer samples")
        network, objective = view.model.network, view.run.objective
        parameters = network.ready
        kept = parameters.state.copy(), parameters.grad.copy(), network.clock.row
        network.clock.row = 0
        try:
            with np.errstate(all="ignore"):
                self.recording: Recording = record(network, objective, view.model.optimizer, batch)
        finally:
            parameters.state[...], parameters.grad[...], network.clock.row = kept
        self.activated = {
            passage.name.rpartition(".")[0]: passage.name
            for passage in self.recording.passages
            if passage.name.rpartition(".")[0] in {layer.name for layer in view.layers}
        }
        p = self.recording.outcome.names["p"].rpartition(".")[0]
        if p.rpartition(".")[0] in {layer.name for layer in view.layers}:
            self.activated.setdefault(p.rpartition(".")[0], p)

    def _batch(self) -> Batch:
        run, samples = self.view.run, self.samples
        if samples in (None, "batch"):
            return run.batch_of("training", self.view.coming[: limits.TRACED_ROWS])
        if samples == "cursor":
            place = max(0, self.view.cursor - 1)
            return run.batch_of("training", self.view.coming[place : place + 1])
        field = "reference.samples"
        if not isinstance(samples, dict) or samples.get("part") not in ("training", "test"):
            raise Refused('samples must be "batch", "cursor" or {"part", "rows"}', field)
        part, rows = samples["part"], samples.get("rows")
        count = len(run.rows(part))
        if not isinstance(rows, list) or not 0 < len(rows) <= limits.TRACED_ROWS:
            raise Refused(f"rows must be 1 to {limits.TRACED_ROWS} places", f"{field}.rows")
        places = [whole(row, "a row", f"{field}.rows", 0, count - 1) for row in rows]
        return run.batch_of(part, places)

    # Names ------------------------------------------------------------------------------------

    def own_name(self, name: str) -> str:
        """The trace's name of an array that the page names."""
        layer, _, key = name.rpartition(".")
        if layer in self.activated:
            if key in ("y", "dy"):
                return f"{self.activated[layer]}.{key}"
            if key in ("z", "dz"):
                return f"{layer}.{'y' if key == 'z' else 'dy'}"
        return self.recording.outcome.names["p"] if name == "p" else name

    def page_name(self, name: str) -> str:
        """The other way round."""
        layer, _, key = name.rpartition(".")
        for own, stage in self.activated.items():
            if layer == stage and key in ("y", "dy"):
                return f"{own}.{key}"
            if layer == stage and key == "dx":
                return f"{own}.dz"
            if layer == own and key in ("y", "dy"):
                return f"{own}.{'z' if key == 'y' else 'dz'}"
        return name

    def reference(self, name: str, index: Sequence[int]) -> dict[str, Any]:
        """A number as the page refers to it; `name` is the trace's."""
        found = {"array": self.page_name(name), "index": [int(place) for place in index]}
        return found if self.samples is None else {**found, "samples": self.samples}

    def link(self, name: str, index: Index) -> dict[str, Any] | None:
        """A number with its value, as one of those that another is made of."""
        value = self.recording.find(name)
        if value is None or len(index) != value.array.ndim:
            return None
        places = ", ".join(map(str, index))
        label = self.page_name(name) + (f"[{places}]" if index else "")
        return {
            "label": label,
            "value": float(value.array[index]),
            "reference": self.reference(name, index),
        }

    # What it says -----------------------------------------------------------------------------

    def told(self, array: str, index: Any) -> dict[str, Any]:
        """A number: value, formula with numbers, what it is made of, what it goes into.

        Raises:
            Refused: there is no such array, or no such place in it.
        """
        if array == "":
            blocks = whole_step(self.recording, 0, 0)
            return {"name": "", "value": None, "part": "", "samples": self.recording.samples,
                    **self._shown(blocks), "parents": [], "children": []}  # fmt: skip
        name = self.own_name(array)
        value = self.recording.find(name)
        if value is None and array.endswith(".dy"):  # the last activation is one with the loss
            name = self.own_name(f"{array[:-3]}.dz")
            value = self.recording.find(name)
        if value is None:
            known = ", ".join(self.page_name(one.name) for one in self.recording.values)
            raise Refused(f"there is no array {array[:60]!r}. There are {known}", "reference.array")
        place = self._place(value, index)
        blocks, parents = self._worked(value, place)
        links = [self.link(*one) for one in parents[:MOST_PARENTS]]
        children = [self.link(*one) for one in self._children(name, place)[:MOST_PARENTS]]
        at = f"[{', '.join(map(str, place))}]" if place else ""
        return {
            "name": f"{self.page_name(name)}{at}",
            "value": float(value.array[place]),
            "part": value.part,
            "samples": self.recording.samples,
            **self._shown(blocks),
            "parents": [one for one in links if one],
            "children": [one for one in children if one],
        }

    @staticmethod
    def _shown(blocks: Sequence[Block]) -> dict[str, str]:
        return {"html": "\n".join(markup(blocks)), "text": as_text("", blocks, WIDTH).strip()}

    @staticmethod
    def _place(value: Value, index: Any) -> Index:
        shape = value.array.shape
        if not isinstance(index, list) or len(index) != len(shape):
            raise Refused(f"index must be {len(shape)} places in {shape}", "reference.index")
        ends = zip(index, shape, strict=True)
        return tuple(whole(i, "a place", "reference.index", 0, end - 1) for i, end in ends)

    def _worked(self, value: Value, place: Index) -> tuple[list[Block], list[tuple[str, Index]]]:
        """How a number comes about, and the numbers that it is made of."""
        recording, outcome = self.recording, self.recording.outcome
        layer, _, key = value.name.rpartition(".")
        passage = recording.passage(layer)
        row, output = (*place, 0, 0)[:2]
        blocks: list[Block] = [self._plain(value, place)]
        if value.name == "losses":
            return [pieces.sample_loss(recording, row)], self._of_outcome(row)
        if value.name == outcome.names["p"] and passage is None:
            found = pieces.prediction(recording, row, output)
            width = outcome.arrays["z"].shape[1]
            return [found] if found else blocks, _row(outcome.names["z"], row, width)
        if key.endswith(" after"):
            name = value.name.removesuffix(" after")
            step = recording.step
            gradient = step.gradients[name]
            return pieces.step(recording, name, place), [(name, place), (gradient, place)]
        if key.endswith(" with penalty"):
            weight = f"{layer}.{key.removesuffix(' with penalty')[1:]}"
            found = pieces.penalty(recording, weight, place)
            before = value.name.removesuffix(" with penalty")
            return [found] if found else blocks, [(before, place), (weight, place)]
        if passage is None:
            return blocks + self._total(value.name), self._of_mean(value.name)
        if key == "dy":
            return self._incoming(passage, value, place)
        if key in passage.arrays and (key in ("y", "dx") or key[:1] == "d"):
            return [worked(passage, key, place)], self._factors(passage, key, place)
        return blocks, []

    @staticmethod
    def _plain(value: Value, place: Index) -> Equation:
        """A number that nothing more is said of."""
        at = f"[{', '.join(map(str, place))}]" if place else ""
        shown = number(value.array[place])
        return Equation(f"{value.name}{at}", value.formula, "", shown, meanings=value.meanings)

    def _of_outcome(self, row: int) -> list[tuple[str, Index]]:
        """Prediction and target of a sample."""
        outcome = self.recording.outcome
        width = outcome.arrays["p"].shape[1]
        return _row(outcome.names["p"], row, width) + _row("t", row, width)

    def _of_mean(self, name: str) -> list[tuple[str, Index]]:
        if name != "loss":
            return []
        return [("losses", (row,)) for row in range(self.recording.samples)]

    def _total(self, name: str) -> list[Block]:
        """What is minimized, where that is more than the loss on the data."""
        penalty = self.recording.find("penalty")
        if penalty is None or name not in ("loss", "penalty"):
            return []
        loss = self.recording.value("loss")
        both = [float(loss.array), float(penalty.array)]
        other = penalty if name == "loss" else loss
        texts = adding_up(both, sum(both), DIGITS)
        filled = " + ".join(texts.terms)
        total = Equation("total", "loss + penalty", filled, texts.total, power=texts.power)
        return [self._plain(other, ()), total]

    def _incoming(
        self, passage: Passage, value: Value, place: Index
    ) -> tuple[list[Block], list[tuple[str, Index]]]:
        """The derivative that comes to a stage from the one behind it, or from the loss."""
        recording = self.recording
        passages = recording.passages
        here = next((n for n, one in enumerate(passages) if one is passage), None)
        if here is not None and here == len(passages) - 1 and len(place) == 2:
            name, row, output = recording.outcome.names["p"], place[0], place[1]
            first = pieces.first_derivative(recording, row, output)
            return [first], [(name, (row, output)), ("t", (row, output))]
        if here is not None and here < len(passages) - 1:
            behind = passages[here + 1]
            if "dx" in behind.arrays:
                block = worked(behind, "dx", place, meanings={})
                return [block], self._factors(behind, "dx", place)
        return [self._plain(value, place)], []

    def _factors(self, passage: Passage, key: str, place: Index) -> list[tuple[str, Index]]:
        """The numbers that a number of a layer is made of, the largest products first."""
        sum_ = products(passage, key, place)
        names = {"x": passage.source}
        if sum_ is not None:
            order = np.argsort(-np.abs(sum_.values), kind="stable")
            found = [factor for n in order.tolist() for factor in sum_.terms[n].factors]
        else:  # number by number
            source = "x" if key == "y" else "dy"
            array = passage.arrays.get(source)
            same = array is not None and array.shape == passage.arrays[key].shape
            found = [(source, place)] if same else []
            if key == "dx" and same:
                found.append(("x", place))
        unique = dict.fromkeys((names.get(k, f"{passage.name}.{k}"), tuple(i)) for k, i in found)
        return list(unique)

    def _children(self, name: str, place: Index) -> list[tuple[str, Index]]:
        """The numbers that a number goes into, one layer on."""
        recording = self.recording
        behind = next((one for one in recording.passages if one.source == name), None)
        if behind is not None:
            y = behind.arrays["y"]
            if y.shape == recording[name].shape and products(behind, "y", place) is None:
                return [(f"{behind.name}.y", place)]
            if y.ndim == 2:
                return [(f"{behind.name}.y", (place[0], unit)) for unit in range(y.shape[1])]
            return []
        outcome = recording.outcome
        if name == outcome.names["z"] != outcome.names["p"]:
            width = outcome.arrays["p"].shape[1]
            return [(outcome.names["p"], (place[0], unit)) for unit in range(width)]
        if name == outcome.names["p"]:
            return [("losses", place[:1])]
        if name == "losses":
            return [("loss", ())]
        step = recording.step.gradients
        if name in step:
            return [(step[name], place), (f"{name} after", place)]
        for parameter, gradient in step.items():
            if name == gradient:
                return [(f"{parameter} after", place)]
            if f"{name} with penalty" == gradient:
                return [(gradient, place)]
        return []


def _row(name: str, row: int, width: int) -> list[tuple[str, Index]]:
    """All numbers in a row of an array."""
    return [(name, (row, place)) for place in range(width)]

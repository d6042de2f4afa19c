"""A table's model as exports see it: columns, networks with what their outputs mean, the answer."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass

import numpy as np

from hyalite.data.tables.category_column import Category
from hyalite.data.tables.column import Column
from hyalite.data.tables.date_column import DateTime
from hyalite.data.tables.number_column import Number
from hyalite.data.tables.number_texts import NumberFormat
from hyalite.data.tables.preparation import Preparation
from hyalite.data.tables.targets import NumericTarget
from hyalite.data.tables.time_texts import TimeFormat
from hyalite.data.tables.truth_texts import TruthFormat
from hyalite.exact import is_own
from hyalite.export.steps import Step, steps_of
from hyalite.model import Sequential
from hyalite.recipes.metadata import TABLE_KEY, preparation_of
from hyalite.recipes.pipelines import RowModel, TablePipeline
from hyalite.recipes.tabular.calibration import FLOOR
from hyalite.recipes.tabular.ensemble import TabularModel
from hyalite.recipes.tabular.scores import SMALLEST
from hyalite.recipes.tabular.target import TargetScale
from hyalite.text import printable

UNBOUND = {"low": -math.inf, "high": math.inf}


@dataclass(frozen=True)
class Part:
    """One network of several.

    Attributes:
        steps: of the network.
        weight: what its answer counts.
        ending: what makes answers of its outputs, in double precision: "softmax", "probabilities"
            (they are), "sigmoid" and "yes" (of two classes, the second), "number" or "logarithm"
            (clip(factor·f(z·scale + mean)) with f = exp for the latter).
        numbers: by name, of the ending.
    """

    steps: list[Step]
    weight: float
    ending: str
    numbers: dict[str, float]


@dataclass(frozen=True)
class TableForm:
    """A table's model.

    Attributes:
        preparation: of its columns.
        parts: the networks.
        temperature: by which mixed probabilities are divided as logits; None where they stay.
        classes: names; none where it predicts numbers.
        floor: that is added to each probability after that, before they sum to 1 again.
        smallest: that a probability is taken for before.
    """

    preparation: Preparation
    parts: list[Part]
    temperature: float | None
    classes: tuple[str, ...]
    floor: float = 0.0
    smallest: float = SMALLEST

    @property
    def columns(self) -> list[tuple[Column, list[int]]]:
        """Each column with the places of its features."""
        groups = self.preparation.groups
        return [(column, groups[column.name]) for column in self.preparation.columns]

    @property
    def title(self) -> str:
        """What it predicts, in a line."""
        target = self.preparation.target
        what = ", ".join(self.classes) if self.classes else f"a number{unit_of(target)}"
        count = len(self.parts)
        return f"{target.name}: {what}; by {count} network{'s' * (count > 1)}"


def table_form(model: RowModel) -> TableForm:
    """The form of a model.

    Raises:
        ValueError: another kind of model; a layer or loss that is not the library's; a network
            whose outputs are not the classes, or not one number.
    """
    networks = networks_of(model)
    if isinstance(model, TabularModel):
        count = len(networks)
        parts = []
        for number, (weight, member) in enumerate(
            zip(model.weights, model.members, strict=True), 1
        ):
            steps = steps_of(member.model, f"network_{number}_" if count > 1 else "")
            parts.append(Part(steps, float(weight), *_ending(member.target)))
        temperature = float(model.temperature) if model.classes else None
        floor = FLOOR / model.rows
        return TableForm(model.preparation, parts, temperature, model.classes, floor)
    part = Part(steps_of(networks[0]), 1.0, *_pipeline_ending(model))
    return TableForm(model.preparation, [part], None, model.classes)


def networks_of(model: Sequential | RowModel) -> list[Sequential]:
    """The networks in a model.

    Raises:
        ValueError: another kind of model.
    """
    if isinstance(model, TabularModel):
        return [member.model for member in model.members]
    if isinstance(model, Sequential | TablePipeline):
        return [model if isinstance(model, Sequential) else model.model]
    raise ValueError(
        "model must be a Sequential, or of a table a TabularModel or TablePipeline as "
        f"hyalite.recipes.load gives it, got {type(model).__name__}"
    )


def _ending(target: TargetScale | None) -> tuple[str, dict[str, float]]:
    if target is None:
        return "softmax", {}
    numbers = {key: getattr(target, key) for key in ("scale", "mean", "factor", "low", "high")}
    return ("logarithm" if target.log else "number"), numbers


def _pipeline_ending(pipeline: TablePipeline) -> tuple[str, dict[str, float]]:
    target, outputs = pipeline.preparation.target, pipeline.model.network.output_shape
    if isinstance(target, NumericTarget) and not pipeline.classes and outputs == (1,):
        return "number", {"scale": 1.0, "mean": target.offset, "factor": 1.0, **UNBOUND}
    loss = pipeline.model._reader(outputs[-1])
    if not pipeline.classes or not is_own(loss) or loss.class_count(outputs[-1]) < 2:
        raise ValueError(
            f"the network's outputs {outputs} with the loss {loss.name!r} are not what the target "
            f"{target.name!r} is, so that no answers can be made of them; export pipeline.model, "
            "the network alone"
        )
    if loss.kind == "classes":
        return ("softmax" if loss.from_logits else "probabilities"), {}
    return ("sigmoid" if loss.from_logits else "yes"), {}


def numbers_of(column: Column) -> Number:
    """How the numbers of a column are scaled; of dates the days since 1970."""
    found = column.days if isinstance(column, DateTime) else column
    assert isinstance(found, Number)
    return found


# What goes in, in words -----------------------------------------------------------------------


def unit_of(target: object) -> str:
    """Such as " in EUR"; empty where nothing is known."""
    made = getattr(target, "format", None)
    if isinstance(made, TimeFormat):
        return " in seconds"
    unit = getattr(made, "prefix", "") or getattr(made, "suffix", "")
    return f" in {plain(unit)}" if unit else ""


def inputs_of(column: Column, texts: bool) -> str:
    """What a column takes, in words.

    Args:
        column: of the table.
        texts: whether texts are read here as the library reads them.
    """
    if isinstance(column, Category):
        known = ", ".join(plain(value) for value in column.known)
        return f"{column.kind}, one of {known}"
    if isinstance(column, DateTime):
        return "date" + (_how(column) if texts else ", as days since 1970-01-01")
    assert isinstance(column, Number)
    if isinstance(column.format, TimeFormat):
        what = "time" if texts else "time in seconds"
    else:
        what = "number" + ((_how(column) if texts else "") or unit_of(column))
    if column.low is not None and column.high is not None:
        what += f", {column.low:.6g} to {column.high:.6g} in training"
    return what


def _how(column: Column) -> str:
    how = column.format.describe()
    return f" {plain(how)}" if how else ""


def plain(text: str) -> str:
    """A text from a stranger's file as it may stand in a comment of any language."""
    return (
        printable(text)
        .replace("\n", "�")
        .replace("\\", "/")
        .replace("*/", "* /")
        .replace("/*", "/ *")
        .replace('"', "'")
        .replace("??", "? ?")
    )


def filled(text: str, indent: str = "    ") -> str:
    """A line of a head, in lines of at most 88 letters."""
    return textwrap.fill(text, 85, subsequent_indent=indent, break_on_hyphens=False)


def inputs_note(model: Sequential) -> str:
    """Of a network that was trained on a table, what it takes in which order; else nothing."""
    if TABLE_KEY not in model.metadata:
        return ""
    preparation = preparation_of(model)
    features = "; ".join(plain(feature) for feature in preparation.features)
    classes = getattr(preparation.target, "known", ())
    gives = ", ".join(map(plain, classes)) if classes else plain(preparation.target.name)
    return (
        f"The network alone: x is what the preparation makes of a table's row (numbers are scaled "
        f"there, categories are 1 or 0): {features}. y is {gives}. With the preparation in it a "
        "file is written of what hyalite.recipes.load gives."
    )


def level_places(column: Category) -> tuple[dict[str, int], int]:
    """For texts their place among the column's values, and the place of every other text.

    The values, texts that mean the same (7 and 7.0, Yes and YES) and those that are gaps, as far
    as they can be listed. A text that the library would read and that is not there counts as one
    that training never saw. The place is -1 where no feature is 1.
    """
    texts = list(column.known)
    for text in column.known:
        if isinstance(column.format, TruthFormat):
            texts += [text.lower(), text.upper(), text.capitalize()]
        try:
            value = float(text)
        except ValueError:
            continue
        if math.isfinite(value) and abs(value) < 1e15:
            texts += [f"{value:.0f}", f"{value:.1f}"] if value == int(value) else [repr(value)]
    texts += ["", *sorted(column.format._gaps)]
    unseen = "?"
    while unseen in column.known or unseen in column.format._gaps:
        unseen += "?"
    texts = list(dict.fromkeys(texts))
    rows = np.empty(len(texts) + 1, object)
    rows[:] = [*texts, unseen]
    found = column.encode(rows)
    places = found[:, 0] if column.embed else np.where(found.any(1), found.argmax(1), -1)
    *each, other = places.astype(int).tolist()
    return {text: place for text, place in zip(texts, each, strict=True) if place != other}, other


def gap_numbers(column: Column) -> list[float]:
    """Numbers that stand for gaps in a column, such as -999."""
    if not isinstance(column.format, NumberFormat):
        return []
    found = []
    for text in column.format.gaps or ():
        try:
            found.append(float(text))
        except ValueError:
            continue
    return sorted(value for value in set(found) if math.isfinite(value))

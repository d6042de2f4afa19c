"""A table's model as operators of ONNX: an input for each column, names or numbers come out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hyalite.data.tables.category_column import Category
from hyalite.data.tables.column import Column
from hyalite.data.tables.date_column import CYCLES, DateTime
from hyalite.export.onnx_graph import ML, Graph
from hyalite.export.table_model import (
    Part,
    TableForm,
    gap_numbers,
    inputs_of,
    level_places,
    numbers_of,
)

HOW = (
    "The preparation is in this file: rows go in as the table has them. Each column is an input "
    "of shape (n, 1) under its own name. Numbers are tensor(double), NaN is a gap; what a text "
    "such as '1.234,50' means is not known here. Texts are tensor(string), letter for letter and "
    "without blanks around; '' is a gap, any other text than those listed one that training never "
    "saw."
)


def table_graph(onnx: Any, form: TableForm) -> bytes:
    """The whole file."""
    names = input_names([column.name for column, _ in form.columns])
    graph = Graph(onnx, taken=names)
    inputs = [
        graph.value_info(name, "STRING" if isinstance(column, Category) else "DOUBLE", 1)
        for (column, _), name in zip(form.columns, names, strict=True)
    ]
    total = _mixture(graph, form, _prepared(graph, form, names))
    outputs = _outputs(graph, form, total)
    lines = [f"{form.title}. {HOW}"]
    for (column, _), name in zip(form.columns, names, strict=True):
        lines.append(f"{name}: {inputs_of(column, texts=False)}")
    return graph.file(inputs, outputs, _proto("\n".join(lines)))


def _prepared(graph: Graph, form: TableForm, names: Sequence[str]) -> str:
    """What the networks take, (n, features), of the columns."""
    numbers, parts, order = [], list[str](), list[int]()
    for (column, places), name in zip(form.columns, names, strict=True):
        if isinstance(column, Category):
            parts.append(_category(graph, column, name))
            order += places
        else:
            numbers.append((column, places, name))
    if numbers:
        made, places = _numbers(graph, numbers)
        parts, order = made + parts, places + order
    x = graph.op("Concat", *parts, axis=1)
    if order == sorted(order):
        return x
    return graph.op("Gather", x, graph.constant("order", np.argsort(order), "i8"), axis=1)


def _category(graph: Graph, column: Category, x: str) -> str:
    levels, other = level_places(column)
    levels = levels or {"": other}
    place = graph.op(
        "LabelEncoder",
        x,
        domain=ML,
        keys_strings=[_proto(text) for text in levels],
        values_int64s=list(levels.values()),
        default_int64=other,
    )
    if not column.embed:
        places = graph.constant(f"{x}.places", range(len(column.known)), "i8")
        place = graph.op("Equal", place, places)
    return graph.op("Cast", place, to=graph.onnx.TensorProto.FLOAT)


def _numbers(
    graph: Graph, columns: Sequence[tuple[Column, list[int], str]]
) -> tuple[list[str], list[int]]:
    """Of all columns of numbers and dates the scaled numbers, which of them are missing, and the
    waves of the dates; and the places of these features.
    """
    days = [numbers_of(column) for column, _, _ in columns]
    x = graph.op("Concat", *(name for _, _, name in columns), axis=1)
    missing = graph.op("Or", graph.op("IsNaN", x), graph.op("IsInf", x))
    gaps = [gap_numbers(column) for column, _, _ in columns]
    for gap in sorted({gap for own in gaps for gap in own}):
        same = graph.op("Equal", x, graph.figure("gap", gap))
        has = graph.constant("has_gap", [gap in own for own in gaps], "?")
        missing = graph.op("Or", missing, graph.op("And", same, has))
    figures = {
        key: graph.figure(key, [getattr(d, key) for d in days])
        for key in ("fill", "center", "scale", "limit")
    }
    v = graph.op("Where", missing, figures["fill"], x)
    v = graph.op("Div", graph.op("Sub", v, figures["center"]), figures["scale"])
    v = graph.op("Max", graph.op("Min", v, figures["limit"]), graph.op("Neg", figures["limit"]))
    float32 = graph.onnx.TensorProto.FLOAT
    found = [graph.op("Cast", v, to=float32)]
    order = [places[0] for _, places, _ in columns]
    marked = [number for number, one in enumerate(days) if one.indicator]
    if marked:
        marks = graph.op("Gather", missing, graph.constant("marked", marked, "i8"), axis=1)
        found.append(graph.op("Cast", marks, to=float32))
        order += [columns[number][1][1] for number in marked]
    waves = _waves(columns)
    if waves:
        found.append(_sines(graph, x, missing, waves))
        order += [place for *_, place in waves]
    return found, order


def _sines(
    graph: Graph, x: str, missing: str, waves: Sequence[tuple[int, float, float, int]]
) -> str:
    """The waves of dates, (n, waves); 0 for a gap."""
    of, turns, quarters, _ = map(list, zip(*waves, strict=True))
    own = graph.constant("of", of, "i8")
    angle = graph.op("Mul", graph.op("Gather", x, own, axis=1), graph.figure("turns", turns))
    # runtimes have Sin in double precision, not Cos
    angle = graph.op("Add", angle, graph.figure("quarters", quarters))
    wave = graph.op("Cast", graph.op("Sin", angle), to=graph.onnx.TensorProto.FLOAT)
    gone = graph.op("Gather", missing, own, axis=1)
    return graph.op("Where", gone, graph.constant("nothing", 0.0), wave)


def _waves(
    columns: Sequence[tuple[Column, list[int], str]],
) -> list[tuple[int, float, float, int]]:
    """Of each wave the date's number, the angle of a day, where it begins, the feature's place."""
    found = []
    for number, (column, places, _) in enumerate(columns):
        if isinstance(column, DateTime):
            own = iter(places[1 + column.days.indicator :])
            for cycle in column.cycles:
                turn = 2 * math.pi / CYCLES[cycle][0]
                found += [(number, turn, phase, next(own)) for phase in (0.0, math.pi / 2)]
    return found


def _mixture(graph: Graph, form: TableForm, x: str) -> str:
    """The members' answers, weighed and added up, float64 (n, classes) or (n, 1)."""
    total = ""
    for part in form.parts:
        y = x
        for step in part.steps:
            y = graph.add(step, y)
        answer = ENDINGS[part.ending](
            graph, part, graph.op("Cast", y, to=graph.onnx.TensorProto.DOUBLE)
        )
        answer = graph.op("Mul", answer, graph.figure("weight", part.weight))
        total = graph.op("Add", total, answer) if total else answer
    if form.temperature is None:
        return total
    figure = graph.figure
    ends = figure("smallest", form.smallest), figure("largest", 1.0)
    logits = graph.op("Log", graph.op("Clip", total, *ends))
    logits = graph.op("Div", logits, figure("temperature", form.temperature))
    found = graph.op("Add", graph.op("Softmax", logits, axis=1), figure("floor", form.floor))
    return graph.op("Div", found, figure("sum", 1 + form.floor * len(form.classes)))


def _softmax(graph: Graph, part: Part, z: str) -> str:
    return graph.op("Softmax", z, axis=1)


def _yes(graph: Graph, part: Part, p: str) -> str:
    no = graph.op("Sub", graph.figure("one", 1.0), p)
    return graph.op("Concat", no, p, axis=1)


def _sigmoid(graph: Graph, part: Part, z: str) -> str:
    return _yes(graph, part, graph.op("Sigmoid", z))


def _answer(graph: Graph, part: Part, z: str) -> str:
    numbers, figure = part.numbers, graph.figure

    def within(v: str, low: float, high: float) -> str:
        if math.isinf(low) and math.isinf(high):
            return v
        return graph.op("Clip", v, figure("low", low), figure("high", high))

    v = graph.op(
        "Add",
        graph.op("Mul", z, figure("scale", numbers["scale"])),
        figure("mean", numbers["mean"]),
    )
    low, high = numbers["low"], numbers["high"]
    if part.ending == "logarithm":
        v = graph.op("Exp", within(v, math.log(low), math.log(high)))
    return within(graph.op("Mul", v, figure("factor", numbers["factor"])), low, high)


ENDINGS: dict[str, Callable[[Graph, Part, str], str]] = {
    "softmax": _softmax,
    "probabilities": lambda graph, part, p: p,
    "sigmoid": _sigmoid,
    "yes": _yes,
    "number": _answer,
    "logarithm": _answer,
}


def _outputs(graph: Graph, form: TableForm, total: str) -> list[Any]:
    if not form.classes:
        name = graph.name("value")
        axis = graph.constant("axis", [1], "i8")
        graph.op("Squeeze", total, axis, output=name)
        return [graph.value_info(name, "DOUBLE")]
    label, probabilities = graph.name("label"), graph.name("probabilities")
    names = graph.constant("classes", [_proto(name) for name in form.classes], "O")
    place = graph.op("ArgMax", total, axis=1, keepdims=0)
    graph.op("Gather", names, place, axis=0, output=label)
    graph.op("Identity", total, output=probabilities)
    count = len(form.classes)
    return [graph.value_info(label, "STRING"), graph.value_info(probabilities, "DOUBLE", count)]


def input_names(names: Sequence[str]) -> list[str]:
    """The columns' names; one without a name is called by its number."""
    return [_proto(name) or f"column_{number}" for number, name in enumerate(names, 1)]


def _proto(text: str) -> str:
    """A text as ONNX holds it, which has no lone surrogates."""
    return text.encode("utf-8", "replace").decode()

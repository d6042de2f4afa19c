"""A table's model as operators of ONNX: an input for each column, names or numbers come out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from hyalite.data.tables.category_column import Category
from hyalite.data.tables.column import Column
from hyalite.data.tables.date_column import CYCLES, DateTime
from hyalite.data.tables.number_column import Number
from hyalite.export.onnx_graph import ML, Graph
from hyalite.export.table_model import (
    Part,
    TableForm,
    gap_numbers,
    inputs_of,
    level_places,
)

HOW = (
    "The preparation is in this file: rows go in as the table has them. Each column is an input "
    "of shape (n, 1) under its own name. Numbers are tensor(double), NaN is a gap; what a text "
    "such as '1.234,50' means is not known here. Texts are tensor(string), letter for letter and "
    "without blanks around; '' is a gap, any other text than those listed one that training never "
    "saw."
)
F8 = "f8"


def table_graph(onnx: Any, form: TableForm) -> bytes:
    """The whole file."""
    names = input_names([column.name for column, _ in form.columns])
    graph = Graph(onnx, taken=names)
    inputs, found = [], {}
    for (column, places), name in zip(form.columns, names, strict=True):
        kind = "STRING" if isinstance(column, Category) else "DOUBLE"
        inputs.append(graph.value_info(name, kind, 1))
        encode = _category if isinstance(column, Category) else _number
        found |= dict(
            zip(
                [tuple(p) for p in _parts(column, places)], encode(graph, column, name), strict=True
            )
        )
    # one-hot features lie side by side, so the parts of columns can be put in order as wholes
    prepared = [found[places] for places in sorted(found)]
    x = graph.op("Concat", *prepared, axis=1)
    total = _mixture(graph, form, x)
    outputs = _outputs(graph, form, total)
    lines = [f"{form.title}. {HOW}"]
    for (column, _), name in zip(form.columns, names, strict=True):
        lines.append(f"{name}: {inputs_of(column, texts=False)}")
    return graph.file(inputs, outputs, _proto("\n".join(lines)))


def _parts(column: Column, places: list[int]) -> list[list[int]]:
    """The places of each tensor that a column becomes."""
    return [places] if isinstance(column, Category) else [[place] for place in places]


def _category(graph: Graph, column: Column, x: str) -> list[str]:
    assert isinstance(column, Category)
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
    return [graph.op("Cast", place, to=graph.onnx.TensorProto.FLOAT)]


def _number(graph: Graph, column: Column, x: str) -> list[str]:
    """The scaled number, whether it is missing, and the waves of a date."""
    days = column.days if isinstance(column, DateTime) else column
    assert isinstance(days, Number)
    float32 = graph.onnx.TensorProto.FLOAT
    missing = graph.op("Or", graph.op("IsNaN", x), graph.op("IsInf", x))
    for gap in gap_numbers(column):
        same = graph.op("Equal", x, graph.constant(f"{x}.gap", gap, F8))
        missing = graph.op("Or", missing, same)

    def figure(name: str, value: float) -> str:
        return graph.constant(f"{x}.{name}", value, F8)

    v = graph.op("Where", missing, figure("fill", days.fill), x)
    v = graph.op(
        "Div", graph.op("Sub", v, figure("center", days.center)), figure("scale", days.scale)
    )
    v = graph.op("Clip", v, figure("low", -days.limit), figure("high", days.limit))
    found = [graph.op("Cast", v, to=float32)]
    if days.indicator:
        found.append(graph.op("Cast", missing, to=float32))
    if isinstance(column, DateTime):
        there = graph.op("Not", missing)
        zero = graph.constant(f"{x}.nothing", 0.0)
        for cycle in column.cycles:
            turn = graph.op("Mul", x, figure("turn", 2 * math.pi / CYCLES[cycle][0]))
            # runtimes have Sin in double precision, not Cos
            quarter = graph.op("Add", turn, figure("quarter", math.pi / 2))
            for angle in (turn, quarter):
                wave = graph.op("Cast", graph.op("Sin", angle), to=float32)
                found.append(graph.op("Where", there, wave, zero))
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
        answer = graph.op("Mul", answer, graph.constant("weight", part.weight, F8))
        total = graph.op("Add", total, answer) if total else answer
    if form.temperature is None:
        return total
    ends = [graph.constant("smallest", form.smallest, F8), graph.constant("largest", 1.0, F8)]
    logits = graph.op("Log", graph.op("Clip", total, *ends))
    logits = graph.op("Div", logits, graph.constant("temperature", form.temperature, F8))
    return graph.op("Softmax", logits, axis=1)


def _softmax(graph: Graph, part: Part, z: str) -> str:
    return graph.op("Softmax", z, axis=1)


def _yes(graph: Graph, part: Part, p: str) -> str:
    no = graph.op("Sub", graph.constant("one", 1.0, F8), p)
    return graph.op("Concat", no, p, axis=1)


def _sigmoid(graph: Graph, part: Part, z: str) -> str:
    return _yes(graph, part, graph.op("Sigmoid", z))


def _answer(graph: Graph, part: Part, z: str) -> str:
    numbers = part.numbers

    def figure(name: str, value: float) -> str:
        return graph.constant(name, value, F8)

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

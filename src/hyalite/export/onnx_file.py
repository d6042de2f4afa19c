"""ONNX files, for runtimes in any language."""

from __future__ import annotations

from pathlib import Path

from hyalite.errors import require
from hyalite.export.channels_first import channels_first
from hyalite.export.onnx_graph import Graph
from hyalite.export.onnx_table import table_graph
from hyalite.export.steps import steps_of
from hyalite.export.table_model import inputs_note, table_form
from hyalite.files.replacing import replace
from hyalite.model import Sequential
from hyalite.recipes.pipelines import RowModel


def to_onnx(model: Sequential | RowModel, path: str | Path) -> None:
    """Write a network: input "x" (n, *input_shape), output "y" (n, *output_shape), both float32.

    Pictures go in with channels last, as everywhere in the library; behind one transpose they have
    ONNX's order.

    Of a table's model (`TabularModel`, `TablePipeline`) the preparation goes in, too: an input
    (n, 1) for each column under its name, and the outputs "label" and "probabilities", or
    "value"; see the guide to exports.

    Args:
        model: built.
        path: of the file; an older one is replaced at once, or not at all.

    Raises:
        MissingExtra: onnx is not installed.
        ValueError: the model is not built, or has a layer that is not the library's.
        OSError: it cannot be written; an older file is then untouched.

    Examples:
        >>> import onnx
        >>> from hyalite.export import to_onnx
        >>> model = hy.Sequential([hy.Dense(3, "relu"), hy.Dense(1)])
        >>> model.build(2)
        >>> to_onnx(model, "network.onnx")
        >>> [node.op_type for node in onnx.load("network.onnx").graph.node]
        ['Gemm', 'Relu', 'Gemm', 'Identity']
    """
    onnx = require("onnx", extra="onnx", purpose="writing ONNX files")
    if isinstance(model, Sequential):
        content = _network(onnx, model)
    else:
        content = table_graph(onnx, table_form(model))
    replace(Path(path), content)


def _network(onnx: object, model: Sequential) -> bytes:
    graph = Graph(onnx)
    x = "x"
    for step in channels_first(steps_of(model), model.network.input_shape):
        x = graph.add(step, x)
    graph.op("Identity", x, output="y")
    shapes = model.network.input_shape, model.network.output_shape
    x_info, y_info = (
        graph.value_info(name, "FLOAT", *shape) for name, shape in zip("xy", shapes, strict=True)
    )
    return graph.file([x_info], [y_info], inputs_note(model))

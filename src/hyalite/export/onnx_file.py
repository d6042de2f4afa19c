"""ONNX files, for runtimes in any language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hyalite.errors import require
from hyalite.export.steps import Step, steps_of
from hyalite.files.replacing import replace
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.version import __version__

OPSET = 20  # the first with Gelu
IR_VERSION = 9  # the first that has it; older runtimes read it
OPERATORS: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("Relu", {}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "gelu": ("Gelu", {"approximate": "tanh"}),
    "softmax": ("Softmax", {"axis": -1}),
    "selu": ("Selu", {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805}),
    "mish": ("Mish", {}),
}


def to_onnx(model: Sequential, path: str | Path) -> None:
    """Write the model: input "x" (n, *input_shape), output "y" (n, *output_shape), both float32.

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
    graph = _Graph(onnx)
    for step in steps_of(model):
        graph.add(step)
    graph.node("Identity", [], output="y")
    kind, helper = onnx.TensorProto.FLOAT, onnx.helper
    made = helper.make_graph(
        graph.nodes,
        "hyalite",
        [helper.make_tensor_value_info("x", kind, ["n", *model.network.input_shape])],
        [helper.make_tensor_value_info("y", kind, ["n", *model.network.output_shape])],
        graph.tensors,
    )
    file = helper.make_model(
        made,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="hyalite",
        producer_version=__version__,
    )
    onnx.checker.check_model(file, full_check=True)
    replace(Path(path), file.SerializeToString())


class _Graph:
    """Nodes in a row."""

    def __init__(self, onnx: Any) -> None:
        self.onnx, self.nodes, self.tensors = onnx, list[Any](), list[Any]()
        self.last = self.kept = "x"

    def node(self, operator: str, others: list[str], output: str = "", **settings: Any) -> None:
        """Append an operator on the last value and others."""
        output = output or f"value_{len(self.nodes) + 1}"
        inputs = [self.last, *others]
        self.nodes.append(self.onnx.helper.make_node(operator, inputs, [output], **settings))
        self.last = output

    def tensor(self, name: str, values: Array | float) -> str:
        """A constant."""
        array = np.asarray(values, np.float32)
        name = f"{name}_{len(self.tensors)}"
        self.tensors.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def add(self, step: Step) -> None:
        """Append the operators of a step."""
        arrays: dict[str, Any] = {**step.arrays}
        if step.kind == "rescale":
            arrays = {**step.numbers}
        elif step.kind == "embed":
            del arrays["starts"]  # whole numbers: `embed` adds them
        elif step.kind == "smooth_clip":
            arrays = {**step.numbers}
        own = {key: self.tensor(f"{step.name}.{key}", a) for key, a in arrays.items()}
        if step.kind == "flatten":
            self.node("Flatten", [])
        elif step.kind == "rescale":
            self.node("Mul", [own["scale"]])
            self.node("Add", [own["offset"]])
        elif step.kind == "dense":
            self.node("Gemm", [own["W"], own["b"]])
        elif step.kind == "affine":
            self.node("Mul", [own["a"]])
            self.node("Add", [own["c"]])
        elif step.kind == "normalize":
            both = [own["gamma"], own["beta"]]
            self.node("LayerNormalization", both, epsilon=step.numbers["epsilon"])
        elif step.kind == "embed":
            self.embed(step, own["E"])
        elif step.kind == "silu":
            x = self.last
            self.node("Sigmoid", [])
            self.node("Mul", [x])
        elif step.kind == "smooth_clip":
            self.smooth_clip(step, own["limit"])
        elif step.kind == "keep":
            self.kept = self.last
        elif step.kind == "mix":
            self.node("Sub", [self.kept])
            self.node("Mul", [own["a"]])
            self.node("Add", [self.kept])
        elif step.kind == "leaky_relu":
            self.node("LeakyRelu", [], alpha=step.numbers["slope"])
        else:
            operator, settings = OPERATORS[step.kind]
            self.node(operator, [], **settings)

    def embed(self, step: Step, table: str) -> None:
        """Numbers pass; the table's rows for the categories behind them are put beside them."""
        x, columns = self.last, len(step.arrays["starts"])
        self.node("Slice", [self.whole(step, [n]) for n in (0, -columns, 1)])
        numbers, self.last = self.last, x
        self.node("Slice", [self.whole(step, [n]) for n in (-columns, np.iinfo("i8").max, 1)])
        self.node("Round", [])
        self.node("Cast", [], to=self.onnx.TensorProto.INT64)
        self.node("Add", [self.whole(step, step.arrays["starts"])])
        rows, self.last = self.last, table
        self.node("Gather", [rows])
        self.node("Flatten", [])
        vectors, self.last = self.last, numbers
        self.node("Concat", [vectors], axis=1)

    def smooth_clip(self, step: Step, limit: str) -> None:
        """limit·(x/m) / √((limit/m)² + (x/m)²), m = max(|x|, limit): no square overflows."""
        x = self.last
        self.node("Abs", [])
        self.node("Max", [limit])
        top, self.last = self.last, limit
        self.node("Div", [top])
        self.node("Mul", [self.last])
        one, self.last = self.last, x
        self.node("Div", [top])
        part = self.last
        self.node("Mul", [part])
        self.node("Add", [one])
        self.node("Sqrt", [])
        root, self.last = self.last, part
        self.node("Div", [root])
        self.node("Mul", [limit])
        if len(step.arrays["columns"]) < step.width:
            chosen = np.isin(np.arange(step.width), step.arrays["columns"])
            clipped, self.last = self.last, self.constant(step, chosen)
            self.node("Where", [clipped, x])

    def whole(self, step: Step, values: Any) -> str:
        """A constant of whole numbers."""
        return self.constant(step, np.asarray(values, np.int64))

    def constant(self, step: Step, array: Array) -> str:
        """A constant of the array's own dtype."""
        name = f"{step.name}_{len(self.tensors)}"
        self.tensors.append(self.onnx.numpy_helper.from_array(array, name))
        return name

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
        if step.kind in ("rescale", "smooth_clip"):
            arrays = {**step.numbers}
        for key in ("columns", "passing", "starts"):  # whole numbers: `embed` adds them
            arrays.pop(key, None)
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
        elif step.kind in ("embed", "periodic", "piecewise"):
            self.embed(step, own)
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

    def embed(self, step: Step, own: dict[str, str]) -> None:
        """What is made of each of the columns, behind those that pass; see `embedding_step`."""
        x, arrays = self.last, step.arrays
        passes = []
        if arrays["passing"].size:
            self.node("Gather", [self.whole(step, arrays["passing"])], axis=1)
            passes, self.last = [self.last], x
        self.node("Gather", [self.whole(step, arrays["columns"])], axis=1)
        if step.kind == "embed":
            self.node("Round", [])
            self.node("Cast", [], to=self.onnx.TensorProto.INT64)
            self.node("Add", [self.whole(step, arrays["starts"])])
            rows, self.last = self.last, own["E"]
            self.node("Gather", [rows])
        else:
            self.node("Unsqueeze", [self.whole(step, [2])])
            (self.periodic if step.kind == "periodic" else self.piecewise)(own)
        self.node("Flatten", [])
        if passes:
            made, self.last = self.last, passes[0]
            self.node("Concat", [made], axis=1)

    def periodic(self, own: dict[str, str]) -> None:
        """(n, columns, dimension) of (n, columns, 1)."""
        number = self.last
        self.node("Mul", [own["w"]])
        self.node("Add", [own["b1"]])
        self.node("Cos", [])
        self.node("Einsum", [own["W2"]], equation="nkf,kfd->nkd")
        self.node("Add", [own["b2"]])
        waves, self.last = self.last, number
        self.node("Concat", [waves], axis=2)

    def piecewise(self, own: dict[str, str]) -> None:
        """(n, columns, dimension) of (n, columns, 1)."""
        number = self.last
        for operator, other in [("Sub", "left"), ("Div", "width"), ("Max", "low"), ("Min", "high")]:
            self.node(operator, [own[other]])
        self.node("Einsum", [own["V"]], equation="nkp,kpd->nkd")
        bent, self.last = self.last, number
        self.node("Mul", [own["w0"]])
        self.node("Add", [own["b0"]])
        self.node("Add", [bent])

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

"""A network's steps as operators of ONNX."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from hyalite.export.steps import Step
from hyalite.parameters import Array
from hyalite.version import __version__

OPSET = 20  # the first with Gelu
IR_VERSION = 9  # the first that has it; older runtimes read it
ML, ML_OPSET = "ai.onnx.ml", 3  # operators of classical machine learning


class Graph:
    """Operators and constants; values go by their names.

    Args:
        onnx: the package.
        taken: names that values must not have.
    """

    def __init__(self, onnx: Any, taken: Collection[str] = ()) -> None:
        self.onnx, self.nodes, self.tensors = onnx, list[Any](), list[Any]()
        self.taken = {*taken, "x", "y"}
        self.kept: dict[str, str] = {}  # x of a step, for a later one of its name

    def name(self, hint: str) -> str:
        """A name that nothing else has."""
        found, number = hint, 0
        while found in self.taken:
            number += 1
            found = f"{hint}_{number}"
        self.taken.add(found)
        return found

    def op(
        self, operator: str, *inputs: str, output: str = "", domain: str = "", **how: Any
    ) -> str:
        """Append an operator; the name of what it gives."""
        output = output or self.name(f"value_{len(self.nodes) + 1}")
        make = self.onnx.helper.make_node
        self.nodes.append(make(operator, inputs, [output], domain=domain, **how))
        return output

    def constant(self, name: str, values: Any, dtype: str = "f4") -> str:
        """A constant, float32 unless another dtype is named."""
        name = self.name(name)
        array = np.asarray(values, dtype)
        self.tensors.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def figure(self, name: str, values: Any) -> str:
        """A constant, float64."""
        return self.constant(name, values, "f8")

    def add(self, step: Step, x: str) -> str:
        """Append the operators of a step on x; the name of y."""
        return STEPS[step.kind](self, step, x)

    def value_info(self, name: str, kind: str, *shape: int) -> Any:
        """What an input or output is: the name of its type, and its shape but for the rows."""
        kind = getattr(self.onnx.TensorProto, kind)
        return self.onnx.helper.make_tensor_value_info(name, kind, ["n", *shape])

    def file(self, inputs: Any, outputs: Any, about: str = "") -> bytes:
        """The finished file, which ONNX's own checker has passed."""
        helper = self.onnx.helper
        made = helper.make_graph(self.nodes, "hyalite", inputs, outputs, self.tensors)
        sets = [helper.make_opsetid("", OPSET)]
        if any(node.domain == ML for node in self.nodes):
            sets.append(helper.make_opsetid(ML, ML_OPSET))
        file = helper.make_model(
            made,
            opset_imports=sets,
            ir_version=IR_VERSION,
            producer_name="hyalite",
            producer_version=__version__,
            doc_string=about,
        )
        self.onnx.checker.check_model(file, full_check=True)
        return bytes(file.SerializeToString())


def _simple(operator: str, **how: Any) -> Callable[[Graph, Step, str], str]:
    return lambda graph, step, x: graph.op(operator, x, **how)


def _own(graph: Graph, step: Step, *keys: str) -> list[str]:
    """Arrays of a step as constants."""
    return [graph.constant(f"{step.name}.{key}", step.arrays[key]) for key in keys]


def _whole(graph: Graph, step: Step, key: str) -> str:
    """An array of whole numbers."""
    return graph.constant(f"{step.name}.{key}", step.arrays[key], "i8")


def _rescale(graph: Graph, step: Step, x: str) -> str:
    scale, offset = (
        graph.constant(f"{step.name}.{key}", step.numbers[key]) for key in ("scale", "offset")
    )
    return graph.op("Add", graph.op("Mul", x, scale), offset)


def _reshape(graph: Graph, step: Step, x: str) -> str:
    sizes = graph.constant(f"{step.name}.shape", [0, *step.shape], "i8")  # 0: the rows, as they are
    return graph.op("Reshape", x, sizes)


def _convolution(graph: Graph, step: Step, x: str) -> str:
    """W is (filters, channels, rows, columns), of a depthwise one (filters, 1, rows, columns)."""
    W = step.arrays["W"]
    if step.kind == "convolution":
        W, groups = W.transpose(3, 2, 0, 1), 1
    else:
        W, groups = W.transpose(2, 3, 0, 1).reshape(-1, 1, *W.shape[:2]), W.shape[2]
    both = graph.constant(f"{step.name}.W", W), *_own(graph, step, "b")
    return graph.op("Conv", x, *both, group=groups, **_windows(step))


def _windows(step: Step) -> dict[str, Any]:
    """The attributes of an operator with windows."""
    assert step.windows is not None
    size, strides = step.windows.size, step.windows.strides
    return {"kernel_shape": size, "strides": strides, "pads": _pads(step)}


def _pads(step: Step) -> list[int]:
    assert step.windows is not None
    (top, bottom), (left, right) = step.windows.border
    return [top, left, bottom, right]


def _zero_padding(graph: Graph, step: Step, x: str) -> str:
    top, left, bottom, right = _pads(step)
    sizes = [0, 0, top, left, 0, 0, bottom, right]
    return graph.op("Pad", x, graph.constant(f"{step.name}.pads", sizes, "i8"))


def _global_pooling(graph: Graph, step: Step, x: str) -> str:
    return graph.op("Flatten", graph.op("GlobalAveragePool", x))


def _affine(graph: Graph, step: Step, x: str) -> str:
    a, c = _own(graph, step, "a", "c")
    return graph.op("Add", graph.op("Mul", x, a), c)


def _normalize(graph: Graph, step: Step, x: str) -> str:
    both = _own(graph, step, "gamma", "beta")
    return graph.op("LayerNormalization", x, *both, epsilon=step.numbers["epsilon"])


def _silu(graph: Graph, step: Step, x: str) -> str:
    return graph.op("Mul", graph.op("Sigmoid", x), x)


def _keep(graph: Graph, step: Step, x: str) -> str:
    graph.kept[step.name] = x
    return x


def _mix(graph: Graph, step: Step, x: str) -> str:
    kept, (a,) = graph.kept[step.name], _own(graph, step, "a")
    return graph.op("Add", graph.op("Mul", graph.op("Sub", x, kept), a), kept)


def _embedding(graph: Graph, step: Step, x: str) -> str:
    """What is made of each of the columns, behind those that pass; see `embedding_step`."""
    chosen = graph.op("Gather", x, _whole(graph, step, "columns"), axis=1)
    if step.kind == "embed":
        rows = graph.op("Cast", graph.op("Round", chosen), to=graph.onnx.TensorProto.INT64)
        rows = graph.op("Add", rows, _whole(graph, step, "starts"))
        made = graph.op("Gather", *_own(graph, step, "E"), rows)
    else:
        chosen = graph.op("Unsqueeze", chosen, graph.constant(f"{step.name}.axis", [2], "i8"))
        made = (_periodic if step.kind == "periodic" else _piecewise)(graph, step, chosen)
    made = graph.op("Flatten", made)
    if not step.arrays["passing"].size:
        return made
    passes = graph.op("Gather", x, _whole(graph, step, "passing"), axis=1)
    return graph.op("Concat", passes, made, axis=1)


def _periodic(graph: Graph, step: Step, x: str) -> str:
    """(n, columns, dimension) of (n, columns, 1)."""
    w, b1, W2, b2 = _own(graph, step, "w", "b1", "W2", "b2")
    waves = graph.op("Cos", graph.op("Add", graph.op("Mul", x, w), b1))
    made = graph.op("Add", graph.op("Einsum", waves, W2, equation="nkf,kfd->nkd"), b2)
    return graph.op("Concat", x, made, axis=2)


def _piecewise(graph: Graph, step: Step, x: str) -> str:
    """(n, columns, dimension) of (n, columns, 1)."""
    t = x
    for operator, other in (("Sub", "left"), ("Div", "width"), ("Max", "low"), ("Min", "high")):
        t = graph.op(operator, t, *_own(graph, step, other))
    V, w0, b0 = _own(graph, step, "V", "w0", "b0")
    bent = graph.op("Einsum", t, V, equation="nkp,kpd->nkd")
    return graph.op("Add", graph.op("Add", graph.op("Mul", x, w0), b0), bent)


def _smooth_clip(graph: Graph, step: Step, x: str) -> str:
    """limit·(x/m) / √((limit/m)² + (x/m)²), m = max(|x|, limit): no square overflows."""
    limit = graph.constant(f"{step.name}.limit", step.numbers["limit"])
    top = graph.op("Max", graph.op("Abs", x), limit)
    one, part = graph.op("Div", limit, top), graph.op("Div", x, top)
    square = graph.op("Add", graph.op("Mul", one, one), graph.op("Mul", part, part))
    made = graph.op("Mul", graph.op("Div", part, graph.op("Sqrt", square)), limit)
    if len(step.arrays["columns"]) == step.width:
        return made
    chosen: Array = np.isin(np.arange(step.width), step.arrays["columns"])
    return graph.op("Where", graph.constant(f"{step.name}.chosen", chosen, "?"), made, x)


# How each kind of step is written: the graph, the step and the name of x -> the name of y.
STEPS: dict[str, Callable[[Graph, Step, str], str]] = {
    "flatten": _simple("Flatten"),
    "reshape": _reshape,
    "channels_first": _simple("Transpose", perm=[0, 3, 1, 2]),
    "channels_last": _simple("Transpose", perm=[0, 2, 3, 1]),
    "rescale": _rescale,
    "dense": lambda graph, step, x: graph.op("Gemm", x, *_own(graph, step, "W", "b")),
    "convolution": _convolution,
    "depthwise_convolution": _convolution,
    "max_pooling": lambda graph, step, x: graph.op("MaxPool", x, **_windows(step)),
    "average_pooling": lambda graph, step, x: graph.op(
        "AveragePool", x, count_include_pad=0, **_windows(step)
    ),
    "global_average_pooling": _global_pooling,
    "zero_padding": _zero_padding,
    "affine": _affine,
    "normalize": _normalize,
    **dict.fromkeys(("embed", "periodic", "piecewise"), _embedding),
    "smooth_clip": _smooth_clip,
    "keep": _keep,
    "mix": _mix,
    "fork": _keep,
    "add": lambda graph, step, x: graph.op("Add", x, graph.kept[step.name]),
    "relu": _simple("Relu"),
    "leaky_relu": lambda graph, step, x: graph.op("LeakyRelu", x, alpha=step.numbers["slope"]),
    "sigmoid": _simple("Sigmoid"),
    "tanh": _simple("Tanh"),
    "gelu": _simple("Gelu", approximate="tanh"),
    "selu": _simple("Selu", alpha=1.6732632423543772, gamma=1.0507009873554805),
    "mish": _simple("Mish"),
    "silu": _silu,
    "softmax": _simple("Softmax", axis=-1),
}

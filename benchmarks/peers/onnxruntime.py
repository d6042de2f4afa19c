"""ONNX Runtime: the same weights as an ONNX graph, for prediction only."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from benchmarks.data import Arrays
from benchmarks.peers.base import Peer
from benchmarks.workloads import Workload


class OnnxRuntime(Peer):
    """One session on a single thread for one row, another on all threads for more."""

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        model = graph(workload)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        providers = ["CPUExecutionProvider"]
        self.single = onnxruntime.InferenceSession(model, options, providers)
        self.many = onnxruntime.InferenceSession(model, None, providers)

    def reset(self) -> None:
        """Nothing is ever changed."""

    def predict(self, x: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        session = self.single if len(x) == 1 else self.many
        found: npt.NDArray[Any] = session.run(None, {"x": x})[0]
        return found


def graph(workload: Workload) -> bytes:
    """The model as a serialised ONNX graph: Gemm and Relu in turn, and Softmax."""
    nodes, arrays = [], []
    weights = workload.initial_weights()
    at = "x"
    for number, (W, b) in enumerate(weights):
        names = [f"{key}{number}" for key in ("W", "b", "sum", "y")]
        arrays += [numpy_helper.from_array(W, names[0]), numpy_helper.from_array(b, names[1])]
        nodes.append(helper.make_node("Gemm", [at, *names[:2]], [names[2]]))
        last = number == len(weights) - 1
        kind = "Relu" if not last else "Identity" if workload.regression else "Softmax"
        nodes.append(helper.make_node(kind, [names[2]], [names[3]]))
        at = names[3]
    ends = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["rows", width])
        for name, width in (("x", workload.sizes[0]), (at, workload.sizes[-1]))
    ]
    built = helper.make_graph(nodes, workload.name, ends[:1], ends[1:], arrays)
    # an operator set and file version of 2023, which older runtimes read, too
    model = helper.make_model(built, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)
    onnx.checker.check_model(model)
    found: bytes = model.SerializeToString()
    return found

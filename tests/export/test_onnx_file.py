"""Exports to ONNX."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.export import to_onnx
from tests.export.helpers import PICTURES, SEEDS, digit_classifier, random_model, random_pictures


def test_onnx_has_no_array_that_no_operator_uses(tmp_path):
    """A runtime warns of such at each load."""
    onnx = pytest.importorskip("onnx", reason="needs the extra 'onnx'")
    models = [*(random_model(seed) for seed in SEEDS), *(random_pictures(s) for s in PICTURES)]
    for model, _ in models:
        to_onnx(model, tmp_path / "made.onnx")
        graph = onnx.load(tmp_path / "made.onnx").graph
        used = {name for node in graph.node for name in node.input}
        assert {tensor.name for tensor in graph.initializer} <= used


@pytest.mark.parametrize("seed", SEEDS)
def test_onnx(seed, tmp_path):
    agrees(*random_model(seed), tmp_path)


@pytest.mark.parametrize("seed", PICTURES)
def test_pictures(seed, tmp_path):
    agrees(*random_pictures(seed), tmp_path)


def agrees(model, x, tmp_path):
    pytest.importorskip("onnx", reason="needs the extra 'onnx'")
    to_onnx(model, tmp_path / "made.onnx")  # passes ONNX's own checker, else it raises
    runtime = pytest.importorskip("onnxruntime", reason="to run what was written")
    session = runtime.InferenceSession(tmp_path / "made.onnx")
    (y,) = session.run(None, {"x": x})
    np.testing.assert_allclose(y, model.predict(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("channels", "first"), [(1, "Reshape"), (3, "Transpose")])
def test_pictures_are_transposed_once_where_they_come_in(channels, first, tmp_path):
    onnx = pytest.importorskip("onnx", reason="needs the extra 'onnx'")
    to_onnx(digit_classifier(channels), tmp_path / "made.onnx")
    graph = onnx.load(tmp_path / "made.onnx").graph
    block = ["Conv", "Relu", "MaxPool"]
    ends = ["Flatten", "Gemm", "Relu", "Gemm", "Softmax", "Identity"]
    assert [node.op_type for node in graph.node] == [first, *block * 3, *ends]
    names = {attribute.name for node in graph.node for attribute in node.attribute}
    assert "pads" in names
    assert "auto_pad" not in names

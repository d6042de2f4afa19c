"""Exports: what they compute is what the model computes."""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import hyalite as hy
from hyalite import cli
from hyalite.export import to_c, to_numpy, to_onnx
from tests import parts

COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
SEEDS = range(25)


def random_model(seed: int) -> tuple[hy.Sequential, np.ndarray]:
    """Some layers, with weights and running values off their beginnings, and samples."""
    rng = np.random.default_rng(seed)
    kinds = [name for name in parts.EVERYWHERE if name != "softmax"]
    layers: list[hy.Layer] = [hy.Flatten(), hy.Rescaling(0.1, 0.2)]
    x = rng.standard_normal((7, 3, 5)).astype(np.float32)
    if seed % 3 == 0:
        layers.insert(1, hy.Embedding((4, 9), 3))
        x[:, -1, -2:] = rng.integers(0, (4, 9), (7, 2))
    if seed % 2:
        layers.insert(0, hy.RandomAffine())
    for _ in range(rng.integers(1, 5)):
        layers.append(hy.Dense(int(rng.integers(1, 20)), use_bias=bool(rng.integers(2))))
        layers.append(parts.LAYERS[kinds[rng.integers(len(kinds))]]())
    layers.append(hy.Dense(4, [None, "softmax", "sigmoid"][rng.integers(3)]))
    model = hy.Sequential(layers, dtype=["float32", "float64"][rng.integers(2)])
    model.build((3, 5), seed=seed)
    model.theta += 0.2 * rng.standard_normal(model.theta.shape).astype(model.theta.dtype)
    model.state[...] = rng.uniform(0.5, 2, model.state.shape)
    model.engine = "numpy"
    return model, x


@pytest.mark.parametrize("seed", SEEDS)
def test_numpy(seed, tmp_path):
    model, x = random_model(seed)
    to_numpy(model, tmp_path / "made.py")
    spec = importlib.util.spec_from_file_location("made", tmp_path / "made.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    np.testing.assert_allclose(made.predict(x), model.predict(x), rtol=1e-4, atol=1e-5)


def test_numpy_needs_nothing_else(tmp_path):
    model, _ = random_model(0)
    to_numpy(model, tmp_path / "made.py")
    code = (
        "import sys, numpy as np, made; print(made.predict(np.zeros((2, 3, 5))).shape, "
        "'hyalite' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout == "(2, 4) False\n"
    compile((tmp_path / "made.py").read_text(), "made.py", "exec")
    assert max(map(len, (tmp_path / "made.py").read_text().splitlines())) < 120


@pytest.mark.skipif(COMPILER is None, reason="no C compiler")
@pytest.mark.parametrize("seed", SEEDS)
def test_c(seed, tmp_path):
    model, x = random_model(seed)
    to_c(model, tmp_path / "made.c")
    words = [COMPILER, "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    library = tmp_path / "made.so"
    subprocess.run([*words, "made.c", "-o", library, "-lm"], cwd=tmp_path, check=True)
    predict = ctypes.CDLL(str(library)).predict
    y = np.zeros((len(x), 4), np.float32)
    for row, out in zip(x, y, strict=True):
        predict(np.ascontiguousarray(row).ctypes.data_as(ctypes.c_void_p),
                out.ctypes.data_as(ctypes.c_void_p))  # fmt: skip
    np.testing.assert_allclose(y, model.predict(x), rtol=1e-4, atol=1e-5)


def test_onnx_has_no_array_that_no_operator_uses(tmp_path):
    """A runtime warns of such at each load."""
    onnx = pytest.importorskip("onnx", reason="needs the extra 'onnx'")
    for seed in SEEDS:
        to_onnx(random_model(seed)[0], tmp_path / "made.onnx")
        graph = onnx.load(tmp_path / "made.onnx").graph
        used = {name for node in graph.node for name in node.input}
        assert {tensor.name for tensor in graph.initializer} <= used


@pytest.mark.parametrize("seed", SEEDS)
def test_onnx(seed, tmp_path):
    pytest.importorskip("onnx", reason="needs the extra 'onnx'")
    model, x = random_model(seed)
    to_onnx(model, tmp_path / "made.onnx")  # passes ONNX's own checker, else it raises
    runtime = pytest.importorskip("onnxruntime", reason="to run what was written")
    session = runtime.InferenceSession(tmp_path / "made.onnx")
    (y,) = session.run(None, {"x": x})
    np.testing.assert_allclose(y, model.predict(x), rtol=1e-4, atol=1e-5)


def test_a_layer_of_the_users_is_refused(tmp_path):
    class Own(hy.Layer):
        def forward(self, x, training=False):
            return x

    model = hy.Sequential([Own(), hy.Dense(2)])
    model.build(3)
    with pytest.raises(ValueError, match="Own is not one of the library's"):
        to_numpy(model, tmp_path / "made.py")
    assert list(tmp_path.iterdir()) == []


def test_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model, _ = random_model(1)
    model.save("model.safetensors")
    run = CliRunner().invoke(
        cli.commands, ["export", "model.safetensors", "--numpy", "a.py", "--c", "a.c"]
    )
    assert run.exit_code == 0, run.output
    assert run.output == "a.py written.\na.c written.\n"
    assert {path.name for path in Path().iterdir()} == {"model.safetensors", "a.py", "a.c"}
    run = CliRunner().invoke(cli.commands, ["export", "model.safetensors"])
    assert "say what to write" in run.output

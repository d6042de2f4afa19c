"""The main job, as the README's first command does it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import hyalite as hy


@pytest.mark.slow
def test_five_epochs_bring_at_least_97_5_percent_of_the_test_images(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from hyalite.cli import main; main()", "train", "mnist"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "runs" / "mnist"
    files = {"mnist.safetensors", "history.json"}
    if find_spec("matplotlib"):
        files |= {"curves.png", "mistakes.png", "example.png"}
    assert {path.name for path in folder.iterdir()} == files
    history = json.loads((folder / "history.json").read_text())
    assert len(history["epochs"]) <= 5
    model = hy.load(folder / "mnist.safetensors")
    assert [layer.units for layer in model.layers if isinstance(layer, hy.Dense)] == [64, 64, 10]
    _, (x, y) = hy.datasets.mnist(flatten=False, normalize=False)
    assert (x.shape, x.dtype) == ((10_000, 28, 28), "uint8")
    accuracy = model.evaluate(x, y)["accuracy"]
    assert accuracy >= 0.975
    assert f"{accuracy:.2%}".replace("%", " %") in done.stdout

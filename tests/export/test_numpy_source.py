"""Exports to NumPy: what they compute is what the model computes."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from hyalite.export import to_numpy
from tests.export.helpers import PICTURES, SEEDS, random_model, random_pictures


@pytest.mark.parametrize("seed", SEEDS)
def test_numpy(seed, tmp_path):
    agrees(*random_model(seed), tmp_path)


@pytest.mark.parametrize("seed", PICTURES)
def test_pictures(seed, tmp_path):
    agrees(*random_pictures(seed), tmp_path)


def agrees(model, x, tmp_path):
    to_numpy(model, tmp_path / "made.py")
    spec = importlib.util.spec_from_file_location("made", tmp_path / "made.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    y = made.predict(x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, model.predict(x), rtol=1e-4, atol=1e-5)


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

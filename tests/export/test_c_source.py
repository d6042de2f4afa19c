"""Exports to C."""

from __future__ import annotations

import ctypes
import shutil
import subprocess

import numpy as np
import pytest

from hyalite.export import to_c
from tests.export.helpers import PICTURES, SEEDS, random_model, random_pictures

COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C compiler")


@pytest.mark.parametrize("seed", SEEDS)
def test_c(seed, tmp_path):
    agrees(*random_model(seed), tmp_path)


@pytest.mark.parametrize("seed", PICTURES)
def test_pictures(seed, tmp_path):
    agrees(*random_pictures(seed), tmp_path)


def agrees(model, x, tmp_path):
    to_c(model, tmp_path / "made.c")
    want = model.predict(x)
    np.testing.assert_allclose(predicted(tmp_path, x, want.shape), want, rtol=1e-4, atol=1e-5)


def predicted(folder, x, shape):
    """What made.c says of the samples."""
    words = [COMPILER, "-std=c99", "-O1", "-Wall", "-Wextra", "-pedantic", "-Werror"]
    words += ["-shared", "-fPIC", "made.c", "-o", "made.so", "-lm"]
    subprocess.run(words, cwd=folder, check=True)
    predict = ctypes.CDLL(str(folder / "made.so")).predict
    y = np.zeros(shape, np.float32)
    for row, out in zip(x, y, strict=True):
        predict(np.ascontiguousarray(row).ctypes.data_as(ctypes.c_void_p),
                out.ctypes.data_as(ctypes.c_void_p))  # fmt: skip
    return y

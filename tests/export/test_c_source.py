"""Exports to C."""

from __future__ import annotations

import ctypes
import shutil
import subprocess

import numpy as np
import pytest

from hyalite.export import to_c
from tests.export.helpers import SEEDS, random_model

COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


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

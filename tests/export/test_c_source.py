"""Exports to C."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess

import numpy as np
import pytest

import hyalite as hy
from hyalite.export import to_c
from hyalite.export.c_source import STACK
from tests.export.helpers import (
    PICTURES,
    SEEDS,
    built,
    digit_classifier,
    random_model,
    random_pictures,
)

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


def test_a_digit_classifier_states_the_memory_that_it_takes(tmp_path):
    """A network for a microcontroller: nothing is allocated, and what it needs is in its head."""
    model = digit_classifier()
    assert model.theta.size <= 16_000
    agrees(model, np.random.default_rng(0).random((20, 28, 28), np.float32), tmp_path)
    text = (tmp_path / "made.c").read_text()
    assert "alloc" not in text
    said = [int(number) for number in re.findall(r"(\d+) bytes", text[: text.index("*/")])]
    first = 28 * 28 * (1 + 8)  # the picture and what the first convolution makes of it
    assert said == [4 * model.theta.size, 4 * first, 256]
    assert f"static float scratch[{first}];" in text


@pytest.mark.parametrize("level", ["-Os", "-O2"])
def test_the_stack_is_as_stated_however_many_layers_there_are(level, tmp_path):
    layers: list[hy.Layer] = []
    for _ in range(5):
        layers += [hy.Conv2D(4, 3, padding="same", activation="gelu"), hy.ZeroPadding2D()]
        layers += [hy.MaxPooling2D(3, 1, "same"), hy.AveragePooling2D(3, 1)]
        layers.append(hy.DepthwiseConv2D(3, padding=1, activation="mish"))
    layers += [hy.GlobalAveragePooling2D(), hy.Dense(4, "relu"), hy.Dense(3, "softmax")]
    models = [built(layers, (9, 8), np.random.default_rng(0)), digit_classifier()]
    models += [random_model(seed)[0] for seed in (0, 1, 4, 8)]
    for model in models:
        to_c(model, tmp_path / "made.c")
        words = [COMPILER, "-std=c99", level, "-fstack-usage", "-c", "made.c", "-o", "made.o"]
        run = subprocess.run(words, cwd=tmp_path, capture_output=True, check=False)
        if run.returncode or not (tmp_path / "made.su").exists():
            pytest.skip("this compiler does not tell how much stack a function takes")
        used = [line.split("\t") for line in (tmp_path / "made.su").read_text().splitlines()]
        assert [how for *_, how in used] == ["static"]
        assert int(used[0][1]) < STACK

"""Exports of tables' models with their preparation: each form answers as the library does."""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.data.tables import Preparation, Table
from hyalite.data.tables.category_column import Category
from hyalite.export import to_c, to_numpy, to_onnx
from hyalite.export.c_table import member_names
from hyalite.export.onnx_table import input_names
from tests.export.table_models import random_model

COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
SEEDS = range(25)
NEAR = {"rtol": 1e-5, "atol": 1e-9}


def answers(model, rows):
    """Probabilities, or numbers."""
    return model.predict_proba(rows) if getattr(model, "classes", ()) else model.predict(rows)


def in_python(model, path):
    to_numpy(model, path / "made.py")
    spec = importlib.util.spec_from_file_location("made", path / "made.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def understood(model, rows):
    """Of each column numbers, or texts with None for a gap: what C and ONNX take."""
    found = {}
    for column in model.preparation.columns:
        cells = rows[column.name]
        if not isinstance(column, Category):
            found[column.name] = column.format.read(cells).astype(np.float64)
        elif cells.dtype == bool:
            found[column.name] = [str(cell).lower() for cell in cells]
        else:
            found[column.name] = [None if cell is None else cell.strip() for cell in cells]
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_numpy(seed, tmp_path):
    model, rows = random_model(seed)
    made = in_python(model, tmp_path)
    want = answers(model, rows)
    got = made.predict_proba if model.classes else made.predict
    np.testing.assert_allclose(got(rows.columns), want, **NEAR)
    dicts = [dict(zip(rows.columns, row, strict=True)) for row in zip(*rows.columns.values())]
    np.testing.assert_allclose(got(dicts), want, **NEAR)
    if model.classes:
        assert made.predict(dicts).tolist() == model.predict(rows).tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_onnx(seed, tmp_path):
    pytest.importorskip("onnx", reason="needs the extra 'onnx'")
    runtime = pytest.importorskip("onnxruntime", reason="to run what was written")
    model, rows = random_model(seed)
    to_onnx(model, tmp_path / "made.onnx")
    session = runtime.InferenceSession(tmp_path / "made.onnx")
    inputs = {}
    columns = understood(model, rows)
    for name, column in zip(input_names(list(columns)), columns.values(), strict=True):
        if isinstance(column, list):
            column = np.array(["" if cell is None else cell for cell in column], object)
        inputs[name] = column[:, None]
    outputs = {
        output.name: y
        for output, y in zip(session.get_outputs(), session.run(None, inputs), strict=True)
    }
    if not model.classes:
        np.testing.assert_allclose(outputs["value"], model.predict(rows), **NEAR)
        return
    label = "label_1" if "label" in inputs else "label"
    np.testing.assert_allclose(outputs["probabilities"], model.predict_proba(rows), **NEAR)
    assert outputs[label].tolist() == model.predict(rows).tolist()


@pytest.mark.skipif(COMPILER is None, reason="no C compiler")
@pytest.mark.parametrize("seed", [0, 1, 3, 5, 10, 20])
def test_c(seed, tmp_path):
    model, rows = random_model(seed)
    to_c(model, tmp_path / "made.c")
    words = [COMPILER, "-std=c99", "-O0", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    library = tmp_path / "made.so"
    subprocess.run([*words, "made.c", "-o", library, "-lm"], cwd=tmp_path, check=True)
    made = ctypes.CDLL(str(library))
    columns = understood(model, rows)
    kinds = [ctypes.c_char_p if isinstance(c, list) else ctypes.c_double for c in columns.values()]
    names = member_names(list(columns))

    class Row(ctypes.Structure):
        _fields_ = list(zip(names, kinds, strict=True))

    made.predict.restype = ctypes.c_int if model.classes else ctypes.c_double
    probabilities = np.zeros((len(rows), max(1, len(model.classes))))
    found = []
    for row, out in zip(zip(*columns.values(), strict=True), probabilities, strict=True):
        cells = [cell.encode() if isinstance(cell, str) else cell for cell in row]
        where = [out.ctypes.data_as(ctypes.c_void_p)] if model.classes else []
        found.append(made.predict(ctypes.byref(Row(*cells)), *where))
    if not model.classes:
        np.testing.assert_allclose(found, model.predict(rows), **NEAR)
        return
    np.testing.assert_allclose(probabilities, model.predict_proba(rows), **NEAR)
    count = len(model.classes)
    class_names = (ctypes.c_char_p * count).in_dll(made, "class_names")
    assert [class_names[place].decode() for place in found] == model.predict(rows).tolist()

"""Exports of tables' models with their preparation: each form answers as the library does."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import shutil
import subprocess

import numpy as np
import pytest
from safetensors import safe_open

import hyalite as hy
from hyalite.data.tables import Preparation, Table
from hyalite.data.tables.category_column import Category
from hyalite.data.tables.truth_texts import TruthFormat
from hyalite.export import to_c, to_numpy, to_onnx, to_torch, torch_modules
from hyalite.export.c_table import member_names
from hyalite.export.onnx_table import input_names
from hyalite.export.table_model import level_places
from tests.export.table_models import random_model

# the rows are to have what training never saw
pytestmark = pytest.mark.filterwarnings("ignore::hyalite.errors.DataWarning")
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
        if cells.dtype.kind in "fi":
            found[column.name] = cells.astype(np.float64)
        elif not isinstance(column, Category):
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
    dicts = [
        dict(zip(rows.columns, row, strict=True))
        for row in zip(*rows.columns.values(), strict=True)
    ]
    np.testing.assert_allclose(got(dicts), want, **NEAR)
    if model.classes:
        assert made.predict(dicts).tolist() == model.predict(rows).tolist()


def in_onnx(model, rows, path):
    """What its outputs are."""
    pytest.importorskip("onnx", reason="needs the extra 'onnx'")
    runtime = pytest.importorskip("onnxruntime", reason="to run what was written")
    to_onnx(model, path / "made.onnx")
    session = runtime.InferenceSession(path / "made.onnx")
    columns, inputs = understood(model, rows), {}
    for name, column in zip(input_names(list(columns)), columns.values(), strict=True):
        if isinstance(column, list):
            column = np.array(["" if cell is None else cell for cell in column], object)
        inputs[name] = column[:, None]
    return session.run(None, inputs)


def compiled(model, path):
    to_c(model, path / "made.c")
    words = [COMPILER, "-std=c99", "-O0", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    library = path / "made.so"
    subprocess.run([*words, "made.c", "-o", library, "-lm"], cwd=path, check=True)
    return ctypes.CDLL(str(library))


def in_c(model, rows, path):
    """The names of classes and their probabilities, or the numbers."""
    made = compiled(model, path)
    columns = understood(model, rows)
    kinds = [ctypes.c_char_p if isinstance(c, list) else ctypes.c_double for c in columns.values()]

    class Row(ctypes.Structure):
        _fields_ = list(zip(member_names(list(columns)), kinds, strict=True))

    count = len(model.classes)
    made.predict.restype = ctypes.c_int if count else ctypes.c_double
    probabilities = np.zeros((len(rows), max(1, count)))
    found = []
    for row, out in zip(zip(*columns.values(), strict=True), probabilities, strict=True):
        cells = [cell.encode() if isinstance(cell, str) else cell for cell in row]
        where = [out.ctypes.data_as(ctypes.c_void_p)] if count else []
        found.append(made.predict(ctypes.byref(Row(*cells)), *where))
    if not count:
        return [found]
    names = (ctypes.c_char_p * count).in_dll(made, "class_names")
    return [[names[place].decode() for place in found], probabilities]


@pytest.mark.parametrize("seed", SEEDS)
def test_onnx(seed, tmp_path):
    model, rows = random_model(seed)
    *labels, found = in_onnx(model, rows, tmp_path)
    np.testing.assert_allclose(found, answers(model, rows), **NEAR)
    if labels:
        assert labels[0].tolist() == model.predict(rows).tolist()


@pytest.mark.skipif(COMPILER is None, reason="no C compiler")
@pytest.mark.parametrize("seed", [0, 1, 3, 5, 10, 20])
def test_c(seed, tmp_path):
    model, rows = random_model(seed)
    *labels, found = in_c(model, rows, tmp_path)
    np.testing.assert_allclose(found, answers(model, rows), **NEAR)
    if labels:
        assert labels[0] == model.predict(rows).tolist()


# One network with a preparation ----------------------------------------------------------------

ENDS = {
    "probabilities": (lambda: hy.Dense(2, "softmax"), "categorical_crossentropy"),
    "logits": (lambda: hy.Dense(2), hy.CategoricalCrossentropy(from_logits=True)),
    "yes or no": (lambda: hy.Dense(1, "sigmoid"), "binary_crossentropy"),
    "logit": (lambda: hy.Dense(1), hy.BinaryCrossentropy(from_logits=True)),
    "number": (lambda: hy.Dense(1), "mse"),
}


def pipeline_of(last, loss, numbers):
    rng = np.random.default_rng(0)
    town = np.array(["A", "B", "C", None], object)[rng.integers(0, 4, 40)]
    table = {"area": rng.normal(50, 9, 40), "town": town}
    # so far from zero that the network gives the difference from the mean alone
    table["y"] = 1.7e9 + rng.normal(0, 3, 40) if numbers else rng.permutation(["no", "yes"] * 20)
    table["y"] = table["y"] if numbers else table["y"].astype(object)
    preparation = Preparation.learn(Table(table), "y")
    model = hy.Sequential([hy.Dense(4, "tanh"), last])
    model.compile(loss, engine="numpy")
    model.build(len(preparation.features), seed=1)
    return hy.recipes.TablePipeline(model, preparation), Table(table)


@pytest.mark.parametrize("end", ENDS)
def test_one_network(end, tmp_path):
    model, rows = pipeline_of(ENDS[end][0](), ENDS[end][1], end == "number")
    made = in_python(model, tmp_path)
    got = made.predict(rows.columns) if end == "number" else made.predict_proba(rows.columns)
    np.testing.assert_allclose(got, answers(model, rows), rtol=1e-6)
    if end != "number":
        assert made.predict(rows.columns).tolist() == model.predict(rows).tolist()
    np.testing.assert_allclose(in_onnx(model, rows, tmp_path)[-1], answers(model, rows), rtol=1e-6)
    if COMPILER and end in ("logit", "number"):
        np.testing.assert_allclose(in_c(model, rows, tmp_path)[-1], answers(model, rows), rtol=1e-6)


def test_what_cannot_be_right_is_refused(tmp_path):
    model, _ = pipeline_of(hy.Dense(2), "mse", True)
    with pytest.raises(ValueError, match=r"outputs \(2,\) with the loss 'mean_squared_error'"):
        to_numpy(model, tmp_path / "made.py")
    with pytest.raises(ValueError, match=r"model must be a Sequential, or .* got dict"):
        to_c({}, tmp_path / "made.c")
    assert list(tmp_path.iterdir()) == []


def test_the_network_alone_says_what_it_takes(tmp_path):
    model, _ = pipeline_of(hy.Dense(2, "softmax"), "categorical_crossentropy", False)
    to_numpy(model.model, tmp_path / "made.py")
    to_c(model.model, tmp_path / "made.c")
    for file in tmp_path.iterdir():
        text = " ".join(file.read_text().split())
        assert "area; town = (missing); town = A; town = B; town = C. y is no, yes." in text


def test_for_pytorch_the_networks_alone_are_written(tmp_path):
    model, _ = random_model(5)
    to_torch(model, tmp_path / "net.safetensors")
    with safe_open(tmp_path / "net.safetensors", "np") as file:
        assert {key.split(".")[0] for key in file.keys()} == {"0", "1", "2"}  # noqa: SIM118
        assert json.loads(file.metadata()["weights"]) == model.weights.tolist()
    assert torch_modules(model).startswith("torch.nn.ModuleList([torch.nn.Sequential(\n")


# Names of strangers' files -----------------------------------------------------------------------

NAMES = [
    '"""\nraise SystemExit(3)\n"""',
    "*/\n#error\n/*",
    "{x}%s\\",
    "\x1b[31m\u202e",
    "??/",
    "x'",
]


def test_names_are_never_code(tmp_path):
    rng = np.random.default_rng(0)
    columns = {name: rng.normal(0, 1, 40) for name in NAMES}
    columns["town"] = np.array(NAMES, object)[rng.integers(0, 6, 40)]
    target = "*/ '''\n\"\"\" \\"
    columns[target] = np.array(NAMES, object)[np.arange(40) % 6]
    preparation = Preparation.learn(Table(columns), target)
    network = hy.Sequential(
        [hy.Dense(6, name="1 é"), hy.Dense(6, name="1-é"), hy.Dense(6, "softmax")]
    )
    network.build(len(preparation.features), seed=0)
    model, rows = hy.recipes.TablePipeline(network, preparation), Table(columns)
    made = in_python(model, tmp_path)
    assert made.predict(columns).tolist() == model.predict(rows).tolist()
    assert in_onnx(model, rows, tmp_path)[0].tolist() == model.predict(rows).tolist()
    if COMPILER:
        assert in_c(model, rows, tmp_path)[0] == model.predict(rows).tolist()


def test_names_in_c():
    names = ["Area (m²)", "größe", "int", "2nd", "面积", "area__m2_", "Area (m2)", ""]
    want = ["Area__m2_", "grosse", "int_", "c_2nd", "column_5", "area__m2_", "Area__m2__"]
    assert member_names(names) == [*want, "column_8"]


# What goes in ------------------------------------------------------------------------------------


def test_levels_are_texts_that_mean_the_same():
    column = Category("code", ["(other)", "007", "12"], embed=True)
    places, other = level_places(column)
    assert other == 0
    assert places == {"007": 1, "7": 1, "7.0": 1, "12": 2, "12.0": 2}
    column = Category("sold", ["(missing)", "Ja", "Nein"], format=TruthFormat("Ja", "Nein"))
    places, other = level_places(column)
    assert other == 0  # what is no truth is missing
    assert places == {"Ja": 1, "ja": 1, "JA": 1, "Nein": 2, "nein": 2, "NEIN": 2}


def test_columns_that_are_not_there(tmp_path):
    model, rows = random_model(2)
    made = in_python(model, tmp_path)
    with pytest.raises(ValueError, match="rows have no column"):
        made.predict({"other": [1]})
    columns = {name: list(column) for name, column in rows.columns.items()}
    columns[rows.column_names[0]].pop()
    with pytest.raises(ValueError, match=r"different lengths, \[19, 20\]"):
        made.predict(columns)


@pytest.mark.skipif(COMPILER is None, reason="no C compiler")
def test_dates_in_c(tmp_path):
    """Every first and last day of a month around the leap years, and what is no date."""
    model, _ = random_model(0)
    made = compiled(model, tmp_path)
    made.days_since_1970.restype = ctypes.c_double
    days = np.arange("1895-12-01", "2105-02-01", dtype="datetime64[D]")
    days = [d for d in days if str(d)[-2:] in ("01", "28", "29", "30", "31")]
    found = [made.days_since_1970(str(day).encode()) for day in days]
    assert found == [float(day.astype(int)) for day in days]
    assert made.days_since_1970(b"1970-01-02T06:00") == 1.25
    assert made.days_since_1970(b"1969-12-31 23:59:59") == -1 + 86399 / 86400
    wrong = ["", "2026", "2026-02-29", "2026-13-01", "2026-1-01", "2026-01-01 24:00", "01.02.2026"]
    assert all(np.isnan(made.days_since_1970(text.encode())) for text in wrong)
    assert np.isnan(made.days_since_1970(None))

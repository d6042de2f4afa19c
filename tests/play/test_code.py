"""What is exported trains the same model: the same bytes, by Python and by the command line."""

from __future__ import annotations

import hashlib
import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite import cli
from hyalite.play import code
from hyalite.play.problems import Refused
from hyalite.play.run import Run, run_of
from hyalite.play.table_data import read_upload
from tests.play.helpers import SMALL

COSINE = {"type": "CosineDecay", "learning_rate": 0.01, "steps": None, "warmup": None}
CASES: list[dict[str, Any]] = [
    {**SMALL, "engine": "compiled"},
    {
        "data": {"kind": "moons", "samples": 30, "features": ["x1", "x1*x2", "sin(x2)"]},
        "layers": [
            {"type": "Dense", "units": 5, "activation": {"type": "LeakyReLU", "slope": 0.2},
             "l1": 1e-4, "l2": 1e-3, "initializer": {"type": "ScaledNormal", "scale": 0.3}},
            {"type": "LayerNormalization"},
            {"type": "Dropout", "rate": 0.25},
            {"type": "Residual", "layers": [{"type": "Dense", "units": 5, "activation": "tanh"}]},
        ],
        "output": {"l2": 0.01},
        "loss": {"type": "BinaryCrossentropy", "label_smoothing": 0.1},
        "optimizer": {"type": "SGD", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True,
                      "clip_norm": 1.0},
        "batch_size": 7, "shuffle": False, "seed": 5, "epochs": 3,
    },
    {"data": {"kind": "sine", "samples": 60, "test_samples": 20}, "dtype": "float64",
     "optimizer": {"type": "AdamW", "learning_rate": COSINE}, "epochs": 4, "engine": "numpy"},
    {"data": {"kind": "points", "points": [[n / 10, (n * 7 % 11) / 10, n % 3] for n in range(30)]},
     "class_weight": "balanced", "batch_size": None, "epochs": 5},
    {"data": {"kind": "points", "task": "numbers", "test_share": 0.0,
              "points": [[0, 0.5], [1, 2], [2, 4.25]]}, "epochs": 3},
    {"data": {"kind": "circles", "samples": 20, "classes": 3}, "loss": "mean_squared_error",
     "output": {"activation": "tanh"}, "epochs": 3},
    {"data": {"kind": "mnist", "samples": 120, "test_samples": 100}, "epochs": 1,
     "layers": [{"type": "RandomAffine"},
                {"type": "Conv2D", "filters": 3, "kernel_size": [3, 3], "strides": 2,
                 "padding": "same", "activation": "relu"}, {"type": "Dense", "units": 4}]},
    {**SMALL, "stop": {"monitor": "val_loss", "patience": 2}, "epochs": 300,
     "optimizer": {"type": "SGD", "learning_rate": 3.0}},
]  # fmt: skip


@pytest.mark.parametrize("settings", CASES)
def test_the_exported_script_gives_the_same_bytes(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    run = run_of({"engine": "numpy", **settings})
    run.train(run.goal)
    assert run.epoch > 0
    monkeypatch.chdir(tmp_path)
    exec(code.python(run), {})
    digest = hashlib.sha256(run.model.theta.tobytes()).hexdigest()
    assert capsys.readouterr().out.split()[-1] == digest
    assert hy.load("model.safetensors").theta.tobytes() == run.model.theta.tobytes()


def test_of_a_table_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    content, key, upload = table()
    run = run_of(
        {"data": {"kind": "table", "upload": key, "target": "kind"}, "epochs": 3,
         "layers": [{"type": "Dense", "units": 4, "activation": "relu"}]},
        {key: upload},
    )  # fmt: skip
    run.train(3)
    monkeypatch.chdir(tmp_path)
    Path("flowers.csv").write_bytes(content)
    exec(code.python(run), {})
    digest = hashlib.sha256(run.model.theta.tobytes()).hexdigest()
    assert capsys.readouterr().out.split()[-1] == digest


def table() -> tuple[bytes, str, Any]:
    rng = np.random.default_rng(1)
    lines = ["width,town,length,kind"]
    lines += [
        f"{a:.2f},{'AB'[int(b > 0)]},{b:.2f},{'yes' if a + b > 0 else 'no'}"
        for a, b in rng.normal(size=(60, 2))
    ]
    content = "\n".join(lines).encode()
    return content, *read_upload(content, "flowers.csv")


BOOK = {"kind": "spiral", "noise": 0.2}


def recipe_like(data: dict[str, Any], **more: Any) -> dict[str, Any]:
    dense = {"type": "Dense", "units": 8, "activation": "relu", "initializer": "he_normal"}
    return {
        "data": data, "layers": [dense, dense], "epochs": 2,
        "optimizer": {"type": "Adam", "learning_rate": COSINE}, **more,
    }  # fmt: skip


def trained_by_command(run: Run, folder: Path) -> Any:
    words = shlex.split(code.command(run))
    assert words[:2] == ["hyalite", "train"]
    cli.commands([*words[1:], "--output", str(folder / "run"), "-q"], standalone_mode=False)
    (file,) = (folder / "run").glob("*.safetensors")
    from hyalite.recipes import load

    return load(file).model


@pytest.mark.parametrize(
    "settings",
    [
        recipe_like(BOOK),
        recipe_like(
            BOOK,
            layers=[{"type": "Dense", "units": 6, "activation": "tanh", "l2": 0.001},
                    {"type": "Dropout", "rate": 0.2}],
            output={"l2": 0.001}, seed=3, batch_size=10,
        ),
        recipe_like(
            {"kind": "sine"},
            layers=[{"type": "Dense", "units": 6, "activation": "gelu",
                     "initializer": "he_normal"}],
        ),
    ],
)  # fmt: skip
def test_the_command_line_gives_the_same_bytes(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = run_of(settings)
    run.train(2)
    model = trained_by_command(run, tmp_path)
    assert model.theta.tobytes() == run.model.theta.tobytes()


def test_of_a_table_the_command_line_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content, key, upload = table()
    monkeypatch.chdir(tmp_path)
    Path("flowers.csv").write_bytes(content)
    settings = recipe_like({"kind": "table", "upload": key, "target": "kind"})
    run = run_of(settings, {key: upload})
    run.train(2)
    model = trained_by_command(run, tmp_path)
    assert model.theta.tobytes() == run.model.theta.tobytes()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (SMALL, "no name for these data"),
        ({**recipe_like(BOOK), "optimizer": {"type": "Adam"}}, "cosine"),
        (recipe_like(BOOK, shuffle=False), "shuffles"),
        (recipe_like(BOOK, loss="mean_squared_error"), "no option for this"),
        (recipe_like(BOOK, layers=[{"type": "Scale"}]), "no option for this"),
    ],
)
def test_where_no_command_does_it_the_reason_is_told(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        code.command(run_of(settings))


def test_a_notebook_has_the_script_in_cells(tmp_path: Path) -> None:
    run = run_of(SMALL)
    cells = json.loads(code.notebook(run))["cells"]
    assert [cell["cell_type"] for cell in cells] == ["markdown", "code"] * 5
    source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    compile(source, "notebook", "exec")
    assert "hy.datasets.spiral(20, 3" in source


def test_what_a_script_cannot_do_is_said_in_it() -> None:
    run = run_of(SMALL)
    run.train(1)
    run.advance(1)
    assert "1 more steps" in code.python(run)
    run.set_number("dense_1.W", (0, 0), 1.0)
    assert "changed in between" in code.python(run)


def test_every_part_is_written_as_it_is_made() -> None:
    from hyalite.play.parts import KINDS

    for group in ("loss", "optimizer", "activation", "initializer"):
        for kind in KINDS[group].values():
            part = kind()
            again = eval(code.part(part), {"hy": hy})
            assert repr(again) == repr(part)

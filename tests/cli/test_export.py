"""`hyalite export`."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from click.testing import CliRunner

from hyalite import cli
from tests.export import table_models
from tests.export.helpers import random_model


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


@pytest.mark.filterwarnings("ignore:training saw no such rows")
def test_a_model_of_a_table_leaves_with_its_preparation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model, rows = table_models.random_model(2)
    model.save("model.safetensors")
    words = "export model.safetensors --numpy made.py --c made.c --torch made.safetensors"
    run = CliRunner().invoke(cli.commands, words.split())
    assert run.exit_code == 0, run.output
    said = " ".join(run.output.split())
    assert "The preparation is in made.py and made.c: rows go in as the table has them" in said
    assert "In made.c numbers are numbers, and dates the days since 1970" in said
    assert "In made.safetensors are weights alone, without the preparation" in said
    assert "torch.nn.ModuleList([torch.nn.Sequential(" in said
    made = runpy.run_path("made.py")
    assert made["predict"](rows.columns).tolist() == model.predict(rows).tolist()

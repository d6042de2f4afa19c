"""`hyalite export`."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from hyalite import cli
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

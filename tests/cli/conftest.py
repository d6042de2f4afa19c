"""A folder to work in, and one with pictures and a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.helpers import draw_folder, run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures and, in `run`, what training on it left."""
    folder = tmp_path_factory.mktemp("bars")
    draw_folder(folder / "pictures", 20)
    run("train", folder / "pictures", "--epochs", 30, "--layers", 16, "--output", folder / "run")
    return folder

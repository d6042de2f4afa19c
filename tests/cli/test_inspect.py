"""`hyalite summary` and `hyalite datasets`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import hyalite as hy
from hyalite.cli import arguments
from tests.cli.helpers import run


def test_summary_shows_layers_data_classes_and_result(bars: Path) -> None:
    output = run("summary", bars / "run/pictures.safetensors").output
    assert "rescaling_1  Rescaling" in output
    assert "trained on  pictures\n" in output
    assert "classes     flat, tall\n" in output
    assert "CosineDecay(learning_rate=0.005" in output
    assert "result      8 of 8 validation images right: 100.00 %.\n" in output


def test_summary_of_a_bare_model() -> None:
    model = hy.Sequential([hy.Dense(2)])
    model.build(3, seed=0)
    model.save("bare.safetensors")
    assert run("summary", "bare.safetensors").output.rstrip().endswith("samples (3,)")


def test_datasets_tells_where_fashion_mnist_is(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hyalite.data import datasets, fetch

    monkeypatch.delenv("HYALITE_DATA", raising=False)
    monkeypatch.setattr(datasets, "_SYSTEM_FOLDER", here / "nowhere")
    monkeypatch.setattr(fetch, "cache_folder", lambda name: here / "cache" / name)
    output = run("datasets").output
    for name in arguments.KNOWN_DATA:
        assert f"\n{name} " in f"\n{output}"
    assert f"downloaded when first used, 31 MB, into {here / 'cache'}" in output
    folder = here / "data/fashion-mnist"
    folder.mkdir(parents=True)
    monkeypatch.setenv("HYALITE_DATA", str(here / "data"))
    assert f"on disk in {folder}" in run("datasets").output
    monkeypatch.setenv("HYALITE_DATA", str(here / "none"))
    assert "not found: HYALITE_DATA=" in run("datasets").output
    monkeypatch.delenv("HYALITE_DATA")
    (here / "cache").mkdir()
    (here / "data/fashion-mnist").rename(here / "cache/fashion-mnist")
    for file in fetch.FASHION_MNIST_FILES:
        (here / "cache/fashion-mnist" / file).touch()
    assert f"on disk in {here / 'cache/fashion-mnist'}" in run("datasets").output
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.setenv("HYALITE_DATA", "")
    monkeypatch.setattr(datasets, "_SYSTEM_FOLDER", here / "nowhere")
    assert "pip install 'hyalite[data]'" in run("datasets").output

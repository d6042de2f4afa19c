"""`hyalite pack`, and `hyalite train` on what it wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.helpers import error_of, run
from tests.data.tables.packs.helpers import write_files
from tests.recipes.tabular.helpers import few_epochs


@pytest.fixture(autouse=True)
def _trips(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_epochs(monkeypatch)
    write_files(here / "trips", 600)


def test_pack_and_train() -> None:
    words = ["--target", "fare", "--ignore", "kind", "--memory", "128MB"]
    text = run("pack", "trips/*.csv", "trips.pack", *words).output
    assert "looks at 3 files" in text
    assert "packed 469 rows to train on and 119 for validation, 12 left out" in text
    assert "left out: 'kind', ignored" in text
    assert "train trips.pack" in text
    text = run("pack", "trips/*.csv", "trips.pack", *words, "--quiet").output
    assert text == "trips.pack: 469 rows to train on, 119 for validation, 7 inputs\n"
    text = run("train", "trips.pack").output
    assert "469 rows on disk, and 119 for validation; predicts 'fare' from 5 columns" in text
    assert "On 588 rows kept back" in text
    model = Path("runs/trips/trips.safetensors")
    words = ["predict", model, "trips/part-000.csv", "--output", "out.csv"]
    assert "out.csv written: 200 rows." in run(*words).output
    text = run("train", "trips.pack", "--epochs", 2, "--output", "own").output
    assert "469 rows to train on, 119 more as validation rows" in text
    assert "ridge regression" in text
    assert "predict own/trips.safetensors new.csv --output predictions.csv" in text


def test_errors() -> None:
    run("pack", "trips", "kind.pack", "--target", "kind", "--quiet")
    assert error_of("train", "kind.pack", "--target", "fare") == (
        "Error: kind.pack was packed to predict 'kind', not 'fare'"
    )
    assert "ignore is said when a table is packed" in error_of(
        "train", "kind.pack", "--ignore", "tip"
    )
    assert "there is no column 'price'" in error_of("pack", "trips", "a.pack", "--target", "price")
    assert "memory must be a size" in error_of(
        "pack", "trips", "b.pack", "--target", "fare", "--memory", "3 apples"
    )
    Path("kind.pack/manifest.json").write_text("{}", encoding="utf-8")
    assert "no pack that can be read: it is not of format 1" in error_of("train", "kind.pack")

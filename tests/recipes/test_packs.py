"""Recipes on packs: a network of one's own, and a mixture, from rows on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.recipes import packs
from hyalite.recipes.tabular import packs as mixtures
from tests.data.tables.packs.helpers import pack, write_files
from tests.recipes.tabular.helpers import few_epochs


@pytest.fixture(scope="module")
def trips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trips")
    write_files(folder / "csv", 1500)
    pack(folder / "csv", folder / "fare.pack", "fare", ignore=["kind"])
    pack(folder / "csv", folder / "kind.pack", "kind", ignore=["fare"])
    pack(folder / "csv", folder / "lying.pack", "fare", shuffle=False)
    return folder


@pytest.mark.parametrize("target", ["fare", "kind"])
def test_a_network_of_ones_own(target: str, trips: Path) -> None:
    trained = hy.recipes.fit_table(
        trips / f"{target}.pack", epochs=8, batch_size=32, engine="numpy", verbose=0
    )
    figures = trained.report.figures["this network"]
    assert figures.get("R²", figures.get("accuracy")) > 0.9
    text = trained.dataset.describe()
    assert ("1,173 rows to train on" in text) == (target == "fare")
    table = hy.tables.read(trips / "csv" / "part-000.csv")
    assert len(trained.predict(table)) == len(table)
    assert trained.full_report().verdict


@pytest.mark.parametrize("target", ["fare", "kind"])
@pytest.mark.parametrize("on_disk", [False, True])
def test_a_mixture(
    target: str, on_disk: bool, trips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_epochs(monkeypatch)
    if on_disk:
        monkeypatch.setattr(mixtures, "SAMPLE_ROWS", 300)
    trained = hy.recipes.fit_table(
        hy.tables.Pack(trips / f"{target}.pack"), engine="numpy", verbose=0
    )
    figures = trained.report.figures["this network"]
    assert figures.get("R²", figures.get("accuracy")) > 0.85
    words = trained.describe()
    assert ("the pack's validation rows" in words) == on_disk
    trained.save(tmp_path / "model.safetensors")
    table = hy.tables.read(trips / "csv" / "part-001.csv")
    again, own = hy.recipes.load(tmp_path / "model.safetensors"), trained.predict(table)
    if target == "kind":
        np.testing.assert_array_equal(again.predict(table), own)
    else:
        np.testing.assert_allclose(again.predict(table), own, rtol=1e-5)


def test_class_weights_on_disk(trips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_epochs(monkeypatch)
    monkeypatch.setattr(mixtures, "SAMPLE_ROWS", 300)
    made = hy.tables.Pack(trips / "kind.pack")
    plain = hy.recipes.fit_table(made, effort="quick", engine="numpy", verbose=0)
    weighed = hy.recipes.fit_table(
        made, effort="quick", class_weight={"short": 50.0}, engine="numpy", verbose=0
    )
    assert (
        weighed.answers["this network"][:, 1] > plain.answers["this network"][:, 1]
    ).mean() > 0.7
    with pytest.raises(ValueError, match="class_weight needs classes"):
        hy.recipes.fit_table(
            trips / "fare.pack", class_weight="balanced", engine="numpy", verbose=0
        )


def test_what_was_said_at_packing_is_refused_later(trips: Path) -> None:
    for options, words in (
        ({"types": {"zone": "text"}}, "types is said when a table is packed"),
        ({"validation_split": 0.3}, "validation_split is said when"),
        ({"target": "tip"}, "was packed to predict 'fare'"),
    ):
        with pytest.raises(ValueError, match=words):
            hy.recipes.fit_table(trips / "fare.pack", **options, engine="numpy", verbose=0)
    with pytest.raises(ValueError, match="target must name the column"):
        hy.recipes.fit_table(trips / "csv" / "part-000.csv", engine="numpy", verbose=0)


def test_packs_that_no_recipe_can_take(trips: Path, tmp_path: Path) -> None:
    x = np.arange(40.0).reshape(20, 2)
    arrays = pack((x, x[:, 0]), tmp_path / "arrays.pack", None)
    with pytest.raises(ValueError, match="was made of arrays"):
        hy.recipes.fit_table(arrays, engine="numpy", verbose=0)
    whole = pack(trips / "csv", tmp_path / "whole.pack", validation_split=0)
    with pytest.raises(ValueError, match="has no validation rows"):
        hy.recipes.fit_table(whole, engine="numpy", verbose=0)


def test_samples_of_rows_that_lie_as_they_were(trips: Path) -> None:
    lying = hy.tables.Pack(trips / "lying.pack")
    x, y = packs.sample_of(lying, 128)
    assert len(x) == len(y) == 128
    np.testing.assert_array_equal(y[:2], lying.y[:2])
    assert y[-1] in lying.y[-30:]
    assert len(packs.sample_of(lying, 10**6)[0]) == len(lying)


def test_estimators(trips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    from hyalite.sklearn import TabularClassifier, TabularRegressor

    few_epochs(monkeypatch)
    table = hy.tables.read(trips / "csv" / "part-000.csv")
    kind = hy.tables.Pack(trips / "kind.pack")
    found = TabularClassifier("quick", random_state=0, engine="numpy").fit(kind)
    assert found.classes_.tolist() == ["long", "short"]
    rows = table.select([name for name in table.column_names if name in found.feature_names_in_])
    assert set(found.predict(rows)) == {"long", "short"}
    with pytest.raises(ValueError, match="leave y, sample_weight and groups away"):
        TabularClassifier().fit(kind, [1])
    with pytest.raises(ValueError, match="is for TabularClassifier"):
        TabularRegressor("quick").fit(kind)
    numbers = TabularRegressor("quick", random_state=0, engine="numpy").fit(
        hy.tables.Pack(trips / "fare.pack")
    )
    rows = table.select([name for name in table.column_names if name in numbers.feature_names_in_])
    assert np.isfinite(numbers.predict(rows)).all()

"""A table is cut, and what is learned of its columns comes from the training rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.recipes.tables import TableDataset


def test_targets_keep_their_unit_and_are_standardised_for_training(houses: Path) -> None:
    data = TableDataset.split(hy.tables.read("houses.csv"), "price", ignore=["cheap"])
    assert (len(data.x), len(data.x_test), data.part) == (235, 59, "validation")
    assert data.y.mean() > 10_000
    y, y_test = data.training_targets()
    assert y.mean() == pytest.approx(0, abs=1e-12)
    assert y.std() == pytest.approx(1)
    np.testing.assert_allclose(y_test * data.target.scale + data.target.mean, data.y_test)
    assert data.preparation.left_out == {"id": "a running number", "cheap": "ignored"}


def test_the_columns_left_out_keep_the_reason_that_all_rows_gave(houses: Path) -> None:
    """After the cut a row number has gaps and looks like a number; it stays out."""
    frame = hy.tables.read("houses.csv")
    data = TableDataset.split(frame, "price", validation_split=0.6)
    assert data.preparation.left_out["id"] == "a running number"
    assert "id" not in data.preparation.groups


def test_a_class_without_training_rows_keeps_its_place(here: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="needs the extra 'tables'")
    pytest.importorskip("narwhals", reason="needs the extra 'tables'")
    rows = {"a": np.arange(40) ** 2 % 17, "t": ["x", "z"] * 19 + ["y", "x"]}
    whole = hy.tables.Preparation.learn(arrow.table(rows), "t")
    some = arrow.table(rows)[:38]
    made = hy.tables.Preparation.learn(some, "t", classes=whole.target.known)
    assert made.target.known == ("x", "y", "z")
    assert set(made.y(some)) == {0, 2}
    with pytest.raises(ValueError, match="classes are for task='classification'"):
        hy.tables.Preparation.learn(some, "t", task="regression", classes=("x", "y"))


def test_what_each_column_is_worth(houses: Path) -> None:
    trained = hy.recipes.fit_table(
        "houses.csv", "price", ignore=["cheap"], epochs=60, verbose=0, engine="numpy"
    )
    found = trained.full_report().importance
    assert found is not None
    assert found.names == ("area", "place")
    assert (found.mean > 0).all()

"""Names that a file and the frame made of it have differently."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.data.tables.renaming import called

Preparation = hy.tables.Preparation
TEXT = ",a , b,y\n" + "".join(f"{n % 5},{n % 3}.5,{n % 7},{n % 11}.25\n" for n in range(40))


def test_a_model_of_a_file_takes_the_frame_made_of_it_and_the_reverse(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="a frame of its own")
    path = tmp_path / "t.csv"
    path.write_text(TEXT)
    table, frame = hy.tables.read(path), pandas.read_csv(path)
    assert list(frame.columns) == ["Unnamed: 0", "a ", " b", "y"]
    by_file, by_frame = Preparation.learn(table, "y"), Preparation.learn(frame, "y")
    np.testing.assert_array_equal(by_file.x(frame), by_file.x(table))
    np.testing.assert_array_equal(by_frame.x(table), by_frame.x(frame))
    target = Preparation.learn(table, "a", task="regression")
    np.testing.assert_array_equal(target.y(frame), target.y(table))
    assert len(target.labelled(frame)) == 40


def test_nothing_is_guessed() -> None:
    table = hy.tables.Table({"a ": ["1"], " a": ["2"], "b": ["3"]})
    assert called(table, ["a", "b"]).column_names == ["a ", " a", "b"]
    assert called(table, ["a ", "a"]).column_names == ["a ", "a", "b"]
    assert called(table, ["B"]) is table

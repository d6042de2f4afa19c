"""Files that hold tables, each told by its ending."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.cli import arguments
from hyalite.data.tables import reading
from hyalite.errors import FileFormatError


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.csv", ".csv"), ("a.CSV", ".csv"), ("a.csv.gz", ".csv"), ("a.b.tsv", ".tsv"),
        ("a.json.XZ", ".json"), ("a.xlsx", ".xlsx"), ("a.pq", ".pq"), ("a.txt.bz2", ".txt"),
        ("a.gz", None), ("csv", None), ("a.xlsx.gz", None), ("a.xls", None), ("a.parquet.gz", None),
    ],
)  # fmt: skip
def test_the_ending_says_what_a_file_is(name: str, ending: str | None) -> None:
    assert reading.is_table(name) == arguments.is_table(name) == (ending is not None)
    if ending is not None:
        assert reading.kind_of(name) == ending


def test_the_command_line_knows_the_same_endings() -> None:
    assert arguments.TABLES == reading.ENDINGS
    assert arguments.COMPRESSED == reading.COMPRESSED


def test_what_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    with pytest.raises(FileFormatError, match="12 bytes; expected at most max_bytes=10"):
        hy.tables.read(path, max_bytes=10)
    with pytest.raises(TypeError, match="no argument 'seperator'"):
        hy.tables.read(path, seperator=";")  # type: ignore[call-arg]
    with pytest.raises(OSError, match=r"gone\.csv"):
        hy.tables.read(tmp_path / "gone.csv")
    path.write_text("a,b\n")
    with pytest.raises(FileFormatError, match="no rows below the columns' names"):
        hy.tables.read(path)
    with pytest.raises(FileFormatError, match=r"a name that ends in \.csv, \.tsv"):
        hy.tables.read(path.rename(tmp_path / "t.doc"))


def test_columns_of_texts(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,price\n007,1.50\n ,\n")
    table = hy.tables.read(tmp_path / "t.csv")
    assert {name: list(table[name]) for name in table.column_names} == {
        "id": ["007", " "],
        "price": ["1.50", ""],
    }
    assert table["id"].dtype == np.dtype(object)


def test_what_may_be_wrong_is_said(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("5.1,3.5,\n4.9,3.0,1\n")
    assert reading.remarks(hy.tables.read(path)) == [
        "the columns' names are all numbers (5.1, 3.5); does the file lack the line of names?"
    ]
    path.write_text("# made\na,b\n4.9,3.0\n")
    assert reading.remarks(hy.tables.read(path)) == [
        "the columns' names are in line 2; what is above is left out"
    ]
    path.write_text("a,2020\n4.9,3.0\n")
    assert reading.remarks(hy.tables.read(path)) == []

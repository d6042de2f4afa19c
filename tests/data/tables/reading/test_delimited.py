"""CSV: every cell as it stands, and a file that is none is refused with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hyalite.data.tables.reading import delimited
from hyalite.data.tables.table import Table
from hyalite.errors import FileFormatError


def read(folder: Path, text: str | bytes, **options: Any) -> Table:
    path = folder / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    options = {"encoding": None, "delimiter": None, "max_bytes": 1 << 30, **options}
    return delimited.read(path, **options)


def cells(table: Table) -> dict[str, list[str]]:
    return {name: list(table[name]) for name in table.column_names}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,x\n2.5,\n", {"a": ["1", "2.5"], "b": ["x", ""]}),
        ("a,b\r\n1,x\n2,y\r3,z", {"a": ["1", "2", "3"], "b": ["x", "y", "z"]}),
        ("a,b\r1,2\r", {"a": ["1"], "b": ["2"]}),
        ('a,b\n"x\ny",1\n"he said ""hi""",2\n', {"a": ["x\ny", 'he said "hi"'], "b": ["1", "2"]}),
        ('a,b\n5" pipe,1\n', {"a": ['5" pipe'], "b": ["1"]}),
        ("a,b\n'x',1\n", {"a": ["'x'"], "b": ["1"]}),
        ("a,b\n  x , 007 \n", {"a": ["  x "], "b": [" 007 "]}),
        ('a,b\n"",NA\n', {"a": [""], "b": ["NA"]}),
        ("a,b\n1,2\n\n  \n3,4\n\n", {"a": ["1", "3"], "b": ["2", "4"]}),
        ("a,b\n1,2\n#x,3\n", {"a": ["1", "#x"], "b": ["2", "3"]}),
        ("a\n1\n\n3\n\n\n", {"a": ["1", "", "3"]}),
        ('"a"\n"1,2"\n"3,4"\n', {"a": ["1,2", "3,4"]}),
        ("a,b\n1,2,\n3,4,\n", {"a": ["1", "3"], "b": ["2", "4"], "column 3": ["", ""]}),
        ('"a", "b, c"\n1, "x, y"\n', {"a": ["1"], "b, c": ["x, y"]}),
        (",  x ,X\n1,2,3\n", {"column 1": ["1"], "x": ["2"], "X": ["3"]}),
        ("a\0b,c\nx\0y,1\n", None),
    ],
)
def test_cells_stand_as_they_are(tmp_path: Path, text: str, expected: dict[str, Any]) -> None:
    if expected is None:
        with pytest.raises(FileFormatError, match="UTF-16: there are zero bytes in its header"):
            read(tmp_path, text)
    else:
        assert cells(read(tmp_path, text)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no table, the file is empty"),
        ("\n\n", "no table, the file is empty"),
        ("a,b,c\n1,2,3\n4,5,6\nTotal\n", r"line 4: 1 cell \('Total'\), but the header has 3"),
        ("a,b\n1,2\n\n1,2,3,4\n", r"line 4: 4 cells \('1', '2', '3', \.\.\.\), but the header"),
        ('# made\na,b\n"x\ny",2\n1\n', r"line 5: 1 cell \('1'\)"),
        ('a,b\n1,2\n"x,1\ny,2\n', "line 3: a quotation mark is never closed"),
        ('a,b\n"5" pipe,1\n', "line 2: a quotation mark within a quoted cell must be doubled"),
        ("a,b\nx,\x1b[31m\n1\n", r"line 3: 1 cell"),
        ("a,b\n1\x1b[31m\n", r"line 2: 1 cell \('1�\[31m'\)"),
        ("a,a\n1,2\n", "two columns are named 'a'"),
        ("a,b\n" + "x" * 131_073 + ",1\n", "line 2: .* more than 131,072 characters"),
    ],
)
def test_what_is_refused_names_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FileFormatError, match=message):
        read(tmp_path, text)


@pytest.mark.parametrize("value", ["", ";;", '"', "\n"])
def test_a_delimiter_is_one_character(tmp_path: Path, value: str) -> None:
    with pytest.raises(ValueError, match="delimiter must be one character"):
        read(tmp_path, "a,b\n1,2\n", delimiter=value)
    assert cells(read(tmp_path, "a b\n1 2\n", delimiter=" ")) == {"a": ["1"], "b": ["2"]}


def test_a_text_with_blanks_between_its_columns(tmp_path: Path) -> None:
    text = "area  rooms\n 116.4    5 \n    72   2\n\n"
    for name, expected in (
        ("t.txt", {"area": ["116.4", "72"], "rooms": ["5", "2"]}),
        ("t.csv", {"area  rooms": [" 116.4    5 ", "    72   2"]}),
    ):
        (tmp_path / name).write_text(text)
        assert cells(delimited.read(tmp_path / name, None, None, 1 << 30)) == expected
    (tmp_path / "t.txt").write_text("a b\n1 2\n3 4 5\n")
    with pytest.raises(FileFormatError, match="line 3: 3 cells"):
        delimited.read(tmp_path / "t.txt", None, " ", 1 << 30)


def test_rows_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    table = read(tmp_path, "# made\nsep\n\na;b;c\n1;2;3\n4;5;6\n")
    assert (table.row_numbers.tolist(), table.delimiter) == ([5, 6], ";")


def test_many_rows_and_many_columns(tmp_path: Path) -> None:
    """Equal cells of a column with few different ones are one object."""
    rows = [f"{n},town {n % 3},{'' if n % 7 else 'x'}" for n in range(5000)]
    table = read(tmp_path, "\n".join(["a,b,c", *rows]))
    assert table["a"].tolist() == [str(n) for n in range(5000)]
    assert len({id(cell) for cell in table["b"]}) == 3
    assert len({id(cell) for cell in table["a"]}) == 5000
    names = [f"c{n}" for n in range(4000)]
    table = read(tmp_path, "\n".join([",".join(names), *[",".join(names)] * 3]))
    assert table.column_names == names
    assert table["c3999"].tolist() == ["c3999"] * 3


def test_a_line_longer_than_what_is_held_is_refused(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(delimited, "LONGEST_LINE", 10)
    with pytest.raises(FileFormatError, match="line 3: 1 cell"):
        read(tmp_path, "a,b\n1,23456789012345\n")

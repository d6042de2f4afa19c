"""JSON."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

import hyalite as hy
from hyalite.errors import FileFormatError


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1, "b": "x"}, {"b": "007", "c": true}]',
        '\n [\n{"a": 1, "b": "x"},\n {"b": "007", "c": true}\n]',
        '{"a": 1, "b": "x"}\n\n{"b": "007", "c": true}',
    ],
)
@pytest.mark.parametrize("name", ["t.json", "t.jsonl", "t.ndjson", "t.json.gz"])
def test_a_list_or_lines(tmp_path: Path, text: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    table = hy.tables.read(path)
    assert table.column_names == ["a", "b", "c"]
    assert table["a"][0] == 1
    assert table["a"].dtype == float
    assert table["b"].tolist() == ["x", "007"]
    assert table["c"].tolist() == [None, "true"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("[]", "no rows"),
        ("[1]", "entry 1: expected an object"),
        ("3", "line 1: expected an object"),
        ('{"a": 1}\n[2]', "line 2: expected an object"),
        ('{"a": 1}\n{"a": }', "line 2: Expecting value"),
        ('[\n{"a": 1},\n{"a": }]', "line 3: Expecting value"),
        ('{"a": {"b": 1}}', "column 'a' holds lists or objects"),
        ("[" * 100_000, "line 1: "),
        ('{"a": ' + "9" * 5000 + "}", "line 1: "),
        ('{"a": 1, "a ": 2}', "two columns are named 'a'"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(FileFormatError, match=message):
        hy.tables.read(tmp_path / "t.json")


def test_names_that_every_object_has_for_itself_are_counted(tmp_path: Path) -> None:
    text = "\n".join(f'{{"a{n}": 1}}' for n in range(500))
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(FileFormatError, match="take more memory than max_bytes=100,000"):
        hy.tables.read(tmp_path / "t.json", max_bytes=100_000)


def test_no_numbers_are_gaps(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('[{"a": NaN, "b": 1}, {"a": 2, "b": -Infinity}]')
    table = hy.tables.read(tmp_path / "t.json")
    assert str(table["a"].tolist() + table["b"].tolist()) == "[nan, 2.0, 1.0, nan]"

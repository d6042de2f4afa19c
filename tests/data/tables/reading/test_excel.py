"""Excel."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest

import hyalite as hy
from hyalite.errors import FileFormatError

openpyxl = pytest.importorskip("openpyxl", reason="needs the extra 'excel'")


def written(folder: Path, *sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.active if not number else book.create_sheet("second")
        for row in rows:
            sheet.append(row)
    book.save(folder / "t.xlsx")
    return folder / "t.xlsx"


def test_cells_have_their_types(tmp_path: Path) -> None:
    day = dt.datetime(2026, 11, 21)
    path = written(
        tmp_path,
        [
            ["Prices of November"],
            [],
            ["a", " when", "sold", "at", None, "code", "error", "n"],
            [1, day, True, dt.time(14, 30), None, "007", 1, 1],
            [],
            [2.5, None, False, None, None, 12, "#DIV/0!", 2],
        ],
    )
    table = hy.tables.read(path)
    assert table.row_numbers.tolist() == [4, 6]
    assert {name: table[name].tolist() for name in table.column_names} == {
        "a": [1.0, 2.5],
        "when": [day, None],
        "sold": [True, False],
        "at": [dt.timedelta(hours=14.5), None],
        "code": ["007", "12"],
        "error": ["1", "#DIV/0!"],
        "n": [1, 2],
    }


def test_sheets(tmp_path: Path) -> None:
    path = written(tmp_path, [["a"], [1]], [["b"], [2]])
    assert hy.tables.read(path).column_names == ["a"]
    for sheet in ("second", 1, "1"):
        assert hy.tables.read(path, sheet=sheet).column_names == ["b"]
    with pytest.raises(FileFormatError, match="no sheet 'third'; the sheets are 'Sheet', 'second'"):
        hy.tables.read(path, sheet="third")


def test_a_cell_far_away_takes_no_memory(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "a", 1
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(FileFormatError, match=r"more cells|its sheet takes"):
        hy.tables.read(tmp_path / "t.xlsx", max_bytes=1 << 20)


def test_what_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, [[]])
    with pytest.raises(FileFormatError, match="the sheet is empty"):
        hy.tables.read(path)
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(FileFormatError, match="no readable Excel file"):
        hy.tables.read(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a", "b" * 1000, zipfile.ZIP_DEFLATED)
    with pytest.raises(FileFormatError, match="no readable Excel file"):
        hy.tables.read(path)
    with pytest.raises(FileFormatError, match="declares 1,000 bytes"):
        hy.tables.read(path, max_bytes=500)

"""Python's values as columns of one type."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyalite.data.tables.reading.cells import column_of
from hyalite.errors import FileFormatError

DAY, TIME = dt.date(2026, 11, 21), dt.datetime(2026, 11, 21, 7, 30)
ZONE = dt.timezone(dt.timedelta(hours=2))


@pytest.mark.parametrize(
    ("cells", "dtype", "expected"),
    [
        ([1, 2], "i8", [1, 2]),
        ([1, None], "f8", [1.0, None]),
        ([1, 2.5], "f8", [1.0, 2.5]),
        ([1 << 63, 2], "f8", [float(1 << 63), 2.0]),
        ([10**400, 2], "f8", [None, 2.0]),
        ([True, False], "?", [True, False]),
        ([True, None], "O", ["true", None]),
        ([True, 1], "O", ["true", "1"]),
        (["x", None, ""], "O", ["x", None, ""]),
        (["x", 2.0, 2.5, DAY, TIME], "O", ["x", "2", "2.5", "2026-11-21", "2026-11-21 07:30:00"]),
        ([DAY, TIME, None], "M8[us]", [dt.datetime(2026, 11, 21), TIME, None]),
        ([TIME.replace(tzinfo=ZONE)], "M8[us]", [TIME - dt.timedelta(hours=2)]),
        ([dt.time(14, 30), dt.timedelta(days=1), None], "m8[us]",
         [dt.timedelta(hours=14.5), dt.timedelta(days=1), None]),
        ([None, None], "O", [None, None]),
        ([], "O", []),
    ],
)  # fmt: skip
def test_columns(cells: list[Any], dtype: str, expected: list[Any]) -> None:
    found = column_of(Path("t.json"), "a", cells)
    assert found.dtype == np.dtype(dtype)
    assert [None if v != v else v for v in found.tolist()] == expected


@pytest.mark.parametrize("cell", [[1], {"b": 1}])
def test_lists_and_objects_are_refused(cell: Any) -> None:
    with pytest.raises(FileFormatError, match=r"t\.json: column 'a' holds lists or objects"):
        column_of(Path("t.json"), "a", [1, cell])

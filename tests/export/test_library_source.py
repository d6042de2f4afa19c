"""The library's own source in other files: it reads cells as the library does."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.data.tables.category_texts import TextFormat
from hyalite.data.tables.date_texts import DateFormat
from hyalite.data.tables.frames import of_objects
from hyalite.data.tables.number_texts import NumberFormat
from hyalite.data.tables.older import EitherNumberFormat
from hyalite.data.tables.time_texts import TimeFormat
from hyalite.data.tables.truth_texts import TruthFormat
from hyalite.export.library_source import source_of

FORMATS = [
    (NumberFormat, {}),
    (NumberFormat, {"decimal": ",", "thousands": ".", "suffix": "EUR", "gaps": ("", "-999")}),
    (NumberFormat, {"thousands": ",", "prefix": "$"}),
    (EitherNumberFormat, {}),
    (DateFormat, {"order": "mdy"}),
    (DateFormat, {"order": "dmy", "compact": True}),
    (TimeFormat, {}),
    (TruthFormat, {"true": "Yes", "false": "No"}),
    (TextFormat, {}),
]
CELLS = [
    *("", "NA", " 12 ", "1.234,50 EUR", "1,234.50", "$ 12", "(3)", "4-", "-1e3", "12,5", "١"),
    *("2026-11-21", "21.11.2026 14:30", "11/21/2026", "Nov 21, 2026", "2026年11月21日", "20261121"),
    *("2026-02-30", "21. November 2026", "Q3 2026", "2026-11-21T14:30:00+02:00", "1/2/70"),
    *("14:30", "2:30 PM", "26:15:00", "-0:30", "yes", "NO", "#DIV/0!", "007", "-999", None),
]
TYPED = [
    np.array([1.5, np.nan, np.inf, -999, 20261121]),
    np.array([3, -999, 20261121]),
    np.array([True, False]),
    np.array(["2026-11-21T12", "NaT"], "M8[us]"),
    np.array([90_000_000, "NaT"], "m8[us]"),
]


@pytest.fixture(scope="module")
def copied():
    imports, text = source_of([*(kind for kind, _ in FORMATS), of_objects])
    assert "hyalite" not in imports + text
    found: dict = {}
    exec(imports + text, found)
    return found


@pytest.mark.parametrize(("kind", "settings"), FORMATS)
def test_cells_are_read_in_the_same_way(kind, settings, copied):
    own, other = kind(**settings), copied[kind.__name__](**settings)
    for column in [np.array(CELLS, object), *TYPED]:
        np.testing.assert_array_equal(other.read(column), own.read(column))


def test_python_values_become_the_same_columns(copied):
    for cells in (["1", None], [1, 2.5, None], [True, False], [1, "x", True], [2**70, 1], []):
        want, got = of_objects("c", cells), copied["of_objects"]("c", cells)
        assert got.dtype == want.dtype
        np.testing.assert_array_equal(got, want)

"""Every kind of column of pandas, polars and pyarrow, as a table holds it."""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
from typing import Any

import numpy as np
import pytest

from hyalite.data.tables.table import Table

DAY, CLOCK = dt.date(2026, 11, 21), dt.time(1, 2, 3)
SINCE = dt.timedelta(seconds=3723)  # midnight
MOMENT, HOUR = dt.datetime(2026, 11, 21, 12), dt.timedelta(hours=1)
pytest.importorskip("narwhals", reason="needs the extra 'tables'")


def check(found: Table, expected: dict[str, tuple[str, list[Any]]]) -> None:
    for name, (dtype, cells) in expected.items():
        assert found[name].dtype.str.lstrip("<>|=") == dtype, name
        np.testing.assert_array_equal(found[name], np.array(cells, found[name].dtype), name)


def test_pandas() -> None:
    pd = pytest.importorskip("pandas", reason="a frame of its own")
    nan = float("nan")
    columns = {
        "floats": ([1.5, None], "f8", [1.5, nan]),
        "string": (pd.array(["x", None], dtype="string"), "O", ["x", None]),
        "boolean": (pd.array([True, None], dtype="boolean"), "O", ["true", None]),
        "Int64": (pd.array([1, None], dtype="Int64"), "f8", [1, nan]),
        "Int64 whole": (pd.array([1, 2], dtype="Int64"), "i8", [1, 2]),
        "arrow": (pd.array([1, None], dtype="int64[pyarrow]"), "f8", [1, nan]),
        "category": (pd.Categorical(["a", None]), "O", ["a", None]),
        "category of numbers": (pd.Categorical([1, 2]), "i8", [1, 2]),
        "sparse": (pd.arrays.SparseArray([0.0, 1.0]), "f8", [0, 1]),
        "sparse truths": (pd.arrays.SparseArray([True, False]), "b1", [True, False]),
        "dates": (pd.to_datetime(["2026-11-21", None]), "M8[us]", [DAY, None]),
        "in a zone": (
            pd.to_datetime([MOMENT, None]).tz_localize("Europe/Berlin"),
            "M8[us]",
            [MOMENT - HOUR, None],
        ),
        "durations": (pd.to_timedelta([1, None], unit="h"), "m8[us]", [HOUR, None]),
        "object floats": (np.array([1.5, None], object), "f8", [1.5, nan]),
        "object ints": (np.array([1, 2], object), "i8", [1, 2]),
        "object truths": (np.array([True, None], object), "O", ["true", None]),
        "object dates": (np.array([DAY, None], object), "M8[us]", [DAY, None]),
        "object times": (np.array([CLOCK, None], object), "m8[us]", [SINCE, None]),
        "Decimal": ([decimal.Decimal("1.5"), None], "f8", [1.5, nan]),
        "Fraction": ([fractions.Fraction(3, 2), None], "f8", [1.5, nan]),
        "mixed": ([1.0, "a"], "O", ["1", "a"]),
        "bytes": ([b"a", b"b"], "O", ["a", "b"]),
        "months": (pd.period_range("2026-01", periods=2, freq="M"), "O", ["2026-01", "2026-02"]),
        "float32": (np.array([1.5, 2], np.float32), "f8", [1.5, 2]),
        "uint8": (np.array([1, 2], np.uint8), "i8", [1, 2]),
    }  # fmt: skip
    found = Table.of(pd.DataFrame({name: cells for name, (cells, *_) in columns.items()}))
    check(found, {name: (dtype, cells) for name, (_, dtype, cells) in columns.items()})
    assert found.categories == {"category", "category of numbers"}


def test_names_that_are_no_texts() -> None:
    pd = pytest.importorskip("pandas", reason="a frame of its own")
    assert Table.of(pd.DataFrame(np.zeros((2, 3)))).column_names == ["0", "1", "2"]
    assert Table.of(np.zeros((2, 3))).column_names == ["0", "1", "2"]
    two = pd.DataFrame({("a", "x"): [1.0], ("a", "y"): [2.0]})
    assert Table.of(two).column_names == ["a x", "a y"]
    with pytest.raises(ValueError, match="two are '1'"):
        Table.of(pd.DataFrame({1: [1], "1": [2]}))


def test_polars() -> None:
    pl = pytest.importorskip("polars", reason="a frame of its own")
    frame = pl.DataFrame(
        {
            "ints": [1, None],
            "enum": pl.Series(["x", "y"], dtype=pl.Enum(["x", "y"])),
            "dates": [DAY, None],
            "times": [CLOCK, None],
            "durations": [HOUR, None],
            "decimals": pl.Series(["1.5", "2"]).cast(pl.Decimal(10, 2)),
            "nothing": [None, None],
            "zone": pl.Series([MOMENT, None]).dt.replace_time_zone("Asia/Tokyo"),
            "wide": pl.Series([1, 2], dtype=pl.Int128),
            "truths": [True, False],
        }
    )
    found = Table.of(frame)
    check(
        found,
        {
            "ints": ("f8", [1, np.nan]),
            "enum": ("O", ["x", "y"]),
            "dates": ("M8[us]", [DAY, None]),
            "times": ("m8[us]", [dt.timedelta(seconds=3723), None]),
            "durations": ("m8[us]", [HOUR, None]),
            "decimals": ("f8", [1.5, 2]),
            "zone": ("M8[us]", [MOMENT - 9 * HOUR, None]),
            "wide": ("i8", [1, 2]),
            "truths": ("b1", [True, False]),
        },
    )
    assert found.categories == {"enum"}
    for nested in ([[1], [2]], [{"a": 1}, {"a": 2}]):
        bad = pl.DataFrame({"good": [1, 2], "bad": nested})
        with pytest.raises(
            ValueError, match=r"column 'bad' holds (list|struct)s, which are no sin"
        ):
            Table.of(bad)
        found = Table.of(bad, lambda name: name == "good")
        check(found, {"good": ("i8", [1, 2]), "bad": ("O", [None, None])})


def test_pyarrow() -> None:
    arrow = pytest.importorskip("pyarrow", reason="a frame of its own")
    found = Table.of(
        arrow.table(
            {
                "decimals": arrow.array([decimal.Decimal("1.5"), None]),
                "dictionary": arrow.array(["a", None]).dictionary_encode(),
                "times": arrow.array([3723, None], arrow.time32("s")),
                "stamps": arrow.array([MOMENT, None], arrow.timestamp("ns", "UTC")),
                "halves": arrow.array(np.array([1.5, 2], np.float16)),
            }
        )
    )
    check(
        found,
        {
            "decimals": ("f8", [1.5, np.nan]),
            "dictionary": ("O", ["a", None]),
            "times": ("m8[us]", [dt.timedelta(seconds=3723), None]),
            "stamps": ("M8[us]", [MOMENT, None]),
            "halves": ("f8", [1.5, 2]),
        },
    )


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="a data frame of pandas, polars or pyarrow, got list"):
        Table.of([1])
    with pytest.raises(ValueError, match=r"shape \(n, columns\), got \(3,\)"):
        Table.of(np.zeros(3))

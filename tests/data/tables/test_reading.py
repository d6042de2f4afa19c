"""Files that hold tables."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.errors import FileFormatError

arrow = pytest.importorskip("pyarrow", reason="needs the extra 'tables'")
pytest.importorskip("narwhals", reason="needs the extra 'tables'")

ROWS = {
    "size": [10.0, 20.0, None, 40.0],
    "city": ["Bonn", "Köln", "Bonn", None],
    "built": [dt.date(2020, 1, 1), dt.date(2021, 7, 2), None, dt.date(2024, 3, 3)],
    "lift": [True, False, None, True],
    "same": [7, 7, 7, 7],
    "none": [None] * 4,
    "price": [1.5, 2.5, 3.5, 4.75],
}


def written(tmp_path: Path, text: str, name: str = "t.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


class TestReading:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("a,b\n1,x\n2.5,\n", "t.csv"),
            ("a;b\n1;x\n2,5;NA\n", "t.csv"),
            ("a\tb\n1\tx\n2.5\t?\n", "t.tsv"),
            ("\ufeffa|b\r\n1|x\r\n2.5|null\r\n", "t.CSV"),
        ],
    )
    def test_separators_missing_values_and_decimal_commas(self, tmp_path, text, name) -> None:
        table = hy.tables.read(written(tmp_path, text, name))
        assert table.to_pydict() == {"a": [1.0, 2.5], "b": ["x", None]}

    def test_a_type_follows_from_all_rows(self, tmp_path) -> None:
        text = "a,d\n" + "1,2026-11-21\n" * 400_000 + "x,21.11.2026\n"
        table = hy.tables.read(written(tmp_path, text))
        assert table.schema.field("a").type == arrow.string()
        assert table["a"][0].as_py() == "1"

    def test_dates(self, tmp_path) -> None:
        text = "a,b,c\n2026-11-21,21.11.2026,2026/11/21 07:30\n"
        found = hy.tables.read(written(tmp_path, text)).to_pylist()[0]
        assert str(found["a"]) == "2026-11-21"
        assert [str(found[name]) for name in "bc"] == ["2026-11-21 00:00:00", "2026-11-21 07:30:00"]

    def test_encodings(self, tmp_path) -> None:
        path = written(tmp_path, "城市,b\n北京,1\n", encoding="gb18030")
        assert hy.tables.read(path, encoding="gb18030").to_pydict() == {"城市": ["北京"], "b": [1]}
        with pytest.raises(FileFormatError, match="name their encoding, such as gb18030"):
            hy.tables.read(path)
        with pytest.raises(ValueError, match="encoding 'klingon' is unknown"):
            hy.tables.read(path, encoding="klingon")

    def test_parquet(self, tmp_path) -> None:
        from pyarrow import parquet

        parquet.write_table(arrow.table(ROWS), tmp_path / "t.parquet")
        assert hy.tables.read(tmp_path / "t.parquet").to_pydict() == ROWS

    def test_bombs_are_refused(self, tmp_path) -> None:
        from pyarrow import parquet

        path = tmp_path / "t.parquet"
        parquet.write_table(arrow.table({"a": np.zeros(1_000_000)}), path)
        assert path.stat().st_size < 100_000
        with pytest.raises(FileFormatError, match=r"declares 8,000,000 bytes.*max_bytes=1,000,000"):
            hy.tables.read(path, max_bytes=1_000_000)
        with pytest.raises(FileFormatError, match="at most max_bytes=10"):
            hy.tables.read(written(tmp_path, "a,b\n1,2\n3,4\n"), max_bytes=10)

    @pytest.mark.parametrize(
        ("text", "name", "message"),
        [
            ("a,b\n", "t.csv", "no rows"),
            ("", "t.csv", "no readable table"),
            ("a,a\n1,2\n", "t.csv", "two columns are named 'a'"),
            ("a,b\n1,2,3\n", "t.csv", "Expected 2 columns, got 3"),
            ("a,b\n1,2\n", "t.xlsx", "expected a name that ends in .csv"),
            ("PAR1nonsensePAR1", "t.parquet", "no readable table"),
        ],
    )
    def test_what_is_refused(self, tmp_path, text, name, message) -> None:
        with pytest.raises(FileFormatError, match=message):
            hy.tables.read(written(tmp_path, text, name))

    @pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
    def test_damaged_files_are_read_or_refused(self, tmp_path, name) -> None:
        from pyarrow import parquet

        path = tmp_path / name
        parquet.write_table(arrow.table({"a": [1.5, None] * 9, "b": ["x", "y"] * 9}), path)
        if name == "t.csv":
            path.write_text("a,b\n1.5,x\n,y\n" * 9)
        good, rng = path.read_bytes(), np.random.default_rng(0)
        for _ in range(300):
            damaged = np.frombuffer(good, np.uint8).copy()
            damaged[rng.integers(0, len(good), 3)] = rng.integers(0, 256, 3)
            path.write_bytes(damaged.tobytes()[: rng.integers(1, 2 * len(good))])
            with contextlib.suppress(FileFormatError):
                assert hy.tables.read(path).num_rows

    def test_a_missing_file_is_named(self, tmp_path) -> None:
        with pytest.raises(OSError, match=r"gone\.csv"):
            hy.tables.read(tmp_path / "gone.csv")

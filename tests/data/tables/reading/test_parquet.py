"""Parquet, through a DuckDB that sees one file and nothing else."""

from __future__ import annotations

import datetime as dt
import decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite.data.tables.reading import parquet
from hyalite.errors import FileFormatError

duckdb = pytest.importorskip("duckdb", reason="needs the extra 'tables'")
LIMIT = 1 << 20
GOOD = {"a": np.array([1.5, 2.5]), "b": np.array(["x", None], object)}


def test_columns_have_their_types(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    written = pytest.importorskip("pyarrow.parquet")
    day, time = dt.datetime(2020, 1, 1), dt.time(1, 2)
    columns: dict[str, tuple[Any, Any, str]] = {
        "int": (arrow.array([1, 2], arrow.int16()), [1, 2], "i8"),
        "gap": (arrow.array([1, None], arrow.int32()), [1.0, None], "f8"),
        "large": (arrow.array([1 << 63, 1], arrow.uint64()), [2.0**63, 1.0], "f8"),
        "float": (arrow.array([0.5, None], arrow.float32()), [0.5, None], "f8"),
        "decimal": ([decimal.Decimal("1.20"), None], [1.2, None], "f8"),
        "truth": ([True, False], [True, False], "?"),
        "truths": ([True, None], ["true", None], "O"),
        "text": (["x", None], ["x", None], "O"),
        "binary": ([b"x", None], ["x", None], "O"),
        "category": (arrow.array(["p", "q"]).dictionary_encode(), ["p", "q"], "O"),
        "date": ([day.date(), None], [day, None], "M8[us]"),
        "ns": (arrow.array([1000, None], arrow.timestamp("ns")),
               [dt.datetime(1970, 1, 1, 0, 0, 0, 1), None], "M8[us]"),
        "zone": (arrow.array([0], arrow.timestamp("ms", "Europe/Berlin")).take([0, 0]),
                 [dt.datetime(1970, 1, 1)] * 2, "M8[us]"),
        "time": ([time, None], [dt.timedelta(hours=1, minutes=2), None], "m8[us]"),
        "nothing": (arrow.nulls(2), [None, None], "O"),
        "Text": (["y", "z"], ["y", "z"], "O"),
    }  # fmt: skip
    path = tmp_path / "t.parquet"
    written.write_table(arrow.table({name: given for name, (given, _, _) in columns.items()}), path)
    table = hy.tables.read(path)
    assert table.column_names == list(columns)
    for name, (_, expected, dtype) in columns.items():
        assert table[name].dtype == np.dtype(dtype), name
        assert [None if v != v else v for v in table[name].tolist()] == expected, name


@pytest.mark.parametrize(
    "name",
    ["*.parquet", "[x].parquet", "?.parquet", "q'uote.parquet", 'd"q.parquet', "a=1/h.parquet",
     "{a,b}.parquet", "back\\slash.parquet", "http:/x/y.parquet", "s3:.parquet", "a b%20#.parquet"],
)  # fmt: skip
def test_names_are_taken_literally(tmp_path: Path, name: str) -> None:
    for other in ("x.parquet", "y.parquet"):
        parquet.write(tmp_path / other, {"other": np.array([1.0])})
    path = tmp_path / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError:
        pytest.skip("this file system has no such names")
    parquet.write(tmp_path / "good.parquet", GOOD)
    path.write_bytes((tmp_path / "good.parquet").read_bytes())
    assert hy.tables.read(path).column_names == ["a", "b"]
    assert not list(tmp_path.rglob("*tmp*"))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_parquet('{other}')", "SELECT * FROM '{other}'",
        "SELECT * FROM read_csv('{other}')", "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('{folder}/*')", "COPY (SELECT 1) TO '{folder}/new.csv'",
        "ATTACH '{folder}/new.db'", "INSTALL httpfs", "LOAD httpfs", "LOAD '{other}'",
        "SELECT * FROM read_parquet('https://127.0.0.1:1/x.parquet')",
        "SELECT * FROM read_parquet('s3://x/y.parquet')", "SET threads = 2",
        "SET enable_external_access = true", "SET lock_configuration = false",
        "RESET allowed_paths", "EXPORT DATABASE '{folder}/new'", "SELECT * FROM local_frame",
    ],
)  # fmt: skip
def test_the_engine_sees_one_file_and_nothing_else(tmp_path: Path, query: str) -> None:
    path, other = tmp_path / "t.parquet", tmp_path / "other.parquet"
    for file in (path, other):
        parquet.write(file, GOOD)
    local_frame = GOOD
    with parquet.opened(path, max_bytes=LIMIT) as (connection, name):
        assert connection.execute("SELECT count(*) FROM read_parquet(?)", [name]).fetchone() == (2,)
        with pytest.raises(duckdb.Error):
            connection.execute(query.format(other=other, folder=tmp_path)).fetchall()
    assert {file.name for file in tmp_path.iterdir()} == {"t.parquet", "other.parquet"}
    assert local_frame is GOOD


def test_memory_is_limited(tmp_path: Path) -> None:
    parquet.write(tmp_path / "t.parquet", GOOD)
    with (
        pytest.raises(FileFormatError, match="Out of Memory"),
        parquet.opened(tmp_path / "t.parquet", max_bytes=LIMIT) as (connection, _),
    ):
        connection.execute("SELECT list(i) FROM range(200000000) t(i)").fetchall()


def test_bombs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    parquet.write(path, {"a": np.zeros(1_000_000)})
    assert path.stat().st_size < 100_000
    with pytest.raises(FileFormatError, match=r"declares 8,000,000 bytes.*max_bytes=1,000,000"):
        hy.tables.read(path, max_bytes=1_000_000)


@pytest.mark.parametrize("content", [b"", b"PAR1nonsensePAR1", b"a,b\n1,2\n"])
def test_what_is_no_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="no readable Parquet file"):
        hy.tables.read(path)


@pytest.mark.parametrize("kind", ["[1, 2]", "{'x': 1}", "MAP {'x': 1}", "'x'::BLOB"])
def test_lists_and_structures_are_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "t.parquet"
    duckdb.sql(f"SELECT 1 AS a, {kind} AS nested").write_parquet(str(path))
    if "BLOB" in kind:
        assert hy.tables.read(path)["nested"].tolist() == ["x"]
        return
    with pytest.raises(FileFormatError, match="column 'nested' is of type"):
        hy.tables.read(path)


def test_beside_other_columns_in_their_own_types(tmp_path: Path) -> None:
    source, path = tmp_path / "s.parquet", tmp_path / "t.parquet"
    duckdb.sql("SELECT 1::TINYINT AS a, 1.50::DECIMAL(9, 2) AS d").write_parquet(str(source))
    parquet.write_beside(path, source, {"p": np.array([0.5])})
    found = duckdb.sql(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
    assert [row[:2] for row in found] == [("a", "TINYINT"), ("d", "DECIMAL(9,2)"), ("p", "DOUBLE")]
    with pytest.raises(FileFormatError, match="it has changed"):
        parquet.write_beside(path, source, {"p": np.array([0.5, 1])})
    with parquet.opened(source, max_bytes=LIMIT) as (connection, name):
        assert list(parquet.texts(connection, name)) == [["1", "1.50"]]


def test_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    path, rng = tmp_path / "t.parquet", np.random.default_rng(0)
    parquet.write(path, GOOD)
    good = path.read_bytes()
    refused = 0
    for _ in range(30):
        damaged = np.frombuffer(good, np.uint8).copy()
        damaged[rng.integers(0, len(good), 3)] = rng.integers(0, 256, 3)
        path.write_bytes(damaged.tobytes())
        try:
            assert hy.tables.read(path).num_rows
        except FileFormatError:
            refused += 1
    assert refused > 5

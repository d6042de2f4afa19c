"""Packing: every row once, the same bytes whatever the memory, and after a kill."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.config import to_config
from hyalite.data.tables.packs import buckets, learning, making, packing
from hyalite.data.tables.packs.packing import memory_bytes
from hyalite.data.tables.reading import pieces
from tests.data.tables.packs.helpers import NAMES, content, pack, rows_of, write_files
from tests.extras import optional

PROGRAM = """
import sys, hyalite as hy
from hyalite.data.tables.packs import making, packing
making.COMMIT_SECONDS = 0.0
making.rows_at_a_time = lambda *_: 40
packing.LEAST_MEMORY = 1
print("ready", flush=True)
hy.tables.pack(sys.argv[1] + "/*.csv", sys.argv[2], "fare", memory=200_000, verbose=0)
"""


def test_every_row_with_a_target_is_there_once(tmp_path: Path) -> None:
    write_files(tmp_path / "trips", 500)
    made = pack(f"{tmp_path}/trips/*.csv", tmp_path / "trips.pack")
    fares = [float(row[NAMES.index("fare")]) for row in rows_of(500) if row[5]]
    assert made.manifest.left_out == 10
    assert (len(made), len(made.validation[0])) == (391, 99)
    found = np.concatenate([made.y, made.validation[1]])
    np.testing.assert_array_equal(np.sort(found), np.sort(fares))
    table = hy.tables.read(tmp_path / "trips" / "part-000.csv")
    x, y = made.preparation.x(table), made.preparation.y(table)
    ((zone, _),) = made.preparation.schema.categories  # of some it is hidden
    own = np.delete(np.column_stack([np.vstack([made.x, made.validation[0]]), found]), zone, axis=1)
    rows = {row.tobytes() for row in own}
    theirs = np.delete(np.column_stack([x, y]), zone, axis=1)
    assert all(row.tobytes() in rows for row in theirs[~np.isnan(y)])


def test_the_order_is_random_and_the_seed_decides(tmp_path: Path) -> None:
    write_files(tmp_path, 300, 1)
    one = pack(tmp_path / "part-000.csv", tmp_path / "1.pack")
    same = pack(tmp_path / "part-000.csv", tmp_path / "2.pack")
    other = pack(tmp_path / "part-000.csv", tmp_path / "3.pack", seed=1)
    lying = pack(tmp_path / "part-000.csv", tmp_path / "4.pack", shuffle=False)
    np.testing.assert_array_equal(one.y, same.y)
    assert (one.y[:50] != other.y[:50]).any()
    assert set(one.y) == set(lying.y)  # the same rows for validation
    fares = iter(float(row[5]) for row in rows_of(300) if row[5])
    assert all(fare in fares for fare in lying.y)  # in their order


@pytest.mark.parametrize("memory", [60_000, 300_000, 10**9])
def test_memory_changes_no_byte(
    memory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "trips", 400)
    expected = pack(tmp_path / "trips", tmp_path / "1.pack")
    monkeypatch.setattr(packing, "LEAST_MEMORY", 1)
    if memory < 10**6:
        monkeypatch.setattr(making, "rows_at_a_time", lambda *_: 33)
    counts = []
    cut_off = buckets.Buckets.cut_off
    monkeypatch.setattr(
        buckets.Buckets, "cut_off", lambda self: (counts.append(self.count), cut_off(self))
    )
    found = pack(tmp_path / "trips", tmp_path / "2.pack", memory=memory)
    assert max(counts) == (1 if memory == 10**9 else max(counts)) > memory // 10**9 - 1
    assert content(found.folder) == content(expected.folder)


def test_few_rows_are_prepared_as_a_training_prepares_them(tmp_path: Path) -> None:
    write_files(tmp_path / "trips", 400)
    made = pack(tmp_path / "trips", tmp_path / "trips.pack", validation_split=0)
    paths = sorted((tmp_path / "trips").iterdir())
    whole = learning.joined([hy.tables.read(path) for path in paths])
    learned = hy.tables.Preparation.learn(whole, "fare")
    refitted = learned.refit(learned.labelled(whole))
    assert to_config(made.preparation) == to_config(refitted)


def test_a_sample_is_fair_and_knows_all_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "trips", 900)
    with (tmp_path / "trips" / "part-002.csv").open("a", encoding="utf-8") as file:
        file.write("1,1,z1,cash,1,3,odd\n" * 3)
    monkeypatch.setattr(learning, "LEAST_ROWS", 60)
    monkeypatch.setattr(learning, "SAMPLE_ROWS", 60)
    made = pack(tmp_path / "trips", tmp_path / "trips.pack", "kind", ignore=["fare"])
    assert made.classes == ("long", "odd", "short")
    assert sum(made.class_counts) == len(made)
    distance = next(one for one in made.preparation.columns if one.name == "distance")
    truth = np.median([float(row[0]) for row in rows_of(900)])
    assert abs(distance.center - truth) < 1.5
    assert len(made) + len(made.validation[0]) == 903


def test_embedded_categories_have_others_to_learn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, 900, 1)
    made = pack(tmp_path / "part-000.csv", tmp_path / "trips.pack")
    ((place, count),) = made.preparation.schema.categories
    assert count == 31
    assert 0 < (made.x[:, place] == 0).mean() < 0.1


def test_parquet_by_pieces(tmp_path: Path) -> None:
    optional("duckdb", "tables")
    (path,) = write_files(tmp_path, 500, 1, "parquet")
    whole = hy.tables.read(path)
    some = list(pieces(path, 64))
    assert [len(one) for one in some] == [64] * 7 + [52]
    both = learning.joined(some)
    for name in whole.column_names:
        np.testing.assert_array_equal(both[name], whole[name])
    np.testing.assert_array_equal(both.row_numbers, whole.row_numbers)
    made = pack(path, tmp_path / "trips.pack")
    text = pack(write_files(tmp_path / "csv", 500, 1), tmp_path / "text.pack")
    np.testing.assert_array_equal(made.y, text.y)


def test_csv_by_pieces(tmp_path: Path) -> None:
    (path,) = write_files(tmp_path, 501, 1)
    whole, some = hy.tables.read(path), list(pieces(path, 100))
    assert [len(one) for one in some] == [100] * 5 + [1]
    both = learning.joined(some)
    for name in whole.column_names:
        np.testing.assert_array_equal(both[name], whole[name])
    np.testing.assert_array_equal(both.row_numbers, whole.row_numbers)
    with path.open("a", encoding="utf-8") as file:
        file.write("1,2\n")
    with pytest.raises(hy.FileFormatError, match="line 503: 2 cells"):
        list(pieces(path, 100))


def start(folder: Path, name: str) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder / "trips"), str(folder / name)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n", process.stderr.read()
    return process


@pytest.mark.parametrize("kills", [1, pytest.param(8, marks=pytest.mark.long)])
def test_killed_and_gone_on_with(kills: int, tmp_path: Path) -> None:
    write_files(tmp_path / "trips", 600)
    began = time.monotonic()
    done = start(tmp_path, "plain.pack")
    done.communicate(timeout=60)
    whole = time.monotonic() - began
    expected, rng, killed = content(tmp_path / "plain.pack"), np.random.default_rng(0), 0
    while killed < kills:
        name = f"{killed}.pack"
        while True:
            process = start(tmp_path, name)
            try:
                _, error = process.communicate(timeout=rng.uniform(0.0, whole))
                assert process.returncode == 0, error
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                killed += 1
        assert content(tmp_path / name) == expected


def test_a_lost_row_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: a bucket that loses its last row on the way."""
    write_files(tmp_path, 300, 1)
    add = buckets.Buckets.add

    def losing(self, records):
        add(self, records)
        if self.sizes[0]:
            with self.path(0).open("r+b") as file:
                file.truncate(self.sizes[0] - self.dtype.itemsize)

    monkeypatch.setattr(buckets.Buckets, "add", losing)
    with pytest.raises(hy.FileFormatError, match=r"bytes, not|has lost rows"):
        pack(tmp_path / "part-000.csv", tmp_path / "trips.pack")


def test_arrays_and_sources_are_packed_as_they_are(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 255, (300, 4, 4), np.uint8), rng.integers(0, 3, 300)
    made = pack((x, y), tmp_path / "1.pack", None, validation_split=0.1)
    assert made.x.dtype == np.uint8
    assert made.x.shape == (270, 4, 4)
    assert made.class_counts == np.bincount(made.y).tolist()
    both = np.concatenate([made.x, made.validation[0]]).reshape(300, -1)
    np.testing.assert_array_equal(np.unique(both, axis=0), np.unique(x.reshape(300, -1), axis=0))

    class Source:
        def __len__(self):
            return 300

        def block(self, start, stop):
            return x[start:stop], y[start:stop]

    again = pack(Source(), tmp_path / "2.pack", None, validation_split=0.1)
    assert content(again.folder) == content(made.folder)
    with pytest.raises(ValueError, match="target is for tables"):
        pack((x, y), tmp_path / "3.pack", "y")
    with pytest.raises(ValueError, match="labels from -1"):
        pack((x, y - 1), tmp_path / "4.pack", None)


@pytest.mark.parametrize("dtype", [">f4", ">f8", "<f8", "f2", "u1"])
def test_arrays_of_any_layout_are_packed_as_they_are(dtype: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 200, (90, 8)).astype(dtype)
    y = rng.standard_normal((90, 4)).astype(dtype.replace("u1", ">i2"))[:, 1:3]
    odd = np.asfortranarray(x)[:, ::2]
    made = pack((odd, y), tmp_path / "odd.pack", None, shuffle=False, validation_split=0)
    np.testing.assert_array_equal(made.x, odd)
    np.testing.assert_array_equal(made.y, y)
    np.testing.assert_array_equal(np.load(made.folder / "x.npy"), odd)


def test_the_same_call_again_and_others(tmp_path: Path) -> None:
    (path,) = write_files(tmp_path, 100, 1)
    folder = tmp_path / "trips.pack"
    one = pack(path, folder)
    before = content(folder)
    assert content(pack(path, folder).folder) == before
    with pytest.raises(ValueError, match="holds a pack of other files or settings"):
        pack(path, folder, seed=5)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match="holds something else"):
        pack(path, tmp_path / "full")
    with pytest.raises(ValueError, match="no column 'price'"):
        pack(path, tmp_path / "new.pack", "price")
    with pytest.raises(ValueError, match="target must name the column"):
        pack(path, tmp_path / "new2.pack", None)
    with pytest.raises(FileNotFoundError):
        pack(tmp_path / "none.csv", tmp_path / "new3.pack")
    with pytest.raises(ValueError, match="names no file of a table"):
        pack(str(tmp_path / "*.parquet"), tmp_path / "new4.pack")
    assert one.features


def test_sizes_in_words() -> None:
    assert memory_bytes("512 MB") == 512_000_000
    assert memory_bytes("1gib") == 1 << 30
    assert memory_bytes("2G") == 2_000_000_000
    assert memory_bytes(1 << 28) == 1 << 28
    for bad in ("much", "1 PB", 12, True, "-1 GB"):
        with pytest.raises(ValueError, match="memory must be a size of at least 64 MiB"):
            memory_bytes(bad)


def test_keys_are_a_bijection_and_even() -> None:
    found = buckets.keys(5, buckets.ORDER, np.arange(100_000))
    assert len(np.unique(found)) == 100_000
    counts = np.bincount((found >> np.uint64(60)).astype(int), minlength=16)
    assert counts.min() > 5_900
    assert (found != buckets.keys(6, buckets.ORDER, np.arange(100_000))).all()

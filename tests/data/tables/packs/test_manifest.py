"""Manifests: what is wrong with one is said, and nothing of it is believed or run."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.data.tables.packs import manifest as module
from hyalite.data.tables.packs.manifest import MANIFEST, Manifest, header
from tests.data.tables.packs.helpers import pack, write_files


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs")
    write_files(folder / "trips", 60, 1)
    return pack(folder / "trips", folder / "trips.pack", "kind").folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "a.pack")
    return tmp_path / "a.pack"


def rewritten(folder: Path, **values: object) -> None:
    """A manifest with other values, and the right seal: what an attacker would write."""
    content = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) | values
    content.pop("sha256")
    content = {"sha256": module._seal(content), **content}
    (folder / MANIFEST).write_text(json.dumps(content), encoding="utf-8")


def test_the_files_are_arrays_that_numpy_reads(whole: Path) -> None:
    made = hy.tables.Pack(whole)
    np.testing.assert_array_equal(np.load(whole / "x.npy"), made.x)
    np.testing.assert_array_equal(np.load(whole / "y_validation.npy"), made.validation[1])
    for dtype in ("float32", "int32", "uint8"):
        for shape in ((3,), (10**12, 7), (5, 28, 28)):
            written = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
            from io import BytesIO

            stream = BytesIO()
            np.lib.format.write_array_header_1_0(stream, written)
            stream.seek(0)
            magic = BytesIO(header(dtype, shape))
            assert np.lib.format.read_magic(magic) == (1, 0)
            assert np.lib.format.read_array_header_1_0(magic) == (shape, False, np.dtype(dtype))
            assert len(header(dtype, shape)) % 64 == 0


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"rows": {"training": 10**17, "validation": 1}}, "more numbers|bytes, not"),
        ({"rows": {"training": 48}}, "rows must be of"),
        ({"rows": {"training": -1, "validation": 12}}, "whole ones from 0"),
        ({"rows": {"training": True, "validation": 12}}, "whole ones from 0"),
        ({"rows": [1, 2]}, "rows must be of"),
        ({"x_shape": []}, "no rows"),
        ({"x_shape": [0]}, "rows of shape"),
        ({"x_shape": "12"}, "must be a list"),
        ({"x_dtype": "object"}, "numbers of kind 'object'"),
        ({"y_dtype": "float64"}, "not that of its rows|bytes, not"),
        ({"class_counts": [1, 2]}, "class_counts are not of its rows"),
        ({"class_counts": {"a": 1}}, "must be a list"),
        ({"checksums": []}, "another kind"),
        ({"checksums": {}}, "must be a list"),
        ({"preparation": {"type": "os.system"}}, "unknown part"),
        ({"preparation": {"type": "Number", "name": "a"}}, "cannot be made|not described"),
        ({"preparation": None, "x_shape": [3]}, "bytes, not"),
        ({"shuffled": 1}, "another kind"),
        ({"format": 2}, "not of format 1"),
        ({"more": 1}, "has beside what it should, more"),
        ({"seed": 1e400}, "JSON|whole"),
    ],
)
def test_hostile_values_are_named(folder: Path, values: dict, words: str) -> None:
    rewritten(folder, **values)
    with pytest.raises(hy.FileFormatError, match=words):
        hy.tables.Pack(folder)


def test_a_changed_bit_is_seen(folder: Path) -> None:
    made = hy.tables.Pack(folder)
    made.verify()
    with (folder / "x.npy").open("r+b") as file:
        file.seek(200)
        byte = file.read(1)
        file.seek(200)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(hy.FileFormatError, match=r"x\.npy: part 1 of 64 MiB has changed"):
        made.verify()
    text = (folder / MANIFEST).read_text(encoding="utf-8")
    (folder / MANIFEST).write_text(text.replace('"seed": 0', '"seed": 1'), encoding="utf-8")
    with pytest.raises(hy.FileFormatError, match="its checksum is wrong"):
        hy.tables.Pack(folder)


def test_files_that_are_none(folder: Path) -> None:
    (folder / "x.npy").unlink()
    with pytest.raises(OSError, match="No such file"):
        hy.tables.Pack(folder)
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "x.npy")
        with pytest.raises(hy.FileFormatError, match="no regular file"):
            hy.tables.Pack(folder)
        (folder / MANIFEST).unlink()
        os.mkfifo(folder / MANIFEST)
        with pytest.raises(hy.FileFormatError, match="no regular file"):
            hy.tables.Pack(folder)
    with pytest.raises(OSError, match="manifest"):
        hy.tables.Pack(folder / "nowhere")


@pytest.mark.parametrize("count", [300, pytest.param(4000, marks=pytest.mark.long)])
def test_fuzzed_manifests_are_refused_or_harmless(folder: Path, count: int) -> None:
    """Bytes changed, cut, doubled: a FileFormatError, or a pack that is the same."""
    text = (folder / MANIFEST).read_bytes()
    chance, opened = random.Random(0), 0
    for _ in range(count):
        raw = bytearray(text)
        for _ in range(chance.randrange(1, 4)):
            place = chance.randrange(len(raw))
            how = chance.randrange(4)
            if how == 0:
                raw[place] = chance.randrange(256)
            elif how == 1:
                del raw[place : place + chance.randrange(1, 40)]
            elif how == 2:
                raw[place:place] = raw[place : place + chance.randrange(1, 40)]
            else:
                raw[place:place] = chance.choice([b"[" * 3000, b"1e999", b"null", b"-1", b'"'])
        (folder / MANIFEST).write_bytes(bytes(raw))
        try:
            hy.tables.Pack(folder)
            opened += 1
        except hy.FileFormatError:
            pass
    assert opened < count / 20  # blanks alone were changed


@pytest.mark.parametrize("count", [150, pytest.param(1500, marks=pytest.mark.long)])
def test_fuzzed_values_under_the_right_seal(folder: Path, count: int) -> None:
    content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    chance = random.Random(1)
    odd = [None, -1, 0, 2**70, 1.5, "", "../x", [], {}, [[]], {"type": "Preparation"}, True]

    def places(value, path=()):
        yield path
        inside = value.items() if isinstance(value, dict) else ()
        for key, item in enumerate(value) if isinstance(value, list) else inside:
            yield from places(item, (*path, key))

    every = [path for path in places(content) if path and path[0] not in ("sha256", "sources")]
    opened = 0
    for _ in range(count):
        made = json.loads(json.dumps(content))
        *path, last = chance.choice(every)
        inner = made
        for key in path:
            inner = inner[key]
        inner[last] = chance.choice(odd)
        rewritten(folder, **made)
        try:
            found = hy.tables.Pack(folder)
            found.block(0, len(found))
            opened += 1
        except hy.FileFormatError:
            pass
    assert opened < count  # values that only describe, such as a remark, may be any


def test_opening_imports_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hy.tables.Pack(folder)
    before = set(sys.modules)
    rewritten(folder, preparation={"type": "subprocess.Popen", "args": ["true"]})
    with pytest.raises(hy.FileFormatError):
        hy.tables.Pack(folder)
    assert set(sys.modules) == before
    assert Manifest.__dataclass_fields__

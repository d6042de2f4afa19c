"""Model files: damaged and hostile ones are refused, and nothing in them is run."""

from __future__ import annotations

import json
import pickle
import struct
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
import hyalite.loading
from hyalite.files import model_file
from tests.files.helpers import load_damaged, parts, put, small, write_raw


@pytest.fixture
def saved(tmp_path) -> Path:
    small().save(tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


# There and back -----------------------------------------------------------------------------------


def test_the_same_model_makes_the_same_file(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    small().save(one)
    hy.load(one).save(two)
    assert parts(one)[0] == parts(two)[0]
    small().save(two)
    assert one.read_bytes() == two.read_bytes()


# Damaged files ------------------------------------------------------------------------------------


def test_every_truncation_is_refused(saved):
    content = saved.read_bytes()
    for size in range(len(content)):
        saved.write_bytes(content[:size])
        with pytest.raises(hy.FileFormatError):
            hy.load(saved)
    saved.write_bytes(content + b"\0")
    with pytest.raises(hy.FileFormatError):
        hy.load(saved)


def test_bit_flips_are_refused(saved):
    content = saved.read_bytes()
    rng = np.random.default_rng(0)
    places = {(p, b) for p in range(8) for b in range(8)}
    places |= {(int(p), int(b)) for p, b in rng.integers((0, 0), (len(content), 8), (2500, 2))}
    tracemalloc.start()
    for place, bit in sorted(places):
        damaged = bytearray(content)
        damaged[place] ^= 1 << bit
        saved.write_bytes(damaged)
        assert load_damaged(saved) is None, f"byte {place}, bit {bit}"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6, f"{peak / 1e6:.0f} MB"


def test_random_bytes_in_the_settings_are_refused_or_load(saved):
    """Characters replaced by JSON's own: the likeliest to be read as something else."""
    settings, arrays = parts(saved)
    text = json.dumps(settings)
    rng = np.random.default_rng(1)
    alphabet = list('0123456789-+.eE"[]{},:truefalsn\\ ')
    for _ in range(1500):
        changed = list(text)
        for place in rng.integers(0, len(text), rng.integers(1, 4)):
            changed[place] = alphabet[rng.integers(len(alphabet))]
        load_damaged(put(saved, "".join(changed), arrays))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"\0" * 8,
        b"\0" * 100,
        b"\xff" * 8,
        b"\xff" * 100,
        b"PK\x03\x04" + b"\0" * 50,
        b"\x93NUMPY\x01\x00",
        b"not a model at all, but text\n" * 10,
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 10**8) + b"{" * 1000,
        struct.pack("<Q", 4) + b"null",
        struct.pack("<Q", 2) + b"[]",
        pickle.dumps({"format": 1}),
        pickle.dumps(small()),
    ],
)
def test_other_files_are_refused(content, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(hy.FileFormatError, match=r"model\.safetensors"):
        hy.load(path)
    with pytest.raises(hy.FileFormatError, match=r"model\.safetensors"):
        small().load_weights(path)


def test_a_pickle_is_never_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    (tmp_path / "m").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(hy.FileFormatError):
        hy.load(tmp_path / "m")
    assert not (tmp_path / "sprung").exists()


def test_a_missing_file_and_a_folder_are_the_usual_errors(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        hy.load(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        small().load_weights(tmp_path / "nowhere")
    with pytest.raises(OSError, match=tmp_path.name):
        hy.load(tmp_path)


# Hostile files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [10**6, 10**9, 10**15, 2**63 - 1, 2**64, 10**30, 10**400])
@pytest.mark.parametrize("place", ["units", "input_shape", "both"])
def test_huge_sizes_in_the_settings_allocate_nothing(size, place, saved):
    settings, arrays = parts(saved)
    if place in ("units", "both"):
        settings["layers"][0]["units"] = size
    if place in ("input_shape", "both"):
        settings["input_shape"] = [size]
    put(saved, settings, arrays)
    tracemalloc.start()
    with pytest.raises(hy.FileFormatError):
        hy.load(saved)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1e6


@pytest.mark.parametrize(
    "layer", ["Flatten", "Dropout", "ReLU", "Rescaling", "RandomAffine", "RandomFlip"]
)
def test_huge_samples_of_a_model_without_parameters_allocate_nothing(layer, tmp_path):
    options = {"Dropout": {"rate": 0.5}, "Rescaling": {"scale": 1.0}}.get(layer, {})
    settings = {
        "format": 1,
        "dtype": "float32",
        "input_shape": [10**15, 10**15],
        "layers": [{"type": layer, **options}],
        "metadata": {},
    }
    put(tmp_path / "m", settings, {})
    tracemalloc.start()
    load_damaged(tmp_path / "m")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1e6


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [10**15], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4 * 10**15]},
        {"dtype": "F32", "shape": [10**15], "data_offsets": [0, 4 * 10**15]},
        {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2**64], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]},
        {"dtype": "F32", "shape": [2.0], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": "2", "data_offsets": [0, 8]},
        {"dtype": "F33", "shape": [2], "data_offsets": [0, 8]},
        {"dtype": 7, "shape": [2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2]},
        [],
        None,
    ],
)
def test_hostile_headers_are_refused(entry, saved):
    settings, _ = parts(saved)
    header = {"__metadata__": {"hyalite": json.dumps(settings)}, "in.b": entry}
    write_raw(saved, header, bytes(8))
    tracemalloc.start()
    with pytest.raises(hy.FileFormatError):
        hy.load(saved)
    with pytest.raises(hy.FileFormatError):
        small().load_weights(saved)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e6


@pytest.mark.parametrize(
    "metadata", [None, [], "text", {"hyalite": 5}, {"hyalite": {}}, {"x": "y"}]
)
def test_hostile_metadata_is_refused(metadata, saved):
    write_raw(saved, {"__metadata__": metadata}, b"")
    with pytest.raises(hy.FileFormatError):
        hy.load(saved)


def test_settings_that_are_too_long_are_refused_before_they_are_read(saved, monkeypatch):
    monkeypatch.setattr(model_file, "MAX_SETTINGS", 100)
    with pytest.raises(hy.FileFormatError, match="100"):
        hy.load(saved)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_json_that_is_not_finite_is_refused(word, saved):
    settings, arrays = parts(saved)
    for path in (["layers", 0, "l2"], ["training", "optimizer", "learning_rate"]):
        changed = target = json.loads(json.dumps(settings))
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = "HERE"
        put(saved, json.dumps(changed).replace('"HERE"', word), arrays)
        with pytest.raises(hy.FileFormatError):
            hy.load(saved)


def test_a_name_twice_in_the_header_is_refused_or_harmless(saved):
    settings, _ = parts(saved)
    entry = '"in.b": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}'
    text = json.dumps(json.dumps({"sha256": model_file.ZEROS, **settings}))
    write_raw(saved, f'{{"__metadata__": {{"hyalite": {text}}}, {entry}, {entry}}}', bytes(8))
    assert load_damaged(saved) is None


# Nothing runs -------------------------------------------------------------------------------------


def test_loading_imports_nothing_a_file_names(saved):
    settings, arrays = parts(saved)
    settings["layers"][0]["type"] = "antigravity"
    put(saved, settings, arrays)
    before = set(sys.modules)
    with pytest.raises(hy.FileFormatError):
        hy.load(saved)
    assert set(sys.modules) == before

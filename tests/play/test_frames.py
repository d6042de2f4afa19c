"""Frames: what is packed is unpacked, and JSON has no NaN in it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hyalite.play.frames import finite, packed, unpacked


def test_a_frame_is_read_as_it_was_written() -> None:
    arrays = [
        ("a", "one", np.arange(3, dtype=np.uint8)),
        ("b", "one", np.arange(6, dtype=np.int32).reshape(2, 3).T),
        (None, "none", np.zeros((0, 4), np.float32)),
        ("a", "two", np.array([np.nan, np.inf, -1.5], np.float32)),
    ]
    frame = packed({"loss": float("nan"), "n": np.float32(0.5)}, arrays)
    header, found = unpacked(frame)
    assert header["loss"] is None
    assert header["n"] == 0.5
    for run, name, array in arrays:
        np.testing.assert_array_equal(found[run, name], array)
    assert all(about["offset"] % 8 == 0 for about in header["arrays"])
    with pytest.raises(ValueError, match="begins with HYP1"):
        unpacked(b"PK" + frame)


def test_what_is_not_finite_becomes_null() -> None:
    value = {"a": [1.0, float("inf"), {"b": np.float64("nan")}], 3: (np.int64(4),)}
    assert json.loads(json.dumps(finite(value))) == {"a": [1.0, None, {"b": None}], "3": [4]}

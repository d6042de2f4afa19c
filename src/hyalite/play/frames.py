"""Answers in binary: a header in JSON, then arrays, as the page reads them without a copy.

Little-endian: ``HYP1``, the header's length n (uint32), the header, padded with blanks so that
8 + n is a multiple of 8; then the arrays, each at a multiple of 8 behind that.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable
from typing import Any

import numpy as np

from hyalite.parameters import Array

MAGIC = b"HYP1"
TYPES = {"uint8": "u1", "int32": "i4", "float32": "f4"}


def packed(header: dict[str, Any], arrays: Iterable[tuple[str | None, str, Array]]) -> bytes:
    """A frame.

    Args:
        header: JSON data; "arrays" is added.
        arrays: run, name and array.

    Examples:
        >>> from hyalite.play.frames import packed, unpacked
        >>> frame = packed({"epoch": 3}, [("a", "theta", np.array([1.0, 2.0], np.float32))])
        >>> header, arrays = unpacked(frame)
        >>> header["epoch"], arrays["a", "theta"].tolist(), len(frame) % 8
        (3, [1.0, 2.0], 0)
    """
    offset, about, parts = 0, [], []
    for run, name, array in arrays:
        content = np.ascontiguousarray(array)
        kind = TYPES[content.dtype.name]
        raw = content.astype(content.dtype.newbyteorder("<"), copy=False).tobytes()
        entry = {"name": name, "type": kind, "shape": list(array.shape), "offset": offset}
        about.append(entry if run is None else {"run": run, **entry})
        raw += b"\0" * (-len(raw) % 8)
        parts.append(raw)
        offset += len(raw)
    text = as_json({**header, "arrays": about})
    text += b" " * (-(8 + len(text)) % 8)
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, *parts])


def unpacked(frame: bytes) -> tuple[dict[str, Any], dict[tuple[str | None, str], Array]]:
    """Header and arrays, by run and name; for tests and scripts.

    Raises:
        ValueError: it is no frame.
    """
    if frame[:4] != MAGIC:
        raise ValueError(f"a frame begins with HYP1, got {frame[:4]!r}")
    (length,) = struct.unpack("<I", frame[4:8])
    header = json.loads(frame[8 : 8 + length])
    arrays = {}
    for about in header["arrays"]:
        dtype = np.dtype(f"<{about['type']}")
        start = 8 + length + about["offset"]
        count = math.prod(about["shape"])
        found = np.frombuffer(frame, dtype, count, start).reshape(about["shape"])
        arrays[about.get("run"), about["name"]] = found
    return header, arrays


def as_json(value: Any) -> bytes:
    """JSON without NaN and infinity: null stands there."""
    try:  # nearly always there are none, and looking for them takes longer than writing
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
    except (ValueError, TypeError):
        return json.dumps(finite(value), separators=(",", ":")).encode()


def finite(value: Any) -> Any:
    """JSON data without NaN and infinity: None stands there."""
    if isinstance(value, dict):
        return {str(name): finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value

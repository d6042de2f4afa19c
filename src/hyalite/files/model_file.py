"""One safetensors file: arrays by name, and the rest as JSON in its metadata, all under a seal.

The JSON begins with the SHA-256 of the whole file, its own 64 digits taken as zeros; a file that
differs by one bit is refused. Nothing here knows what a model is; `hyalite.model` turns settings
and arrays into one.
"""

from __future__ import annotations

import errno
import hashlib
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.errors import FileFormatError
from hyalite.files.replacing import replace
from hyalite.parameters import Array, Shape

METADATA_KEY = "hyalite"  # of the JSON text among the metadata
MAX_SETTINGS = 1 << 24  # characters of JSON; a model of 1,000 layers has some 300,000
ZEROS = "0" * 64
HEAD = '{"sha256": "'  # of the JSON text
SEAL = json.dumps(HEAD)[1:-1].encode()  # as it stands in the header
CHUNK = 1 << 16  # bytes that are read at a time
_DTYPES = {"F32": "float32", "F64": "float64"}


def write(path: str | Path, settings: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write arrays and settings to `path`.

    Raises:
        OSError: the file cannot be written; an older one is then untouched.
        ValueError: there are more settings than `Reader` would take.
    """
    from safetensors.numpy import save

    text = json.dumps({"sha256": ZEROS, **settings}, allow_nan=False)
    if len(text) > MAX_SETTINGS:
        raise ValueError(
            f"{path}: {len(text):,} characters of settings, more than could be read again"
        )
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    # one entry of metadata: safetensors gives several in an order that changes from run to run
    replace(Path(path), sealed(save(contiguous, metadata={METADATA_KEY: text})))


def sealed(content: bytes) -> bytes:
    """The bytes of a file, with its checksum in the place of the first 64 zeros for it."""
    before, mark, after = content.partition(SEAL + ZEROS.encode())
    digits = hashlib.sha256(content).hexdigest().encode()
    return before + SEAL + digits + after if mark else content


def _check_seal(path: Path, text: str) -> None:
    """Raise a ValueError where the file is not the one that was written."""
    if not text.startswith(HEAD):
        raise ValueError("it has no checksum")
    digits = text[len(HEAD) : len(HEAD) + len(ZEROS)].encode()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = file.read(length)
        if header.count(SEAL + digits) != 1:
            raise ValueError("its checksum is not where it should be")
        digest.update(
            struct.pack("<Q", length) + header.replace(SEAL + digits, SEAL + ZEROS.encode())
        )
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    if digest.hexdigest().encode() != digits:
        raise ValueError("its checksum is wrong, so it was changed after it was written")


class Reader:
    """An opened file: what it says is in it, before anything of that size is allocated.

    Args:
        path: of the file.

    Raises:
        FileFormatError: not a safetensors file, damaged, or without readable settings.
        OSError: no such file, or no right to read it.
    """

    def __init__(self, path: str | Path) -> None:
        from safetensors import SafetensorError, safe_open

        self.path = Path(path)
        if self.path.is_dir():
            inside = sorted(file.name for file in self.path.glob("*.safetensors"))
            hint = f"a folder; in it there is {inside[0]}" if inside else "a folder"
            raise IsADirectoryError(errno.EISDIR, hint, str(path))
        with self.path.open("rb") as file:  # also for the usual OSError, which names the file
            first = file.read(1)
        try:
            self._file = safe_open(self.path, framework="np")
            metadata = self._file.metadata() or {}
            self.found: dict[str, tuple[str, Shape]] = {}
            for name in self._file.keys():  # noqa: SIM118  # not a dict
                part = self._file.get_slice(name)
                self.found[name] = (part.get_dtype(), tuple(part.get_shape()))
        except (SafetensorError, OSError, ValueError, OverflowError) as error:
            hint = ""
            if first == b"\x80":  # a pickle's first opcode from protocol 2 on
                hint = "; it looks like a pickle, for which there is hyalite.files.import_pickle"
            raise FileFormatError(
                f"{path} is not a readable safetensors file: {error}{hint}"
            ) from None
        self.settings = self._settings(metadata)

    def _settings(self, metadata: Mapping[str, str]) -> dict[str, Any]:
        text = metadata.get(METADATA_KEY)
        try:
            if text is None:
                if any(other.startswith(HEAD) for other in metadata.values()):
                    raise ValueError(f"the entry {METADATA_KEY!r} of its metadata has another name")
                return {}  # written by others: weights alone
            _check_seal(self.path, text)
            if len(text) > MAX_SETTINGS:
                raise ValueError(f"{len(text)} characters, more than {MAX_SETTINGS}")
            settings = json.loads(text, parse_constant=_refuse)
            if not isinstance(settings, dict):
                raise ValueError("not a JSON object")
            del settings["sha256"]
        except (ValueError, RecursionError) as error:
            raise FileFormatError(f"{self.path} cannot be read: {error}") from None
        return settings

    def check(self, expected: Mapping[str, Shape], dtype: np.dtype[Any]) -> None:
        """Raise a FileFormatError naming the first array that differs from what is expected."""
        for name, shape in expected.items():
            if name not in self.found:
                raise FileFormatError(f"{self.path}: there is no array {name!r} of shape {shape}")
            code, there = self.found[name]
            if there != shape:
                raise FileFormatError(
                    f"{self.path}: {name} has shape {there}, the model needs {shape}"
                )
            if _DTYPES.get(code) != dtype.name:
                raise FileFormatError(
                    f"{self.path}: {name} is {_DTYPES.get(code, code)}, the model needs {dtype}"
                )
        for name in self.found:
            if name not in expected:
                raise FileFormatError(f"{self.path}: the model has no place for the array {name!r}")

    def arrays(self) -> dict[str, Array]:
        """All arrays by name, as they are."""
        return {name: self._file.get_tensor(name) for name in self.found}

    def read_into(self, arrays: Mapping[str, Array]) -> None:
        """Copy the file's arrays into these, which `check` has passed.

        Raises:
            FileFormatError: a number that is not finite; nothing is written then.
        """
        found = {name: self._file.get_tensor(name) for name in arrays}
        for name, values in found.items():
            if not np.isfinite(values).all():
                raise FileFormatError(f"{self.path}: {name} holds numbers that are not finite")
        for name, array in arrays.items():
            array[...] = found[name]


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")

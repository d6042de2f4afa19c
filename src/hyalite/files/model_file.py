"""One safetensors file: arrays by name, and the rest as JSON in its metadata.

Nothing here knows what a model is; `hyalite.model` turns settings and arrays into one.
"""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.errors import FileFormatError
from hyalite.parameters import Array, Shape

KEY = "hyalite"  # of the JSON text among the metadata
MAX_SETTINGS = 1 << 24  # characters of JSON; a model of 1,000 layers has some 300,000
_DTYPES = {"F32": "float32", "F64": "float64"}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place at the end, if all went well.

    So a reader, or a crash, meets the old file or the new one and never a part.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(path.parent))
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write(path: str | Path, settings: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write arrays and settings to `path`.

    Raises:
        OSError: the file cannot be written; an older one is then untouched.
    """
    from safetensors.numpy import save

    text = json.dumps(settings, allow_nan=False)
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    content = save(contiguous, metadata={KEY: text})
    # a link stays one: what it leads to is replaced
    with replacing(Path(path).resolve()) as temporary:
        temporary.write_bytes(content)


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
        self.settings = self._settings(metadata.get(KEY))

    def _settings(self, text: str | None) -> dict[str, Any]:
        if text is None:
            return {}
        try:
            if len(text) > MAX_SETTINGS:
                raise ValueError(f"{len(text)} characters, more than {MAX_SETTINGS}")
            settings = json.loads(text, parse_constant=_refuse)
            if not isinstance(settings, dict):
                raise ValueError("not a JSON object")
        except (ValueError, RecursionError) as error:
            raise FileFormatError(f"{self.path}: its settings cannot be read: {error}") from None
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

"""What a pack's folder says of itself, as JSON: read with suspicion, written under a seal.

No name of a file is taken from it, and no number is believed before the files have been looked at.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from hyalite.data.tables.preparation import Preparation
from hyalite.data.tables.stored import preparation_from
from hyalite.data.tables.targets import ClassTarget
from hyalite.errors import FileFormatError
from hyalite.files.replacing import replace
from hyalite.parameters import MOST_NUMBERS

MANIFEST = "manifest.json"
FORMAT = 1
MAX_BYTES = 1 << 26  # of JSON; 10,000 columns of 1,000 categories have some 100 MB, and no pack
PART_BYTES = 1 << 26  # of a file under one checksum
X_DTYPES = ("uint8", "float32", "float64")  # that engines take without a copy of all
Y_DTYPES = ("int32", "float64", "float32")
HOSTILE = (  # what values that no pack has end in
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError,
    MemoryError,
)  # fmt: skip
PARTS = ("training", "validation")


def file_name(part: str, which: str) -> str:
    """The file of the inputs ("x") or targets ("y") of a part."""
    return f"{which}.npy" if part == "training" else f"{which}_{part}.npy"


def header(dtype: str, shape: tuple[int, ...]) -> bytes:
    """The head of an .npy file of version 1.0, as NumPy writes it."""
    text = repr(
        {"descr": np.dtype(dtype).newbyteorder("<").str, "fortran_order": False, "shape": shape}
    )
    size = -(-(10 + len(text) + 1) // 64) * 64
    text = text.ljust(size - 11) + "\n"
    return b"\x93NUMPY\x01\x00" + (size - 10).to_bytes(2, "little") + text.encode("ascii")


@dataclass
class Manifest:
    """A pack's description.

    Attributes:
        rows: of each part.
        x_shape: of one row's inputs; of a table (features,).
        x_dtype, y_dtype: of the files' numbers.
        y_shape: of one row's target; () for a number or a label.
        seed: of the order, and of which rows are for validation.
        shuffled: whether rows lie in a random order.
        class_counts: training rows of each class; none where the target is numbers.
        made_of: what it was made of and how, as a checksum.
        left_out: rows without a usable target.
        sources: the files that it was made of, with their sizes and rows.
        checksums: of each file, SHA-256 a part of `PART_BYTES`.
        preparation: of the columns, as JSON data; None of arrays.
    """

    rows: dict[str, int]
    x_shape: tuple[int, ...]
    x_dtype: str
    y_dtype: str
    y_shape: tuple[int, ...] = ()
    seed: int = 0
    shuffled: bool = True
    class_counts: list[int] = field(default_factory=list)
    made_of: str = ""
    left_out: int = 0
    sources: list[dict[str, Any]] = field(default_factory=list)
    checksums: dict[str, list[str]] = field(default_factory=dict)
    preparation: Any = None

    def shape(self, part: str, which: str) -> tuple[int, ...]:
        """Of the array in a file."""
        return (self.rows[part], *(self.x_shape if which == "x" else self.y_shape))

    def dtype(self, which: str) -> str:
        """Of the numbers in a file."""
        return self.x_dtype if which == "x" else self.y_dtype

    def header(self, part: str, which: str) -> bytes:
        """The first bytes of a file."""
        return header(self.dtype(which), self.shape(part, which))

    def row_bytes(self, which: str) -> int:
        """Of a row in a file."""
        shape = self.x_shape if which == "x" else self.y_shape
        return int(np.prod(shape, dtype=np.int64)) * np.dtype(self.dtype(which)).itemsize

    # JSON ---------------------------------------------------------------------------------------

    @property
    def seal(self) -> str:
        """A checksum of all that it says, the files' checksums among it: tells packs apart."""
        return _seal(self._content())

    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(json.dumps({"format": FORMAT, **asdict(self)}))
        return content  # tuples as lists, as they are read

    def write(self, folder: Path) -> None:
        """Put it into the folder; from then on that is a pack."""
        sealed = {"sha256": self.seal, **self._content()}
        replace(folder / MANIFEST, (json.dumps(sealed, indent=1) + "\n").encode())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest of a folder, checked against its files.

        Raises:
            FileFormatError: damaged, hostile, or of another version; naming what is wrong.
            OSError: no such folder, or it cannot be read.
        """
        path = folder / MANIFEST
        try:
            content = json.loads(_text(path), parse_constant=_refuse)
            found = cls._from(content)
            for part in PARTS:
                for which in ("x", "y"):
                    found._check_file(folder / file_name(part, which), part, which)
        except HOSTILE as error:
            raise FileFormatError(f"{path}: no pack that can be read: {error}") from None
        return found

    @classmethod
    def _from(cls, content: Any) -> Self:
        if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
            raise ValueError(f"it is not of format {FORMAT}")
        seal = content.pop("sha256", None)
        if seal != _seal({"format": FORMAT, **content}):
            raise ValueError("its checksum is wrong, so it was changed after it was written")
        if set(content) != set(cls.__dataclass_fields__):
            odd = set(content) ^ set(cls.__dataclass_fields__)
            raise ValueError(f"it lacks, or has beside what it should, {', '.join(sorted(odd))}")
        for name in ("x_shape", "y_shape"):
            content[name] = tuple(_list(content[name], name))
        made = cls(**content)
        made._check()
        return made

    def _check(self) -> None:
        """Raise a ValueError for values that no pack has."""
        if not isinstance(self.rows, dict) or set(self.rows) != set(PARTS):
            raise ValueError(f"rows must be of {' and '.join(PARTS)}")
        numbers = [*self.rows.values(), *self.x_shape, *self.y_shape]
        numbers += [self.left_out, self.seed, *_list(self.class_counts, "class_counts")]
        if not all(type(number) is int and 0 <= number < 2**63 for number in numbers):
            raise ValueError("its numbers must be whole ones from 0")
        if not self.rows["training"] or not self.x_shape:
            raise ValueError("it has no rows")
        if min(self.x_shape) < 1 or len(self.x_shape) > 8 or len(self.y_shape) > 1:
            raise ValueError(f"rows of shape {self.x_shape} and targets of {self.y_shape}")
        if self.x_dtype not in X_DTYPES or self.y_dtype not in Y_DTYPES:
            raise ValueError(f"numbers of kind {self.x_dtype!r} and {self.y_dtype!r}")
        size = 1
        for one in (sum(self.rows.values()), *self.x_shape):
            size *= one
        if size > MOST_NUMBERS:
            raise ValueError("it would have more numbers than any disk holds")
        labels = self.y_dtype == "int32"
        if labels and sum(self.class_counts) != self.rows["training"]:
            raise ValueError("class_counts are not of its rows")
        if (
            type(self.shuffled) is not bool
            or type(self.made_of) is not str
            or not isinstance(self.checksums, dict)
        ):
            raise ValueError("shuffled, made_of or checksums are of another kind")
        if self.preparation is not None:
            made = self.made_preparation()
            classes = isinstance(made.target, ClassTarget)
            known = len(made.target.known) if isinstance(made.target, ClassTarget) else 0
            if (len(made.features),) != self.x_shape or classes != labels:
                raise ValueError("its preparation is not that of its rows")
            if known != len(self.class_counts):
                raise ValueError(f"its target has {known} classes, not {len(self.class_counts)}")

    def made_preparation(self) -> Preparation:
        """The preparation; only parts of the library are ever made.

        Raises:
            FileFormatError: it is none.
        """
        return preparation_from(self.preparation)

    def _check_file(self, path: Path, part: str, which: str) -> None:
        """Raise a ValueError where a file is not the one that is described."""
        there = os.lstat(path)
        head = self.header(part, which)
        size = len(head) + self.rows[part] * self.row_bytes(which)
        if not stat.S_ISREG(there.st_mode):
            raise ValueError(f"{path.name} is no regular file")
        if there.st_size != size:
            raise ValueError(f"{path.name} has {there.st_size:,} bytes, not {size:,}")
        with path.open("rb") as file:
            if file.read(len(head)) != head:
                raise ValueError(
                    f"{path.name} does not begin as an array {self.shape(part, which)}"
                )
        if len(_list(self.checksums.get(path.name), path.name)) != -(-size // PART_BYTES):
            raise ValueError(f"{path.name} has another number of checksums")


def checksums(path: Path) -> list[str]:
    """SHA-256 of each `PART_BYTES` of a file."""
    found = []
    with path.open("rb", buffering=0) as file:
        digest, left = hashlib.sha256(), PART_BYTES
        while chunk := file.read(min(1 << 20, left)):
            digest.update(chunk)
            left -= len(chunk)
            if not left:
                found.append(digest.hexdigest())
                digest, left = hashlib.sha256(), PART_BYTES
        if left < PART_BYTES:
            found.append(digest.hexdigest())
    return found


def _seal(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _text(path: Path) -> str:
    """The file's text; of a device or a pipe nothing is read.

    Raises:
        ValueError: no regular file, too long, or no text.
    """
    there = os.lstat(path)
    if not stat.S_ISREG(there.st_mode) or there.st_size > MAX_BYTES:
        raise ValueError(f"no regular file of at most {MAX_BYTES:,} bytes")
    return path.read_text(encoding="utf-8")


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"{name} must be a list")
    return list(value)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")

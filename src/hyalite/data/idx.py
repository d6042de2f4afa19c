"""The IDX format, in which MNIST and its relatives are published: one array in one file."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from hyalite.errors import FileFormatError

DTYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype("u1"),
    0x09: np.dtype("i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
GZIP_MAGIC = b"\x1f\x8b"
MAX_NDIM = 64  # NumPy 2 cannot hold more axes; the format's one byte could ask for 255
CHUNK = 1 << 20


def read_idx(path: str | os.PathLike[str], *, max_bytes: int = 1 << 31) -> npt.NDArray[Any]:
    """Read the array in an IDX file, plain or gzip-compressed.

    An IDX file is two zero bytes, a type byte, the number of dimensions, each dimension as
    a big-endian 32-bit integer, then the values, big-endian, the last index varying fastest.
    Whether it is compressed is decided by its first two bytes, not by its name.

    Nothing in the file is trusted: the declared size is compared with `max_bytes` first, and
    memory then grows only with the bytes that are really there, so that neither a forged
    header nor a gzip bomb can take more than the array it declares, and one byte.

    Args:
        path: the file.
        max_bytes: the largest array to accept, in bytes.

    Returns:
        A writable, C-contiguous array of the declared shape, in native byte order: uint8,
        int8, int16, int32, float32 or float64.

    Raises:
        FileFormatError: the file is not IDX, is damaged, shorter or longer than it declares,
            or declares more than `max_bytes`.
        OSError: the file is missing or cannot be read.

    Source: "The IDX file format" on the page of the MNIST database, LeCun, Cortes and Burges.

    Examples:
        Type 8 (uint8), one dimension of size 3, three values:

        >>> with open("numbers.idx", "wb") as file:
        ...     size = file.write(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]))
        >>> hy.datasets.read_idx("numbers.idx")
        array([7, 8, 9], dtype=uint8)
    """
    path = Path(path)
    with path.open("rb") as raw:
        compressed = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        if not compressed:
            return _read_array(raw, path, max_bytes)
        try:
            with gzip.GzipFile(fileobj=raw, mode="rb") as unpacked:
                # gzip raises BadGzipFile where the checksum is wrong or other bytes follow
                return _read_array(cast(BinaryIO, unpacked), path, max_bytes)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileFormatError(
                f"{path}: found a damaged gzip stream ({error}); expected a complete one"
            ) from error


def _read_array(file: BinaryIO, path: Path, max_bytes: int) -> npt.NDArray[Any]:
    dtype, shape = _read_header(file, path)
    # max(d, 1): a 0 among the dimensions must not hide others too large for NumPy
    size = math.prod(max(d, 1) for d in shape) * dtype.itemsize
    if size > max_bytes:
        raise FileFormatError(
            f"{path}: found a header that declares shape {shape} of {dtype.name}, {size} bytes; "
            f"expected at most max_bytes={max_bytes}"
        )
    declared = math.prod(shape) * dtype.itemsize
    values = _read_exactly(file, declared, path, f"values of shape {shape}, {dtype.name}")
    if file.read(1):
        raise FileFormatError(
            f"{path}: found more bytes after the values; expected the file to end after "
            f"shape {shape} of {dtype.name}, {declared} bytes"
        )
    # The array keeps the bytearray as its memory: writable, and no second copy of the data.
    array: npt.NDArray[Any] = np.ndarray(shape, dtype, buffer=values)
    return array.astype(dtype.newbyteorder("="), copy=False)


def _read_header(file: BinaryIO, path: Path) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = _read_exactly(file, 4, path, "IDX header")
    zeros, code, ndim = magic[:2], magic[2], magic[3]
    if zeros != b"\0\0" or code not in DTYPES:
        types = ", ".join(f"{known:02x}" for known in DTYPES)
        raise FileFormatError(
            f"{path}: found first bytes {magic.hex(' ')}; expected an IDX file: "
            f"00 00, a type out of {types}, the number of dimensions"
        )
    if not 1 <= ndim <= MAX_NDIM:
        raise FileFormatError(f"{path}: found {ndim} dimensions; expected 1 to {MAX_NDIM}")
    dims = _read_exactly(file, 4 * ndim, path, f"sizes of {ndim} dimensions")
    return DTYPES[code], struct.unpack(f">{ndim}I", dims)


def _read_exactly(file: BinaryIO, size: int, path: Path, what: str) -> bytearray:
    found = bytearray()
    while len(found) < size:
        chunk = file.read(min(CHUNK, size - len(found)))
        if not chunk:
            raise FileFormatError(
                f"{path}: found {len(found)} bytes of {what}; expected {size} bytes"
            )
        found += chunk
    return found

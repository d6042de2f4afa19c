"""The arrays in a pickle, without running anything in it; and which layers they belong to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from hyalite.errors import FileFormatError
from hyalite.files.pickle_machine import ArrayInPickle, PickleMachine, kind_of, short
from hyalite.parameters import Array

HEAD = 300  # bytes in which another kind of file shows what it is
ZIP = "a zip archive; unpack it first"
SAFETENSORS = "a safetensors file; hyalite.load reads a model's"
COMPRESSED = "compressed by {}; unpack it first, or write it again without compression"
OF_TORCH = (
    "a file of torch.save; load it by torch.load(path, weights_only=True), and give the arrays to "
    "Sequential.set_weights"
)
STARTS = {
    b"PK\3\4": ZIP,
    b"\x93NUMPY": "an array of NumPy's (.npy); numpy.load(path, allow_pickle=False) reads it",
    b"\x1f\x8b": COMPRESSED.format("gzip"),
    b"BZh": COMPRESSED.format("bzip2"),
    b"\xfd7zXZ": COMPRESSED.format("xz"),
    **dict.fromkeys((b"x\x01", b"x\x5e", b"x\x9c", b"x\xda"), COMPRESSED.format("zlib")),
    b"\x89HDF": "an HDF5 file, as Keras writes weights; h5py reads it",
    b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.": OF_TORCH,  # the number that an old one begins with
}
MEMBERS = {  # of a zip archive, the first one
    b".npy": "a zip archive of arrays (.npz); numpy.load(path, allow_pickle=False) reads it, and "
    "Sequential.set_weights takes its arrays",
    b"data.pkl": OF_TORCH,
    b"metadata.json": "a model of Keras (.keras); load it there, and give get_weights() to "
    "Sequential.set_weights",
}


def import_pickle(path: str | PathLike[str], *, max_bytes: int = 1 << 30) -> dict[str, Array]:
    """Read the arrays in a pickle; nothing in the file is run, imported or looked up.

    Read are a dict from names to arrays, a list of arrays (named "0", "1", ...) and a list of
    (W, b) pairs (named "W1", "b1", "W2", ..., as `dense_arrays` takes them), as NumPy 1 and 2
    write them in protocols 1 to 5, from Python 2 or 3. Lists may be tuples, arrays may be
    NumPy's scalars, which come out with shape (). Values are bool, int8 to uint64 and float16 to
    float64 in either byte order, C or Fortran order.

    Limits: a file of `max_bytes`, and 50,000 opcodes, which is some 1,250 arrays. Sizes are
    compared with the bytes that are there before anything is allocated, and all arrays together
    take no more bytes than the file has, however often it refers to the same ones. So memory
    stays below twice the file's size and 8 MiB, and the time is linear in the size.

    Args:
        path: of the file.
        max_bytes: the largest file to accept.

    Returns:
        Writable arrays in native byte order, by name, in the file's order. One that the pickle
        holds under two names is one array here, too, as `pickle` would have it.

    Raises:
        FileFormatError: the file is no pickle, damaged, too large, or holds or asks for anything
            else than such arrays. The text names the byte and what was found there.
        OSError: the file is missing or cannot be read.

    Source: the opcodes' meanings are those of the standard library's `pickletools`.

    Examples:
        >>> import pickle
        >>> with open("weights.pkl", "wb") as file:
        ...     pickle.dump({"W1": np.ones((2, 3)), "b1": np.zeros(3)}, file)
        >>> from hyalite.files import import_pickle
        >>> {name: array.shape for name, array in import_pickle("weights.pkl").items()}
        {'W1': (2, 3), 'b1': (3,)}
    """
    path = Path(path)
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size > max_bytes:
            raise FileFormatError(f"{path}: {size:,} bytes, more than max_bytes={max_bytes:,}")
        file.seek(0)
        _refuse_others(file.read(HEAD), path)
        file.seek(0)
        machine = PickleMachine(path, file.read(size))
    return _named(machine.run(), path)


def _refuse_others(head: bytes, path: Path) -> None:
    """Raise a FileFormatError that says what a file is, where it is known to be no pickle."""
    what = next((text for start, text in STARTS.items() if head.startswith(start)), None)
    if what is ZIP:
        member = head[30 : 30 + int.from_bytes(head[26:28], "little")]
        what = next((text for part, text in MEMBERS.items() if part in member), ZIP)
    elif head[8:10] == b'{"' and int.from_bytes(head[:8], "little") < 1 << 32:
        what = SAFETENSORS
    if what is not None:
        raise FileFormatError(f"{path}: no pickle but {what}")


def _named(value: Any, path: Path) -> dict[str, Array]:
    """The arrays in what the program left, by name; nothing nested deeper is followed."""
    if isinstance(value, (list, tuple)) and all(isinstance(item, ArrayInPickle) for item in value):
        value = {str(index): item for index, item in enumerate(value)}
    elif isinstance(value, (list, tuple)):
        pairs, value = value, {}
        for number, pair in enumerate(pairs, start=1):
            if not isinstance(pair, (list, tuple)) or len(pair) != 2:
                raise FileFormatError(
                    f"{path}: item {number} is {kind_of(pair)}; a list of arrays or of "
                    "(W, b) pairs is expected"
                )
            value |= {f"W{number}": pair[0], f"b{number}": pair[1]}
    if not isinstance(value, dict):
        raise FileFormatError(
            f"{path}: the pickle holds {kind_of(value)}; a dict of arrays, a list of arrays "
            "or a list of (W, b) pairs is expected"
        )
    arrays = {}
    for name, item in value.items():
        if not isinstance(item, ArrayInPickle) or item.values is None:
            raise FileFormatError(
                f"{path}: the value of {short(name)} is {kind_of(item)}; an array is expected"
            )
        arrays[name] = item.values
    return arrays


def dense_arrays(arrays: Mapping[str, Array], first: int = 1) -> list[tuple[Array, Array]]:
    """Pair the arrays W1 and b1, W2 and b2, ... of dense layers, in the order of the numbers.

    W has shape (a, b) and b has (b,), or (1, b) as one of the sources stores it; the next layer's
    W has shape (b, c). Returned are views, every b with shape (b,).

    Args:
        arrays: by name.
        first: number of the first layer, where others stand before it.

    Raises:
        FileFormatError: there is none, one is missing or has another name, or a shape does not
            fit; the text names the first.
    """
    pairs: list[tuple[Array, Array]] = []
    for number in range(first, max(first, (len(arrays) + 1) // 2) + 1):
        for name in (f"W{number}", f"b{number}"):
            if name not in arrays:
                found = ", ".join(map(short, list(arrays)[:8])) or "none"
                raise FileFormatError(
                    f"there is no array {name}; dense layers have W1, b1, W2, b2, ... and no "
                    f"others. Found: {found}{', ...' if len(arrays) > 8 else ''}"
                )
        W, b = arrays[f"W{number}"], arrays[f"b{number}"]
        inputs = pairs[-1][0].shape[1] if pairs else None
        if W.ndim != 2 or 0 in W.shape or inputs not in (None, W.shape[0]):
            raise FileFormatError(
                f"W{number} has shape {W.shape}; expected ({inputs or 'inputs'}, outputs), none 0"
            )
        if b.shape not in ((W.shape[1],), (1, W.shape[1])):
            raise FileFormatError(
                f"b{number} has shape {b.shape}; W{number} with {W.shape} needs ({W.shape[1]},)"
            )
        pairs.append((W, b.reshape(-1)))
    return pairs


def convolution_arrays(
    arrays: Mapping[str, Array],
) -> tuple[list[tuple[Array, Array]], list[tuple[Array, Array]]]:
    """The (W, b) of convolutions and of the dense layers behind them, all with channels last.

    In the file channels come first, as in *Deep Learning from Scratch*: W1, W2, ... of convolutions
    are (filters, channels, rows, columns), and the first dense matrix has a row for each number of
    (channels, height, width), the pictures being square. Kernels become (rows, columns, channels,
    filters), and those rows are put in the order (height, width, channels).

    Raises:
        FileFormatError: no array of four dimensions, or one is missing or does not fit.

    Examples:
        >>> from hyalite.files.pickles import convolution_arrays
        >>> arrays = {"W1": np.zeros((30, 1, 5, 5)), "b1": np.zeros(30)}
        >>> arrays |= {"W2": np.zeros((30 * 12 * 12, 100)), "b2": np.zeros(100)}
        >>> ((kernel, _),), ((W, _),) = convolution_arrays(arrays)
        >>> kernel.shape, W.shape
        ((5, 5, 1, 30), (4320, 100))
    """
    kernels: list[tuple[Array, Array]] = []
    while (W := arrays.get(f"W{len(kernels) + 1}")) is not None and W.ndim == 4:
        number = len(kernels) + 1
        b, channels = arrays.get(f"b{number}"), kernels[-1][0].shape[3] if kernels else None
        if 0 in W.shape or channels not in (None, W.shape[1]):
            raise FileFormatError(
                f"W{number} has shape {W.shape}; expected (filters, {channels or 'channels'}, "
                "rows, columns), none 0"
            )
        if b is None or b.shape != (len(W),):
            found = "is missing" if b is None else f"has shape {b.shape}"
            raise FileFormatError(f"b{number} {found}; W{number} with {W.shape} needs ({len(W)},)")
        kernels.append((W.transpose(2, 3, 1, 0), b))
    if not kernels:
        raise FileFormatError("W1 has no four dimensions, so it is no convolution's")
    (W, b), *others = dense_arrays(arrays, len(kernels) + 1)
    channels = len(kernels[-1][1])
    side = math.isqrt(len(W) // channels)
    if channels * side * side != len(W):
        raise FileFormatError(
            f"W{len(kernels) + 1} has {len(W)} rows, which are no square pictures of {channels} "
            "channels"
        )
    rows = W.reshape(channels, side, side, -1).transpose(1, 2, 0, 3).reshape(W.shape)
    return kernels, [(rows, b), *others]

"""Samples brought from where they lie into a buffer."""

from __future__ import annotations

import numpy as np
from numba import carray

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import pointer, prefetch
from hyalite.engines.compiled.structs import Matrix, NetworkTable, Source, Vector

ROWS_AHEAD, CACHE_LINE_BYTES = 4, 64


@kernel
def _copy(
    samples: Matrix, picked: Vector, first: int, scale: float, offset: float, out: Matrix
) -> None:
    """In a random order every row is far away, so a few are sent for before they are needed."""
    T = out.dtype.type
    a, b = T(scale), T(offset)
    count, width = out.shape
    row_bytes = samples.shape[1] * samples.itemsize
    start = samples.ctypes.data
    for i in range(-ROWS_AHEAD, count):
        if picked.size and i + ROWS_AHEAD < count:
            row = start + picked[first + i + ROWS_AHEAD] * row_bytes
            for byte in range(0, width * samples.itemsize, CACHE_LINE_BYTES):
                prefetch(row + byte)
        if i >= 0:
            row = picked[first + i] if picked.size else first + i
            for j in range(width):
                out[i, j] = T(samples[row, j]) * a + b


@kernel
def gather(
    network: NetworkTable, source: Source, picked: Vector, first: int, column: int, out: Matrix
) -> None:
    """Bring samples into `out`, in the model's dtype and rescaled on the way.

    Row i is sample `picked[first + i]`, or first + i where that is empty, from feature number
    `column` on: the address is moved there, since a sum as index, which might be negative, would
    keep the loop from being made of vector instructions.
    """
    shape, address = (source.rows, source.width), source.address
    a, b = network.scale, network.offset
    if source.dtype == 0:
        _copy(carray(pointer(address + column), shape, np.uint8), picked, first, a, b, out)
    elif source.dtype == 1:
        _copy(carray(pointer(address + 4 * column), shape, np.float32), picked, first, a, b, out)
    else:
        _copy(carray(pointer(address + 8 * column), shape, np.float64), picked, first, a, b, out)

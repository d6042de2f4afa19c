"""Samples brought from where they lie into a buffer."""

from __future__ import annotations

import numpy as np

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import address_of, matrix_of, prefetch
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
    start = address_of(samples)
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
    rows, width, address = source.rows, source.width, source.address
    a, b = network.scale, network.offset
    if source.dtype == 0:
        samples = matrix_of(address + column, rows, width, np.uint8(0))
        _copy(samples, picked, first, a, b, out)
    elif source.dtype == 1:
        numbers = matrix_of(address + 4 * column, rows, width, np.float32(0))
        _copy(numbers, picked, first, a, b, out)
    else:
        doubles = matrix_of(address + 8 * column, rows, width, np.float64(0))
        _copy(doubles, picked, first, a, b, out)

"""Pictures in the kernels: their geometry, and frames of zeros around them."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import constants_of
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.structs import Geometry, Matrix, Vector

FIELDS = len(Geometry._fields)


@kernel
def geometry_of(table: Matrix, k: int) -> Geometry:
    """The windows of instruction k."""
    return _geometry(constants_of(table, k, FIELDS))


@kernel
def pooling_of(table: Matrix, k: int) -> Geometry:
    """Those of the pooling behind a convolution; all zero where there is none."""
    return _geometry(constants_of(table, k, 2 * FIELDS)[FIELDS:])


@kernel
def _geometry(n: Vector) -> Geometry:
    return Geometry(
        n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[11], n[12], n[13]
    )  # fmt: skip


@kernel
def fill(x: Vector, value: float) -> None:
    """x ← value."""
    v = x.dtype.type(value)
    for i in range(x.size):
        x[i] = v


@kernel
def put(
    picture: Matrix, frame: Matrix, channels: int, top: int, left: int, down: int, right: int
) -> None:
    """Write a picture into a frame.

    Args:
        picture: (height, width·channels).
        frame: (its height, its width·channels).
        channels: of both.
        top: the line of the frame for the first line,
        left: and the column for the first column; what lies outside is left out.
        down: lines from one line of the picture to the next,
        right: and columns.
    """
    width, framed_width = picture.shape[1] // channels, frame.shape[1] // channels
    for i in range(picture.shape[0]):
        line = top + i * down
        if 0 <= line < frame.shape[0]:
            if right == 1:
                low, high = max(0, -left), min(width, framed_width - left)
                for j in range(low * channels, high * channels):
                    frame[line, left * channels + j] = picture[i, j]
            else:
                for j in range(width):
                    column = left + j * right
                    if 0 <= column < framed_width:
                        for c in range(channels):
                            frame[line, column * channels + c] = picture[i, j * channels + c]

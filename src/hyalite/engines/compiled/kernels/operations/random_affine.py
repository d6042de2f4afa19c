"""Random turns, zooms and shifts of pictures in training, by Philox's counters.

The formula is that of `hyalite.layers.RandomAffine`. A picture lies in a frame of `fill`, within
which q is kept, so that no pixel asks what is beyond the edge; the frame has a line more below and
to the right, since ⌊q⌋ + 1 is read, too. The backward pass draws the same numbers again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hyalite.engines.compiled.kernels.buffers import (
    constants_of,
    dy_of,
    real_constants_of,
    view,
    x_of,
    y_of,
)
from hyalite.engines.compiled.kernels.decorators import ZERO, kernel
from hyalite.engines.compiled.kernels.intrinsics import (
    matrix_at,
    vector_at,
    vector_of,
)
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.kernels.random import BLOCK_BYTES, WORDS, draw
from hyalite.engines.compiled.kernels.trigonometry import cosine, sine
from hyalite.engines.compiled.lowering.operations.random_affine import (
    CHANNELS,
    FILL,
    HEIGHT,
    REALS,
    ROTATION,
    SHIFT,
    WHOLES,
    WIDTH,
    ZOOM,
)
from hyalite.engines.compiled.structs import (
    Block,
    Column,
    Matrix,
    NetworkTable,
    PartGradient,
    Real,
    Vector,
)

LAYER, INPUTS, DX = int(Column.LAYER), int(Column.INPUTS), int(Column.DX)
ROW, COLUMN = 0, 1  # of a coordinate
BORDER = 3  # lines of the frame that are not the picture's, and columns


class Work(NamedTuple):
    """What a thread works in, one picture at a time."""

    words: Vector  # that were drawn, uint64
    by_row: Matrix  # (2, height): q in the frame, its part by a pixel's row; added to it is
    by_column: Matrix  # (2, width): that by its column
    at: Vector  # of a line: the place of ⌊q⌋ in the frame, uint32 (width,),
    rest: Matrix  # and q - ⌊q⌋, (2, width)
    frame: Matrix  # (height + BORDER, (width + BORDER)·channels)


@kernel
def _work_bytes(height: int, width: int, channels: int, itemsize: int) -> int:
    """The memory that `_work_at` divides."""
    frame = (height + BORDER) * (width + BORDER) * channels
    return BLOCK_BYTES + (2 * height + 4 * width + frame) * itemsize + 4 * width


@kernel
def _work_at(memory: int, height: int, width: int, channels: int, zero: Real) -> Work:
    """The arrays, of the dtype of `zero`, one behind the other."""
    lines, line = height + BORDER, (width + BORDER) * channels
    reals = vector_of(memory + BLOCK_BYTES, 2 * height + 4 * width + lines * line, zero)
    return Work(
        vector_of(memory, WORDS, np.uint64(0)),
        matrix_at(reals, ZERO, 2, height),
        matrix_at(reals, 2 * height, 2, width),
        vector_of(memory + BLOCK_BYTES + reals.size * reals.itemsize, width, np.uint32(0)),
        matrix_at(reals, 2 * height + 2 * width, 2, width),
        matrix_at(reals, 2 * height + 4 * width, lines, line),
    )


@kernel
def _between(word: np.uint64, lane: int) -> float:
    """A 16-bit number of a word as one in -1..1: the middle of one of 65,536 steps."""
    number = np.int64((word >> np.uint64(16 * lane)) & np.uint64(0xFFFF))
    return (number + 0.5) / 32768 - 1.0


@kernel
def _turn(reals: Vector, work: Work) -> None:
    """`by_row` and `by_column` ← q, by the numbers that were drawn; in double precision."""
    word, by_row, by_column = work.words[0], work.by_row, work.by_column
    T, height, width = by_row.dtype.type, by_row.shape[1], by_column.shape[1]
    angle, size = reals[ROTATION] * _between(word, 0), 1.0 + reals[ZOOM] * _between(word, 1)
    down, across = reals[SHIFT] * _between(word, 2), reals[SHIFT] * _between(word, 3)
    cos, sin = cosine(angle) / size, sine(angle) / size
    middle, centre = (height - 1) / 2, (width - 1) / 2
    for i in range(height):
        row = i - middle - down
        by_row[ROW, i] = T(cos * row + middle + 1.0)
        by_row[COLUMN, i] = T(-sin * row + centre + 1.0)
    for j in range(width):
        column = j - centre - across
        by_column[ROW, j] = T(sin * column)
        by_column[COLUMN, j] = T(cos * column)


@kernel
def _look_up(work: Work, i: int, channels: int) -> None:
    """`at` and `rest` ← where the pixels of line i come from."""
    by_row, by_column, at, rest = work.by_row, work.by_column, work.at, work.rest
    T, width = by_row.dtype.type, by_column.shape[1]
    zero, last_row, last_column = T(0), T(by_row.shape[1] + 1), T(width + 1)
    line, step = np.int32(work.frame.shape[1]), np.int32(channels)
    row_here, column_here = by_row[ROW, i], by_row[COLUMN, i]
    for j in range(width):
        row, column = row_here + by_column[ROW, j], column_here + by_column[COLUMN, j]
        row = zero if row < zero else (last_row if row > last_row else row)
        column = zero if column < zero else (last_column if column > last_column else column)
        whole_row, whole_column = np.int32(row), np.int32(column)
        rest[ROW, j], rest[COLUMN, j] = row - T(whole_row), column - T(whole_column)
        at[j] = np.uint32(whole_row * line + whole_column * step)


@kernel
def _corners(frame: Matrix, c: int, channels: int) -> tuple[Vector, Vector, Vector, Vector]:
    """The frame in channel c, from the first pixel on, the one to its right, and those below."""
    line = frame.shape[1]
    size = frame.size - line - 2 * channels + 1
    return (
        vector_at(frame, c, size),
        vector_at(frame, c + channels, size),
        vector_at(frame, c + line, size),
        vector_at(frame, c + line + channels, size),
    )


@kernel
def _interpolate(work: Work, y: Matrix) -> None:
    """A line of y, (width, channels) ← from the four pixels around each q."""
    at, rest = work.at, work.rest
    for c in range(y.shape[1]):
        above, above_right, below, below_right = _corners(work.frame, c, y.shape[1])
        for j in range(y.shape[0]):
            p, down, across = at[j], rest[ROW, j], rest[COLUMN, j]
            upper = above[p] + (above_right[p] - above[p]) * across
            lower = below[p] + (below_right[p] - below[p]) * across
            y[j, c] = upper + (lower - upper) * down


@kernel
def _spread(work: Work, dy: Matrix) -> None:
    """The transposed: a line of dy, (width, channels), added to the frame by the same weights."""
    at, rest, one = work.at, work.rest, dy.dtype.type(1)
    for c in range(dy.shape[1]):
        above, above_right, below, below_right = _corners(work.frame, c, dy.shape[1])
        for j in range(dy.shape[0]):
            p, down, across = at[j], rest[ROW, j], rest[COLUMN, j]
            upper, lower = (one - down) * dy[j, c], down * dy[j, c]
            above[p] += upper * (one - across)
            above_right[p] += upper * across
            below[p] += lower * (one - across)
            below_right[p] += lower * across


@kernel
def _fill(frame: Matrix, value: Real) -> None:
    """frame ← value."""
    for i in range(frame.shape[0]):
        for j in range(frame.shape[1]):
            frame[i, j] = value


@kernel
def random_affine_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← Σ w·x[⌊q⌋ + a]."""
    table, T = network.instructions, theta.dtype.type
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    constants, reals = constants_of(table, k, WHOLES), real_constants_of(table, k, WHOLES, REALS)
    height, width, channels = constants[HEIGHT], constants[WIDTH], constants[CHANNELS]
    line = width * channels
    memory = allocate(_work_bytes(height, width, channels, theta.itemsize))
    work = _work_at(memory, height, width, channels, T(0))
    _fill(work.frame, T(reals[FILL]))
    for i in range(x.shape[0]):
        draw(work.words, block.first + i, block.seed, table[k, LAYER], block.step)
        _turn(reals, work)
        for row in range(height):
            for j in range(line):
                work.frame[row + 1, channels + j] = x[i, row * line + j]
        for row in range(height):
            _look_up(work, row, channels)
            _interpolate(work, matrix_at(y, (i * height + row) * line, width, channels))
    release(memory)


@kernel
def random_affine_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx[⌊q⌋ + a] ← Σ w·dy."""
    table, T = network.instructions, theta.dtype.type
    dy, dx = dy_of(table, k, block, theta), view(block, table[k, DX], table[k, INPUTS], theta)
    constants, reals = constants_of(table, k, WHOLES), real_constants_of(table, k, WHOLES, REALS)
    height, width, channels = constants[HEIGHT], constants[WIDTH], constants[CHANNELS]
    line = width * channels
    memory = allocate(_work_bytes(height, width, channels, theta.itemsize))
    work = _work_at(memory, height, width, channels, T(0))
    for i in range(dx.shape[0]):
        draw(work.words, block.first + i, block.seed, table[k, LAYER], block.step)
        _turn(reals, work)
        _fill(work.frame, T(0))
        for row in range(height):
            _look_up(work, row, channels)
            _spread(work, matrix_at(dy, (i * height + row) * line, width, channels))
        for row in range(height):
            for j in range(line):
                dx[i, row * line + j] = work.frame[row + 1, channels + j]
    release(memory)

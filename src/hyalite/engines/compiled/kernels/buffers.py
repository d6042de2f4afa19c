"""Where a block of rows has its arrays: views by the places that the instructions name.

`table` is that of the instructions; theta gives its dtype, which all arrays of a network share.
"""

from __future__ import annotations

import numpy as np

from hyalite.engines.compiled.kernels.decorators import ZERO, kernel
from hyalite.engines.compiled.kernels.intrinsics import (
    address_of,
    matrix_of,
    vector_at,
    vector_of,
)
from hyalite.engines.compiled.structs import NOWHERE, Block, Column, Matrix, Vector

INPUTS, OUTPUTS, WEIGHT_SIZE = (
    int(column) for column in (Column.INPUTS, Column.OUTPUTS, Column.WEIGHT_SIZE)
)
STATE, CONSTANTS = int(Column.STATE), int(Column.CONSTANTS)
X, Y, AUX, STD, DY = (
    int(column) for column in (Column.X, Column.Y, Column.AUX, Column.STD, Column.DY)
)


@kernel
def block_of(
    thread_buffers: Vector, batch_buffers: Vector, moments: Vector, block_rows: int,
    batch_size: int, first: int, rows: int, seed: int, step: int, unknown: int,
) -> Block:  # fmt: skip
    """A block of rows of the batch; see `Block`. Behind the moments lie the totals."""
    totals = address_of(moments) + moments.size // 2 * moments.itemsize
    return Block(
        address_of(thread_buffers), address_of(batch_buffers), address_of(moments),
        block_rows, batch_size, first, rows, seed, step, unknown, totals, False, ZERO,
    )  # fmt: skip


@kernel
def leaving(block: Block, sums: Vector) -> Block:
    """The same block before a meeting, for which it is to leave its sums there."""
    return Block(
        block.thread_buffers, block.batch_buffers, block.moments, block.block_rows,
        block.batch_size, block.first, block.rows, block.seed, block.step, block.unknown,
        block.totals, True, address_of(sums),
    )  # fmt: skip


@kernel
def view(block: Block, buffer: int, width: int, theta: Vector) -> Matrix:
    """The block's rows of a buffer, (rows, width); no rows where it is nowhere."""
    address, rows = block.thread_buffers, block.rows
    if buffer == NOWHERE:
        rows = 0
    elif buffer >= 0:
        address += buffer * block.block_rows * theta.itemsize
    else:
        start = ~buffer * block.batch_size + block.first * width
        address = block.batch_buffers + start * theta.itemsize
    return matrix_of(address, rows, width, theta)


@kernel
def x_of(table: Matrix, k: int, block: Block, theta: Vector) -> Matrix:
    """What instruction k takes, (rows, inputs)."""
    return view(block, table[k, X], table[k, INPUTS], theta)


@kernel
def y_of(table: Matrix, k: int, block: Block, theta: Vector) -> Matrix:
    """What it makes, (rows, outputs)."""
    return view(block, table[k, Y], table[k, OUTPUTS], theta)


@kernel
def aux_of(table: Matrix, k: int, block: Block, theta: Vector) -> Matrix:
    """What it keeps for its backward pass, (rows, outputs) or no rows."""
    return view(block, table[k, AUX], table[k, OUTPUTS], theta)


@kernel
def dy_of(table: Matrix, k: int, block: Block, theta: Vector) -> Matrix:
    """The derivative by what it makes, (rows, outputs)."""
    return view(block, table[k, DY], table[k, OUTPUTS], theta)


@kernel
def std_of(table: Matrix, k: int, block: Block, size: int, theta: Vector) -> Vector:
    """The standard deviations of the samples that a layer normalization has seen."""
    start = table[k, STD] * block.block_rows
    return vector_of(block.thread_buffers + start * theta.itemsize, size, theta)


@kernel
def of_features(table: Matrix, k: int, address: int, number: int, theta: Vector) -> Vector:
    """What batch normalization has for each feature at an address, where numbers lie as in the
    state: the means, or with number 1 the variances; or sums in their places.
    """
    features = table[k, WEIGHT_SIZE]
    start = table[k, STATE] + number * features
    return vector_of(address + start * theta.itemsize, features, theta)


@kernel
def constants_of(table: Matrix, k: int, size: int) -> Vector:
    """The first of the instruction's own whole numbers, int64 (size,)."""
    return vector_at(table, table[k, CONSTANTS], size)


@kernel
def real_constants_of(table: Matrix, k: int, start: int, size: int) -> Vector:
    """Those from number `start` on as real numbers, float64 (size,)."""
    address = address_of(table) + (table[k, CONSTANTS] + start) * table.itemsize
    return vector_of(address, size, np.float64(0))

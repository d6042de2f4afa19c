"""The embedding: for each category its row of a table."""

from __future__ import annotations

import numpy as np

from hyalite.engines.compiled.kernels.buffers import constants_of, dy_of, view, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ZERO, kernel
from hyalite.engines.compiled.kernels.intrinsics import vector_at, vector_of
from hyalite.engines.compiled.kernels.operations.columns import fill, pass_columns, return_columns
from hyalite.engines.compiled.lowering.operations.columns import COUNT, DIMENSION, PLACES
from hyalite.engines.compiled.structs import (
    NOWHERE,
    Block,
    Column,
    Matrix,
    NetworkTable,
    PartGradient,
    Real,
    Vector,
)

INPUTS, DX = int(Column.INPUTS), int(Column.DX)
W, WEIGHT_SIZE, GRAD_W = int(Column.W), int(Column.WEIGHT_SIZE), int(Column.GRAD_W)


@kernel
def _row_of(number: Real, count: int) -> int:
    """The category that a number is, rounded as NumPy does; -1 where there is none."""
    T = type(number)
    shift = T(1.5) / np.finfo(T).eps  # added, it leaves no bits for a fraction
    rounded = number + shift - shift
    return int(rounded) if T(0) <= rounded < T(count) else -1


@kernel
def _look_up(x: Matrix, constants: Vector, table: Vector, unknown: int, y: Matrix) -> None:
    """y ← the rows; `unknown` is an address, see `Block`."""
    count, dimension = constants[COUNT], constants[DIMENSION]
    counts = PLACES + x.shape[1]
    starts, passed = counts + count, x.shape[1] - count
    for i in range(x.shape[0]):
        for c in range(count):
            row = _row_of(x[i, constants[PLACES + c]], constants[counts + c])
            if row < 0:
                vector_of(unknown, 1, np.int32(0))[0] = 1
                row = 0
            first, at = (constants[starts + c] + row) * dimension, passed + c * dimension
            for d in range(dimension):
                y[i, at + d] = table[first + d]


@kernel
def _add_rows(x: Matrix, constants: Vector, dy: Matrix, gradient: Vector) -> None:
    """gradient of the table ← itself + dy, row after row of the block."""
    count, dimension = constants[COUNT], constants[DIMENSION]
    counts = PLACES + x.shape[1]
    starts, passed = counts + count, x.shape[1] - count
    for i in range(x.shape[0]):
        for c in range(count):
            row = _row_of(x[i, constants[PLACES + c]], constants[counts + c])
            if row >= 0:
                first, at = (constants[starts + c] + row) * dimension, passed + c * dimension
                for d in range(dimension):
                    gradient[first + d] += dy[i, at + d]


@kernel
def embedding_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← (x₁ … x_k, E[c₁], E[c₂], …)."""
    table = network.instructions
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    constants = constants_of(table, k, table[k, INPUTS])
    pass_columns(x, constants, y)
    rows = vector_at(theta, table[k, W], table[k, WEIGHT_SIZE])
    _look_up(x, constants, rows, block.unknown, y)


@kernel
def embedding_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dE, and dx, which is 0 for the categories."""
    table = network.instructions
    x, dy = x_of(table, k, block, theta), dy_of(table, k, block, theta)
    constants = constants_of(table, k, table[k, INPUTS])
    dE = vector_at(gradient.values, table[k, GRAD_W], table[k, WEIGHT_SIZE])
    if gradient.fresh:
        fill(dE, theta.dtype.type(0))
    _add_rows(x, constants, dy, dE)
    if table[k, DX] != NOWHERE:
        dx = view(block, table[k, DX], table[k, INPUTS], theta)
        fill(vector_at(dx, ZERO, dx.size), theta.dtype.type(0))
        return_columns(dy, constants, dx)

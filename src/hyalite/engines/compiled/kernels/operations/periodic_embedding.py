"""The periodic embedding: of each number itself, and what trained cosines make of it."""

from __future__ import annotations

import math

from hyalite.engines.compiled.kernels.buffers import constants_of, dy_of, view, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ZERO, kernel
from hyalite.engines.compiled.kernels.intrinsics import dot, vector_at
from hyalite.engines.compiled.kernels.operations.columns import (
    add_multiple,
    fill,
    pass_columns,
    put_column,
    return_columns,
    take_column,
)
from hyalite.engines.compiled.kernels.trigonometry import cosines, sines
from hyalite.engines.compiled.lowering.operations.columns import COUNT, DIMENSION, PLACES
from hyalite.engines.compiled.lowering.operations.periodic_embedding import VECTORS
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

INPUTS, AUX, DX = (int(column) for column in (Column.INPUTS, Column.AUX, Column.DX))
W, WEIGHT_SIZE, GRAD_W = int(Column.W), int(Column.WEIGHT_SIZE), int(Column.GRAD_W)


@kernel
def _angles(factor: Real, phase: Real, x: Vector, y: Vector) -> None:
    for i in range(x.size):
        y[i] = factor * x[i] + phase


@kernel
def _embed(x: Matrix, constants: Vector, weights: Vector, work: Matrix, y: Matrix) -> None:
    """The embedded columns of y; `weights` are w1, b1, W2 and b2."""
    rows, count, dimension = x.shape[0], constants[COUNT], constants[DIMENSION]
    frequencies, made = constants[PLACES + x.shape[1]], dimension - 1
    two_pi, waves = x.dtype.type(2 * math.pi), count * frequencies
    column, wave = vector_at(work, ZERO, rows), vector_at(work, rows, rows)
    angle = vector_at(work, 2 * rows, rows)
    for c in range(count):
        take_column(x, constants[PLACES + c], column)
        at = x.shape[1] - count + c * dimension
        put_column(column, y, at)
        for d in range(made):
            bias = weights[2 * waves + waves * made + c * made + d]
            fill(vector_at(work, (VECTORS + d) * rows, rows), bias)
        for f in range(c * frequencies, (c + 1) * frequencies):
            _angles(two_pi * weights[f], weights[waves + f], column, angle)
            cosines(angle, wave)
            for d in range(made):
                out = vector_at(work, (VECTORS + d) * rows, rows)
                add_multiple(weights[2 * waves + f * made + d], wave, out)
        for d in range(made):
            put_column(vector_at(work, (VECTORS + d) * rows, rows), y, at + 1 + d)


@kernel
def _embed_gradient(
    x: Matrix, constants: Vector, weights: Vector, work: Matrix, dy: Matrix, gradient: Vector,
    dx: Matrix,
) -> None:  # fmt: skip
    """Adds dw1, db1, dW2, db2; the embedded columns of dx where it has rows."""
    rows, count, dimension = x.shape[0], constants[COUNT], constants[DIMENSION]
    frequencies, made = constants[PLACES + x.shape[1]], dimension - 1
    two_pi, waves = x.dtype.type(2 * math.pi), count * frequencies
    column, wave = vector_at(work, ZERO, rows), vector_at(work, rows, rows)
    ones, slope = vector_at(work, 2 * rows, rows), vector_at(work, 3 * rows, rows)
    d_column, angle = vector_at(work, 4 * rows, rows), vector_at(work, 5 * rows, rows)
    fill(ones, x.dtype.type(1))
    for c in range(count):
        take_column(x, constants[PLACES + c], column)
        at = x.shape[1] - count + c * dimension
        take_column(dy, at, d_column)
        for d in range(made):
            g = vector_at(work, (VECTORS + d) * rows, rows)
            take_column(dy, at + 1 + d, g)
            gradient[2 * waves + waves * made + c * made + d] += dot(g, ones)
        for f in range(c * frequencies, (c + 1) * frequencies):
            factor = two_pi * weights[f]
            _angles(factor, weights[waves + f], column, angle)
            cosines(angle, wave)
            for d in range(made):
                g = vector_at(work, (VECTORS + d) * rows, rows)
                gradient[2 * waves + f * made + d] += dot(wave, g)
            sines(angle, wave)
            fill(slope, x.dtype.type(0))
            for d in range(made):
                g = vector_at(work, (VECTORS + d) * rows, rows)
                add_multiple(-weights[2 * waves + f * made + d], g, slope)
            for i in range(rows):
                slope[i] *= wave[i]
            gradient[f] += two_pi * dot(slope, column)
            gradient[waves + f] += dot(slope, ones)
            add_multiple(factor, slope, d_column)
        if dx.shape[0]:
            put_column(d_column, dx, constants[PLACES + c])


@kernel
def periodic_embedding_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """yᵢ ← (xᵢ, W2ᵢᵀ·cos(2π·w1ᵢ·xᵢ + b1ᵢ) + b2ᵢ)."""
    table = network.instructions
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    constants = constants_of(table, k, table[k, INPUTS])
    pass_columns(x, constants, y)
    weights = vector_at(theta, table[k, W], table[k, WEIGHT_SIZE])
    work = view(block, table[k, AUX], VECTORS + constants[DIMENSION], theta)
    _embed(x, constants, weights, work, y)


@kernel
def periodic_embedding_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dw1, db1, dW2, db2, and dx."""
    table = network.instructions
    x, dy = x_of(table, k, block, theta), dy_of(table, k, block, theta)
    constants = constants_of(table, k, table[k, INPUTS])
    weights = vector_at(theta, table[k, W], table[k, WEIGHT_SIZE])
    work = view(block, table[k, AUX], VECTORS + constants[DIMENSION], theta)
    d_weights = vector_at(gradient.values, table[k, GRAD_W], table[k, WEIGHT_SIZE])
    if gradient.fresh:
        fill(d_weights, theta.dtype.type(0))
    dx = view(block, table[k, DX], table[k, INPUTS], theta)  # no rows where it is nowhere
    _embed_gradient(x, constants, weights, work, dy, d_weights, dx)
    if table[k, DX] != NOWHERE:
        return_columns(dy, constants, dx)

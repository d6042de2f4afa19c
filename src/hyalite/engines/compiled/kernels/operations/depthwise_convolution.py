"""Depthwise convolution: each channel has filters of its own and is not mixed with others.

Two multiplications for each number that is read are no work for a matrix product: these are loops
along the channels.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import aux_of, dy_of, view, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ZERO, kernel
from hyalite.engines.compiled.kernels.elementwise import add_column_sums
from hyalite.engines.compiled.kernels.intrinsics import fma, matrix_at, vector_at
from hyalite.engines.compiled.kernels.operations.activation import activate, differentiate
from hyalite.engines.compiled.kernels.pictures import fill, geometry_of
from hyalite.engines.compiled.structs import (
    NOWHERE,
    Block,
    Column,
    Geometry,
    NetworkTable,
    PartGradient,
    Vector,
)

INPUTS, W, B = int(Column.INPUTS), int(Column.W), int(Column.B)
DX = int(Column.DX)
GRAD_W, GRAD_B, BIAS_SIZE = int(Column.GRAD_W), int(Column.GRAD_B), int(Column.BIAS_SIZE)


@kernel
def _multiply(g: Geometry, x: Vector, weights: Vector, y: Vector) -> None:
    """One pixel: y[c·m + d] += x[c]·W[c, d]."""
    m = g.outputs // g.channels
    for c in range(g.channels):
        for d in range(m):
            y[c * m + d] = fma(x[c], weights[c * m + d], y[c * m + d])


@kernel
def depthwise_convolution_forward(
    network: NetworkTable, k: int, theta: Vector, block: Block
) -> None:
    """y[p, c·m + d] ← f(Σ_k x[s·p + k, c]·W[k, c, d] + b)."""
    table = network.instructions
    g = geometry_of(table, k)
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    aux = aux_of(table, k, block, theta)
    pixels = block.rows * g.rows * g.columns
    fill(vector_at(y, ZERO, y.size), 0.0)
    for i in range(block.rows):
        for row in range(g.rows):
            for column in range(g.columns):
                at_y = i * y.shape[1] + (row * g.columns + column) * g.outputs
                out = vector_at(y, at_y, g.outputs)
                for a in range(g.window_rows):
                    h = row * g.stride_rows + a - g.top
                    if not 0 <= h < g.height:
                        continue
                    for b in range(g.window_columns):
                        w = column * g.stride_columns + b - g.left
                        if 0 <= w < g.width:
                            at_x = i * x.shape[1] + (h * g.width + w) * g.channels
                            place = table[k, W] + (a * g.window_columns + b) * g.outputs
                            _multiply(
                                g, vector_at(x, at_x, g.channels),
                                vector_at(theta, place, g.outputs), out,
                            )  # fmt: skip
    bias = vector_at(theta, table[k, B], table[k, BIAS_SIZE])
    kept = matrix_at(aux, ZERO, pixels if aux.size else ZERO, g.outputs)
    activate(network, k, matrix_at(y, ZERO, pixels, g.outputs), bias, kept)


@kernel
def _gradient(g: Geometry, x: Vector, weights: Vector, dy: Vector, dW: Vector, dx: Vector) -> None:
    """One pixel: dW[c, d] += x[c]·dy[c·m + d], dx[c] += Σ_d dy[c·m + d]·W[c, d]."""
    m = g.outputs // g.channels
    for c in range(g.channels):
        for d in range(m):
            dW[c * m + d] = fma(x[c], dy[c * m + d], dW[c * m + d])
    if dx.size:
        for c in range(g.channels):
            for d in range(m):
                dx[c] = fma(dy[c * m + d], weights[c * m + d], dx[c])


@kernel
def depthwise_convolution_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dW and db of a part of the batch, and dx."""
    table = network.instructions
    g = geometry_of(table, k)
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    aux, dy = aux_of(table, k, block, theta), dy_of(table, k, block, theta)
    pixels = block.rows * g.rows * g.columns
    by_pixel = matrix_at(dy, ZERO, pixels, g.outputs)
    differentiate(
        network, k, matrix_at(y, ZERO, pixels, g.outputs),
        matrix_at(aux, ZERO, pixels if aux.size else ZERO, g.outputs), by_pixel,
    )  # fmt: skip
    db = vector_at(gradient.values, table[k, GRAD_B], table[k, BIAS_SIZE])
    if db.size:
        add_column_sums(by_pixel, db, gradient.fresh)
    places = g.window_rows * g.window_columns
    dW = vector_at(gradient.values, table[k, GRAD_W], places * g.outputs)
    if gradient.fresh:
        fill(dW, 0.0)
    dx = view(block, table[k, DX], table[k, INPUTS], theta)
    wanted = g.channels if table[k, DX] != NOWHERE else ZERO
    fill(vector_at(dx, ZERO, dx.size), 0.0)
    for i in range(block.rows):
        for row in range(g.rows):
            for column in range(g.columns):
                at_y = i * dy.shape[1] + (row * g.columns + column) * g.outputs
                out = vector_at(dy, at_y, g.outputs)
                for a in range(g.window_rows):
                    h = row * g.stride_rows + a - g.top
                    if not 0 <= h < g.height:
                        continue
                    for b in range(g.window_columns):
                        w = column * g.stride_columns + b - g.left
                        if 0 <= w < g.width:
                            at_x = i * x.shape[1] + (h * g.width + w) * g.channels
                            place = (a * g.window_columns + b) * g.outputs
                            _gradient(
                                g, vector_at(x, at_x, g.channels),
                                vector_at(theta, table[k, W] + place, g.outputs), out,
                                vector_at(dW, place, g.outputs), vector_at(dx, at_x, wanted),
                            )  # fmt: skip

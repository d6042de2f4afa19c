"""Layer normalization: each sample brought to mean 0 and variance 1, then scaled and shifted."""

from __future__ import annotations

import math

from hyalite.engines.compiled.kernels.buffers import aux_of, dy_of, std_of, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.elementwise import add_column_products, add_column_sums
from hyalite.engines.compiled.kernels.intrinsics import vector_at
from hyalite.engines.compiled.structs import (
    Block,
    Column,
    Matrix,
    NetworkTable,
    PartGradient,
    Vector,
)

OUTPUTS, W, B = int(Column.OUTPUTS), int(Column.W), int(Column.B)
GRAD_W, GRAD_B = int(Column.GRAD_W), int(Column.GRAD_B)


@kernel
def _normalize_rows(
    x: Matrix, y: Matrix, x_hat: Matrix, s: Vector, gamma: Vector, beta: Vector, epsilon: float
) -> None:
    """Layer normalization; s (rows,)."""
    rows, width = x.shape
    T = x.dtype.type
    e, n = T(epsilon), T(width)
    for i in range(rows):
        mean = T(0)
        for j in range(width):
            mean += x[i, j]
        mean /= n
        variance = T(0)
        for j in range(width):
            d = x[i, j] - mean
            variance += d * d
        s[i] = math.sqrt(variance / n + e)
        for j in range(width):
            x_hat[i, j] = (x[i, j] - mean) / s[i]
            y[i, j] = x_hat[i, j] * gamma[j] + beta[j]


@kernel
def _normalize_rows_gradient(dy: Matrix, x_hat: Matrix, s: Vector, gamma: Vector) -> None:
    """dx over dy."""
    rows, width = dy.shape
    T = dy.dtype.type
    n = T(width)
    for i in range(rows):
        first, second = T(0), T(0)
        for j in range(width):
            g = dy[i, j] * gamma[j]
            first += g
            second += g * x_hat[i, j]
        first /= n
        second /= n
        for j in range(width):
            dy[i, j] = (dy[i, j] * gamma[j] - x_hat[i, j] * second - first) / s[i]


@kernel
def layer_normalization_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← γ·x̂ + β."""
    table = network.instructions
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    x_hat = aux_of(table, k, block, theta)
    s = std_of(table, k, block, block.rows, theta)
    gamma = vector_at(theta, table[k, W], table[k, OUTPUTS])
    beta = vector_at(theta, table[k, B], table[k, OUTPUTS])
    _normalize_rows(x, y, x_hat, s, gamma, beta, network.reals[k, 0])


@kernel
def layer_normalization_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dγ, dβ, and dx over dy."""
    table = network.instructions
    outputs = table[k, OUTPUTS]
    x_hat, dy = aux_of(table, k, block, theta), dy_of(table, k, block, theta)
    d_gamma = vector_at(gradient.values, table[k, GRAD_W], outputs)
    d_beta = vector_at(gradient.values, table[k, GRAD_B], outputs)
    add_column_products(dy, x_hat, d_gamma, gradient.fresh)
    add_column_sums(dy, d_beta, gradient.fresh)
    s, gamma = std_of(table, k, block, block.rows, theta), vector_at(theta, table[k, W], outputs)
    _normalize_rows_gradient(dy, x_hat, s, gamma)

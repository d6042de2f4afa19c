"""Batch normalization: each feature brought to mean 0 and variance 1, then scaled and shifted.

The features are the columns of flat samples; of pictures the channels, and a row is a pixel. Sums
over the rows of many pictures are those of each picture first: in single precision the variance of
100,000 outputs of a ReLU, summed one after the other, was off by 7·10⁻⁴.
"""

from __future__ import annotations

import math

from hyalite.engines.compiled.kernels.buffers import aux_of, dy_of, moments_of, std_of, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ONE, TRUE, ZERO, kernel
from hyalite.engines.compiled.kernels.elementwise import add_column_products, add_column_sums
from hyalite.engines.compiled.kernels.intrinsics import matrix_at, vector_at, vector_of
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.structs import (
    BatchPartition,
    Block,
    Column,
    Matrix,
    Memory,
    NetworkTable,
    OperationKind,
    PartGradient,
    Vector,
)

BATCH_NORMALIZATION = int(OperationKind.BATCH_NORMALIZATION)
OPERATION, FEATURES, STATE = int(Column.OPERATION), int(Column.WEIGHT_SIZE), int(Column.STATE)
W, B, GRAD_W, GRAD_B = (
    int(column) for column in (Column.W, Column.B, Column.GRAD_W, Column.GRAD_B)
)


@kernel
def _rows(x: Matrix, features: int) -> Matrix:
    """x with a row for each pixel, (rows, features)."""
    return matrix_at(x, ZERO, x.size // features, features)


@kernel
def _rows_together(samples: Matrix, features: int) -> int:
    """How many rows are summed in one go: those of a picture; where samples are flat, all."""
    rows, width = samples.shape
    return width // features if width > features else rows


@kernel
def _moments(x: Matrix, together: int, mean: Vector, variance: Vector) -> None:
    """The mean and the biased variance of each column."""
    rows, width = x.shape
    n = x.dtype.type(rows)
    memory = allocate(width * x.itemsize)
    part = vector_of(memory, width, n)
    mean[:] = 0
    variance[:] = 0
    for start in range(0, rows, together):
        part[:] = 0
        for i in range(start, start + together):
            for j in range(width):
                part[j] += x[i, j]
        for j in range(width):
            mean[j] += part[j]
    for j in range(width):
        mean[j] /= n
    for start in range(0, rows, together):
        part[:] = 0
        for i in range(start, start + together):
            for j in range(width):
                d = x[i, j] - mean[j]
                part[j] += d * d
        for j in range(width):
            variance[j] += part[j]
    for j in range(width):
        variance[j] /= n
    release(memory)


@kernel
def _normalize_columns(
    x: Matrix, y: Matrix, x_hat: Matrix, s: Vector, mean: Vector, variance: Vector, gamma: Vector,
    beta: Vector, epsilon: float,
) -> None:  # fmt: skip
    """Batch normalization with these moments; s (columns,)."""
    rows, width = x.shape
    e = x.dtype.type(epsilon)
    for j in range(width):
        s[j] = math.sqrt(variance[j] + e)
    for i in range(rows):
        for j in range(width):
            h = (x[i, j] - mean[j]) / s[j]
            x_hat[i, j] = h
            y[i, j] = h * gamma[j] + beta[j]


@kernel
def _normalize_columns_gradient(
    dy: Matrix, together: int, x_hat: Matrix, s: Vector, gamma: Vector, d_gamma: Vector,
    d_beta: Vector, fresh: bool,
) -> None:  # fmt: skip
    """dγ and dβ, added where not `fresh`, and dx over dy, of training."""
    rows, width = dy.shape
    n = dy.dtype.type(rows)
    memory = allocate(3 * width * dy.itemsize)
    first = vector_of(memory, width, n)
    second = vector_of(memory + width * dy.itemsize, width, n)
    part = vector_of(memory + 2 * width * dy.itemsize, width, n)
    first[:] = 0
    second[:] = 0
    for start in range(0, rows, together):
        some = matrix_at(dy, start * width, together, width)
        add_column_sums(some, part, TRUE)
        for j in range(width):
            first[j] += part[j]
        add_column_products(some, matrix_at(x_hat, start * width, together, width), part, TRUE)
        for j in range(width):
            second[j] += part[j]
    for j in range(width):
        d_beta[j] = first[j] if fresh else d_beta[j] + first[j]
        d_gamma[j] = second[j] if fresh else d_gamma[j] + second[j]
        first[j] = gamma[j] * first[j] / n
        second[j] = gamma[j] * second[j] / n
    for i in range(rows):
        for j in range(width):
            dy[i, j] = (dy[i, j] * gamma[j] - x_hat[i, j] * second[j] - first[j]) / s[j]
    release(memory)


@kernel
def batch_normalization_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← γ·x̂ + β; training leaves the moments of this shard."""
    table = network.instructions
    features = table[k, FEATURES]
    samples = x_of(table, k, block, theta)
    x = _rows(samples, features)
    y = _rows(y_of(table, k, block, theta), features)
    x_hat = _rows(aux_of(table, k, block, theta), features)
    mean = moments_of(table, k, block, ZERO, theta)
    variance = moments_of(table, k, block, ONE, theta)
    if network.training:
        _moments(x, _rows_together(samples, features), mean, variance)
    s = std_of(table, k, block, features, theta)
    gamma = vector_at(theta, table[k, W], features)
    beta = vector_at(theta, table[k, B], features)
    _normalize_columns(x, y, x_hat, s, mean, variance, gamma, beta, network.reals[k, 0])


@kernel
def batch_normalization_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dγ, dβ, and dx over dy."""
    table = network.instructions
    features = table[k, FEATURES]
    x_hat = _rows(aux_of(table, k, block, theta), features)
    derivatives = dy_of(table, k, block, theta)
    dy, together = _rows(derivatives, features), _rows_together(derivatives, features)
    d_gamma = vector_at(gradient.values, table[k, GRAD_W], features)
    d_beta = vector_at(gradient.values, table[k, GRAD_B], features)
    s, gamma = std_of(table, k, block, features, theta), vector_at(theta, table[k, W], features)
    _normalize_columns_gradient(dy, together, x_hat, s, gamma, d_gamma, d_beta, gradient.fresh)


@kernel
def update_running_statistics(
    network: NetworkTable, partition: BatchPartition, memory: Memory, rows: int
) -> None:
    """Let the running moments follow those of a batch, shard after shard."""
    table = network.instructions
    T = memory.state.dtype.type
    for k in range(table.shape[0]):
        if table[k, OPERATION] == BATCH_NORMALIZATION:
            m, rest = T(network.reals[k, 1]), T(1 - network.reals[k, 1])
            for shard in range(min(partition.shards, rows)):
                for i in range(table[k, STATE], table[k, STATE] + 2 * table[k, FEATURES]):
                    memory.state[i] = m * memory.state[i] + rest * memory.moments[shard, i]

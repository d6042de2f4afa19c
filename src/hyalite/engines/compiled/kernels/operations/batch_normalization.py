"""Batch normalization: each feature brought to mean 0 and variance 1, then scaled and shifted.

The features are the columns of flat samples; of pictures the channels, and a row is a pixel.

    y = γ·(x - μ)/s + β,  s = √(σ² + ε)
    dx = γ/s·(dy - mean(dy) - (x - μ)/s²·mean(dy·(x - μ)))

The means are over all rows of a shard, which comes in blocks. So each pass has two stages, see
`Block.leaves`: a block first leaves its own sums, and goes on when those of all have been joined.
The variance is joined of the blocks' own,

    n·σ² = Σ_blocks (Σ (x - μ_block)² + n_block·(μ_block - μ)²)    (Chan, Golub & LeVeque 1979)

so one meeting is enough for mean and variance. The sums of a block of pictures are those of each
picture first: in single precision the variance of 100,000 outputs of a ReLU, summed one after the
other, was off by 7·10⁻⁴.
"""

from __future__ import annotations

import math

from hyalite.engines.compiled.kernels.buffers import (
    aux_of,
    dy_of,
    of_features,
    real_constants_of,
    x_of,
    y_of,
)
from hyalite.engines.compiled.kernels.column_loops import (
    scale_columns,
    scale_derivatives,
    sums_of_columns,
    sums_of_squares,
    sums_with_deviations,
)
from hyalite.engines.compiled.kernels.decorators import ONE, ZERO, kernel
from hyalite.engines.compiled.kernels.intrinsics import address_of, matrix_at, vector_at, vector_of
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.kernels.operations.activation import activate, differentiate
from hyalite.engines.compiled.kernels.pictures import fill
from hyalite.engines.compiled.structs import (
    BatchPartition,
    Block,
    Column,
    Matrix,
    Memory,
    NetworkTable,
    OperationKind,
    PartGradient,
    Real,
    Vector,
)

BATCH_NORMALIZATION = int(OperationKind.BATCH_NORMALIZATION)
OPERATION, FEATURES, STATE = int(Column.OPERATION), int(Column.WEIGHT_SIZE), int(Column.STATE)
OUTPUTS, W, B = int(Column.OUTPUTS), int(Column.W), int(Column.B)
GRAD_W, GRAD_B = int(Column.GRAD_W), int(Column.GRAD_B)


@kernel
def _rows_together(samples: Matrix, features: int) -> int:
    """How many rows are summed in one go: those of a picture; where samples are flat, all."""
    rows, width = samples.shape
    return width // features if width > features else rows


@kernel
def _add(x: Vector, y: Vector) -> None:
    """y ← y + x."""
    for j in range(x.size):
        y[j] += x[j]


@kernel
def _leave_moments(x: Matrix, first: Vector, second: Vector) -> None:
    """Σ x and Σ (x - mean)² of a block, with its own mean."""
    zero, size, features = x.dtype.type(0), x.itemsize, first.size
    together, n = _rows_together(x, features), x.dtype.type(x.size // features)
    memory = allocate(2 * features * size)
    part = vector_of(memory, features, zero)
    mean = vector_of(memory + features * size, features, zero)
    fill(first, 0.0)
    fill(second, 0.0)
    for start in range(0, x.size, together * features):
        at = address_of(x) + start * size
        sums_of_columns(zero, at, at, at, together, features, address_of(part), False)
        _add(part, first)
    for j in range(features):
        mean[j] = first[j] / n
    for start in range(0, x.size, together * features):
        at, by = address_of(x) + start * size, address_of(mean)
        sums_of_squares(zero, at, at, by, together, features, address_of(part), False)
        _add(part, second)
    release(memory)


@kernel
def batch_normalization_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← f(γ·(x - μ)/s + β); or leaves the sums of the block."""
    table, zero, size = network.instructions, theta.dtype.type(0), theta.itemsize
    features, x = table[k, FEATURES], x_of(table, k, block, theta)
    if block.leaves:
        first = of_features(table, k, block.sums, ZERO, theta)
        _leave_moments(x, first, of_features(table, k, block.sums, ONE, theta))
        return
    epsilon = theta.dtype.type(real_constants_of(table, k, ZERO, ONE)[0])
    mean = of_features(table, k, block.moments, ZERO, theta)
    variance = of_features(table, k, block.moments, ONE, theta)
    gamma, beta = vector_at(theta, table[k, W], features), vector_at(theta, table[k, B], features)
    memory = allocate(3 * features * size)
    columns = vector_of(memory, 3 * features, zero)
    for j in range(features):
        columns[j] = mean[j]
        columns[features + j] = gamma[j] / math.sqrt(variance[j] + epsilon)
        columns[2 * features + j] = beta[j]
    y, aux = y_of(table, k, block, theta), aux_of(table, k, block, theta)
    none = vector_at(theta, ZERO, ZERO)
    together = _rows_together(x, features)
    for start in range(0, x.size, together * features):
        out = matrix_at(y, start, together, features)
        kept = matrix_at(aux, start, together if aux.size else ZERO, features)
        scale_columns(
            zero, address_of(x) + start * size, address_of(out), memory, together, features
        )
        activate(network, k, out, none, kept)
    release(memory)


@kernel
def batch_normalization_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx over dy; or dγ and dβ, leaving the sums of the block."""
    table, zero, size = network.instructions, theta.dtype.type(0), theta.itemsize
    features, x = table[k, FEATURES], x_of(table, k, block, theta)
    dy, together = dy_of(table, k, block, theta), _rows_together(x, features)
    epsilon = theta.dtype.type(real_constants_of(table, k, ZERO, ONE)[0])
    mean = of_features(table, k, block.moments, ZERO, theta)
    variance = of_features(table, k, block.moments, ONE, theta)
    memory = allocate(4 * features * size)
    columns = vector_of(memory, 4 * features, zero)
    if block.leaves:
        y, aux = y_of(table, k, block, theta), aux_of(table, k, block, theta)
        first = of_features(table, k, block.sums, ZERO, theta)
        second = of_features(table, k, block.sums, ONE, theta)
        for j in range(features):
            first[j] = second[j] = zero
        for start in range(0, x.size, together * features):
            some = matrix_at(dy, start, together, features)
            kept = matrix_at(aux, start, together if aux.size else ZERO, features)
            differentiate(network, k, matrix_at(y, start, together, features), kept, some)
            sums_with_deviations(
                zero, address_of(x) + start * size, address_of(some), address_of(mean), together,
                features, memory, False,
            )  # fmt: skip
            _add(vector_at(columns, ZERO, features), first)
            _add(vector_at(columns, features, features), second)
        d_gamma = vector_at(gradient.values, table[k, GRAD_W], features)
        d_beta = vector_at(gradient.values, table[k, GRAD_B], features)
        for j in range(features):
            own = second[j] / math.sqrt(variance[j] + epsilon)
            d_gamma[j] = own if gradient.fresh else d_gamma[j] + own
            d_beta[j] = first[j] if gradient.fresh else d_beta[j] + first[j]
    else:
        first = of_features(table, k, block.totals, ZERO, theta)
        second = of_features(table, k, block.totals, ONE, theta)
        gamma = vector_at(theta, table[k, W], features)
        for j in range(features):
            square = variance[j] + epsilon
            factor = gamma[j] / math.sqrt(square)
            columns[j] = mean[j]
            columns[features + j] = factor
            columns[2 * features + j] = factor * second[j] / square
            columns[3 * features + j] = factor * first[j]
        rows = x.size // features
        scale_derivatives(zero, address_of(x), address_of(dy), memory, rows, features)
    release(memory)


@kernel
def join_sums(
    network: NetworkTable, k: int, partition: BatchPartition, memory: Memory, rows: int,
    first_shard: int, stop: int, thread: int, back: bool,
) -> None:  # fmt: skip
    """From what the blocks have left to the moments of each shard from `first_shard` to the one
    before `stop`, or on the way back to the means of dy and dy·(x - μ). Every thread does so for
    itself, or they would have to meet twice.
    """
    table, T = network.instructions, memory.moments.dtype.type
    features, half = table[k, FEATURES], memory.moments.shape[1] // 2
    pixels, at = table[k, OUTPUTS] // features, table[k, STATE] + (half if back else ZERO)
    per_shard = partition.blocks // partition.shards
    blocks = per_shard * min(partition.shards, rows)
    for shard in range(first_shard, stop):
        joined = memory.moments[thread * partition.shards + shard]
        first = vector_at(joined, at, features)
        second = vector_at(joined, at + features, features)
        fill(first, 0.0)
        fill(second, 0.0)
        n = 0
        for block in range(shard * per_shard, (shard + 1) * per_shard):
            own = _size(block, blocks, rows) * pixels
            if own:
                _add(vector_at(memory.block_moments[block], at, features), first)
            n += own
        for j in range(features):
            first[j] /= T(n)
        for block in range(shard * per_shard, (shard + 1) * per_shard):
            own = _size(block, blocks, rows) * pixels
            if own:
                sums = memory.block_moments[block]
                _add(vector_at(sums, at + features, features), second)
                if not back:
                    _add_distance(vector_at(sums, at, features), T(own), first, second)
        for j in range(features):
            second[j] /= T(n)


@kernel
def _size(block: int, blocks: int, rows: int) -> int:
    """The rows of a block."""
    return (block + 1) * rows // blocks - block * rows // blocks


@kernel
def _add_distance(sums: Vector, n: Real, mean: Vector, squares: Vector) -> None:
    """squares ← squares + n·(Σ/n - mean)²."""
    for j in range(sums.size):
        d = sums[j] / n - mean[j]
        squares[j] += n * d * d


@kernel
def follow_moments(
    network: NetworkTable, partition: BatchPartition, memory: Memory, rows: int
) -> None:
    """Let the running moments follow those of a batch, shard after shard."""
    table = network.instructions
    state, moments = memory.state, memory.moments
    T = state.dtype.type
    for k in range(table.shape[0]):
        if table[k, OPERATION] == BATCH_NORMALIZATION:
            m, rest = T(network.reals[k, 1]), T(1 - network.reals[k, 1])
            for shard in range(min(partition.shards, rows)):
                for i in range(table[k, STATE], table[k, STATE] + 2 * table[k, FEATURES]):
                    state[i] = m * state[i] + rest * moments[shard, i]

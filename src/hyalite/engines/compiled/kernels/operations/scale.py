"""Scale: a trained factor for each feature, or for some of them."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import dy_of, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.elementwise import copy
from hyalite.engines.compiled.kernels.intrinsics import vector_at
from hyalite.engines.compiled.kernels.operations.runs import runs_at
from hyalite.engines.compiled.lowering.operations.runs import RUN
from hyalite.engines.compiled.structs import (
    Block,
    Column,
    Matrix,
    NetworkTable,
    PartGradient,
    Vector,
)

W, GRAD_W, WEIGHT_SIZE = int(Column.W), int(Column.GRAD_W), int(Column.WEIGHT_SIZE)


@kernel
def _scale(y: Matrix, s: Vector, runs: Vector) -> None:
    """y ← s ⊙ y."""
    for i in range(y.shape[0]):
        for r in range(0, runs.size, RUN):
            part = vector_at(y, i * y.shape[1] + runs[r], runs[r + 1])
            factors = vector_at(s, runs[r + 2], runs[r + 1])
            for j in range(part.size):
                part[j] *= factors[j]


@kernel
def _add_factor_gradients(dy: Matrix, x: Matrix, ds: Vector, runs: Vector, fresh: bool) -> None:
    """ds ← Σ_rows dy·x, added where not `fresh`."""
    if fresh:
        ds[:] = 0
    for i in range(dy.shape[0]):
        for r in range(0, runs.size, RUN):
            start = i * dy.shape[1] + runs[r]
            one, other = vector_at(dy, start, runs[r + 1]), vector_at(x, start, runs[r + 1])
            total = vector_at(ds, runs[r + 2], runs[r + 1])
            for j in range(total.size):
                total[j] += one[j] * other[j]


@kernel
def scale_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← s ⊙ x."""
    table = network.instructions
    y = y_of(table, k, block, theta)
    copy(x_of(table, k, block, theta), y)
    _scale(y, vector_at(theta, table[k, W], table[k, WEIGHT_SIZE]), runs_at(table, k))


@kernel
def scale_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """ds, and dx over dy."""
    table = network.instructions
    size, runs = table[k, WEIGHT_SIZE], runs_at(table, k)
    x, dy = x_of(table, k, block, theta), dy_of(table, k, block, theta)
    ds = vector_at(gradient.values, table[k, GRAD_W], size)
    _add_factor_gradients(dy, x, ds, runs, gradient.fresh)
    _scale(dy, vector_at(theta, table[k, W], size), runs)

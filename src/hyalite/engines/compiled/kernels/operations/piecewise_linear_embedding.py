"""The piecewise-linear embedding: of each number a line, bent at the edges of pieces."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import (
    constants_of,
    dy_of,
    real_constants_of,
    view,
    x_of,
    y_of,
)
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
from hyalite.engines.compiled.lowering.operations.columns import COUNT, DIMENSION, PLACES
from hyalite.engines.compiled.lowering.operations.piecewise_linear_embedding import VECTORS
from hyalite.engines.compiled.structs import (
    NOWHERE,
    Block,
    Column,
    Matrix,
    NetworkTable,
    PartGradient,
    Vector,
)

INPUTS, AUX, DX = (int(column) for column in (Column.INPUTS, Column.AUX, Column.DX))
W, WEIGHT_SIZE, GRAD_W = int(Column.W), int(Column.WEIGHT_SIZE), int(Column.GRAD_W)


@kernel
def _go_through(column: Vector, edges: Vector, first: int, q: int, pieces: int, t: Vector) -> None:
    """t ← how far each number is through piece q, whose edges begin at entry `first`."""
    T = column.dtype.type
    zero, one, low, high = T(0), T(1), T(edges[first]), T(edges[first + 1])
    width, begins, ends = high - low, q > 0, q < pieces - 1
    for i in range(column.size):
        v = (column[i] - low) / width
        v = zero if begins and v < zero else v
        t[i] = one if ends and v > one else v


@kernel
def _embed(
    x: Matrix, constants: Vector, edges: Vector, weights: Vector, work: Matrix, y: Matrix
) -> None:
    """The embedded columns of y; `weights` are w0, b0 and V."""
    rows, count, made = x.shape[0], constants[COUNT], constants[DIMENSION]
    column, t = vector_at(work, ZERO, rows), vector_at(work, rows, rows)
    edge, v = 0, 2 * count * made
    for c in range(count):
        take_column(x, constants[PLACES + c], column)
        pieces = constants[PLACES + x.shape[1] + c]
        for d in range(made):
            out = vector_at(work, (VECTORS + d) * rows, rows)
            fill(out, weights[(count + c) * made + d])
            add_multiple(weights[c * made + d], column, out)
        for q in range(pieces):
            _go_through(column, edges, edge + q, q, pieces, t)
            for d in range(made):
                add_multiple(weights[v + d], t, vector_at(work, (VECTORS + d) * rows, rows))
            v += made
        edge += pieces + 1
        at = x.shape[1] - count + c * made
        for d in range(made):
            put_column(vector_at(work, (VECTORS + d) * rows, rows), y, at + d)


@kernel
def _add_slopes(
    edges: Vector, first: int, q: int, pieces: int, t: Vector, slope: Vector, d_column: Vector
) -> None:
    """d_column ← itself + slope/width, for the numbers that lie in piece q."""
    T = t.dtype.type
    zero, one, width = T(0), T(1), T(edges[first + 1]) - T(edges[first])
    begins, ends = q > 0, q < pieces - 1
    for i in range(t.size):
        outside = (begins and t[i] <= zero) or (ends and t[i] >= one)
        d_column[i] += zero if outside else slope[i] / width


@kernel
def _embed_gradient(
    x: Matrix, constants: Vector, edges: Vector, weights: Vector, work: Matrix, dy: Matrix,
    gradient: Vector, dx: Matrix,
) -> None:  # fmt: skip
    """Adds dw0, db0, dV; the embedded columns of dx where it has rows."""
    rows, count, made = x.shape[0], constants[COUNT], constants[DIMENSION]
    column, t = vector_at(work, ZERO, rows), vector_at(work, rows, rows)
    ones, slope = vector_at(work, 2 * rows, rows), vector_at(work, 3 * rows, rows)
    d_column = vector_at(work, 4 * rows, rows)
    edge, v = 0, 2 * count * made
    fill(ones, x.dtype.type(1))
    for c in range(count):
        take_column(x, constants[PLACES + c], column)
        pieces = constants[PLACES + x.shape[1] + c]
        at = x.shape[1] - count + c * made
        fill(d_column, x.dtype.type(0))
        for d in range(made):
            g = vector_at(work, (VECTORS + d) * rows, rows)
            take_column(dy, at + d, g)
            gradient[c * made + d] += dot(column, g)
            gradient[(count + c) * made + d] += dot(ones, g)
            add_multiple(weights[c * made + d], g, d_column)
        for q in range(pieces):
            _go_through(column, edges, edge + q, q, pieces, t)
            fill(slope, x.dtype.type(0))
            for d in range(made):
                g = vector_at(work, (VECTORS + d) * rows, rows)
                gradient[v + d] += dot(t, g)
                if dx.shape[0]:
                    add_multiple(weights[v + d], g, slope)
            if dx.shape[0]:
                _add_slopes(edges, edge + q, q, pieces, t, slope, d_column)
            v += made
        edge += pieces + 1
        if dx.shape[0]:
            put_column(d_column, dx, constants[PLACES + c])


@kernel
def _edges_of(table: Matrix, k: int, constants: Vector) -> Vector:
    """Of all columns, one's after the other's; they lie behind the numbers of pieces."""
    count, inputs = constants[COUNT], table[k, INPUTS]
    total = count
    for c in range(count):
        total += constants[PLACES + inputs + c]
    return real_constants_of(table, k, PLACES + inputs + count, total)


@kernel
def piecewise_linear_embedding_forward(
    network: NetworkTable, k: int, theta: Vector, block: Block
) -> None:
    """yᵢ ← w0ᵢ·xᵢ + b0ᵢ + Vᵢᵀ·t(xᵢ)."""
    table = network.instructions
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    constants = constants_of(table, k, table[k, INPUTS])
    pass_columns(x, constants, y)
    weights = vector_at(theta, table[k, W], table[k, WEIGHT_SIZE])
    work = view(block, table[k, AUX], VECTORS + constants[DIMENSION], theta)
    _embed(x, constants, _edges_of(table, k, constants), weights, work, y)


@kernel
def piecewise_linear_embedding_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dw0, db0, dV, and dx."""
    table = network.instructions
    x, dy = x_of(table, k, block, theta), dy_of(table, k, block, theta)
    constants = constants_of(table, k, table[k, INPUTS])
    weights = vector_at(theta, table[k, W], table[k, WEIGHT_SIZE])
    work = view(block, table[k, AUX], VECTORS + constants[DIMENSION], theta)
    d_weights = vector_at(gradient.values, table[k, GRAD_W], table[k, WEIGHT_SIZE])
    if gradient.fresh:
        fill(d_weights, theta.dtype.type(0))
    dx = view(block, table[k, DX], table[k, INPUTS], theta)  # no rows where it is nowhere
    edges = _edges_of(table, k, constants)
    _embed_gradient(x, constants, edges, weights, work, dy, d_weights, dx)
    if table[k, DX] != NOWHERE:
        return_columns(dy, constants, dx)

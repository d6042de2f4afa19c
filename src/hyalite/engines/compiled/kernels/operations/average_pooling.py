"""Average pooling: the mean of every window, channel by channel; the border is not counted."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import dy_of, view, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ZERO, kernel
from hyalite.engines.compiled.kernels.intrinsics import vector_at
from hyalite.engines.compiled.kernels.pictures import fill, geometry_of
from hyalite.engines.compiled.structs import (
    Block,
    Column,
    Geometry,
    NetworkTable,
    PartGradient,
    Vector,
)

INPUTS, DX = int(Column.INPUTS), int(Column.DX)


@kernel
def _edges(start: int, size: int, length: int) -> tuple[int, int]:
    """The part of a window that lies in the picture, along one axis."""
    return max(0, start), min(length, start + size)


@kernel
def _mean(g: Geometry, x: Vector, row: int, column: int, y: Vector) -> None:
    """The mean of one window of a picture."""
    top, bottom = _edges(row * g.stride_rows - g.top, g.window_rows, g.height)
    left, right = _edges(column * g.stride_columns - g.left, g.window_columns, g.width)
    fill(y, 0.0)
    for h in range(top, bottom):
        for w in range(left, right):
            at = (h * g.width + w) * g.channels
            for c in range(g.channels):
                y[c] += x[at + c]
    count = y.dtype.type((bottom - top) * (right - left))
    for c in range(g.channels):
        y[c] /= count


@kernel
def average_pooling_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← Σ_k x[s·p + k]/N[p]."""
    table = network.instructions
    g = geometry_of(table, k)
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    for i in range(block.rows):
        picture = vector_at(x, i * x.shape[1], x.shape[1])
        for row in range(g.rows):
            for column in range(g.columns):
                at = i * y.shape[1] + (row * g.columns + column) * g.channels
                _mean(g, picture, row, column, vector_at(y, at, g.channels))


@kernel
def _spread(g: Geometry, dy: Vector, row: int, column: int, dx: Vector) -> None:
    """The derivative of one mean, shared out to its window; dy is divided."""
    top, bottom = _edges(row * g.stride_rows - g.top, g.window_rows, g.height)
    left, right = _edges(column * g.stride_columns - g.left, g.window_columns, g.width)
    count = dy.dtype.type((bottom - top) * (right - left))
    for c in range(g.channels):
        dy[c] /= count
    for h in range(top, bottom):
        for w in range(left, right):
            at = (h * g.width + w) * g.channels
            for c in range(g.channels):
                dx[at + c] += dy[c]


@kernel
def average_pooling_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx[q] ← Σ dy[p]/N[p] over the windows p that hold q."""
    table = network.instructions
    g = geometry_of(table, k)
    dy, dx = dy_of(table, k, block, theta), view(block, table[k, DX], table[k, INPUTS], theta)
    fill(vector_at(dx, ZERO, dx.size), 0.0)
    for i in range(dx.shape[0]):
        picture = vector_at(dx, i * dx.shape[1], dx.shape[1])
        for row in range(g.rows):
            for column in range(g.columns):
                at = i * dy.shape[1] + (row * g.columns + column) * g.channels
                _spread(g, vector_at(dy, at, g.channels), row, column, picture)

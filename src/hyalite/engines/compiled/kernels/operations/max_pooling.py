"""Max pooling: the largest number of every window, channel by channel."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import aux_of, dy_of, view, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ZERO, kernel
from hyalite.engines.compiled.kernels.intrinsics import vector_at
from hyalite.engines.compiled.kernels.pictures import fill, geometry_of
from hyalite.engines.compiled.structs import Block, Column, NetworkTable, PartGradient, Vector

INPUTS, DX = int(Column.INPUTS), int(Column.DX)


@kernel
def _take(x: Vector, number: int, y: Vector, winner: Vector, first: bool) -> None:
    """One pixel of a window: y ← max(y, x), and the number where x is more."""
    n = y.dtype.type(number)
    for c in range(y.size):
        more = first or x[c] > y[c]
        y[c] = x[c] if more else y[c]
        winner[c] = n if more else winner[c]


@kernel
def max_pooling_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← max_k x[s·p + k], and which k it was, the first of equal ones."""
    table = network.instructions
    g = geometry_of(table, k)
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    winner = aux_of(table, k, block, theta)
    for i in range(block.rows):
        for row in range(g.rows):
            for column in range(g.columns):
                at_y = i * y.shape[1] + (row * g.columns + column) * g.channels
                out, where = vector_at(y, at_y, g.channels), vector_at(winner, at_y, g.channels)
                first = True
                for a in range(g.window_rows):
                    h = row * g.stride_rows + a - g.top
                    if not 0 <= h < g.height:
                        continue
                    for b in range(g.window_columns):
                        w = column * g.stride_columns + b - g.left
                        if 0 <= w < g.width:
                            at_x = i * x.shape[1] + (h * g.width + w) * g.channels
                            number = a * g.window_columns + b
                            _take(vector_at(x, at_x, g.channels), number, out, where, first)
                            first = False


@kernel
def _give(dx: Vector, number: int, dy: Vector, winner: Vector) -> None:
    """One pixel of a window: dx += dy where it was the largest."""
    n, zero = dx.dtype.type(number), dx.dtype.type(0)
    for c in range(dx.size):
        dx[c] += dy[c] if winner[c] == n else zero


@kernel
def max_pooling_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx[q] ← Σ dy[p] where x[q] is the maximum of window p."""
    table = network.instructions
    g = geometry_of(table, k)
    dy, dx = dy_of(table, k, block, theta), view(block, table[k, DX], table[k, INPUTS], theta)
    winner = aux_of(table, k, block, theta)
    fill(vector_at(dx, ZERO, dx.size), 0.0)
    for i in range(dx.shape[0]):
        for row in range(g.rows):
            for column in range(g.columns):
                at_y = i * dy.shape[1] + (row * g.columns + column) * g.channels
                of_y, where = vector_at(dy, at_y, g.channels), vector_at(winner, at_y, g.channels)
                for a in range(g.window_rows):
                    h = row * g.stride_rows + a - g.top
                    if not 0 <= h < g.height:
                        continue
                    for b in range(g.window_columns):
                        w = column * g.stride_columns + b - g.left
                        if 0 <= w < g.width:
                            at_x = i * dx.shape[1] + (h * g.width + w) * g.channels
                            number = a * g.window_columns + b
                            _give(vector_at(dx, at_x, g.channels), number, of_y, where)

"""The largest number of every window of one picture, channel by channel, and the way back."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import vector_at
from hyalite.engines.compiled.structs import Geometry, Vector


@kernel
def _take(x: Vector, number: int, y: Vector, winner: Vector, first: bool) -> None:
    """One pixel of a window: y ← max(y, x), and the number where x is more."""
    n = y.dtype.type(number)
    for c in range(y.size):
        more = first or x[c] > y[c]
        y[c] = x[c] if more else y[c]
        winner[c] = n if more else winner[c]


@kernel
def max_pool(g: Geometry, x: Vector, y: Vector, winner: Vector) -> None:
    """y ← max_k x[s·p + k], and which k it was, the first of equal ones."""
    for row in range(g.rows):
        for column in range(g.columns):
            at = (row * g.columns + column) * g.channels
            out, where = vector_at(y, at, g.channels), vector_at(winner, at, g.channels)
            first = True
            for a in range(g.window_rows):
                h = row * g.stride_rows + a - g.top
                if not 0 <= h < g.height:
                    continue
                for b in range(g.window_columns):
                    w = column * g.stride_columns + b - g.left
                    if 0 <= w < g.width:
                        pixel = vector_at(x, (h * g.width + w) * g.channels, g.channels)
                        _take(pixel, a * g.window_columns + b, out, where, first)
                        first = False


@kernel
def _give(dx: Vector, number: int, dy: Vector, winner: Vector) -> None:
    """One pixel of a window: dx += dy where it was the largest."""
    n, zero = dx.dtype.type(number), dx.dtype.type(0)
    for c in range(dx.size):
        dx[c] += dy[c] if winner[c] == n else zero


@kernel
def max_pool_gradient(g: Geometry, dy: Vector, winner: Vector, dx: Vector) -> None:
    """dx[q] ← Σ dy[p] where x[q] is the maximum of window p."""
    zero = dx.dtype.type(0)
    for j in range(dx.size):
        dx[j] = zero
    for row in range(g.rows):
        for column in range(g.columns):
            at = (row * g.columns + column) * g.channels
            of_y, where = vector_at(dy, at, g.channels), vector_at(winner, at, g.channels)
            for a in range(g.window_rows):
                h = row * g.stride_rows + a - g.top
                if not 0 <= h < g.height:
                    continue
                for b in range(g.window_columns):
                    w = column * g.stride_columns + b - g.left
                    if 0 <= w < g.width:
                        pixel = vector_at(dx, (h * g.width + w) * g.channels, g.channels)
                        _give(pixel, a * g.window_columns + b, of_y, where)

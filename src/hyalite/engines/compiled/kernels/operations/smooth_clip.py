"""Smooth clip: numbers brought within a limit, in all columns or in some of them."""

from __future__ import annotations

import math

from hyalite.engines.compiled.kernels.buffers import dy_of, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.elementwise import copy
from hyalite.engines.compiled.kernels.intrinsics import vector_at
from hyalite.engines.compiled.kernels.operations.runs import runs_at
from hyalite.engines.compiled.lowering.operations.runs import RUN
from hyalite.engines.compiled.structs import Block, Matrix, NetworkTable, PartGradient, Vector


@kernel
def _clip(y: Matrix, limit: float, runs: Vector) -> None:
    """y ← y / √(1 + (y/limit)²), without the square of a large number."""
    zero, most = y.dtype.type(0), y.dtype.type(limit)
    for i in range(y.shape[0]):
        for r in range(0, runs.size, RUN):
            part = vector_at(y, i * y.shape[1] + runs[r], runs[r + 1])
            for j in range(part.size):
                v = part[j]
                size = -v if v < zero else v
                top = most if size < most else size
                p, q = most / top, v / top
                part[j] = most * (q / math.sqrt(p * p + q * q))


@kernel
def _clip_gradient(x: Matrix, dy: Matrix, limit: float, runs: Vector) -> None:
    """dx over dy."""
    zero, most = x.dtype.type(0), x.dtype.type(limit)
    for i in range(x.shape[0]):
        for r in range(0, runs.size, RUN):
            start = i * x.shape[1] + runs[r]
            part, gradient = vector_at(x, start, runs[r + 1]), vector_at(dy, start, runs[r + 1])
            for j in range(part.size):
                v = part[j]
                size = -v if v < zero else v
                top = most if size < most else size
                p, q = most / top, v / top
                slope = p / math.sqrt(p * p + q * q)
                gradient[j] *= slope * slope * slope


@kernel
def smooth_clip_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← x / √(1 + (x/limit)²)."""
    table = network.instructions
    y = y_of(table, k, block, theta)
    copy(x_of(table, k, block, theta), y)
    _clip(y, network.reals[k, 0], runs_at(table, k))


@kernel
def smooth_clip_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx over dy."""
    table = network.instructions
    x, dy = x_of(table, k, block, theta), dy_of(table, k, block, theta)
    _clip_gradient(x, dy, network.reals[k, 0], runs_at(table, k))

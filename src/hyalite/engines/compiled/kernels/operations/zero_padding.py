"""A border of zeros around every picture."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import dy_of, view, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ONE, ZERO, kernel
from hyalite.engines.compiled.kernels.intrinsics import matrix_at, vector_at
from hyalite.engines.compiled.kernels.pictures import fill, geometry_of, put
from hyalite.engines.compiled.structs import Block, Column, NetworkTable, PartGradient, Vector

INPUTS, DX = int(Column.INPUTS), int(Column.DX)


@kernel
def zero_padding_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← x within zeros."""
    table = network.instructions
    g = geometry_of(table, k)
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    fill(vector_at(y, ZERO, y.size), 0.0)
    for i in range(block.rows):
        picture = matrix_at(x, i * x.shape[1], g.height, g.width * g.channels)
        frame = matrix_at(y, i * y.shape[1], g.framed_height, g.framed_width * g.channels)
        put(picture, frame, g.channels, g.top, g.left, ONE, ONE)


@kernel
def zero_padding_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx ← what lies within the border of dy."""
    table = network.instructions
    g = geometry_of(table, k)
    dy, dx = dy_of(table, k, block, theta), view(block, table[k, DX], table[k, INPUTS], theta)
    for i in range(dx.shape[0]):
        frame = matrix_at(dy, i * dy.shape[1], g.framed_height, g.framed_width * g.channels)
        picture = matrix_at(dx, i * dx.shape[1], g.height, g.width * g.channels)
        put(frame, picture, g.channels, -g.top, -g.left, ONE, ONE)

"""Max pooling: the largest number of every window, channel by channel.

Behind a convolution it is part of that, see `operations/convolution`.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import aux_of, dy_of, view, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import vector_at
from hyalite.engines.compiled.kernels.max_pool import max_pool, max_pool_gradient
from hyalite.engines.compiled.kernels.pictures import geometry_of
from hyalite.engines.compiled.structs import Block, Column, NetworkTable, PartGradient, Vector

INPUTS, OUTPUTS, DX = int(Column.INPUTS), int(Column.OUTPUTS), int(Column.DX)


@kernel
def max_pooling_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← max_k x[s·p + k], and which k it was."""
    table = network.instructions
    g, inputs, outputs = geometry_of(table, k), table[k, INPUTS], table[k, OUTPUTS]
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    winner = aux_of(table, k, block, theta)
    for i in range(block.rows):
        picture = vector_at(x, i * inputs, inputs)
        max_pool(
            g, picture, vector_at(y, i * outputs, outputs), vector_at(winner, i * outputs, outputs)
        )


@kernel
def max_pooling_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx[q] ← Σ dy[p] where x[q] is the maximum of window p."""
    table = network.instructions
    g, inputs, outputs = geometry_of(table, k), table[k, INPUTS], table[k, OUTPUTS]
    dy, dx = dy_of(table, k, block, theta), view(block, table[k, DX], inputs, theta)
    winner = aux_of(table, k, block, theta)
    for i in range(dx.shape[0]):
        max_pool_gradient(
            g, vector_at(dy, i * outputs, outputs), vector_at(winner, i * outputs, outputs),
            vector_at(dx, i * inputs, inputs),
        )  # fmt: skip

"""The fork: what comes in goes two ways, through the layers of a block and past them."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import constants_of, dy_of, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ONE, kernel
from hyalite.engines.compiled.kernels.elementwise import add, copy
from hyalite.engines.compiled.structs import Block, Column, NetworkTable, PartGradient, Vector

X, Y = int(Column.X), int(Column.Y)


@kernel
def fork_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← x."""
    table = network.instructions
    if table[k, X] != table[k, Y]:
        copy(x_of(table, k, block, theta), y_of(table, k, block, theta))


@kernel
def fork_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx over dy: that of the way through the layers, and added to it that of the other."""
    table = network.instructions
    past = dy_of(table, constants_of(table, k, ONE)[0], block, theta)
    add(past, dy_of(table, k, block, theta))

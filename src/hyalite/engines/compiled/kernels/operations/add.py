"""The sum that joins the two ways of a block: what its layers made, and what went past them."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import constants_of, dy_of, view, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ONE, kernel
from hyalite.engines.compiled.kernels.elementwise import add, copy
from hyalite.engines.compiled.structs import Block, Column, NetworkTable, PartGradient, Vector

X, Y, DX, INPUTS = int(Column.X), int(Column.Y), int(Column.DX), int(Column.INPUTS)


@kernel
def add_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← x + y of the fork."""
    table = network.instructions
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    if table[k, X] != table[k, Y]:
        copy(x, y)
    add(y_of(table, constants_of(table, k, ONE)[0], block, theta), y)


@kernel
def add_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx ← dy, which stays where it is, too: the fork adds it."""
    table = network.instructions
    copy(dy_of(table, k, block, theta), view(block, table[k, DX], table[k, INPUTS], theta))

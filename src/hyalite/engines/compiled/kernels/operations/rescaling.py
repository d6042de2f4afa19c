"""Rescaling: the same scale and offset for every number; first in a network, as samples come."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import dy_of, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.elementwise import copy, rescale
from hyalite.engines.compiled.structs import Block, Column, NetworkTable, PartGradient, Vector

X, Y = int(Column.X), int(Column.Y)


@kernel
def rescaling_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← scale·x + offset."""
    table = network.instructions
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    if table[k, X] != table[k, Y]:
        copy(x, y)
    rescale(y, network.reals[k, 0], network.reals[k, 1])


@kernel
def rescaling_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx over dy."""
    table = network.instructions
    rescale(dy_of(table, k, block, theta), network.reals[k, 0], 0.0)

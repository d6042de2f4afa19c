"""Forward and backward through all instructions, for one block of rows.

What an operation does stands in its own file, in `operations/`; it is called by the address that
its instruction names, so only the operations that a network has need be compiled.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import y_of
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.signatures import call_backward, call_forward
from hyalite.engines.compiled.structs import (
    NOWHERE,
    Block,
    Column,
    Matrix,
    NetworkTable,
    PartGradient,
    Vector,
)

FORWARD, BACKWARD, DY = int(Column.FORWARD), int(Column.BACKWARD), int(Column.DY)


@kernel
def forward(network: NetworkTable, theta: Vector, block: Block) -> Matrix:
    """Run all instructions on the samples in the first's x; return the output (rows, outputs)."""
    table = network.instructions
    for k in range(table.shape[0]):
        call_forward(table[k, FORWARD], (network, k, theta, block))
    return y_of(table, table.shape[0] - 1, block, theta)


@kernel
def backward(network: NetworkTable, theta: Vector, gradient: PartGradient, block: Block) -> None:
    """From dL/d(output), in the last instruction's dy, back to the first parameters.

    Args:
        network: what to do.
        theta: parameters.
        gradient: of this part of the batch; what belongs to it is written or added. A dense layer
            whose gradient is made by tiles leaves x and dy in the batch's buffers instead.
        block: the rows.
    """
    table = network.instructions
    for k in range(table.shape[0] - 1, -1, -1):
        if table[k, DY] == NOWHERE:
            return  # no parameters from here on
        call_backward(table[k, BACKWARD], (network, k, theta, gradient, block))

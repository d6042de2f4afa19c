"""Forward and backward through the instructions, for one block of rows.

What an operation does stands in its own file, in `operations/`; it is called by the address that
its instruction names, so only the operations that a network has need be compiled.

In training some instructions are meetings (`Meeting`): a batch normalization needs sums over the
rows of all blocks, and the threads share the product of a very large W. So there a pass runs in
stretches, from one meeting to the next. A block leaves its part at the end of one (`leaving`),
and the next one begins with what all of them came to.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import leaving, y_of
from hyalite.engines.compiled.kernels.decorators import ZERO, kernel
from hyalite.engines.compiled.kernels.signatures import call_backward, call_forward
from hyalite.engines.compiled.structs import (
    NOWHERE,
    Block,
    Column,
    Matrix,
    Meeting,
    NetworkTable,
    PartGradient,
    Vector,
)

FORWARD, BACKWARD = int(Column.FORWARD), int(Column.BACKWARD)
DY, MEETING, NONE = int(Column.DY), int(Column.MEETING), int(Meeting.NONE)


@kernel
def forward(network: NetworkTable, theta: Vector, block: Block) -> Matrix:
    """Run all instructions on the samples in the first's x; return the output (rows, outputs)."""
    table = network.instructions
    for k in range(table.shape[0]):
        call_forward(table[k, FORWARD], (network, k, theta, block))
    return y_of(table, table.shape[0] - 1, block, theta)


@kernel
def next_meeting(table: Matrix, k: int, back: bool) -> int:
    """The number of the first meeting behind instruction k, or of the last before it; where there
    is none, that of the instructions, or -1.
    """
    step = -1 if back else 1
    k += step
    while 0 <= k < table.shape[0] and table[k, MEETING] == NONE:
        k += step
    return k


@kernel
def forward_stretch(
    network: NetworkTable, theta: Vector, block: Block, first: int, meeting: int, sums: Vector
) -> None:
    """Instructions from `first` on to a meeting, where there is one; its sums are left."""
    table = network.instructions
    for k in range(max(ZERO, first), meeting):
        call_forward(table[k, FORWARD], (network, k, theta, block))
    if meeting < table.shape[0]:
        before = leaving(block, sums)
        call_forward(table[meeting, FORWARD], (network, meeting, theta, before))


@kernel
def backward_stretch(
    network: NetworkTable, theta: Vector, gradient: PartGradient, block: Block, last: int,
    meeting: int, sums: Vector,
) -> None:  # fmt: skip
    """From dL/d(output of the last instruction), in its dy, back to a meeting or to the first
    parameters.

    Args:
        network: what to do.
        theta: parameters.
        gradient: of this part of the batch; what belongs to it is written or added. A dense layer
            whose gradient is made by tiles leaves x and dy in the batch's buffers instead.
        block: the rows.
        last: the instruction to begin with.
        meeting: the one to which to go back, -1 where there is none.
        sums: for the block's at the meeting.
    """
    table = network.instructions
    for k in range(last, meeting, -1):
        if table[k, DY] == NOWHERE:
            return  # no parameters from here on
        call_backward(table[k, BACKWARD], (network, k, theta, gradient, block))
    if meeting >= 0:
        before = leaving(block, sums)
        call_backward(table[meeting, BACKWARD], (network, meeting, theta, gradient, before))

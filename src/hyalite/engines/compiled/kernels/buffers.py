"""Where a block of rows has its arrays: views by the places that the instructions name."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.decorators import inlined, kernel
from hyalite.engines.compiled.kernels.intrinsics import matrix_at, vector_at
from hyalite.engines.compiled.structs import (
    NOWHERE,
    BatchPartition,
    Block,
    Column,
    Matrix,
    Program,
    Vector,
)

INPUTS, OUTPUTS, X, Y, AUX = (
    int(column) for column in (Column.INPUTS, Column.OUTPUTS, Column.X, Column.Y, Column.AUX)
)
STD, DY, DX = int(Column.STD), int(Column.DY), int(Column.DX)


@kernel
def block_of(
    thread_buffers: Vector, batch_buffers: Vector, partition: BatchPartition, first: int, rows: int,
    seed: int, step: int,
) -> Block:  # fmt: skip
    """A block of rows of the batch; see `Block`."""
    return Block(
        thread_buffers, batch_buffers, partition.block_rows, partition.batch_size, first, rows,
        seed, step,
    )  # fmt: skip


@kernel
def view(block: Block, buffer: int, width: int) -> Matrix:
    """The block's rows of a buffer, (rows, width); no rows where it is nowhere."""
    if buffer == NOWHERE:
        return matrix_at(block.thread_buffers, 0, 0, width)
    if buffer >= 0:
        return matrix_at(block.thread_buffers, buffer * block.block_rows, block.rows, width)
    start = ~buffer * block.batch_size + block.first * width
    return matrix_at(block.batch_buffers, start, block.rows, width)


@inlined
def x_of(program: Program, k: int, block: Block) -> Matrix:
    """What instruction k takes, (rows, inputs)."""
    return view(block, program.instructions[k, X], program.instructions[k, INPUTS])


@inlined
def y_of(program: Program, k: int, block: Block) -> Matrix:
    """What it makes, (rows, outputs)."""
    return view(block, program.instructions[k, Y], program.instructions[k, OUTPUTS])


@inlined
def aux_of(program: Program, k: int, block: Block) -> Matrix:
    """What it keeps for its backward pass, (rows, outputs) or no rows."""
    return view(block, program.instructions[k, AUX], program.instructions[k, OUTPUTS])


@inlined
def dy_of(program: Program, k: int, block: Block) -> Matrix:
    """The derivative by what it makes, (rows, outputs)."""
    return view(block, program.instructions[k, DY], program.instructions[k, OUTPUTS])


@inlined
def std_of(program: Program, k: int, block: Block, size: int) -> Vector:
    """The standard deviations of a normalization."""
    return vector_at(block.thread_buffers, program.instructions[k, STD] * block.block_rows, size)

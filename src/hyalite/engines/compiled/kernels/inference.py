"""Forward passes without training: predictions, and losses of data."""

from __future__ import annotations

import numpy as np
from numba import carray

from hyalite.engines.compiled.kernels.buffers import block_of, dy_of, x_of
from hyalite.engines.compiled.kernels.decorators import ZERO, inlined
from hyalite.engines.compiled.kernels.elementwise import copy, is_finite, rescale
from hyalite.engines.compiled.kernels.intrinsics import pointer, vector_at
from hyalite.engines.compiled.kernels.losses import loss_and_gradient, predict
from hyalite.engines.compiled.kernels.passes import forward
from hyalite.engines.compiled.kernels.samples import gather
from hyalite.engines.compiled.kernels.synchronization import atomic_load
from hyalite.engines.compiled.kernels.unowned import (
    keep_alive,
    unowned,
    unowned_inference_memory,
    unowned_program,
    unowned_source,
)
from hyalite.engines.compiled.structs import (
    COLUMNS,
    BatchPartition,
    Control,
    InferenceMemory,
    Matrix,
    NetworkTable,
    PackedProgram,
    Program,
    Source,
    Vector,
)

STOP, UNKNOWN_CATEGORY = int(Control.STOP), int(Control.UNKNOWN_CATEGORY)
INSTRUCTIONS, COUNT, REALS, THETA, STATE, BUFFERS, GEMM = (int(entry) for entry in PackedProgram)


@inlined
def infer(
    thread: int, threads: int, control: Vector, program_: Program, partition: BatchPartition,
    memory_: InferenceMemory, source_: Source, measure: bool,
) -> None:  # fmt: skip
    """Take all samples through the network, a block at a time.

    Args:
        thread: number of this thread.
        threads: how many call.
        control: see `Control`.
        program_: what to compute.
        partition: a "batch" is all the samples.
        memory_: where; `block_sums` gets the sums of each block.
        source_: the samples; `predictions` is filled if it has rows.
        measure: whether there are targets to compare with.
    """
    program, source = unowned_program(program_), unowned_source(source_)
    memory = unowned_inference_memory(memory_)
    buffers, table = memory.thread_buffers[thread], program.network.instructions
    picked = source.orders[0] if source.orders.size else source.labels[:0]
    n = picked.size if picked.size else source.rows
    unknown = control.ctypes.data + UNKNOWN_CATEGORY * control.itemsize
    for number in range(thread, partition.blocks, threads):
        if atomic_load(control, STOP):
            return
        low, high = number * n // partition.blocks, (number + 1) * n // partition.blocks
        # nothing is kept for the whole batch, and nothing dropped
        block = block_of(
            buffers, buffers, memory.state, partition, low, high - low, ZERO, ZERO, unknown
        )  # fmt: skip
        x = x_of(table, ZERO, block, memory.theta)
        gather(program.network, source, picked, low, ZERO, x)
        out = forward(program.network, memory.theta, block)
        if measure:
            dy = dy_of(table, table.shape[0] - 1, block, memory.theta)
            loss, correct = loss_and_gradient(program.loss, source, picked, low, 0.0, out, dy)
            memory.block_sums[number, 0] = loss
            memory.block_sums[number, 1] = correct
        if source.predictions.shape[0]:
            predict(program.loss, out, source.predictions[low:high])


@inlined
def predict_few(packed: Vector, x: Matrix, y: Matrix) -> bool:
    """Predictions for a few rows, all in this thread.

    Args:
        packed: see `PackedProgram`: to take a program apart costs more than one row does.
        x: (rows, inputs), of the model's dtype.
        y: (rows, outputs) is filled.

    Returns:
        whether every number of x is finite, and every category has its row in an embedding; else
        y is not to be used.
    """
    if not is_finite(vector_at(x, 0, x.size)):
        return False
    rows, count = x.shape[0], packed[COUNT]
    table = carray(pointer(packed[INSTRUCTIONS]), (count, COLUMNS), np.int64)
    reals = carray(pointer(packed[REALS]), (count + 1, 2), np.float64)
    no_slices = carray(pointer(packed[INSTRUCTIONS]), (0,), np.int64)
    network = NetworkTable(
        table, reals, no_slices, False, reals[count, 0], reals[count, 1], packed[GEMM]
    )
    # sizes are not looked at: the offsets are those of the program
    theta = carray(pointer(packed[THETA]), (1,), x.dtype)
    state = carray(pointer(packed[STATE]), (1,), x.dtype)
    size = rows * packed[BUFFERS]
    memory = np.empty(size + 1, x.dtype)  # at the end a flag: see `Block.unknown`
    unknown = carray(pointer(memory.ctypes.data + size * x.itemsize), (1,), np.int32)
    unknown[0] = 0
    buffers = unowned(memory)
    partition = BatchPartition(rows, rows, rows, rows, rows)  # its rows alone count
    block = block_of(
        buffers, buffers, state, partition, ZERO, rows, ZERO, ZERO, unknown.ctypes.data
    )  # fmt: skip
    into = x_of(table, ZERO, block, theta)
    copy(x, into)
    rescale(into, network.scale, network.offset)
    copy(forward(network, theta, block), y)
    return unknown[0] == 0 and keep_alive(memory)

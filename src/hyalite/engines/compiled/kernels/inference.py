"""Forward passes without training: predictions, and losses of data."""

from __future__ import annotations

import numpy as np

from hyalite.engines.compiled.kernels.buffers import block_of, dy_of, x_of
from hyalite.engines.compiled.kernels.decorators import ZERO, kernel
from hyalite.engines.compiled.kernels.elementwise import copy, is_finite, rescale
from hyalite.engines.compiled.kernels.frames import WORD_BYTES, frame_at
from hyalite.engines.compiled.kernels.intrinsics import (
    FLUSH_DENORMALS,
    add_float_control,
    address_of,
    matrix_at,
    matrix_of,
    set_float_control,
    vector_at,
    vector_of,
)
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.kernels.passes import forward
from hyalite.engines.compiled.kernels.signatures import call_gather, call_loss, call_predictions
from hyalite.engines.compiled.kernels.synchronization import (
    atomic_add,
    atomic_load,
    atomic_replace,
    breathe,
    wait_until,
)
from hyalite.engines.compiled.structs import (
    BUSY,
    FREE,
    NOBODY,
    NONFINITE_SAMPLES,
    PLACE,
    Column,
    Control,
    FewRows,
    Inference,
    Real,
)

INPUTS, OUTPUTS, X = int(Column.INPUTS), int(Column.OUTPUTS), int(Column.X)
STOP, NEXT, DONE = int(Control.STOP), int(Control.NEXT), int(Control.DONE)
NONFINITE, UNKNOWN_CATEGORY = int(Control.NONFINITE), int(Control.UNKNOWN_CATEGORY)
# How often a helper looks for work before it leaves: 0.1 to 0.5 ms, which is longer than a program
# that predicts again and again does something else, and too short to warm a core.
MAX_LOOKS = 10_000


@kernel
def infer(thread: int, threads: int, address: int, zero: Real) -> None:
    """Take all samples through the network, a block at a time.

    Args:
        thread: number of this thread.
        threads: how many call; each takes the next block that is left.
        address: of a frame of `Inference`. A "batch" is all the samples; `block_sums` gets the sums
            of each block; the source's `predictions` is filled if it has rows.
        zero: of the model's dtype.
    """
    before = add_float_control(FLUSH_DENORMALS)
    call = frame_at(Inference, address, zero)
    asked, helpers = 0, address_of(call.helpers)
    for place in range(0, call.helpers.size, PLACE):
        asked += atomic_replace(helpers, place, FREE, address)
    _infer(call, thread)
    for place in range(0, call.helpers.size, PLACE):  # who has not begun need not
        asked -= atomic_replace(helpers, place, address, FREE)
    wait_until(address_of(call.control), DONE, asked)
    set_float_control(before)


@kernel
def help_infer(number: int, address: int, zero: Real) -> None:
    """Help those who call `infer` until for a while nobody has asked.

    The system takes 50 µs to wake a thread, a sixth of what 1,000 predictions of a small network
    take; one that still looks for work has it at once.

    Args:
        number: of the helper, counted from 1.
        address: of its place.
        zero: of the model's dtype.
    """
    before = add_float_control(FLUSH_DENORMALS)
    looks = 0
    while looks < MAX_LOOKS or not atomic_replace(address, 0, FREE, NOBODY):
        found = atomic_load(address, 0)
        if found > BUSY and atomic_replace(address, 0, found, BUSY):
            call = frame_at(Inference, found, zero)
            _infer(call, number)
            atomic_add(address_of(call.control), DONE, 1)
            atomic_replace(address, 0, BUSY, FREE)
            looks = 0
        else:
            looks += 1
            breathe()
    set_float_control(before)


@kernel
def _infer(call: Inference, thread: int) -> None:
    program, source, memory = call.program, call.source, call.memory
    network, partition, control = program.network, call.partition, address_of(call.control)
    buffers, table = memory.thread_buffers[thread], network.instructions
    picked = vector_at(source.orders, ZERO, source.orders.shape[1])
    n = picked.size if picked.size else source.rows
    unknown = control + UNKNOWN_CATEGORY * WORD_BYTES
    as_they_are = (
        table[0, X] < 0 and picked.size == 0 and network.scale == 1.0 and network.offset == 0.0
        and source.dtype == (1 if buffers.itemsize == 4 else 2)
    )  # fmt: skip
    # the caller's thread begins at once, others when the system has brought them to a core
    while not atomic_load(control, STOP):
        number = atomic_add(control, NEXT, 1)
        if number >= partition.blocks:
            return
        low, high = number * n // partition.blocks, (number + 1) * n // partition.blocks
        # nothing is kept for the whole batch, and nothing dropped; see `WHERE_THEY_LIE`
        start = low * source.width * buffers.itemsize
        samples = source.address if as_they_are else address_of(buffers) - start
        block = block_of(
            buffers, vector_of(samples, 1, buffers), memory.state, partition.block_rows,
            partition.batch_size, low, high - low, ZERO, ZERO, unknown,
        )  # fmt: skip
        if not as_they_are:
            x = x_of(table, ZERO, block, memory.theta)
            call_gather(network.functions.gather, (network, source, picked, low, ZERO, x))
        if call.check:
            x = x_of(table, ZERO, block, memory.theta)
            if not is_finite(vector_at(x, 0, x.size)):
                call.control[NONFINITE], call.control[STOP] = NONFINITE_SAMPLES, 1
                return
        out = forward(network, memory.theta, block)
        if call.measure:
            dy = dy_of(table, table.shape[0] - 1, block, memory.theta)
            call_loss(
                network.functions.loss,
                (program.loss, source, picked, low, 0.0, out, dy, memory.block_sums[number]),
            )
        if source.predictions.shape[0]:
            result = matrix_at(source.predictions, low * out.shape[1], high - low, out.shape[1])
            call_predictions(network.functions.predictions, (program.loss, out, result))


@kernel
def _data_of(array: int, head: int) -> int:
    """The address of an array's numbers, as NumPy's C interface (PyArray_DATA) reads it."""
    return vector_of(array + head, 1, ZERO)[0]


@kernel
def predict_few(address: int, rows: int, samples: int, outputs: int, zero: Real) -> None:
    """Predictions for a few rows, all in this thread.

    Args:
        address: of a frame of `FewRows`.
        rows: how many.
        samples: address of NumPy's object of them, (rows, inputs), of the model's dtype.
        outputs: the same of what is predicted, (rows, outputs). The first number is not one (NaN)
            where a sample's is not finite, or a category has no row in an embedding: then all is
            void.
        zero: of the model's dtype.
    """
    call = frame_at(FewRows, address, zero)
    network, table, theta = call.network, call.network.instructions, call.theta
    x = matrix_of(_data_of(samples, call.head), rows, table[0, INPUTS], zero)
    y = matrix_of(_data_of(outputs, call.head), rows, table[table.shape[0] - 1, OUTPUTS], zero)
    if not is_finite(vector_at(x, 0, x.size)):
        y[0, 0] = np.nan
        return
    size = rows * call.buffers
    memory = allocate((size + 1) * theta.itemsize)  # at the end a flag: see `Block.unknown`
    unknown = vector_of(memory + size * theta.itemsize, 1, np.int32(0))
    unknown[0] = 0
    buffers = vector_of(memory, size, zero)
    block = block_of(
        buffers, buffers, call.state, rows, rows, ZERO, rows, ZERO, ZERO, address_of(unknown)
    )  # its rows alone count
    into = x_of(table, ZERO, block, theta)
    copy(x, into)
    rescale(into, network.scale, network.offset)
    copy(forward(network, theta, block), y)
    if unknown[0]:
        y[0, 0] = np.nan
    release(memory)

"""Forward passes without training: predictions, and losses of data."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray

from hyalite.engines.compiled import atoms
from hyalite.engines.compiled.compiling import merged
from hyalite.engines.compiled.elementwise import copy, is_finite, rescale
from hyalite.engines.compiled.endings import end, predict
from hyalite.engines.compiled.passes import DY, INPUTS, OUTPUTS, X, block, forward, gather
from hyalite.engines.compiled.tables import Column, Cut, Packed, Program, Told
from hyalite.engines.compiled.training import bare, bare_program, bare_source

STOP, COLUMNS = int(Told.STOP), len(Column)
OPERATIONS, COUNT, REALS, THETA, STATE, BLOCK, BLAS = (int(entry) for entry in Packed)


@merged
def rows(
    thread: int, threads: int, told: Any, program_: Any, cut: Any, theta_: Any, state_: Any,
    arenas: Any, source_: Any, measure: bool, sums: Any,
) -> None:  # fmt: skip
    """Take all samples through the network, a block at a time.

    Args:
        thread: number of this thread.
        threads: how many call.
        told: see `tables.Told`.
        program_: what to compute.
        cut: a "batch" is all the samples.
        theta_: parameters.
        state_: running statistics.
        arenas: (threads, ...).
        source_: the samples; `predictions` is filled if it has rows.
        measure: whether there are targets to compare with.
        sums: (blocks, 2) gets Σ weight·loss, Σ count·hits.
    """
    program, source = bare_program(program_), bare_source(source_)
    theta, state, arena = bare(theta_), bare(state_), bare(arenas)[thread]
    table = program.operations
    last = table.shape[0] - 1
    picked = source.orders[0] if source.orders.size else source.labels[:0]
    n = picked.size if picked.size else source.rows
    for number in range(thread, cut.blocks, threads):
        if atoms.atomic_load(told, STOP):
            return
        low, high = number * n // cut.blocks, (number + 1) * n // cut.blocks
        count = high - low
        # nothing is kept for the whole batch, nothing dropped: place and counters do not matter
        x = block(arena, arena, table[0, X], cut, low, count, table[0, INPUTS])
        gather(program, source, picked, low, 0, x)
        out = forward(
            program, cut, theta, state, state, arena, arena, low, count, low, low, low, low
        )  # fmt: skip
        if measure:
            dy = block(arena, arena, table[last, DY], cut, low, count, table[last, OUTPUTS])
            loss, hits = end(program, source, picked, low, 0.0, out, dy)
            sums[number, 0] = loss
            sums[number, 1] = hits
        if source.predictions.shape[0]:
            predict(program, out, source.predictions[low:high])


@merged
def few(packed: Any, x: Any, y: Any) -> bool:
    """Predictions for a few rows, all in this thread.

    Args:
        packed: see `tables.Packed`: to take a program apart costs more than one row does.
        x: (rows, inputs), of the model's dtype.
        y: (rows, outputs) is filled.

    Returns:
        whether every number of x is finite; else y is not to be used.
    """
    if not is_finite(atoms.stretch(x, 0, x.size)):
        return False
    rows, count = x.shape[0], packed[COUNT]
    table = carray(atoms.pointer(packed[OPERATIONS]), (count, COLUMNS), np.int64)
    reals = carray(atoms.pointer(packed[REALS]), (count + 1, 2), np.float64)
    none = carray(atoms.pointer(packed[OPERATIONS]), (0, 0), np.int64)
    no_slices = carray(atoms.pointer(packed[OPERATIONS]), (0,), np.int64)
    unused = carray(atoms.pointer(packed[REALS]), (0, 0), np.float64)
    program = Program(
        table, reals, none, no_slices, none, unused, False, reals[count, 0], reals[count, 1], 0,
        False, 0.0, 0.0, 0, 0.0, packed[BLAS],
    )  # fmt: skip
    cut = Cut(rows, 1, 1, 1, rows)
    # sizes are not looked at: the places are those of the program
    theta = carray(atoms.pointer(packed[THETA]), (1,), x.dtype)
    state = carray(atoms.pointer(packed[STATE]), (1,), x.dtype)
    memory = np.empty(rows * packed[BLOCK], x.dtype)
    arena = bare(memory)
    into = block(arena, arena, table[0, X], cut, 0, rows, table[0, INPUTS])
    copy(x, into)
    rescale(into, program.scale, program.offset)
    out = forward(
        program, cut, theta, state, state, arena, arena, rows, rows, rows, rows, rows, rows
    )
    copy(out, y)
    return memory.size > 0  # true, and the memory is held until here

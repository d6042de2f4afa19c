"""Forward passes without training: predictions, and losses of data."""

from __future__ import annotations

from typing import Any

from hyalite.engines.compiled import atoms
from hyalite.engines.compiled.elementwise import merged
from hyalite.engines.compiled.endings import end, predict
from hyalite.engines.compiled.passes import DY, INPUTS, OUTPUTS, X, block, forward, gather
from hyalite.engines.compiled.tables import Told
from hyalite.engines.compiled.training import bare, bare_program, bare_source

STOP = int(Told.STOP)


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
        gather(program, source, picked, low, x)
        out = forward(
            program, cut, theta, state, state, arena, arena, low, count, low, low, low
        )  # fmt: skip
        if measure:
            dy = block(arena, arena, table[last, DY], cut, low, count, table[last, OUTPUTS])
            loss, hits = end(program, source, picked, low, 0.0, out, dy)
            sums[number, 0] = loss
            sums[number, 1] = hits
        if source.predictions.shape[0]:
            predict(program, out, source.predictions[low:high])

"""The training run: steps without return to Python, on as many threads as call it.

A step has two halves, and all threads wait for each other in between. First each takes its blocks
of rows through the network and back; then each takes its pieces of the parameter vector: their
gradient, penalty, clipping and update, while they are in its cache. Where the first layer is large,
its product comes before, by slices of the features. Who does what changes nothing in the results.
"""

from __future__ import annotations

import math
from typing import Any

from numba import carray

from hyalite.engines.compiled import atoms
from hyalite.engines.compiled.compiling import kernel, merged
from hyalite.engines.compiled.elementwise import is_finite, scale
from hyalite.engines.compiled.endings import end, predict
from hyalite.engines.compiled.passes import (
    BATCH_NORM,
    DY,
    INPUTS,
    OPERATION,
    OUTPUTS,
    STATE,
    X,
    backward,
    block,
    forward,
    forward_slice,
    gather,
    slice_of_x,
)
from hyalite.engines.compiled.product import product_of_flipped
from hyalite.engines.compiled.tables import Memory, Piece, Program, Source, Step, Told
from hyalite.engines.compiled.updates import (
    clip,
    penalize,
    square_sum,
    update,
)

TURN = Piece._fields.index("turn")
STOP, STEPS, AGREED, BAD = int(Told.STOP), int(Told.STEPS), int(Told.AGREED), int(Told.BAD)


@kernel
def bare(array: Any) -> Any:
    """The same array without an owner: threads that count references to one owner slow down."""
    return carray(atoms.pointer(array.ctypes.data), array.shape, array.dtype)


@kernel
def bare_program(p: Program) -> Program:
    """The same, of all arrays of a program."""
    return Program(
        bare(p.operations), bare(p.reals), bare(p.pieces), bare(p.slices), bare(p.penalties),
        bare(p.factors),
        p.training, p.scale, p.offset, p.ending, p.joined, p.smoothing, p.delta, p.hit, p.limit,
        p.blas,
    )  # fmt: skip


@kernel
def bare_source(s: Source) -> Source:
    """The same, of all arrays of the samples."""
    return Source(
        s.address, s.form, s.width, s.rows, bare(s.orders), bare(s.labels), bare(s.targets),
        bare(s.weight), bare(s.counts), bare(s.predictions),
    )  # fmt: skip


@kernel
def bare_memory(m: Memory) -> Memory:
    """The same, of all that the kernel writes."""
    return Memory(
        bare(m.theta), bare(m.grad), bare(m.state), bare(m.first), bare(m.second), bare(m.arenas),
        bare(m.whole), bare(m.parts), bare(m.moments), bare(m.block_sums), bare(m.piece_sums),
    )  # fmt: skip


@kernel
def bare_step(s: Step) -> Step:
    """The same, of the learning rates."""
    return Step(
        s.rule, s.beta_1, s.beta_2, s.epsilon, s.momentum, s.decay, s.clip_norm, s.clip_value,
        s.before, bare(s.rates),
    )  # fmt: skip


@merged
def blocks_of(
    program: Any, cut: Any, memory: Any, source: Any, thread: int, threads: int, told: Any,
    picked: Any, start: int, batch: int, seed: int, step: int,
) -> None:  # fmt: skip
    """The first half of a step: this thread's parts of the batch."""
    table = program.operations
    last = table.shape[0] - 1
    per_part, shards = cut.blocks // cut.shards, min(cut.shards, batch)
    arena = memory.arenas[thread]
    blocks = per_part * shards
    parts = min(cut.parts, blocks)
    for part in range(thread, cut.parts, threads):
        gradient = memory.parts[part]
        fresh = part >= 0  # true; the constant itself would be compiled as a type of its own
        if part < parts:
            for number in range(part * blocks // parts, (part + 1) * blocks // parts):
                low, high = number * batch // blocks, (number + 1) * batch // blocks
                memory.block_sums[number, 0] = 0.0
                memory.block_sums[number, 1] = 0.0
                if atoms.atomic_load(told, STOP):
                    # all threads must leave at one place: those who finish their blocks see this
                    atoms.atomic_add(told, AGREED, 1)
                    return
                if low == high:
                    continue
                rows = high - low
                if not program.slices.size:
                    x = block(arena, memory.whole, table[0, X], cut, low, rows, table[0, INPUTS])
                    gather(program, source, picked, start + low, 0, x)
                shard = number // per_part
                out = forward(
                    program, cut, memory.theta, memory.state, memory.moments[shard], arena,
                    memory.whole, low, rows, low, batch, seed, step,
                )  # fmt: skip
                dy = block(
                    arena, memory.whole, table[last, DY], cut, low, rows, table[last, OUTPUTS]
                )
                loss, hits = end(program, source, picked, start + low, float(batch), out, dy)
                memory.block_sums[number, 0] = loss
                memory.block_sums[number, 1] = hits
                if source.predictions.shape[0]:
                    predict(program, out, source.predictions[start + low : start + high])
                backward(
                    program, cut, memory.theta, gradient, fresh, arena, memory.whole, low, rows
                )
                fresh = False
        if fresh:
            gradient[:] = 0


@kernel
def gradient_of(program: Any, cut: Any, memory: Any, batch: int, piece: int) -> None:
    """Write the gradient of a piece of the parameter vector, summed over the batch."""
    low, high, k, at, turn = program.pieces[piece]
    grad = atoms.stretch(memory.grad, low, high - low)
    if k < 0:
        for part in range(cut.parts):
            more = atoms.stretch(memory.parts[part], at, high - low)
            for i in range(grad.size):
                grad[i] = grad[i] + more[i] if part else more[i]
        return
    table = program.operations
    inputs, outputs = table[k, INPUTS], table[k, OUTPUTS]
    shards = min(cut.shards, batch)
    tile = atoms.matrix(memory.grad, low, (high - low) // outputs, outputs)
    for shard in range(shards):
        begin, stop = shard * batch // shards, (shard + 1) * batch // shards
        count = stop - begin
        if k == 0 and program.slices.size:
            part = slice_of_x(program, cut, memory.whole, batch, turn)
            x = atoms.matrix(part, begin * part.shape[1], count, part.shape[1])
        else:
            x = block(memory.whole, memory.whole, table[k, X], cut, begin, count, inputs)
        dy = block(memory.whole, memory.whole, table[k, DY], cut, begin, count, outputs)
        product_of_flipped(program.blas, x, at, dy, tile, shard > 0)


@kernel
def move(step: Any, number: int, memory: Any, low: int, high: int) -> None:
    """The optimizer's step for a piece of the parameter vector."""
    first = memory.first[low:high] if memory.first.size else memory.first
    second = memory.second[low:high] if memory.second.size else memory.second
    update(step, number, memory.theta[low:high], memory.grad[low:high], first, second)


@kernel
def follow(program: Any, cut: Any, memory: Any, batch: int) -> None:
    """Running statistics of batch normalization, shard after shard."""
    table = program.operations
    T = memory.state.dtype.type
    for k in range(table.shape[0]):
        if table[k, OPERATION] == BATCH_NORM:
            m, rest = T(program.reals[k, 1]), T(1 - program.reals[k, 1])
            for shard in range(min(cut.shards, batch)):
                for i in range(table[k, STATE], table[k, STATE] + 2 * table[k, OUTPUTS]):
                    memory.state[i] = m * memory.state[i] + rest * memory.moments[shard, i]


@merged
def steps(
    thread: int, threads: int, gate: Any, told: Any, program_: Any, cut: Any, memory_: Any,
    source_: Any, step_: Any, begin: int, stop: int, epoch_steps: int, seed: int, clock: int,
    sums: Any,
) -> None:  # fmt: skip
    """Steps begin..stop-1 of a run of epochs.

    Args:
        thread: number of this thread.
        threads: how many call.
        gate: where they wait for each other.
        told: see `tables.Told`.
        program_: what to compute.
        cut: how the batch is cut.
        memory_: where.
        source_: the samples; `orders` begins with the epoch of step 0.
        step_: of the optimizer; `rates` begins with step `begin`.
        begin: number of the first step.
        stop: number after the last.
        epoch_steps: steps in an epoch.
        seed: of the dropout masks.
        clock: the network's count of steps at `begin`.
        sums: (epochs, 3) gets Σ weight·loss, Σ count·hits, Σ rows·penalty.
    """
    program, memory, source = bare_program(program_), bare_memory(memory_), bare_source(source_)
    step = bare_step(step_)
    table = program.operations
    normalizes = False
    for k in range(table.shape[0]):
        normalizes |= table[k, OPERATION] == BATCH_NORM
    pieces = program.pieces.shape[0]
    n = source.orders.shape[1] if source.orders.size else source.rows
    for now in range(begin, stop):
        number, epoch = now - begin, now // epoch_steps
        start = now % epoch_steps * cut.batch_size
        batch = min(cut.batch_size, n - start)
        picked = (
            source.orders[epoch % max(1, source.orders.shape[0])]
            if source.orders.size
            else (source.labels[:0])
        )
        if program.slices.size:
            for own in range(thread, program.slices.size - 1, threads):
                forward_slice(
                    program, cut, memory.theta, memory.whole, source, picked, start, batch, own
                )
            atoms.wait_for_all(gate, threads)
        blocks_of(
            program, cut, memory, source, thread, threads, told, picked, start, batch, seed,
            clock + number,
        )  # fmt: skip
        atoms.wait_for_all(gate, threads)
        if atoms.atomic_load(told, AGREED) or atoms.atomic_load(told, BAD):
            return
        blocks = cut.blocks // cut.shards * min(cut.shards, batch)
        loss, hits = 0.0, 0.0
        for i in range(blocks):
            loss += memory.block_sums[i, 0]
            hits += memory.block_sums[i, 1]
        if not math.isfinite(loss):
            if thread == 0:
                atoms.atomic_add(told, BAD, 1)
            return
        for piece in range(pieces):
            if program.pieces[piece, TURN] % threads != thread:
                continue
            low, high = program.pieces[piece, 0], program.pieces[piece, 1]
            gradient_of(program, cut, memory, batch, piece)
            grad = memory.grad[low:high]
            penalty = 0.0
            for i in range(program.penalties.shape[0]):
                a, b = max(low, program.penalties[i, 0]), min(high, program.penalties[i, 1])
                if a < b:
                    penalty += penalize(
                        memory.theta[a:b], memory.grad[a:b], program.factors[i, 0],
                        program.factors[i, 1],
                    )  # fmt: skip
            memory.piece_sums[piece, 0] = penalty
            if step.clip_value:
                clip(grad, step.clip_value)
            if step.clip_norm:
                memory.piece_sums[piece, 1] = square_sum(grad)
            else:
                move(step, number, memory, low, high)
        if step.clip_norm:
            atoms.wait_for_all(gate, threads)
            square = 0.0
            for piece in range(pieces):
                square += memory.piece_sums[piece, 1]
            norm = math.sqrt(square)
            for piece in range(pieces):
                if program.pieces[piece, TURN] % threads != thread:
                    continue
                low, high = program.pieces[piece, 0], program.pieces[piece, 1]
                if norm > step.clip_norm:
                    scale(memory.grad[low:high], step.clip_norm / norm)
                move(step, number, memory, low, high)
        if thread == 0:
            sums[epoch, 0] += loss
            sums[epoch, 1] += hits
            if normalizes:
                follow(program, cut, memory, batch)
        atoms.wait_for_all(gate, threads)
        # From here to the next wait the others only read what thread 0 does not write.
        if thread == 0:
            for piece in range(pieces):
                sums[epoch, 2] += batch * memory.piece_sums[piece, 0]
            atoms.atomic_add(told, STEPS, 1)
            if (now + 1) % epoch_steps == 0 and not is_finite(memory.theta):
                atoms.atomic_add(told, BAD, 2)

"""The training run: steps without return to Python, on as many threads as call it.

A step has two halves, and all threads wait for each other in between:

- `compute_gradients`: each thread takes its blocks of rows forward and backward through the
  network. What it leaves are gradients of parts of the batch, and the x and dy of large layers.
- `apply_update`: each thread takes its tiles of the parameter vector: their gradient, penalty,
  clipping and step, while they are in its cache.

Where the first layer is large, its product comes before, by slices of the features. Who does what
changes nothing in the results.

The seam lies after `tile_gradient`: from there on nothing reads the batch. Who wants the gradient
summed over several machines calls it for all tiles, sums `memory.grad`, and goes on with
`penalize_and_clip_tile` and `step_tile`; in one process the three are one loop.
"""

from __future__ import annotations

import math

from hyalite.engines.compiled.kernels.buffers import block_of, dy_of, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ONE, ZERO, inlined, kernel
from hyalite.engines.compiled.kernels.elementwise import is_finite, scale
from hyalite.engines.compiled.kernels.frames import tuple_at
from hyalite.engines.compiled.kernels.intrinsics import (
    FLUSH_DENORMALS,
    add_float_control,
    set_float_control,
    vector_at,
    vector_of,
)
from hyalite.engines.compiled.kernels.operations.batch_normalization import (
    join_sums,
    update_running_statistics,
)
from hyalite.engines.compiled.kernels.operations.dropout import set_drop_rates
from hyalite.engines.compiled.kernels.optimizers import clip, penalize, square_sum
from hyalite.engines.compiled.kernels.passes import (
    backward_stretch,
    forward_stretch,
    next_meeting,
)
from hyalite.engines.compiled.kernels.signatures import (
    call_gather,
    call_loss,
    call_optimizer,
    call_predictions,
    call_slice_forward,
    call_tile_gradient,
)
from hyalite.engines.compiled.kernels.synchronization import atomic_add, atomic_load, wait_for_all
from hyalite.engines.compiled.structs import (
    NONFINITE_LOSS,
    NONFINITE_PARAMETERS,
    NOWHERE,
    Batch,
    BatchPartition,
    Block,
    Column,
    Control,
    Matrix,
    Memory,
    OptimizerStep,
    PartGradient,
    Program,
    Real,
    Source,
    Team,
    Tile,
    Training,
    UpdateTable,
)

LOW, HIGH, INSTRUCTION, AT, OWNER = range(len(Tile._fields))
DY = int(Column.DY)
STOP, STEPS = int(Control.STOP), int(Control.STEPS)
STOPPED, NONFINITE = int(Control.STOPPED), int(Control.NONFINITE)
UNKNOWN_CATEGORY = int(Control.UNKNOWN_CATEGORY)


@kernel
def train(thread: int, threads: int, address: int, zero: Real) -> None:
    """Some steps of a run of epochs.

    Args:
        thread: number of this thread.
        threads: how many call.
        address: of a frame of `Training`. Of its memory `epoch_sums` gets the sums of each epoch;
            the source's `orders` begins with the epoch of step 0, `learning_rates` with the first
            step of the call.
        zero: of the model's dtype.
    """
    before = add_float_control(FLUSH_DENORMALS)
    _train(tuple_at(Training, address, zero), thread, threads)
    set_float_control(before)


@kernel
def _train(call: Training, thread: int, threads: int) -> None:
    program, partition, memory, source = call.program, call.partition, call.memory, call.source
    step, steps = call.step, call.steps
    team = Team(thread, threads, call.gate, call.control)
    n = source.orders.shape[1] if source.orders.size else source.rows
    for now in range(steps.begin, steps.stop):
        number, epoch = now - steps.begin, now // steps.epoch_steps
        start = now % steps.epoch_steps * partition.batch_size
        picked = (
            source.orders[epoch % max(1, source.orders.shape[0])]
            if source.orders.size
            else source.labels[:0]
        )
        rows = min(partition.batch_size, n - start)
        batch = Batch(picked, start, rows, steps.seed, steps.clock + number)

        if steps.drop_places.size:
            set_drop_rates(program.network, steps, number)
        compute_gradients(program, partition, memory, source, batch, team)
        wait_for_all(team.gate, team.threads)
        if atomic_load(team.control, STOPPED) or atomic_load(team.control, NONFINITE):
            return
        if atomic_load(team.control, UNKNOWN_CATEGORY):
            return
        loss, correct = 0.0, 0.0
        for i in range(partition.blocks // partition.shards * min(partition.shards, rows)):
            loss += memory.block_sums[i, 0]
            correct += memory.block_sums[i, 1]
        if not math.isfinite(loss):
            if team.thread == 0:
                atomic_add(team.control, NONFINITE, NONFINITE_LOSS)
            return
        last = now + 1 == steps.stop
        apply_update(program, partition, memory, rows, step, number, last, team)
        if team.thread == 0:
            memory.epoch_sums[epoch, 0] += loss
            memory.epoch_sums[epoch, 1] += correct
            update_running_statistics(program.network, partition, memory, rows)
        wait_for_all(team.gate, team.threads)

        # From here to the next wait the others only read what thread 0 does not write.
        if team.thread == 0:
            for tile in range(program.update.tiles.shape[0]):
                memory.epoch_sums[epoch, 2] += rows * memory.tile_sums[tile, 0]
            atomic_add(team.control, STEPS, 1)
            if (now + 1) % steps.epoch_steps == 0 and not is_finite(memory.theta):
                atomic_add(team.control, NONFINITE, NONFINITE_PARAMETERS)


# The first half ---------------------------------------------------------------------------------


@inlined
def compute_gradients(
    program: Program, partition: BatchPartition, memory: Memory, source: Source, batch: Batch,
    team: Team,
) -> None:  # fmt: skip
    """The parts of the batch that are this thread's, forward and backward, from one meeting of all
    blocks to the next; see `passes`.
    """
    if program.network.feature_slices.size:
        for own in range(team.thread, program.network.feature_slices.size - 1, team.threads):
            call_slice_forward(
                program.network.functions.slice_forward,
                (program.network, partition, memory, source, batch, own),
            )
        wait_for_all(team.gate, team.threads)
    table = program.network.instructions
    meeting, back = -ONE, False  # the stretch begins with it
    while True:
        following = next_meeting(table, meeting, back)
        for part in range(team.thread, partition.parts, team.threads):
            _stretch_of_part(
                program, partition, memory, source, batch, team, part, meeting, following, back
            )
        if back or following < table.shape[0]:
            meeting = following
        else:
            back = True
        if back and not _wants_dx(table, meeting):
            return
        wait_for_all(team.gate, team.threads)
        # Only the first stretch looks whether to stop, so all threads see the same here.
        if atomic_load(team.control, STOPPED):
            return
        join_sums(program.network, meeting, partition, memory, batch.rows, team.thread, back)


@inlined
def _wants_dx(table: Matrix, k: int) -> bool:
    """Whether anything before instruction k has parameters."""
    return k > 0 and table[k - 1, DY] != NOWHERE


@inlined
def _stretch_of_part(
    program: Program, partition: BatchPartition, memory: Memory, source: Source, batch: Batch,
    team: Team, part: int, meeting: int, following: int, back: bool,
) -> None:  # fmt: skip
    """The blocks of a part from one meeting to the following one, or to the end and back again."""
    per_shard, shards = partition.blocks // partition.shards, min(partition.shards, batch.rows)
    blocks = per_shard * shards
    parts = min(partition.parts, blocks)
    table, functions = program.network.instructions, program.network.functions
    values, end = memory.part_gradients[part], table.shape[0]
    half = memory.block_moments.shape[1] // 2
    written = 0  # blocks
    low_block = part * blocks // parts if part < parts else 0
    high_block = (part + 1) * blocks // parts if part < parts else 0
    for number in range(low_block, high_block):
        if meeting < 0:
            memory.block_sums[number, 0] = 0.0
            memory.block_sums[number, 1] = 0.0
            if atomic_load(team.control, STOP):
                # all threads must leave at one place: those who finish their blocks see this
                atomic_add(team.control, STOPPED, 1)
                return
        low, high = number * batch.rows // blocks, (number + 1) * batch.rows // blocks
        if low == high:
            continue
        shard = number // per_shard
        block = block_of(
            memory.thread_buffers[number if partition.own_buffers else team.thread],
            memory.batch_buffers, memory.moments[team.thread * partition.shards + shard], partition,
            low, high - low, batch.seed, batch.step,
            team.control.ctypes.data + UNKNOWN_CATEGORY * team.control.itemsize,
        )  # fmt: skip
        sums = memory.block_moments[number]
        last, before = meeting, following
        if not back:
            if meeting < 0 and not program.network.feature_slices.size:
                x = x_of(table, ZERO, block, memory.theta)
                call_gather(
                    functions.gather,
                    (program.network, source, batch.picked, batch.start + low, ZERO, x),
                )
            forward_stretch(program.network, memory.theta, block, meeting, following, sums)
            if following < end:
                continue
            _loss_of_block(program, memory, source, batch, block, number)
            last, before = end - 1, meeting
        gradient = PartGradient(values, written == 0)
        behind = vector_at(sums, half, half)
        backward_stretch(program.network, memory.theta, gradient, block, last, before, behind)
        written += 1
    if written == 0 and (back or following == end):
        values[:] = 0


@inlined
def _loss_of_block(
    program: Program, memory: Memory, source: Source, batch: Batch, block: Block, number: int
) -> None:
    """Its sums, the derivative in the last dy, and predictions where they are wanted."""
    table, functions = program.network.instructions, program.network.functions
    out = y_of(table, table.shape[0] - 1, block, memory.theta)
    dy = dy_of(table, table.shape[0] - 1, block, memory.theta)
    first = batch.start + block.first
    call_loss(
        functions.loss,
        (
            program.loss, source, batch.picked, first, float(batch.rows), out, dy,
            memory.block_sums[number],
        ),
    )  # fmt: skip
    if source.predictions.shape[0]:
        result = source.predictions[first : first + block.rows]
        call_predictions(functions.predictions, (program.loss, out, result))


# The second half --------------------------------------------------------------------------------


@inlined
def apply_update(
    program: Program, partition: BatchPartition, memory: Memory, rows: int, step: OptimizerStep,
    number: int, last: bool, team: Team,
) -> None:  # fmt: skip
    """The tiles that are this thread's; `number` counts the steps of the call, of which this may be
    the last, whose gradient can be looked at.
    """
    for tile in range(program.update.tiles.shape[0]):
        if program.update.tiles[tile, OWNER] % team.threads == team.thread:
            own = memory
            if not (last or step.clip_norm):
                own = _with_gradient_in_cache(memory, team.thread, program.update.tiles[tile, LOW])
            tile_gradient(program, partition, own, rows, tile)
            penalize_and_clip_tile(program.update, own, step, tile)
            if not step.clip_norm:
                step_tile(program, own, step, number, tile, 1.0)
    if step.clip_norm:
        wait_for_all(team.gate, team.threads)
        square = 0.0
        for tile in range(program.update.tiles.shape[0]):
            square += memory.tile_sums[tile, 1]
        norm = math.sqrt(square)
        shrink = step.clip_norm / norm if norm > step.clip_norm else 1.0
        for tile in range(program.update.tiles.shape[0]):
            if program.update.tiles[tile, OWNER] % team.threads == team.thread:
                step_tile(program, memory, step, number, tile, shrink)


@inlined
def _with_gradient_in_cache(memory: Memory, thread: int, low: int) -> Memory:
    """The same, with a gradient whose entries from `low` on lie in the thread's buffer, tile after
    tile in the same place: the whole of a large network's gradient would go through all caches.
    """
    buffer = memory.thread_buffers[thread]
    grad = vector_of(buffer.ctypes.data - low * buffer.itemsize, low + buffer.size, buffer[0])
    return Memory(
        memory.theta, grad, memory.state, memory.first_slot, memory.second_slot,
        memory.thread_buffers, memory.batch_buffers, memory.part_gradients, memory.moments,
        memory.block_moments, memory.block_sums, memory.tile_sums, memory.epoch_sums,
    )  # fmt: skip


@inlined
def tile_gradient(
    program: Program, partition: BatchPartition, memory: Memory, rows: int, tile: int
) -> None:
    """Write a tile of `memory.grad`: the gradient of the mean loss of the whole batch."""
    if program.update.tiles[tile, INSTRUCTION] >= 0:
        call_tile_gradient(
            program.network.functions.tile_gradient,
            (program.network, program.update.tiles, partition, memory, rows, tile),
        )
    else:
        sum_of_parts(program.update.tiles, partition, memory, tile)


@kernel
def sum_of_parts(tiles: Matrix, partition: BatchPartition, memory: Memory, tile: int) -> None:
    """The gradients of the parts of a batch, added up in their order."""
    low, high, at = tiles[tile, LOW], tiles[tile, HIGH], tiles[tile, AT]
    grad = vector_at(memory.grad, low, high - low)
    for part in range(partition.parts):
        more = vector_at(memory.part_gradients[part], at, high - low)
        for i in range(grad.size):
            grad[i] = grad[i] + more[i] if part else more[i]


@inlined
def penalize_and_clip_tile(
    update: UpdateTable, memory: Memory, step: OptimizerStep, tile: int
) -> None:
    """Add the penalties' gradient and limit every entry; notes the penalty and Σ gradient²."""
    low, high = update.tiles[tile, LOW], update.tiles[tile, HIGH]
    penalty = 0.0
    for i in range(update.penalty_ranges.shape[0]):
        a = max(low, update.penalty_ranges[i, 0])
        b = min(high, update.penalty_ranges[i, 1])
        if a < b:
            l1, l2 = update.penalty_factors[i, 0], update.penalty_factors[i, 1]
            penalty += penalize(memory.theta[a:b], memory.grad[a:b], l1, l2)
    memory.tile_sums[tile, 0] = penalty
    if step.clip_value:
        clip(memory.grad[low:high], step.clip_value)
    if step.clip_norm:
        memory.tile_sums[tile, 1] = square_sum(memory.grad[low:high])


@kernel
def step_tile(
    program: Program, memory: Memory, step: OptimizerStep, number: int, tile: int, shrink: float
) -> None:
    """The optimizer's step for a tile, of its gradient times `shrink`."""
    tiles, ranges, factors = program.update.tiles, step.segment_ranges, step.segment_factors
    low, high = tiles[tile, LOW], tiles[tile, HIGH]
    if shrink != 1.0:
        scale(memory.grad[low:high], shrink)
    for segment in range(ranges.shape[0]):
        a, b = max(low, ranges[segment, 0]), min(high, ranges[segment, 1])
        if a < b:
            first = memory.first_slot[a:b] if memory.first_slot.size else memory.first_slot
            second = memory.second_slot[a:b] if memory.second_slot.size else memory.second_slot
            rate = step.learning_rates[number] * factors[segment, 0]
            weight_decay = factors[segment, 1] * step.weight_decays[number]
            call_optimizer(
                program.network.functions.optimizer,
                (
                    step, rate, weight_decay, number, memory.theta[a:b], memory.grad[a:b], first,
                    second,
                ),
            )  # fmt: skip

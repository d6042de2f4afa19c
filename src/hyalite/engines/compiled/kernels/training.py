"""The training run: steps without return to Python, on as many threads as call it.

A step has two halves, and all threads wait for each other in between:

- `compute_gradients`: each thread takes blocks of rows forward and backward through the
  network. What it leaves are gradients of parts of the batch, and the x and dy of large layers.
- `apply_update`: each thread takes tiles of the parameter vector: their gradient, penalty,
  clipping and step, while they are in its cache.

Where the first layer is large, its product comes before, by slices of the features. A thread that
is done with its own pieces takes those that another has not begun (`synchronization.takes`): cores
are not equally fast, nor all there for this program. Who does what changes nothing in the results.

The seam lies after `add_shards`: from there on nothing reads the batch. Workers that share a batch
end there, each with the sums over its own shards, exchange them (`hyalite.workers`), and go on from
the gradient of the whole batch; in one process both halves are one loop.
"""

from __future__ import annotations

import math

from hyalite.engines.compiled.kernels.buffers import block_of, dy_of, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ONE, ZERO, kernel
from hyalite.engines.compiled.kernels.elementwise import is_finite
from hyalite.engines.compiled.kernels.frames import WORD_BYTES, frame_at
from hyalite.engines.compiled.kernels.intrinsics import (
    FLUSH_DENORMALS,
    add_float_control,
    address_of,
    matrix_at,
    set_float_control,
    vector_at,
)
from hyalite.engines.compiled.kernels.passes import (
    backward_stretch,
    forward_stretch,
    next_meeting,
)
from hyalite.engines.compiled.kernels.pictures import fill
from hyalite.engines.compiled.kernels.shard_sums import sum_nodes
from hyalite.engines.compiled.kernels.signatures import (
    call_follow_moments,
    call_gather,
    call_join_sums,
    call_loss,
    call_predictions,
    call_set_drop_rates,
    call_shared_product,
    call_slice_forward,
)
from hyalite.engines.compiled.kernels.synchronization import (
    OTHERS,
    OWN,
    atomic_add,
    atomic_load,
    takes,
    wait_for_all,
)
from hyalite.engines.compiled.kernels.tile_update import apply_update
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
    Meeting,
    Memory,
    PartGradient,
    Phase,
    Program,
    Real,
    Source,
    Team,
    Training,
)

DY, MEETING, PRODUCT = int(Column.DY), int(Column.MEETING), int(Meeting.PRODUCT)
STOP, STEPS = int(Control.STOP), int(Control.STEPS)
STOPPED, NONFINITE = int(Control.STOPPED), int(Control.NONFINITE)
UNKNOWN_CATEGORY = int(Control.UNKNOWN_CATEGORY)
GRADIENT, UPDATE = int(Phase.GRADIENT), int(Phase.UPDATE)


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
    _train(frame_at(Training, address, zero), thread, threads)
    set_float_control(before)


@kernel
def _train(call: Training, thread: int, threads: int) -> None:
    program, partition, memory, source = call.program, call.partition, call.memory, call.source
    functions, step, steps, share = program.network.functions, call.step, call.steps, call.share
    team = Team(
        thread, threads, address_of(call.gate), address_of(call.control), address_of(call.claims)
    )
    orders, block_sums, epoch_sums = source.orders, memory.block_sums, memory.epoch_sums
    n = orders.shape[1] if orders.size else source.rows
    for now in range(steps.begin, steps.stop):
        number, epoch = now - steps.begin, now // steps.epoch_steps
        start = now % steps.epoch_steps * partition.batch_size
        order = epoch % max(1, orders.shape[0]) * orders.shape[1]
        picked = vector_at(orders, order, orders.shape[1])
        rows = min(partition.batch_size, n - start)
        shards = min(partition.shards, rows)
        first, stop = min(share.first, shards), min(share.stop, shards)
        batch = Batch(
            picked, start, rows, first * rows // shards, stop * rows // shards, steps.seed,
            steps.clock + number,
        )  # fmt: skip

        if steps.drop_places.size:
            call_set_drop_rates(functions.set_drop_rates, (program.network, steps, number))
        if share.phase != UPDATE:
            compute_gradients(program, partition, memory, source, batch, first, stop, team)
        wait_for_all(team.gate, team.threads)
        if atomic_load(team.control, STOPPED) or atomic_load(team.control, NONFINITE):
            return
        if atomic_load(team.control, UNKNOWN_CATEGORY):
            return
        if share.phase == GRADIENT:
            sum_nodes(program, partition, memory, share, rows, team)
            return
        loss, correct = 0.0, 0.0
        for i in range(partition.blocks // partition.shards * shards):
            loss += block_sums[i, 0]
            correct += block_sums[i, 1]
        if not math.isfinite(loss):
            if team.thread == 0:
                atomic_add(team.control, NONFINITE, NONFINITE_LOSS)
            return
        last = now + 1 == steps.stop
        ready = share.phase == UPDATE
        apply_update(program, partition, memory, rows, step, number, last, ready, team)
        if team.thread == 0:
            epoch_sums[epoch, 0] += loss
            epoch_sums[epoch, 1] += correct
            if functions.follow_moments:
                call_follow_moments(
                    functions.follow_moments, (program.network, partition, memory, rows)
                )
        wait_for_all(team.gate, team.threads)

        # From here to the next wait the others only read what thread 0 does not write.
        if team.thread == 0:
            for tile in range(program.update.tiles.shape[0]):
                epoch_sums[epoch, 2] += rows * memory.tile_sums[tile, 0]
            atomic_add(team.control, STEPS, 1)
            if (now + 1) % steps.epoch_steps == 0 and not is_finite(memory.theta):
                atomic_add(team.control, NONFINITE, NONFINITE_PARAMETERS)


@kernel
def compute_gradients(
    program: Program, partition: BatchPartition, memory: Memory, source: Source, batch: Batch,
    first: int, stop: int, team: Team,
) -> None:  # fmt: skip
    """The parts of the shards first..stop-1 that this thread takes, forward and backward, from one
    meeting of all blocks to the next; see `passes`.
    """
    if program.network.feature_slices.size:
        for turn in (OWN, OTHERS):
            for number in range(program.network.feature_slices.size - 1):
                if takes(team, turn, number, number):
                    call_slice_forward(
                        program.network.functions.slice_forward,
                        (program.network, partition, memory, source, batch, number),
                    )
        wait_for_all(team.gate, team.threads)
    table = program.network.instructions
    parts = partition.parts // partition.shards  # of a shard
    meeting, back = -ONE, False  # the stretch begins with it
    while True:
        following = next_meeting(table, meeting, back)
        for turn in (OWN, OTHERS):
            for part in range(parts * first, parts * stop):
                if takes(team, turn, part, part):
                    _stretch_of_part(
                        program, partition, memory, source, batch, team, part, meeting, following,
                        back,
                    )  # fmt: skip
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
        if table[meeting, MEETING] == PRODUCT:
            call_shared_product(
                program.network.functions.shared_product,
                (program.network, meeting, partition, memory, batch, team, back),
            )
            wait_for_all(team.gate, team.threads)
        else:
            call_join_sums(
                program.network.functions.join_sums,
                (
                    program.network, meeting, partition, memory, batch.rows, first, stop,
                    team.thread, back,
                ),
            )  # fmt: skip


@kernel
def _wants_dx(table: Matrix, k: int) -> bool:
    """Whether anything before instruction k has parameters."""
    return k > 0 and table[k - 1, DY] != NOWHERE


@kernel
def _stretch_of_part(
    program: Program, partition: BatchPartition, memory: Memory, source: Source, batch: Batch,
    team: Team, part: int, meeting: int, following: int, back: bool,
) -> None:  # fmt: skip
    """The blocks of a part from one meeting to the following one, or to the end and back again."""
    # of a shard
    per_shard, parts = partition.blocks // partition.shards, partition.parts // partition.shards
    blocks = per_shard * min(partition.shards, batch.rows)
    table, functions = program.network.instructions, program.network.functions
    values, end = memory.part_gradients[part], table.shape[0]
    half = memory.block_moments.shape[1] // 2
    written = 0  # blocks
    for number in range(part * per_shard // parts, (part + 1) * per_shard // parts):
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
            memory.batch_buffers, memory.moments[team.thread * partition.shards + shard],
            partition.block_rows, partition.batch_size, low, high - low, batch.seed, batch.step,
            team.control + UNKNOWN_CATEGORY * WORD_BYTES,
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
        fill(values, 0.0)


@kernel
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
        width = out.shape[1]
        result = matrix_at(source.predictions, first * width, block.rows, width)
        call_predictions(functions.predictions, (program.loss, out, result))

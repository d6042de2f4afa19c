"""The second half of a step: tile by tile of the parameters gradient, penalty, clipping, step.

A thread takes tiles one by one, so that all of it happens while the tile is in its cache.
"""

from __future__ import annotations

import math

from hyalite.engines.compiled.kernels.decorators import ZERO, kernel
from hyalite.engines.compiled.kernels.elementwise import scale
from hyalite.engines.compiled.kernels.intrinsics import vector_at
from hyalite.engines.compiled.kernels.optimizers import clip, penalize, square_sum
from hyalite.engines.compiled.kernels.shard_sums import HIGH, LOW, OWNER, add_shards
from hyalite.engines.compiled.kernels.signatures import call_optimizer
from hyalite.engines.compiled.kernels.synchronization import OTHERS, OWN, takes, wait_for_all
from hyalite.engines.compiled.structs import (
    BatchPartition,
    Memory,
    OptimizerStep,
    Program,
    Team,
    UpdateTable,
    Vector,
)


@kernel
def apply_update(
    program: Program, partition: BatchPartition, memory: Memory, rows: int, step: OptimizerStep,
    number: int, last: bool, ready: bool, team: Team,
) -> None:  # fmt: skip
    """The tiles that this thread takes; `number` counts the steps of the call, of which this may be
    the last, whose gradient can be looked at. It may be `ready`, in its place.
    """
    tiles, shards = program.update.tiles, min(partition.shards, rows)
    for turn in (OWN, OTHERS):
        for tile in range(tiles.shape[0]):
            if not takes(team, turn, tile, tiles[tile, OWNER]):
                continue
            low, size = tiles[tile, LOW], tiles[tile, HIGH] - tiles[tile, LOW]
            grad = vector_at(memory.grad, low, size)
            if not (ready or last or step.clip_norm):
                # tile after tile in the same place: all of a large network's would go through all
                # caches
                grad = vector_at(memory.thread_buffers[team.thread], ZERO, size)
            if not ready:
                add_shards(program, partition, memory, rows, tile, ZERO, shards, team.thread, grad)
            _penalize_and_clip(program.update, memory, step, tile, grad)
            if not step.clip_norm:
                _step_tile(program, memory, step, number, tile, grad)
    if step.clip_norm:
        wait_for_all(team.gate, team.threads)
        square = 0.0
        for tile in range(tiles.shape[0]):
            square += memory.tile_sums[tile, 1]
        norm = math.sqrt(square)
        for turn in (OWN, OTHERS):
            for tile in range(tiles.shape[0]):
                if takes(team, turn, tile, tiles[tile, OWNER]):
                    low, size = tiles[tile, LOW], tiles[tile, HIGH] - tiles[tile, LOW]
                    grad = vector_at(memory.grad, low, size)
                    if norm > step.clip_norm:
                        scale(grad, step.clip_norm / norm)
                    _step_tile(program, memory, step, number, tile, grad)


@kernel
def _penalize_and_clip(
    update: UpdateTable, memory: Memory, step: OptimizerStep, tile: int, grad: Vector
) -> None:
    """Add the penalties' gradient and limit every entry; notes the penalty and Σ gradient²."""
    low, high = update.tiles[tile, LOW], update.tiles[tile, HIGH]
    ranges, factors = update.penalty_ranges, update.penalty_factors
    penalty = 0.0
    for i in range(ranges.shape[0]):
        a, b = max(low, ranges[i, 0]), min(high, ranges[i, 1])
        if a < b:
            theta, some = vector_at(memory.theta, a, b - a), vector_at(grad, a - low, b - a)
            penalty += penalize(theta, some, factors[i, 0], factors[i, 1])
    memory.tile_sums[tile, 0] = penalty
    if step.clip_value:
        clip(grad, step.clip_value)
    if step.clip_norm:
        memory.tile_sums[tile, 1] = square_sum(grad)


@kernel
def _step_tile(
    program: Program, memory: Memory, step: OptimizerStep, number: int, tile: int, grad: Vector
) -> None:
    """The optimizer's step for a tile."""
    tiles, ranges, factors = program.update.tiles, step.segment_ranges, step.segment_factors
    low, high = tiles[tile, LOW], tiles[tile, HIGH]
    for segment in range(ranges.shape[0]):
        a, b = max(low, ranges[segment, 0]), min(high, ranges[segment, 1])
        if a < b:
            rate = step.learning_rates[number] * factors[segment, 0]
            weight_decay = factors[segment, 1] * step.weight_decays[number]
            # of the slots an optimizer reads those that it has
            call_optimizer(
                program.network.functions.optimizer,
                (
                    step, rate, weight_decay, number, vector_at(memory.theta, a, b - a),
                    vector_at(grad, a - low, b - a), vector_at(memory.first_slot, a, b - a),
                    vector_at(memory.second_slot, a, b - a),
                ),
            )  # fmt: skip

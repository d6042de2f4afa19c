"""Dropout: some numbers made zero, the others larger by as much; by Philox's counters."""

from __future__ import annotations

import numpy as np

from hyalite.engines.compiled.kernels.buffers import aux_of, dy_of, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.elementwise import copy, mask_by_sign
from hyalite.engines.compiled.kernels.intrinsics import vector_of
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.kernels.random import (
    BLOCK_BYTES,
    TOGETHER,
    WORDS,
    draw_blocks,
)
from hyalite.engines.compiled.structs import (
    ActivationKind,
    Block,
    Column,
    Matrix,
    NetworkTable,
    PartGradient,
    StepRange,
    Vector,
)
from hyalite.layers.dropout import LEVELS
from hyalite.random import LANES

RELU = int(ActivationKind.RELU)
X, Y, LAYER = int(Column.X), int(Column.Y), int(Column.LAYER)
THRESHOLD, DERIVATIVE = int(Column.THRESHOLD), int(Column.DERIVATIVE)


@kernel
def set_drop_rates(network: NetworkTable, steps: StepRange, number: int) -> None:
    """Write into the tables what schedules have for a step; `number` counts those of the call.

    Every thread writes it, each time the same, so that none has to wait for another before it
    reads. Nobody is in another step then.
    """
    places = steps.drop_places
    for i in range(places.shape[0]):
        threshold = steps.drop_thresholds[number, i]
        k, masked = places[i, 0], places[i, 1]
        scale = LEVELS / (LEVELS - threshold)
        network.instructions[k, THRESHOLD] = threshold
        network.reals[k, 0] = scale
        if masked >= 0:
            network.reals[masked, 1] = scale


@kernel
def _drop(
    y: Matrix, mask: Matrix, row: int, seed: int, layer: int, step: int, threshold: int,
    scale: float,
) -> None:  # fmt: skip
    """y ← y·m, with the numbers of `hyalite.random.lanes`; keeps m where `mask` has rows."""
    rows, width = y.shape
    T = y.dtype.type
    zero, s = T(0), T(scale)
    blocks = (width + LANES - 1) // LANES
    most = -(-TOGETHER // blocks)  # rows at a time, of which narrow ones have few blocks
    memory = allocate(BLOCK_BYTES * blocks * most)
    limit = np.uint16(threshold)
    kept = mask.shape[0] > 0
    for start in range(0, rows, most):
        stop = min(start + most, rows)
        words = vector_of(memory, WORDS * blocks * (stop - start), np.uint64(0))
        draw_blocks(words, (row + start) * blocks, seed, layer, step)
        for i in range(start, stop):
            place = memory + BLOCK_BYTES * blocks * (i - start)
            numbers = vector_of(place, LANES * blocks, np.uint16(0))
            for j in range(width):
                y[i, j] = y[i, j] * s if numbers[j] >= limit else zero
            if kept:
                for j in range(width):
                    mask[i, j] = s if numbers[j] >= limit else zero
    release(memory)


@kernel
def dropout_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← m·x."""
    table = network.instructions
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    mask = aux_of(table, k, block, theta)
    if table[k, X] != table[k, Y]:
        copy(x, y)
    if network.training:
        _drop(
            y, mask, block.first, block.seed, table[k, LAYER], block.step, table[k, THRESHOLD],
            network.reals[k, 0],
        )  # fmt: skip


@kernel
def dropout_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx over dy."""
    table = network.instructions
    y, mask = y_of(table, k, block, theta), aux_of(table, k, block, theta)
    dy = dy_of(table, k, block, theta)
    if mask.shape[0]:
        for i in range(dy.shape[0]):
            for j in range(dy.shape[1]):
                dy[i, j] *= mask[i, j]
    elif table[k, DERIVATIVE] == RELU:
        # after a ReLU, whose zeros and the mask's are the same to what comes before
        mask_by_sign(y, dy, network.reals[k, 0])

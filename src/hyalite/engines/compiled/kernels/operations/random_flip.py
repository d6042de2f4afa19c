"""Random mirror images of pictures in training, by Philox's counters."""

from __future__ import annotations

import numpy as np

from hyalite.engines.compiled.kernels.buffers import constants_of, dy_of, view, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import vector_of
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.kernels.random import BLOCK_BYTES, WORDS, draw
from hyalite.engines.compiled.lowering.operations.random_flip import (
    CHANNELS,
    COLUMNS,
    HEIGHT,
    ROWS,
    WHOLES,
    WIDTH,
)
from hyalite.engines.compiled.structs import (
    Block,
    Column,
    Matrix,
    NetworkTable,
    PartGradient,
    Vector,
)
from hyalite.layers.augmentation import LEVELS
from hyalite.random import LANES

LAYER, INPUTS, DX = int(Column.LAYER), int(Column.INPUTS), int(Column.DX)
HALF = np.uint16(LEVELS // 2)


@kernel
def _mirror(x: Matrix, y: Matrix, constants: Vector, block: Block, layer: int) -> None:
    """y ← the pictures of x, of which those that are drawn are mirrored."""
    height, width, channels = constants[HEIGHT], constants[WIDTH], constants[CHANNELS]
    memory = allocate(BLOCK_BYTES)
    words, numbers = vector_of(memory, WORDS, np.uint64(0)), vector_of(memory, LANES, np.uint16(0))
    for i in range(x.shape[0]):
        draw(words, block.first + i, block.seed, layer, block.step)
        down = constants[ROWS] > 0 and numbers[0] < HALF
        across = constants[COLUMNS] > 0 and numbers[1] < HALF
        for row in range(height):
            at = row * width * channels
            start = (height - 1 - row) * width * channels if down else at
            if across:
                for column in range(width):
                    there = start + (width - 1 - column) * channels
                    for c in range(channels):
                        y[i, at + column * channels + c] = x[i, there + c]
            else:
                for j in range(width * channels):
                    y[i, at + j] = x[i, start + j]
    release(memory)


@kernel
def random_flip_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← x, some of it mirrored."""
    table = network.instructions
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    _mirror(x, y, constants_of(table, k, WHOLES), block, table[k, LAYER])


@kernel
def random_flip_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx ← dy, mirrored where x was: the numbers drawn are the same."""
    table = network.instructions
    dy, dx = dy_of(table, k, block, theta), view(block, table[k, DX], table[k, INPUTS], theta)
    _mirror(dy, dx, constants_of(table, k, WHOLES), block, table[k, LAYER])

"""Gaussian noise: normal numbers added in training, by Philox's counters and a table."""

from __future__ import annotations

import numpy as np

from hyalite.engines.compiled.kernels.buffers import constants_of, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import ONE, kernel
from hyalite.engines.compiled.kernels.elementwise import copy
from hyalite.engines.compiled.kernels.intrinsics import vector_of
from hyalite.engines.compiled.kernels.memory import allocate, release
from hyalite.engines.compiled.kernels.random import BLOCK_BYTES, WORDS, draw
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

X, Y, LAYER = int(Column.X), int(Column.Y), int(Column.LAYER)


@kernel
def _add_noise(
    y: Matrix, stddev: float, normal: Vector, row: int, seed: int, layer: int, step: int
) -> None:
    """y ← y + stddev·ε, rounded as the layer does it; `normal` has ε for each 16-bit number."""
    T = y.dtype.type
    s, width = T(stddev), y.shape[1]
    blocks = (width + LANES - 1) // LANES
    memory = allocate(BLOCK_BYTES * blocks)
    words = vector_of(memory, WORDS * blocks, np.uint64(0))
    numbers = vector_of(memory, LANES * blocks, np.uint16(0))
    for i in range(y.shape[0]):
        draw(words, row + i, seed, layer, step)
        for j in range(width):
            y[i, j] += T(normal[numbers[j]]) * s
    release(memory)


@kernel
def gaussian_noise_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← x + stddev·ε."""
    table = network.instructions
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    if table[k, X] != table[k, Y]:
        copy(x, y)
    address = constants_of(table, k, ONE)[0]
    normal = vector_of(address, LEVELS, np.float32(0))
    _add_noise(y, network.reals[k, 0], normal, block.first, block.seed, table[k, LAYER], block.step)


@kernel
def gaussian_noise_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx is dy, and lies where it does."""

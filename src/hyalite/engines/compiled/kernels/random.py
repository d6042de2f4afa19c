"""Random numbers by counting: the same as `hyalite.random` gives the layers, a row at a time."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from hyalite.engines.compiled.kernels.decorators import inlined, kernel
from hyalite.engines.compiled.kernels.intrinsics import multiply_wide
from hyalite.engines.compiled.structs import Vector
from hyalite.random import LANES, Purpose

MULTIPLIER_0, MULTIPLIER_1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
WEYL_0, WEYL_1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
MASKS = np.uint64(Purpose.MASK)
WORDS = LANES // 4  # of 64 bits in a block
BLOCK_BYTES = 8 * WORDS
Word: TypeAlias = np.uint64


@inlined
def _philox(
    c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word
) -> tuple[Word, Word, Word, Word]:
    """Four random words for a counter of four and a key of two."""
    for _ in range(10):
        h0, l0 = multiply_wide(MULTIPLIER_0, c0)
        h1, l1 = multiply_wide(MULTIPLIER_1, c2)
        c0, c1, c2, c3 = h1 ^ c1 ^ k0, l1, h0 ^ c3 ^ k1, l0
        k0 += WEYL_0
        k1 += WEYL_1
    return c0, c1, c2, c3


@kernel
def draw(words: Vector, row: int, seed: int, layer: int, step: int) -> None:
    """words ← what `hyalite.random.lanes` has for a row of the batch, uint64 (4·blocks,).

    As uint16 they are its numbers: LANES in a block, of which the last may have some too many.
    """
    blocks = words.size // WORDS
    for n in range(blocks):
        words[4 * n], words[4 * n + 1], words[4 * n + 2], words[4 * n + 3] = _philox(
            np.uint64(row * blocks + n + 1),
            np.uint64(layer),
            np.uint64(step),
            np.uint64(0),
            np.uint64(seed),
            MASKS,
        )

"""Random numbers by counting: the same as `hyalite.random` gives the layers, a row at a time."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.base import BaseContext
from numba.extending import intrinsic

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import (
    INT32,
    INT64,
    Code,
    address_of,
    code,
    multiply_wide,
)
from hyalite.engines.compiled.kernels.vectors import VECTOR_BYTES
from hyalite.engines.compiled.structs import Vector
from hyalite.random import LANES, Purpose

MULTIPLIER_0, MULTIPLIER_1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
WEYL_0, WEYL_1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
MASKS = np.uint64(Purpose.MASK)
ROUNDS = 10
WORDS = LANES // 4  # of 64 bits in a block
BLOCK_BYTES = 8 * WORDS
# Blocks side by side, in vectors of as many: the processor goes on with the others while it waits
# for one product. 0.17 ns a number instead of 0.35 with AVX-512; with AVX2, whose vectors are half
# as long, 0.38, so there a processor's own 128-bit product is better.
GROUPS, GROUP = 4, 8
TOGETHER = GROUPS * GROUP if VECTOR_BYTES == 64 else 1
Word: TypeAlias = np.uint64


@kernel
def _philox(
    c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word
) -> tuple[Word, Word, Word, Word]:
    """Four random words for a counter of four and a key of two."""
    for _ in range(ROUNDS):
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
    draw_blocks(words, row * (words.size // WORDS), seed, layer, step)


@kernel
def draw_blocks(words: Vector, first: int, seed: int, layer: int, step: int) -> None:
    """The same for blocks of the batch, counted through all its rows."""
    blocks = words.size // WORDS
    together = blocks // TOGETHER * TOGETHER if TOGETHER > 1 else 0
    for n in range(0, together, TOGETHER):
        _philox_together(
            address_of(words) + n * BLOCK_BYTES,
            np.uint64(first + n + 1),
            np.uint64(layer),
            np.uint64(step),
            np.uint64(seed),
        )
    for n in range(together, blocks):
        words[4 * n], words[4 * n + 1], words[4 * n + 2], words[4 * n + 3] = _philox(
            np.uint64(first + n + 1),
            np.uint64(layer),
            np.uint64(step),
            np.uint64(0),
            np.uint64(seed),
            MASKS,
        )


# Many blocks side by side -----------------------------------------------------------------------

_VECTOR = ir.VectorType(INT64, GROUP)
_LOW, _HALF = (ir.Constant(_VECTOR, [number] * GROUP) for number in (0xFFFFFFFF, 32))


@intrinsic
def _philox_together(
    _: types.Type,
    address: types.Type,
    first: types.Type,
    layer: types.Type,
    step: types.Type,
    seed: types.Type,
) -> Code:
    """`_philox` for the counters from `first` on, one block after the other at an address."""

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> None:
        address, *numbers = values
        first, layer, step, k0 = (_everywhere(builder, number) for number in numbers)
        k1, weyl_0, weyl_1, none = (_constant(n) for n in (MASKS, WEYL_0, WEYL_1, 0))
        starts = [[*range(low, low + GROUP)] for low in range(0, TOGETHER, GROUP)]
        counters = [
            (builder.add(first, ir.Constant(_VECTOR, start)), layer, step, none) for start in starts
        ]
        for _ in range(ROUNDS):
            products = [
                (_wide(builder, c0, MULTIPLIER_0), c1, _wide(builder, c2, MULTIPLIER_1), c3)
                for c0, c1, c2, c3 in counters
            ]
            counters = [
                (
                    builder.xor(builder.xor(h1, c1), k0), l1,
                    builder.xor(builder.xor(h0, c3), k1), l0,
                )
                for (h0, l0), c1, (h1, l1), c3 in products
            ]  # fmt: skip
            k0, k1 = builder.add(k0, weyl_0), builder.add(k1, weyl_1)
        for number, words in enumerate(counters):
            start = builder.add(address, ir.Constant(INT64, number * GROUP * BLOCK_BYTES))
            even, odd = (_in_turn(builder, *pair) for pair in (words[0::2], words[1::2]))
            block = _in_turn(builder, even, odd)
            builder.store(block, builder.inttoptr(start, block.type.as_pointer()), align=8)

    return code(types.void(types.int64, *[types.uint64] * 4), generate)


def _constant(number: int | np.uint64) -> ir.Value:
    return ir.Constant(_VECTOR, [int(number)] * GROUP)


def _everywhere(builder: ir.IRBuilder, number: ir.Value) -> ir.Value:
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    one = builder.insert_element(undefined, number, ir.Constant(INT32, 0))
    lanes = ir.Constant(ir.VectorType(INT32, GROUP), [0] * GROUP)
    return builder.shuffle_vector(one, undefined, lanes)


def _wide(builder: ir.IRBuilder, x: ir.Value, multiplier: np.uint64) -> tuple[ir.Value, ir.Value]:
    """The high and low halves of 64-bit products, by four of 32 bits, as on paper."""
    low, high = builder.and_(x, _LOW), builder.lshr(x, _HALF)
    m_high, m_low = (_constant(half) for half in divmod(int(multiplier), 1 << 32))
    last = builder.mul(low, m_low)
    middle = builder.add(builder.mul(high, m_low), builder.lshr(last, _HALF))
    other = builder.add(builder.mul(low, m_high), builder.and_(middle, _LOW))
    first = builder.add(builder.mul(high, m_high), builder.lshr(middle, _HALF))
    return (
        builder.add(first, builder.lshr(other, _HALF)),
        builder.or_(builder.shl(other, _HALF), builder.and_(last, _LOW)),
    )


def _in_turn(builder: ir.IRBuilder, one: ir.Value, other: ir.Value) -> ir.Value:
    """The entries of two vectors in turn."""
    size = one.type.count
    lanes = [lane for i in range(size) for lane in (i, size + i)]
    return builder.shuffle_vector(one, other, ir.Constant(ir.VectorType(INT32, 2 * size), lanes))

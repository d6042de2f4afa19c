"""Random numbers by counting: the same as `hyalite.random` gives the layers, a row at a time."""

from __future__ import annotations

from collections.abc import Callable
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
    INT128,
    Code,
    address_of,
    code,
    multiply_wide,
    own_function,
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
# Blocks side by side: groups of them in vectors, of as many as a vector has words, and beside these
# some single ones by the processor's own 128-bit product, which other units make: two at a time,
# TURNS times. With one kind alone 0.35 ns a number (vectors of 64 bytes), 0.39 (of 32) and 0.55
# (single ones), with both 0.26 and 0.29, all on a Zen 4.
GROUP, BESIDE = VECTOR_BYTES // 8, 2
GROUPS, TURNS = {64: (3, 4), 32: (1, 2)}.get(VECTOR_BYTES, (0, 0))
TOGETHER = GROUPS * GROUP + TURNS * BESIDE or 1
Word: TypeAlias = np.uint64
Halves: TypeAlias = tuple[ir.Value, ir.Value]


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
    together = blocks // TOGETHER * TOGETHER if GROUPS else 0
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
Words: TypeAlias = list[ir.Value]


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
        kinds = [INT64] * len(values)
        function = own_function(builder.module, "philox_together", kinds, _write_together)
        builder.call(function, values)

    return code(types.void(types.int64, *[types.uint64] * 4), generate)


def _write_together(
    builder: ir.IRBuilder, address: ir.Value, first: ir.Value, layer: ir.Value, step: ir.Value,
    seed: ir.Value,
) -> None:  # fmt: skip
    """The body of `_philox_together`.

    Rounds of single blocks stand between those of the groups, evenly, so that the processor finds
    work for all of its units.
    """
    in_vectors = (_everywhere(builder, number) for number in (layer, step, INT64(0)))
    of_all = *in_vectors, layer, step, INT64(0)
    firsts = _everywhere(builder, first)
    groups = [
        [builder.add(firsts, ir.Constant(_VECTOR, [*range(low, low + GROUP)])), *of_all[:3]]
        for low in range(0, GROUPS * GROUP, GROUP)
    ]
    singles = [
        [builder.add(first, INT64(number)), *of_all[3:]]
        for number in range(GROUPS * GROUP, GROUPS * GROUP + TURNS * BESIDE)
    ]
    keys = _keys(builder, seed, INT64(int(MASKS)), [INT64(int(w)) for w in (WEYL_0, WEYL_1)])
    wide_keys = _keys(
        builder, _everywhere(builder, seed), _constant(MASKS),
        [_constant(w) for w in (WEYL_0, WEYL_1)],
    )  # fmt: skip
    done = 0
    for slot in range(ROUNDS * GROUPS):
        i, g = divmod(slot, GROUPS)
        groups[g] = _round(builder, groups[g], wide_keys[i], _wide)
        while done * GROUPS < (slot + 1) * TURNS:
            turn, i = divmod(done, ROUNDS)
            for n in range(turn * BESIDE, (turn + 1) * BESIDE):
                singles[n] = _round(builder, singles[n], keys[i], _wide_single)
            done += 1
    for number, words in enumerate(groups):
        start = builder.add(address, INT64(number * GROUP * BLOCK_BYTES))
        even, odd = (_in_turn(builder, *pair) for pair in (words[0::2], words[1::2]))
        block = _in_turn(builder, even, odd)
        builder.store(block, builder.inttoptr(start, block.type.as_pointer()), align=8)
    for number, words in enumerate(singles, start=GROUPS * GROUP):
        for i, word in enumerate(words):
            place = builder.add(address, INT64(number * BLOCK_BYTES + 8 * i))
            builder.store(word, builder.inttoptr(place, INT64.as_pointer()), align=8)


def _round(
    builder: ir.IRBuilder, words: Words, keys: tuple[ir.Value, ...], wide: Callable[..., Halves]
) -> Words:
    """One round of Philox, of words or of vectors of them."""
    c0, c1, c2, c3 = words
    (h0, l0), (h1, l1) = wide(builder, c0, MULTIPLIER_0), wide(builder, c2, MULTIPLIER_1)
    return [
        builder.xor(builder.xor(h1, c1), keys[0]), l1,
        builder.xor(builder.xor(h0, c3), keys[1]), l0,
    ]  # fmt: skip


def _keys(
    builder: ir.IRBuilder, k0: ir.Value, k1: ir.Value, steps: Words
) -> list[tuple[ir.Value, ir.Value]]:
    """Those of each round."""
    found = [(k0, k1)]
    for _ in range(ROUNDS - 1):
        k0, k1 = builder.add(k0, steps[0]), builder.add(k1, steps[1])
        found.append((k0, k1))
    return found


def _wide_single(builder: ir.IRBuilder, x: ir.Value, multiplier: np.uint64) -> Halves:
    """The high and low halves of a 64-bit product."""
    product = builder.mul(builder.zext(x, INT128), INT128(int(multiplier)))
    high = builder.trunc(builder.lshr(product, INT128(64)), INT64)
    return high, builder.trunc(product, INT64)


def _constant(number: int | np.uint64) -> ir.Value:
    return ir.Constant(_VECTOR, [int(number)] * GROUP)


def _everywhere(builder: ir.IRBuilder, number: ir.Value) -> ir.Value:
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    one = builder.insert_element(undefined, number, ir.Constant(INT32, 0))
    lanes = ir.Constant(ir.VectorType(INT32, GROUP), [0] * GROUP)
    return builder.shuffle_vector(one, undefined, lanes)


def _wide(builder: ir.IRBuilder, x: ir.Value, multiplier: np.uint64) -> Halves:
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

"""Counter-based random numbers: every draw is a function of the seed and of where it is used.

There is no hidden state. A dropout mask depends on (seed, step, layer, row, column), as does what
augmentation does to a sample; the order of the samples on (seed, epoch), initial weights on (seed,
layer), so a result does not depend on which thread, process or resumed run made it. The generator
is Philox-4x64-10 (Salmon et al., *Parallel random numbers: as easy as 1, 2, 3*, 2011), NumPy's own.
"""

from __future__ import annotations

import operator
import os
import threading
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np

from hyalite.parameters import Array

LANES = 16  # 16-bit numbers in one Philox block of four 64-bit words
LEVEL_BITS = 15  # of a layer's index, for its place in the model, and in each block around it
MAX_DEPTH = 3  # blocks that a layer may lie within


class Purpose(IntEnum):
    """What a stream is for; part of the key, so no two uses share numbers."""

    INITIAL = 0
    ORDER = 1
    MASK = 2
    SPLIT = 3
    SAMPLES = 4  # from which parameters are initialized
    BLOCKS = 5  # the order by blocks


@dataclass
class Clock:
    """Where a training run stands: what the random numbers of a step depend on."""

    seed: int = 0
    step: int = 0
    row: int = 0  # first row of the present shard within its batch


def check_seed(seed: int) -> int:
    """`seed` as an int in 0..2**63-1.

    Raises:
        ValueError: anything else.
    """
    try:
        number = operator.index(seed)
    except TypeError:
        number = -1
    if not 0 <= number < 2**63:
        raise ValueError(f"seed must be an integer from 0 to 2**63 - 1, got {seed!r}")
    return number


def new_seed() -> int:
    """A fresh seed from the operating system."""
    return int.from_bytes(os.urandom(8), "little") >> 1


def index_within(block: int, place: int) -> int:
    """The index, in counters, of the layer at `place` in the block that has the index `block`.

    The model's own layers are 0, 1, 2, ...; what is in a block has its place, counted from 1, in
    the next 15 bits. So what a block is made of changes the numbers of no layer outside it.

    Examples:
        >>> from hyalite.random import index_within
        >>> index_within(2, place=0) == 2 + (1 << 15)
        True
    """
    levels = max(1, -(-block.bit_length() // LEVEL_BITS))
    return block + (place + 1 << LEVEL_BITS * levels)


def _philox(
    seed: int, purpose: Purpose, *, block: int = 0, layer: int = 0, time: int = 0
) -> np.random.Philox:
    return np.random.Philox(
        key=np.array([seed, purpose], np.uint64),
        counter=np.array([block, layer, time, 0], np.uint64),
    )


def initial_stream(seed: int, layer: int) -> np.random.Generator:
    """The stream from which the parameters of layer number `layer` are drawn."""
    return np.random.Generator(_philox(seed, Purpose.INITIAL, layer=layer))


def sample_stream(seed: int, layer: int) -> np.random.Generator:
    """The stream that chooses the samples from which layer number `layer` is initialized."""
    return np.random.Generator(_philox(seed, Purpose.SAMPLES, layer=layer))


def split_stream(seed: int) -> np.random.Generator:
    """The stream that chooses the validation samples."""
    return np.random.Generator(_philox(seed, Purpose.SPLIT))


class _Orders(threading.local):
    """Each thread's stream for orders, which is set to an epoch's beginning.

    To make one takes 10 µs more, half as long as a small network trains with 300 samples.
    """

    @cached_property
    def _stream(self) -> np.random.Generator:
        return np.random.Generator(_philox(0, Purpose.ORDER))

    @cached_property
    def _state(self) -> Any:
        return self._stream.bit_generator.state

    def stream_of(self, seed: int, epoch: int) -> np.random.Generator:
        """That of an epoch, from its beginning."""
        numbers = self._state["state"]
        numbers["key"][0], numbers["counter"][2] = seed, epoch
        self._stream.bit_generator.state = self._state
        return self._stream


_orders = _Orders()


def sample_order(seed: int, epoch: int, samples: int) -> Array:
    """The order of the samples in an epoch: a permutation of 0..samples-1, int64 (samples,)."""
    return _orders.stream_of(seed, epoch).permutation(samples)


def block_stream(seed: int, epoch: int, number: int) -> np.random.Generator:
    """A stream for an epoch's order by blocks: 0 for the blocks, the others for their rows."""
    return np.random.Generator(_philox(seed, Purpose.BLOCKS, layer=number, time=epoch))


def lanes(clock: Clock, layer: int, rows: int, width: int) -> Array:
    """Random 16-bit numbers for the present shard, uint16 (rows, width).

    Each row of the batch starts a block of its own, so the numbers of a row do not depend on how
    the batch was cut into shards.
    """
    blocks = -(-width // LANES)
    # Philox adds one to its counter before each block.
    stream = _philox(
        clock.seed, Purpose.MASK, block=clock.row * blocks, layer=layer, time=clock.step
    )
    words = stream.random_raw(rows * blocks * LANES // 4)
    numbers = words.astype("<u8", copy=False).view("<u2").reshape(rows, blocks * LANES)
    return numbers[:, :width]

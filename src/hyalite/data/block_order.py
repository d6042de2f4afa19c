"""The order of an epoch by blocks and lanes: random enough to learn from, and read in long runs.

Rows lie in a file one after the other, and single ones in random order would each cost a read.
So blocks of neighbouring rows are what is shuffled, and a batch is made of many of them::

    rows      block 0 | block 1 | block 2 | ...          as they lie
    sequence  7 2 9 | 0 4 11 | 5 1 8 | ...               the blocks, in a random order
              lane 0  lane 1   lane 2                    the sequence, cut into lanes
    stretch   some batches: each lane's next rows (some blocks), shuffled
    batch     an equal share of each lane, always on the same places

Everything follows from (seed, epoch) by counting, so nothing is stored, and whoever computes one
lane needs to read its blocks only. Where S divides the number of lanes, the lanes of shard k of S
are k·lanes/S and those that follow: the places of the shard in every batch, also in the last one,
which is smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np

from hyalite import checks
from hyalite.config import Configurable
from hyalite.parameters import Array
from hyalite.random import block_stream

BLOCK_BYTES = 1 << 18  # that are read in one go
STRETCH_BYTES = 1 << 24  # that are read at a time where rows stay as they lie
# Of so many neighbouring rows, such as a batch, those first..stop-1 that are a worker's.
Share: TypeAlias = Callable[[int], tuple[int, int]]


class BlockShuffle(Configurable):
    """A new order of the rows in each epoch, made of blocks that are read in one go.

    What counts is from how many blocks a batch is drawn, `lanes` times `blocks`. Of rows that
    were shuffled when they were packed a few would do; of rows that lie sorted it takes 40 or more
    to come near a full shuffle: docs/guide/large-data.md has the figures.

    Args:
        block_rows: rows of a block; None for as many as have 256 KiB.
        lanes: from which each batch takes an equal share.
        blocks: of a lane that are shuffled with one another.

    Raises:
        ValueError: not a whole number of at least 1.

    Source: blocks in a random order, several of them shuffled at a time, are CorgiPile's
    (Xu et al. 2022, arXiv:2206.05830); lanes of fixed places are ours.

    Examples:
        >>> x = np.arange(12.0)[:, None]
        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.compile("mse")
        >>> order = hy.BlockShuffle(block_rows=2, lanes=3, blocks=1)
        >>> history = model.fit(x, x, batch_size=6, shuffle=order, seed=0, verbose=0)
    """

    def __init__(self, block_rows: int | None = None, lanes: int = 16, blocks: int = 4) -> None:
        self.block_rows = None if block_rows is None else checks.integer(block_rows, "block_rows")
        self.lanes = checks.integer(lanes, "lanes")
        self.blocks = checks.integer(blocks, "blocks")

    def for_rows(self, row_bytes: int) -> BlockShuffle:
        """The same with the rows of a block named, where a row has so many bytes."""
        if self.block_rows is not None:
            return self
        return BlockShuffle(max(1, BLOCK_BYTES // max(1, row_bytes)), self.lanes, self.blocks)


class Run(NamedTuple):
    """Neighbouring rows of the source, and where they go in a stretch's buffer."""

    start: int
    stop: int
    place: int


class Stretch(NamedTuple):
    """Some batches that follow each other, and what is to be read for them.

    Attributes:
        number: among the epoch's, from 0.
        first_step: of the epoch.
        first_row: the place of its first row in the epoch's order.
        rows: how many.
    """

    number: int
    first_step: int
    first_row: int
    rows: int


class EpochOrder:
    """The order of one epoch, stretch by stretch.

    Args:
        rows: n, how many there are.
        batch_size: rows of a batch, at most n.
        shuffle: with `block_rows` set; None leaves the rows as they lie.
        seed, epoch: what it is drawn from.
        stretch_rows: of a stretch where nothing is shuffled, at most, if a batch is not larger.
    """

    def __init__(
        self,
        rows: int,
        batch_size: int,
        shuffle: BlockShuffle | None,
        seed: int = 0,
        epoch: int = 1,
        stretch_rows: int = 1 << 16,
    ) -> None:
        self.rows, self.batch_size, self.shuffle = rows, min(batch_size, rows), shuffle
        self.seed, self.epoch = seed, epoch
        self.full, self.rest = divmod(rows, self.batch_size)  # whole batches, rows of the last
        if shuffle is not None:
            assert shuffle.block_rows is not None
            stretch_rows = shuffle.lanes * shuffle.blocks * shuffle.block_rows
        self.count = -(-self.full // max(1, stretch_rows // self.batch_size))

    # Stretches ----------------------------------------------------------------------------------

    def stretch(self, number: int) -> Stretch:
        """The stretch of that number, from 0 to `count` - 1; the last has the last, small batch."""
        first, stop = self._steps(number)
        rows = (stop - first) * self.batch_size
        if number == self.count - 1:
            rows += self.rest
        return Stretch(number, first, first * self.batch_size, rows)

    def at(self, step: int) -> Stretch:
        """The stretch that the epoch's step of this number, from 0, is in."""
        step = min(step, self.full - 1)  # the small batch goes with the one before it
        return self.stretch(((step + 1) * self.count - 1) // self.full)

    def _steps(self, number: int) -> tuple[int, int]:
        return number * self.full // self.count, (number + 1) * self.full // self.count

    @property
    def stretch_rows(self) -> int:
        """The most rows that a stretch may have."""
        return (-(-self.full // self.count)) * self.batch_size + self.rest

    # Lanes --------------------------------------------------------------------------------------

    @cached_property
    def _sequence(self) -> tuple[Array, Array]:
        """The blocks in their order, and how many rows lie before each, and all, of them."""
        assert self.shuffle is not None
        block = self.shuffle.block_rows
        assert block is not None
        blocks = block_stream(self.seed, self.epoch, 0).permutation(-(-self.rows // block))
        sizes = np.full(len(blocks), block)
        sizes[blocks == len(blocks) - 1] = self.rows - (len(blocks) - 1) * block
        return blocks, np.concatenate([[0], np.cumsum(sizes)])

    @cached_property
    def _shares(self) -> tuple[Array, Array]:
        """How many rows each lane gives to a whole batch, and to the last, small one."""
        assert self.shuffle is not None
        lanes = np.arange(self.shuffle.lanes + 1)
        whole, small = (lanes * rows // self.shuffle.lanes for rows in (self.batch_size, self.rest))
        return np.diff(whole), np.diff(small)

    def windows(self, stretch: Stretch) -> list[tuple[int, int]]:
        """Which rows of the sequence each lane gives to a stretch: start, stop."""
        first, stop = self._steps(stretch.number)
        whole, small = self._shares
        lane_rows = self.full * whole + small
        starts = np.cumsum(lane_rows) - lane_rows
        low, high = starts + first * whole, starts + stop * whole
        if stretch.number == self.count - 1:
            high = high + small
        return list(zip(low.tolist(), high.tolist(), strict=True))

    def lanes_of(self, stretch: Stretch, share: Share) -> Array:
        """Which lanes give rows to a share of each batch, truths (lanes,)."""
        assert self.shuffle is not None
        found = np.zeros(self.shuffle.lanes, bool)
        last = stretch.number == self.count - 1 and self.rest
        for rows in (self.batch_size, *([self.rest] if last else [])):
            edges = np.arange(self.shuffle.lanes + 1) * rows // self.shuffle.lanes
            low, high = share(rows)
            found |= np.maximum(edges[:-1], low) < np.minimum(edges[1:], high)
        return found

    def runs(self, stretch: Stretch, lanes: Array | None = None) -> Iterator[Run]:
        """What is to be read: neighbouring rows, lane by lane, into a buffer of its rows.

        Args:
            stretch: of the epoch.
            lanes: truths (lanes,), which of them; None for all.
        """
        if self.shuffle is None:
            yield Run(stretch.first_row, stretch.first_row + stretch.rows, 0)
            return
        blocks, before = self._sequence
        place, size = 0, self.shuffle.block_rows
        assert size is not None
        for lane, (low, high) in enumerate(self.windows(stretch)):
            if lanes is not None and not lanes[lane]:
                place += high - low
                continue
            at = int(np.searchsorted(before, low, side="right")) - 1
            while low < high:
                stop = min(high, int(before[at + 1]))
                start = int(blocks[at]) * size + low - int(before[at])
                yield Run(start, start + stop - low, place)
                place += stop - low
                low, at = stop, at + 1

    def pieces(self, stretch: Stretch, share: Share, unit: int) -> tuple[list[Run], list[Run]]:
        """Where nothing is shuffled: a share of so many rows each time, and what is between.

        Args:
            stretch: of the epoch.
            share: of each unit.
            unit: rows, such as those of a batch.
        """
        own: list[Run] = []
        others: list[Run] = []
        behind = 0  # the place of the last that is a piece already

        def cut(runs: list[Run], place: int) -> None:
            nonlocal behind
            if place > behind:
                runs.append(Run(stretch.first_row + behind, stretch.first_row + place, behind))
            behind = place

        for place in range(0, stretch.rows, unit):
            low, high = share(min(unit, stretch.rows - place))
            cut(others, place + low)
            cut(own, place + high)
        cut(others, stretch.rows)
        return own, others

    def order(self, stretch: Stretch) -> Array | None:
        """Which place of the buffer is next, for each row of the stretch, int64 (rows,).

        None where they come as they lie.
        """
        if self.shuffle is None:
            return None
        first, stop = self._steps(stretch.number)
        whole, _ = self._shares
        parts, last, place = [], [], 0
        for lane, (low, high) in enumerate(self.windows(stretch)):
            number = 1 + stretch.number * self.shuffle.lanes + lane
            drawn = place + block_stream(self.seed, self.epoch, number).permutation(high - low)
            cut = (stop - first) * int(whole[lane])
            parts.append(drawn[:cut].reshape(stop - first, -1 if cut else 0))
            last.append(drawn[cut:])
            place += high - low
        return np.concatenate([np.hstack(parts).ravel(), *last])

    def whole(self) -> Array:
        """The whole order, a permutation of 0..n-1, int64 (n,); it takes 8 bytes a row."""
        found = []
        for number in range(self.count):
            stretch = self.stretch(number)
            rows = np.concatenate([np.arange(run.start, run.stop) for run in self.runs(stretch)])
            order = self.order(stretch)
            found.append(rows if order is None else rows[order])
        return np.concatenate(found)

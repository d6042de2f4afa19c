"""Samples that are read in blocks while a model trains: packs, maps, arrays, sources of one's own.

What `Samples` is for rows in memory this is for rows anywhere. An epoch comes in stretches of some
megabytes (`block_order`): one is trained on while a thread reads the next one, so that what is in
memory at a time does not depend on how many rows there are.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np

from hyalite.data.block_order import STRETCH_BYTES, BlockShuffle, EpochOrder, Stretch
from hyalite.data.samples import Batch, Samples
from hyalite.parameters import Array

TARGET_ROWS = 1 << 20  # that stand for the whole target of rows that are not in memory
THREAD_BYTES = 16 << 20  # the stack of the thread that reads, and what malloc takes for it
DIGEST_PIECES, DIGEST_ROWS = 64, 16  # of the rows, that tell one source from another


class RowSource(Protocol):
    """Rows that can be asked for: what `fit` takes in the place of arrays.

    Examples:
        Squares that nobody keeps:

        >>> class Squares:
        ...     def __len__(self):
        ...         return 1_000_000
        ...     def block(self, start, stop):
        ...         x = np.arange(start, stop)[:, None] / len(self)
        ...         return x, x**2
        >>> model = hy.Sequential([hy.Dense(8, "tanh"), hy.Dense(1)])
        >>> model.compile("mse")
        >>> history = model.fit(Squares(), batch_size=10_000, seed=0, verbose=0)
        >>> history["loss"][0] < 0.1
        True
    """

    def __len__(self) -> int:
        """How many rows."""

    def block(self, start: int, stop: int) -> tuple[Any, ...]:
        """Rows start..stop-1: x (stop - start, ...) and y.

        They are asked for by one thread at a time, which is not that of the training.
        """


def is_source(x: Any) -> bool:
    """Whether these are rows to be asked for; a data frame's column called "block" is none."""
    return hasattr(type(x), "block") and hasattr(type(x), "__len__")


class Rows(NamedTuple):
    """Rows as an engine takes them: inputs, targets, weights in loss and in metrics."""

    x: Array
    y: Array
    weight: Array | None = None
    counts: Array | None = None


class BlockSamples(Samples):
    """Rows of a source, in the order of blocks and lanes.

    Args:
        read: gives rows start..stop-1 of the source, checked.
        rows: how many there are.
        dtype: of the batches.
        shuffle: the order; None as they lie.
        digest: what tells the source from others; None reads some of its rows for that.

    Attributes:
        x: no rows, of the shape and dtype of the inputs.
        weight, counts: None: they come with the rows.
    """

    def __init__(
        self,
        read: Callable[[int, int], Rows],
        rows: int,
        dtype: np.dtype[Any],
        shuffle: BlockShuffle | None,
        digest: str | None = None,
    ) -> None:
        self._read, self._count, self.dtype, self._own_digest = read, rows, dtype, digest
        self.rows = self.weight = self.counts = None
        first = read(0, 1)
        self.x, self.y, self._first = first.x[:0], first.y[:0], first
        self.row_bytes = sum(part.nbytes for part in first if part is not None)
        # by x alone: labels of 4 or 8 bytes are not to make another order
        self.shuffle = None if shuffle is None else shuffle.for_rows(first.x.nbytes)
        self._held: tuple[tuple[int, ...], Samples, Array | None] | None = None
        self._next: _Reading | None = None
        self._target: Array | None = None

    def __len__(self) -> int:
        return self._count

    def order(self, batch_size: int, seed: int = 0, epoch: int = 1) -> EpochOrder:
        """The order of an epoch; always the same one where there is no shuffle."""
        if self.shuffle is None:
            return self.as_they_lie(batch_size)
        return EpochOrder(self._count, batch_size, self.shuffle, seed, epoch)

    def as_they_lie(self, batch_size: int) -> EpochOrder:
        """The order without any shuffle."""
        stretch_rows = STRETCH_BYTES // max(1, self.row_bytes)
        return EpochOrder(self._count, batch_size, None, stretch_rows=stretch_rows)

    def of_stretch(self, order: EpochOrder, stretch: Stretch) -> tuple[Samples, Array | None]:
        """A stretch's samples, and the order in which they come; the next one is sent for."""
        key = (order.shuffle is None, order.seed, order.epoch, order.batch_size, stretch.number)
        if self._held is None or self._held[0] != key:
            self._held = None  # its memory may be used again
            reading = self._next
            if reading is None or reading.key != key:
                if reading is not None:
                    reading.join()
                reading = _Reading(key, self._load, order, stretch)
            self._next = None
            samples, places = reading.result()
            self._held = (key, samples, places)
            if stretch.number + 1 < order.count:
                following = order.stretch(stretch.number + 1)
                self._next = _Reading((*key[:4], key[4] + 1), self._load, order, following)
        return self._held[1], self._held[2]

    def batch(self, start: int, stop: int, order: Any = None) -> Batch:
        """The rows at places start..stop-1 of `order`, which lie in one batch of it."""
        if order is None:
            samples = self._samples(self._read(start, stop))
            return samples.batch(0, stop - start)
        stretch = order.at(start // order.batch_size)
        samples, places = self.of_stretch(order, stretch)
        return samples.batch(start - stretch.first_row, stop - stretch.first_row, places)

    def targets(self, start: int, stop: int, order: Any = None) -> Batch:
        """Targets, weights and counts of the rows at these places, which lie in one batch."""
        stretch = order.at(start // order.batch_size)
        samples, places = self.of_stretch(order, stretch)
        return samples.targets(start - stretch.first_row, stop - stretch.first_row, places)

    def rows_at_once(self, batch_size: int) -> int:
        """How many an engine is given at a time: the longest stretch."""
        return self.order(batch_size).stretch_rows

    def target(self) -> Array:
        """The targets of all rows; of many, those of blocks that lie evenly among them."""
        if self._target is None:
            pieces = 256 if self._count > TARGET_ROWS else 1
            places = self._pieces(pieces, TARGET_ROWS // pieces)
            self._target = np.concatenate([self._read(*place).y for place in places])
        return self._target

    def digest(self) -> str:
        """What tells these rows from others: the source's own word, or some of them."""
        if self._own_digest is not None:
            return self._own_digest
        found = hashlib.sha256()
        for start, stop in self._pieces(DIGEST_PIECES, DIGEST_ROWS):
            for array in self._read(start, stop):
                found.update(b"-" if array is None else array.tobytes())
        return found.hexdigest()

    def memory(self, batch_size: int) -> int:
        """Bytes that reading takes at most, beside the model's: stretches, and what arrives."""
        order = self.order(batch_size)
        size = self.shuffle.block_rows if self.shuffle is not None else order.stretch_rows
        assert size is not None
        cast = max(self.x.dtype.itemsize, self.dtype.itemsize) / max(1, self.x.dtype.itemsize)
        batch = order.batch_size * self.row_bytes * cast
        places = 8 * 3  # the order's, its making's, and labels' that the kernels take
        stretches = 2 * order.stretch_rows * (self.row_bytes + places)
        return int(stretches + batch + size * self.row_bytes) + THREAD_BYTES

    def _pieces(self, count: int, most: int) -> list[tuple[int, int]]:
        """Evenly spaced stretches of neighbouring rows."""
        count = min(count, self._count)
        starts = [number * self._count // count for number in range(count)]
        ends = [*starts[1:], self._count]
        return [(a, min(b, a + most)) for a, b in zip(starts, ends, strict=True)]

    def _load(self, order: EpochOrder, stretch: Stretch) -> tuple[Samples, Array | None]:
        if order.shuffle is None:  # one run
            rows = self._read(stretch.first_row, stretch.first_row + stretch.rows)
            return self._samples(rows, stretch), None
        buffers = [
            None if part is None else np.empty((stretch.rows, *part.shape[1:]), part.dtype)
            for part in self._first
        ]
        for run in order.runs(stretch):
            there = slice(run.place, run.place + run.stop - run.start)
            for buffer, part in zip(buffers, self._read(run.start, run.stop), strict=True):
                if buffer is not None:
                    buffer[there] = part
        x, y, weight, counts = buffers
        assert x is not None
        assert y is not None
        return self._samples(Rows(x, y, weight, counts), stretch), order.order(stretch)

    def _samples(self, rows: Rows, stretch: Stretch | None = None) -> Samples:
        samples = Samples(rows.x, rows.y, rows.counts, self.dtype, loss_weight=rows.weight)
        if stretch is not None:
            samples.first_step = stretch.first_step
        return samples

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_held": None, "_next": None}


class _Reading:
    """A stretch that a thread of its own reads."""

    def __init__(self, key: tuple[int, ...], load: Any, *arguments: Any) -> None:
        self.key, self._load, self._arguments = key, load, arguments
        self._found: Any = None
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = threading.Thread(
            target=self._run, name="hyalite-read", daemon=True
        )
        try:
            self._thread.start()
        except RuntimeError:  # no memory for its stack: then it is read when it is asked for
            self._thread = None

    def _run(self) -> None:
        try:
            self._found = self._load(*self._arguments)
        except BaseException as error:
            self._error = error

    def join(self) -> None:
        """Wait until it is done."""
        if self._thread is None:
            self._run()
        else:
            self._thread.join()

    def result(self) -> Any:
        """What was read; or the error of reading it is raised."""
        self.join()
        if self._error is not None:
            raise self._error
        return self._found


def array_rows(samples: Samples) -> Callable[[int, int], Rows]:
    """What reads rows of arrays, or of maps of files."""

    def read(start: int, stop: int) -> Rows:
        where: Any = slice(start, stop)
        if samples.rows is not None:
            where = samples.rows[where]
        y = samples.y
        assert y is not None
        weight, counts = samples.weight, samples.counts
        return Rows(
            np.asarray(samples.x[where]),
            y[where],
            None if weight is None else weight[where],
            None if counts is None else counts[where],
        )

    return read

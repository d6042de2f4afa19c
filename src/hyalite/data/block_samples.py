"""Samples that are read in blocks while a model trains: packs, maps, arrays, sources of one's own.

What `Samples` is for rows in memory this is for rows anywhere. An epoch comes in stretches of some
megabytes (`block_order`): one is trained on while a thread reads the next one, so that what is in
memory at a time does not depend on how many rows there are.

A worker of a group reads the inputs of its own share of each batch, and of the rest the targets,
by which all workers weigh and measure.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from hyalite.data.block_order import (
    BLOCK_BYTES,
    STRETCH_BYTES,
    BlockShuffle,
    EpochOrder,
    Run,
    Share,
    Stretch,
)
from hyalite.data.samples import Batch, Samples
from hyalite.parameters import Array

TARGET_ROWS = 1 << 20  # that stand for the whole target of rows that are not in memory
THREAD_BYTES = 16 << 20  # the stack of the thread that reads, and what malloc takes for it
DIGEST_PIECES, DIGEST_ROWS = 64, 16  # of the rows, that tell one source from another


class RowSource(Protocol):
    """Rows that can be asked for: what `fit` takes in the place of arrays.

    With a method ``block_targets(start, stop)``, which gives y alone, a worker of a group asks for
    the blocks of its own rows, and of the others for their targets; without one it asks for all.

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
    """Rows as an engine takes them: inputs, targets, weights in loss and in metrics.

    Where they are asked for their targets alone, x is None.
    """

    x: Any
    y: Array
    weight: Array | None = None
    counts: Array | None = None


class Stretched(Samples):
    """The samples of a stretch.

    Args:
        rows: of the stretch.
        dtype: of the batches.
        first_step: of the epoch.
        missing: runs whose inputs were not read, since they are another worker's.
        read: gives rows start..stop-1 of the source.
    """

    def __init__(
        self,
        rows: Rows,
        dtype: np.dtype[Any],
        first_step: int,
        missing: Sequence[Run],
        read: Callable[[int, int], Rows],
    ) -> None:
        super().__init__(rows.x, rows.y, rows.counts, dtype, loss_weight=rows.weight)
        self.first_step, self._missing, self._missing_read = first_step, missing, read

    def complete(self) -> None:
        """Read what is another worker's, too: an error names a row, whoever's it is."""
        for run in self._missing:
            rows = self._missing_read(run.start, run.stop)
            self.x[run.place : run.place + len(rows.x)] = rows.x
        self._missing = ()


class BlockSamples(Samples):
    """Rows of a source, in the order of blocks and lanes.

    Args:
        read: gives rows start..stop-1 of the source, checked.
        rows: how many there are.
        dtype: of the batches.
        shuffle: the order; None as they lie.
        digest: what tells the source from others; None reads some of its rows for that.
        read_targets: the same as `read` without inputs; None where that is no less to read.
        share: which rows of a batch are this worker's; None for all.

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
        read_targets: Callable[[int, int], Rows] | None = None,
        share: Share | None = None,
    ) -> None:
        self._read, self._count, self.dtype, self._own_digest = read, rows, dtype, digest
        self._read_targets, self._share = read_targets, share
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

    def of_stretch(
        self, order: EpochOrder, stretch: Stretch, whole: bool = False
    ) -> tuple[Samples, Array | None]:
        """A stretch's samples, and the order in which they come; the next one is sent for.

        Args:
            order: of the epoch.
            stretch: of it.
            whole: whether workers share it as a whole, not batch by batch.
        """
        key = (order.shuffle is None, order.seed, order.epoch, order.batch_size, stretch.number)
        if self._held is None or self._held[0] != key:
            self._held = None  # its memory may be used again
            reading = self._next
            if reading is None or reading.key != key:
                if reading is not None:
                    reading.join()
                reading = _Reading(key, self._load, order, stretch, whole)
            self._next = None
            samples, places = reading.result()
            self._held = (key, samples, places)
            if stretch.number + 1 < order.count:
                following = order.stretch(stretch.number + 1)
                self._next = _Reading((*key[:4], key[4] + 1), self._load, order, following, whole)
        return self._held[1], self._held[2]

    def batch(self, start: int, stop: int, order: Any = None) -> Batch:
        """The rows at places start..stop-1 of `order`, which lie in one batch of it."""
        if order is None:
            rows = self._read(start, stop)
            return Stretched(rows, self.dtype, 0, (), self._read).batch(0, stop - start)
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
            read, size = self._read_targets or self._read, TARGET_ROWS // pieces
            at_once = size if self._read_targets else max(1, STRETCH_BYTES // self.row_bytes)
            self._target = np.concatenate(
                [
                    read(low, min(stop, low + at_once)).y
                    for start, stop in self._pieces(pieces, size)
                    for low in range(start, stop, at_once)
                ]
            )
        return self._target

    def complete(self) -> None:
        """See `Stretched.complete`."""
        if self._held is not None:
            self._held[1].complete()

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
        """Bytes that rows take at most, beside the model's: two stretches, and what arrives."""
        order = self.order(batch_size)
        cast = max(self.x.dtype.itemsize, self.dtype.itemsize) / max(1, self.x.dtype.itemsize)
        batch = order.batch_size * self.row_bytes * cast
        places, arriving = 8, 0  # of labels that the kernels take
        if self._share is not None:  # pieces, as large as that at most
            arriving = order.stretch_rows * self.row_bytes
        if self.shuffle is not None:
            assert self.shuffle.block_rows is not None
            places += 8 * 2  # the order's, and its making's
            arriving = self.shuffle.block_rows * self.row_bytes
        stretches = min(2, order.count) * order.stretch_rows * (self.row_bytes + places)
        return int(stretches + batch + arriving)

    def _pieces(self, count: int, most: int) -> list[tuple[int, int]]:
        """Evenly spaced stretches of neighbouring rows."""
        count = min(count, self._count)
        starts = [number * self._count // count for number in range(count)]
        ends = [*starts[1:], self._count]
        return [(a, min(b, a + most)) for a, b in zip(starts, ends, strict=True)]

    def _load(
        self, order: EpochOrder, stretch: Stretch, whole: bool
    ) -> tuple[Samples, Array | None]:
        own, others = self._runs(order, stretch, whole)
        places = order.order(stretch)
        if places is None and not others:  # one run
            rows = self._read(stretch.first_row, stretch.first_row + stretch.rows)
        else:
            rows = Rows(
                *(
                    None if part is None else np.empty((stretch.rows, *part.shape[1:]), part.dtype)
                    for part in self._first
                )  # type: ignore[arg-type]
            )
            self._fill(rows, own, self._read)
            if others:
                assert self._read_targets is not None
                self._fill(rows, others, self._read_targets)
        return Stretched(rows, self.dtype, stretch.first_step, others, self._read), places

    def _fill(self, rows: Rows, runs: Sequence[Run], read: Callable[[int, int], Rows]) -> None:
        """Read runs into their places."""
        for run in runs:
            for buffer, part in zip(rows, read(run.start, run.stop), strict=True):
                if buffer is not None and part is not None:
                    buffer[run.place : run.place + run.stop - run.start] = part

    def _runs(
        self, order: EpochOrder, stretch: Stretch, whole: bool
    ) -> tuple[Sequence[Run], Sequence[Run]]:
        """What is to be read of a stretch, and of what the targets alone."""
        batch_bytes = order.batch_size * self.row_bytes
        if self._share is None or self._read_targets is None:
            return list(order.runs(stretch)), ()
        if order.shuffle is not None:
            lanes = order.lanes_of(stretch, self._share)
            return list(order.runs(stretch, lanes)), list(order.runs(stretch, ~lanes))
        if not whole and batch_bytes < BLOCK_BYTES:  # it would be read in one go anyway
            return list(order.runs(stretch)), ()
        return order.pieces(stretch, self._share, stretch.rows if whole else order.batch_size)

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


def array_rows(samples: Samples, inputs: bool = True) -> Callable[[int, int], Rows]:
    """What reads rows of arrays, or of maps of files; or their targets alone."""

    def read(start: int, stop: int) -> Rows:
        where: Any = slice(start, stop)
        if samples.rows is not None:
            where = samples.rows[where]
        y = samples.y
        assert y is not None
        weight, counts = samples.weight, samples.counts
        return Rows(
            np.asarray(samples.x[where]) if inputs else None,
            y[where],
            None if weight is None else weight[where],
            None if counts is None else counts[where],
        )

    return read

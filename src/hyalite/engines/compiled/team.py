"""The threads that call the kernel together, while the caller listens for a Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import numpy as np

from hyalite.engines.compiled.tables import Told
from hyalite.engines.threads import fair_share
from hyalite.parameters import Array

HEARING = 0.1  # seconds between two looks at what the interpreter has to say
LONG = 0.2  # seconds; a call of that length is not made by the thread that must hear


class Team:
    """Threads for calls of the kernel; they live until `close`."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._size = 0

    def size(self, pieces: int) -> int:
        """How many threads to use for so many pieces of work: a share of the cores at most."""
        return max(1, min(fair_share(), pieces))

    def call(
        self,
        entry: Any,
        threads: int,
        told: Array,
        arguments: tuple[Any, ...],
        seconds: float,
        enough: Callable[[], bool] = lambda: False,
    ) -> None:
        """Run ``entry(thread, threads, *arguments)`` on all threads and wait for them.

        Args:
            entry: as `entries.prepare` gives it.
            threads: how many.
            told: `Told.STOP` is set in it where the kernel is to end early.
            arguments: after the first two.
            seconds: that it will take, as far as one knows.
            enough: whether the kernel is to end as soon as it can.
        """
        if threads == 1 and seconds < LONG:
            entry(0, 1, *arguments)
            return
        # One submission: whatever interrupts this thread, all threads of the kernel start or none.
        leader = self._workers(threads).submit(self._lead, entry, threads, arguments)
        try:
            while not leader.done():
                wait([leader], timeout=HEARING)
                if enough():
                    told[Told.STOP] = 1
        except BaseException:
            told[Told.STOP] = 1
            wait([leader])
            raise
        leader.result()

    def _lead(self, entry: Any, threads: int, arguments: tuple[Any, ...]) -> None:
        assert self._pool is not None
        others: list[Future[None]] = [
            self._pool.submit(entry, thread, threads, *arguments) for thread in range(1, threads)
        ]
        entry(0, threads, *arguments)
        for other in others:
            other.result()

    def _workers(self, threads: int) -> ThreadPoolExecutor:
        if self._pool is None or self._size < threads:
            self.close()
            self._pool, self._size = ThreadPoolExecutor(threads, "hyalite"), threads
        return self._pool

    def close(self) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None


def new_told() -> Array:
    """The vector by which kernel and Python speak."""
    return np.zeros(8 * len(Told), np.int64)

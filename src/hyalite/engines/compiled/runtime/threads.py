"""The threads that call the kernel together, while the caller listens for a Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import numpy as np

from hyalite.engines.compiled.structs import Control, IntVector, Vector
from hyalite.engines.threads import fair_share

LISTENING_SECONDS = 0.1  # between two looks at what the interpreter has to say
# A call of at least that length is not made by the thread that must listen.
MAX_DEAF_SECONDS = 0.2


class KernelThreads:
    """Threads for calls of the kernel; they live until `close`."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._size = 0

    def size(self, pieces: int) -> int:
        """How many threads to use for so many pieces of work: a share of the cores at most."""
        return max(1, min(fair_share(), pieces))

    def call(
        self,
        entry_point: Callable[..., Any],
        threads: int,
        control: Vector,
        frame: IntVector,
        seconds: float,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Run ``entry_point(thread, threads, frame)`` on all threads and wait for them.

        Args:
            entry_point: see `machine_code.entry_points`.
            threads: how many.
            control: `Control.STOP` is set in it where the kernel is to end early.
            frame: what it is called with, packed.
            seconds: that it is expected to take.
            should_stop: whether the kernel is to end as soon as it can.
        """
        if threads == 1 and seconds < MAX_DEAF_SECONDS:
            entry_point(0, 1, frame.ctypes.data)
            return
        # One submission: whatever interrupts this thread, all threads of the kernel start or none.
        leader = self._workers(threads).submit(self._lead, entry_point, threads, frame)
        try:
            while not leader.done():
                wait([leader], timeout=LISTENING_SECONDS)
                if should_stop():
                    control[Control.STOP] = 1
        except BaseException:
            control[Control.STOP] = 1
            wait([leader])
            raise
        leader.result()

    def _lead(self, entry_point: Callable[..., Any], threads: int, frame: IntVector) -> None:
        assert self._pool is not None
        address = frame.ctypes.data
        others: list[Future[None]] = [
            self._pool.submit(entry_point, thread, threads, address) for thread in range(1, threads)
        ]
        entry_point(0, threads, address)
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


def new_control() -> Vector:
    """The vector by which kernel and Python speak; see `Control`."""
    return np.zeros(8 * len(Control), np.int64)

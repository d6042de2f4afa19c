"""The threads that call the kernel together, while the caller listens for a Ctrl-C."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import numpy as np

from hyalite.engines.compiled.structs import Control, IntVector
from hyalite.engines.threads import fair_share

LISTENING_SECONDS = 0.1  # between two looks at what the interpreter has to say
# A call of at least that length is not made by the thread that must listen.
MAX_DEAF_SECONDS = 0.2


# A thread is started where none is idle, so no call waits for another's threads.
MAX_THREADS = 4096


class _Threads:
    """They last as long as the process: to start one costs more than to predict 1,000 rows. A
    forked child has none of them and starts its own.
    """

    def __init__(self) -> None:
        self._empty()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._empty)

    def _empty(self) -> None:
        self._pool = ThreadPoolExecutor(MAX_THREADS, "hyalite")

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call it in a thread."""
        return self._pool.submit(function, *arguments)


_threads = _Threads()


def threads_for(pieces: int) -> int:
    """How many to use for so many pieces of work: a share of the cores at most."""
    return max(1, min(fair_share(), pieces))


def run_on_threads(
    entry_point: Callable[..., Any],
    threads: int,
    control: IntVector,
    frame: IntVector,
    seconds: float,
    should_stop: Callable[[], bool] = lambda: False,
    *,
    apart: bool = False,
) -> None:
    """Run ``entry_point(thread, threads, address of the frame)`` on all threads and wait for them.

    Args:
        entry_point: see `machine_code.entry_points`.
        threads: how many.
        control: `Control.STOP` is set in it where the kernel is to end early.
        frame: what it is called with, packed.
        seconds: that it is expected to take.
        should_stop: whether the kernel is to end as soon as it can.
        apart: none of the threads waits for another, so this one may be one of them; each takes
            what is left to do, and counts itself in `Control.DONE` at its end.
    """
    address = frame.ctypes.data
    if seconds < MAX_DEAF_SECONDS and (apart or threads == 1):
        others = _others(entry_point, threads, address)
        try:
            entry_point(0, threads, address)
        finally:  # whatever interrupts this thread, the memory is theirs until they end
            _finish(others, control)
        return
    # One submission: whatever interrupts this thread, all threads of the kernel start or none.
    leader = _threads.submit(_lead, entry_point, threads, address)
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


def _finish(others: list[Future[Any]], control: IntVector) -> None:
    """Wait for those that have begun. The system takes 50 µs to wake a thread, so this one does not
    sleep where they have ended already, and one that has not begun has nothing to do any more.
    """
    begun = [other for other in others if not other.cancel()]
    if control[Control.DONE] <= len(begun):  # this thread is counted, too
        wait(begun)
        for other in begun:
            other.result()


def _lead(entry_point: Callable[..., Any], threads: int, address: int) -> None:
    others = _others(entry_point, threads, address)
    entry_point(0, threads, address)
    for other in others:
        other.result()


def _others(entry_point: Callable[..., Any], threads: int, address: int) -> list[Future[Any]]:
    return [_threads.submit(entry_point, thread, threads, address) for thread in range(1, threads)]


def new_control() -> IntVector:
    """The vector by which kernel and Python speak; see `Control`."""
    return np.zeros(8 * len(Control), np.int64)

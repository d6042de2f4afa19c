"""The threads that call the kernel together, while the caller listens for a Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import Any

import numpy as np

from hyalite.engines.compiled.machine_code.entry_points import entry_point
from hyalite.engines.compiled.structs import FREE, NOBODY, PLACE, Control, IntVector
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
        """Call it in a thread.

        Raises:
            RuntimeError, MemoryError: no thread can be started; nobody has called it, and nobody
                will.
        """
        result: Future[Any] = Future()

        def call() -> None:
            if result.set_running_or_notify_cancel():
                try:
                    result.set_result(function(*arguments))
                except BaseException as error:  # for whoever waits
                    result.set_exception(error)

        try:
            self._pool.submit(call)
        except (RuntimeError, MemoryError):
            # The pool keeps what it could not start a thread for: one that is there already may
            # take it at any time, when what the addresses point at is gone.
            if result.cancel():
                raise
        return result


_threads = _Threads()


class Helpers:
    """Threads that help a caller of ``infer`` and stay for a moment, in case it calls again.

    Args:
        dtype: of the models.
    """

    def __init__(self, dtype: np.dtype[np.floating]) -> None:
        self._help = entry_point("help_infer", dtype)
        self._empty()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._empty)

    def _empty(self) -> None:
        self._lock, self._places = threading.Lock(), np.empty(0, np.int64)

    def call(self, count: int) -> IntVector:
        """The places of so many helpers, each of whom is there or is coming."""
        with self._lock:
            if self._places.size < count * PLACE:
                # those who are there go on in their old places until they leave
                self._places = np.full(count * PLACE, NOBODY)
            places = self._places[: count * PLACE]
            for number in range(count):
                if places[number * PLACE] == NOBODY:
                    places[number * PLACE] = FREE
                    address = places.ctypes.data + number * PLACE * places.itemsize
                    # at the end of the interpreter, or where no thread can be started: alone
                    with contextlib.suppress(RuntimeError, MemoryError):
                        _threads.submit(self._stay, number + 1, address, places)
        return places

    def _stay(self, number: int, address: int, places: IntVector) -> None:
        """Hold the places as long as the kernel looks at one."""
        self._help(number, address)
        del places


@cache
def helpers(dtype: np.dtype[np.floating]) -> Helpers:
    """Of this process, for models of a dtype."""
    return Helpers(dtype)


def threads_for(pieces: int) -> int:
    """How many to use for so many pieces of work: a share of the cores at most."""
    return max(1, min(fair_share(), pieces))


def run_on_threads(
    kernel: Callable[..., Any],
    threads: int,
    control: IntVector,
    frame: IntVector,
    seconds: float,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Run ``kernel(thread, threads, address of the frame)`` on all threads and wait for them.

    Where the system gives fewer threads, the kernel runs on those: the results are the same.

    Args:
        kernel: see `machine_code.entry_points`.
        threads: how many.
        control: `Control.STOP` is set in it where the kernel is to end early.
        frame: what it is called with, packed.
        seconds: that it is expected to take.
        should_stop: whether the kernel is to end as soon as it can.
    """
    address = frame.ctypes.data
    if threads == 1 and seconds < MAX_DEAF_SECONDS:
        kernel(0, threads, address)
        return
    # One submission: whatever interrupts this thread, all threads of the kernel start or none.
    try:
        leader = _threads.submit(_lead, kernel, threads, address)
    except (RuntimeError, MemoryError):  # not one more thread
        kernel(0, 1, address)
        return
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


def _lead(kernel: Callable[..., Any], wanted: int, address: int) -> None:
    others: list[Future[Any]] = []
    threads: Future[int] = Future()  # that there are; the kernel's barriers wait for so many
    with contextlib.suppress(RuntimeError, MemoryError):  # the system gives no more
        # one by one: those that there are, where the next cannot be started
        others.extend(
            _threads.submit(_follow, kernel, number, threads, address)
            for number in range(1, wanted)
        )
    threads.set_result(1 + len(others))
    kernel(0, 1 + len(others), address)
    for other in others:
        other.result()


def _follow(kernel: Callable[..., Any], number: int, threads: Future[int], address: int) -> None:
    kernel(number, threads.result(), address)


def new_control() -> IntVector:
    """The vector by which kernel and Python speak; see `Control`."""
    return np.zeros(8 * len(Control), np.int64)

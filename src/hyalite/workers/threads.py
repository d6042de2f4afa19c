"""Workers that are threads of one process: for tests, and to see what workers would do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from hyalite import checks
from hyalite.errors import LostWorker
from hyalite.parameters import Array
from hyalite.workers.group import Group, Message

T = TypeVar("T")
SECONDS = 60.0  # that a thread waits for the others


class ThreadWorker:
    """One of them; see `Group`.

    Args:
        rank: its number.
        size: how many there are.
        meeting: where they wait for each other.
        table: where each lays down what it has for the others.
        timeout: seconds that it waits.
    """

    regroup = False

    def __init__(
        self,
        rank: int,
        size: int,
        meeting: threading.Barrier,
        table: list[Sequence[Message]],
        timeout: float,
    ) -> None:
        self.rank, self.size, self.timeout, self.neighbors = rank, size, timeout, size
        self._meeting, self._table = meeting, table

    def exchange(self, pieces: Sequence[Message], timeout: float) -> list[Message]:
        """See `Group.exchange`."""
        self._table[self.rank] = [[_copy(part) for part in piece] for piece in pieces]
        self._meet(timeout)
        got = [there[self.rank] for there in self._table]
        self._meet(timeout)  # all have read before anybody lays down anew
        got[self.rank] = pieces[self.rank]
        return got

    def _meet(self, timeout: float) -> None:
        try:
            self._meeting.wait(timeout)
        except threading.BrokenBarrierError:
            raise LostWorker(
                f"rank {self.rank}: another of the {self.size} threads has failed, or has said "
                f"nothing for {timeout:g} s"
            ) from None

    def abort(self, reason: str) -> None:
        """See `Group.abort`."""
        self._meeting.abort()


def _copy(part: Array) -> Array:
    return np.ascontiguousarray(part).reshape(-1).view(np.uint8).copy()


def run(size: int, function: Callable[[Group], T], timeout: float = SECONDS) -> list[T]:
    """Call the function with each worker of a group, in a thread each, and return what they give.

    Args:
        size: of the group.
        function: takes a group; each call needs a model of its own.
        timeout: seconds that one waits for the others.

    Raises:
        Exception: the first that one of them raised of itself.

    Examples:
        >>> def fit(workers):
        ...     model = hy.Sequential([hy.Dense(1)])
        ...     model.compile("mse", hy.SGD(0.1))
        ...     x, y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0]
        ...     model.fit(x, y, epochs=100, seed=0, verbose=0, workers=workers)
        ...     return model.theta.tobytes()
        >>> three = hy.workers.threads.run(3, fit)
        >>> three == [fit(hy.workers.alone())] * 3
        True
    """
    size = checks.integer(size, "size")
    meeting = threading.Barrier(size)
    table: list[Sequence[Message]] = [()] * size

    def work(rank: int) -> T:
        group = ThreadWorker(rank, size, meeting, table, timeout)
        try:
            return function(group)
        except BaseException:
            group.abort("")
            raise

    with ThreadPoolExecutor(size, "hyalite-worker") as pool:
        futures = [pool.submit(work, rank) for rank in range(size)]
        errors = [future.exception() for future in futures]
    # those who only missed the one that failed come last
    for error in sorted((e for e in errors if e), key=lambda e: isinstance(e, LostWorker)):
        raise error
    return [future.result() for future in futures]

"""How many threads an engine may use, and how fits that run at the same time share them."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator

VARIABLE = "HYALITE_NUM_THREADS"
# Set by those who start several processes on one machine, such as joblib, so that each takes its
# share of the cores only.
OTHER_VARIABLES = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")

_chosen: int | None = None
_neighbors = 1  # processes that train together on this one's cores


class SharedContext:
    """A context that several threads may be in: it counts them. A forked child begins at 0.

    Args:
        first: called when one comes in and none is inside.
        last: called when the last one leaves.
    """

    def __init__(
        self, first: Callable[[], object] | None = None, last: Callable[[], object] | None = None
    ) -> None:
        self.first, self.last = first, last
        self._empty()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._empty)

    def _empty(self) -> None:
        self.size, self._lock = 0, threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            if self.first is not None and not self.size:
                self.first()
            self.size += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.size -= 1
            if self.last is not None and not self.size:
                self.last()


active_fits = SharedContext()  # they share the cores


def set_num_threads(threads: int | None) -> None:
    """Limit the threads of all engines in this process; None goes back to the default.

    The default is the environment variable HYALITE_NUM_THREADS, else OMP_NUM_THREADS or
    NUMBA_NUM_THREADS where set, else the number of cores this process may use, or the threads that
    Dask gave to its workers here. Fits that run at the same time share it. The number of threads
    changes no result.

    Args:
        threads: at most so many, or None.

    Raises:
        ValueError: not a whole number of at least 1.

    Examples:
        >>> hy.set_num_threads(1)
        >>> hy.get_num_threads()
        1
        >>> hy.set_num_threads(None)
    """
    from hyalite import checks  # NumPy, without which the number of cores is known, too

    global _chosen
    _chosen = None if threads is None else checks.integer(threads, "threads")


def get_num_threads() -> int:
    """How many threads engines may use in this process, all of them together.

    Raises:
        ValueError: HYALITE_NUM_THREADS is no whole number of at least 1.

    Examples:
        >>> hy.get_num_threads() >= 1
        True
    """
    if _chosen is not None:
        return _chosen
    if VARIABLE in os.environ:
        return _from_environment(VARIABLE)
    found = [
        _from_environment(name) for name in OTHER_VARIABLES if os.environ.get(name, "").isdigit()
    ]
    return min([*found, _cores(), *_threads_of_dask()])


@contextlib.contextmanager
def sharing_cores(processes: int) -> Iterator[None]:
    """Let the default be a share of the cores meanwhile, since others train on the same ones."""
    global _neighbors
    before, _neighbors = _neighbors, processes
    try:
        yield
    finally:
        _neighbors = before


def _from_environment(name: str) -> int:
    text = os.environ[name]
    if not text.isdigit() or int(text) < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {text!r}")
    return int(text)


def _cores() -> int:
    there = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        there = len(os.sched_getaffinity(0))
    return max(1, there // _neighbors)


def _threads_of_dask() -> list[int]:
    """How many threads the Dask workers in this process have, all together; nothing without any.

    Dask limits other libraries by OMP_NUM_THREADS, but only where a nanny starts the worker.
    """
    module = sys.modules.get("distributed.worker")
    workers = list(getattr(getattr(module, "Worker", None), "_instances", ()))
    counts = [worker.state.nthreads for worker in workers if worker.status.name == "running"]
    return [sum(counts)] if counts else []


def fair_share() -> int:
    """How many threads one of the active fits may use just now."""
    return max(1, get_num_threads() // max(1, active_fits.size))


class Turns:
    """At most so many jobs at a time in this process, whoever asks. A forked child begins anew."""

    def __init__(self) -> None:
        self._empty()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._empty)

    def _empty(self) -> None:
        self.busy, self._changed = 0, threading.Condition()

    @contextlib.contextmanager
    def one(self, limit: int) -> Iterator[None]:
        """Wait until fewer than `limit` are inside, then be inside."""
        with self._changed:
            self._changed.wait_for(lambda: self.busy < limit)
            self.busy += 1
        try:
            yield
        finally:
            with self._changed:
                self.busy -= 1
                self._changed.notify_all()


turns = Turns()  # of whole trainings that were started side by side

"""How many threads an engine may use, and how fits that run at the same time share them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from hyalite import checks

VARIABLE = "HYALITE_NUM_THREADS"
# Set by those who start several processes on one machine, such as joblib, so that each takes its
# share of the cores only.
OTHERS = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")

_lock = threading.Lock()
_chosen: int | None = None
_working = 0


def set_num_threads(threads: int | None) -> None:
    """Limit the threads of all engines in this process; None goes back to the default.

    The default is the environment variable HYALITE_NUM_THREADS, else OMP_NUM_THREADS or
    NUMBA_NUM_THREADS where set, else the number of cores this process may use. Fits that run at
    the same time share it. The number of threads changes no result.

    Raises:
        ValueError: not a whole number of at least 1.
    """
    global _chosen
    _chosen = None if threads is None else checks.whole(threads, "threads")


def get_num_threads() -> int:
    """How many threads engines may use in this process, all of them together."""
    if _chosen is not None:
        return _chosen
    if VARIABLE in os.environ:
        return _from_environment(VARIABLE)
    found = [_from_environment(name) for name in OTHERS if os.environ.get(name, "").isdigit()]
    return min([*found, _cores()])


def _from_environment(name: str) -> int:
    text = os.environ[name]
    if not text.isdigit() or int(text) < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {text!r}")
    return int(text)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def working() -> Iterator[None]:
    """Count as one of those who share the threads."""
    global _working
    with _lock:
        _working += 1
    try:
        yield
    finally:
        with _lock:
            _working -= 1


def fair_share() -> int:
    """How many threads one of those who are working may use just now."""
    return max(1, get_num_threads() // max(1, _working))


def _after_fork() -> None:
    global _working, _lock
    _working, _lock = 0, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

"""A lock at which the requests of a page go before the worker that trains in the background."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Whoever enters by `first` waits for one slice of training at most.

    A plain lock is given back and taken again by the worker before anybody else wakes up.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._held = False
        self._waiting = 0

    @contextmanager
    def first(self) -> Iterator[None]:
        """For a request."""
        with self._condition:
            self._waiting += 1
            while self._held:
                self._condition.wait()
            self._waiting -= 1
            self._held = True
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def last(self) -> Iterator[None]:
        """For the worker: only where no request waits."""
        with self._condition:
            while self._held or self._waiting:
                self._condition.wait()
            self._held = True
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._condition:
            self._held = False
            self._condition.notify_all()

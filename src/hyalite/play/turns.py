"""A lock at which the requests of a page go before the worker that trains in the background."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

MOMENT = 0.004  # about what a picture of a small network takes alone, in seconds


class Turns:
    """Whoever enters by `first` waits for one slice of training at most.

    A plain lock is given back and taken again by the worker before anybody else wakes up.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._held = False
        self._waiting = 0
        self._drawing = 0

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
    def drawing(self) -> Iterator[None]:
        """For what a request makes of its copies: for a moment the worker leaves it the cores."""
        with self._condition:
            self._drawing += 1
        try:
            yield
        finally:
            with self._condition:
                self._drawing -= 1
                self._condition.notify_all()

    @contextmanager
    def last(self) -> Iterator[None]:
        """For the worker: only where no request waits. One that draws may hold it up by MOMENT:
        beside training it would take three times as long, and the next one waits for it.
        """
        until = time.monotonic() + MOMENT
        with self._condition:
            while self._held or self._waiting or (self._drawing and time.monotonic() < until):
                self._condition.wait(MOMENT)
            self._held = True
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._condition:
            self._held = False
            self._condition.notify_all()

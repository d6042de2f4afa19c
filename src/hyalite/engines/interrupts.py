"""Ctrl-C, and SIGTERM where it is asked for, wait until the numbers are whole.

::

    with deferred(signal.SIGINT):
        while more:
            ...  # a step; long ones ask `waiting` in between, and may end early
            deliver()  # here a KeyboardInterrupt may come, and nowhere else
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

_waiting: list[tuple[signal.Signals, FrameType | None]] = []
_before: dict[signal.Signals, Any] = {}


@contextlib.contextmanager
def deferred(*signals: signal.Signals) -> Iterator[None]:
    """Hold back these signals, but for a second one while the first still waits.

    Python hears signals in the main thread only, so elsewhere, and within another `deferred`,
    there is nothing to do. What is ignored, or handled outside Python, stays so; where SIGTERM
    would end the process at once it becomes a SystemExit.
    """
    if _before or threading.current_thread() is not threading.main_thread():
        yield
        return
    for number in signals:
        handler = signal.getsignal(number)
        if callable(handler) or (number == signal.SIGTERM and handler == signal.SIG_DFL):
            _before[number] = handler
            signal.signal(number, _hear)
    try:
        yield
    finally:
        for number, earlier in _before.items():
            signal.signal(number, earlier)
        try:
            deliver()
        finally:
            _before.clear()
            _waiting.clear()


def waiting() -> bool:
    """Whether a signal for this thread is held back."""
    return bool(_waiting) and threading.current_thread() is threading.main_thread()


def first_waiting() -> int:
    """The number of the signal that has waited longest, or 0."""
    return int(_waiting[0][0]) if waiting() else 0


def deliver() -> None:
    """Let what is held back take effect.

    Raises:
        KeyboardInterrupt: for SIGINT, as by default.
        SystemExit: for SIGTERM, with the exit code 143.
    """
    while waiting():
        number, frame = _waiting.pop(0)
        handler = _before[number]
        if callable(handler):
            handler(number, frame)
        else:
            raise SystemExit(128 + number)


def _hear(number: int, frame: FrameType | None) -> None:
    impatient = bool(_waiting)
    _waiting.append((signal.Signals(number), frame))
    if impatient:
        deliver()

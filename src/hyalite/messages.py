"""What the library tells beside its results: one line each, through the logger "hyalite".

Such as which engine was taken and why, or that a checkpoint is damaged. Where a program has set up
no logging, they are printed as ``hyalite: ...`` on the error stream.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from functools import cache

from hyalite.text import printable
from hyalite.translation import translated

logger = logging.getLogger("hyalite")


class _ErrorStream(logging.Handler):
    """Prints a line where no other handler would: `logging.lastResort`, with our name before it."""

    def emit(self, record: logging.LogRecord) -> None:
        others = any(handler is not self for handler in logger.handlers)
        if not others and not (logger.propagate and logging.root.handlers):
            text = translated(printable(record.getMessage()))  # a stranger's file may be named
            print(f"hyalite: {text}", file=sys.stderr, flush=True)


_error_stream = _ErrorStream()
_muted = False


def say(text: str) -> None:
    """Log a line as a warning, the level that is shown unless somebody asks for less.

    The handler that prints it joins the logger with the first line, not with the import.
    """
    if _muted:
        return
    logger.addHandler(_error_stream)  # again and again makes no difference
    logger.warning("%s", text)


@cache
def say_once(text: str) -> None:
    """The same, but each text once in a process."""
    say(text)


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """Say nothing meanwhile: of several processes that do the same, one is to speak."""
    global _muted
    before, _muted = _muted, True
    try:
        yield
    finally:
        _muted = before

"""BLAS on one thread while an engine works.

How many threads a matrix product is spread over changes its rounding, so a result would depend on
the machine's number of cores. At the sizes of one shard a second thread is seldom a gain: 100
rows through 784-64 took 182 µs on two threads and 135 on one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_lock = threading.Lock()
_working = 0  # engines at work; the limit is the whole process's, so the last one lifts it
_limiter: Any = None


@cache
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread until the last of those who asked for it is done."""
    global _working, _limiter
    with _lock:
        if _working == 0:
            _limiter = _controller().limit(limits=1, user_api="blas")
            _limiter.__enter__()
        _working += 1
    try:
        yield
    finally:
        with _lock:
            _working -= 1
            if _working == 0:
                _limiter.__exit__(None, None, None)

"""BLAS on one thread while the NumPy engine works.

How many threads a matrix product is spread over changes its rounding, so a result would depend on
the machine's number of cores. At the sizes of one shard a second thread is seldom a gain: 100
rows through 784-64 took 182 µs on two threads and 135 on one.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from hyalite.engines.threads import SharedContext


@cache
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


class _Limit:
    """What `SharedContext` turns on and off."""

    def on(self) -> None:
        self.limiter = _controller().limit(limits=1, user_api="blas")
        self.limiter.__enter__()

    def off(self) -> None:
        self.limiter.__exit__(None, None, None)


_limit = _Limit()
# The limit is the whole process's, so the last engine at work lifts it.
one_blas_thread = SharedContext(_limit.on, _limit.off)

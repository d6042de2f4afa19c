"""BLAS while the NumPy engine works: on one thread, and without its false alarms.

How many threads a matrix product is spread over changes its rounding, so a result would depend on
the machine's number of cores. At the sizes of one shard a second thread is seldom a gain: 100
rows through 784-64 took 182 µs on two threads and 135 on one.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

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


def no_false_alarm() -> np.errstate:
    """A context without NumPy's "invalid value encountered", which may be said of right numbers.

    OpenBLAS's product of float32 (rows, 5) and (5,) for AVX-512 (`sgemv_kernel_t_5` in
    kernel/x86_64/sgemv_t_microk_skylakex_template.c, seen with 0.3.31) takes unset places of the
    stack along with the last rows: no result has them, but a signalling NaN that lies there sets
    the processor's flag, which `np.dot` reads. Training needs no such context: it has its own, and
    looks at the loss.
    """
    return np.errstate(invalid="ignore")

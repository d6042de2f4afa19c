"""BLAS on one thread while an engine works, and its matrix product for compiled code.

How many threads a matrix product is spread over changes its rounding, so a result would depend on
the machine's number of cores. At the sizes of one shard a second thread is seldom a gain: 100
rows through 784-64 took 182 µs on two threads and 135 on one.
"""

from __future__ import annotations

import ctypes
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


@cache
def gemm_address(dtype: np.dtype[Any]) -> int:
    """Where Fortran's matrix product for this dtype lies in memory.

    NumPy's own, so that both engines round alike (and it was up to a third faster than SciPy's);
    where NumPy keeps it to itself, as Apple's does, SciPy's.
    """
    letter = "s" if dtype == np.float32 else "d"
    for library in _controller().info():
        if library["internal_api"] == "openblas" and "numpy" in library["filepath"]:
            functions = ctypes.CDLL(library["filepath"])
            for name in ("scipy_{}gemm_64_", "{}gemm_64_", "scipy_{}gemm_", "{}gemm_"):
                function = getattr(functions, name.format(letter), None)
                if function is not None:
                    return ctypes.cast(function, ctypes.c_void_p).value or 0
    return _scipy_gemm(f"{letter}gemm")


def _scipy_gemm(name: str) -> int:
    from scipy.linalg import cython_blas

    _controller.cache_clear()  # the BLAS that has just been loaded must be limited, too
    capsule = cython_blas.__pyx_capi__[name]
    python = ctypes.pythonapi
    python.PyCapsule_GetName.restype = ctypes.c_char_p
    python.PyCapsule_GetName.argtypes = [ctypes.py_object]
    python.PyCapsule_GetPointer.restype = ctypes.c_void_p
    python.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    return int(python.PyCapsule_GetPointer(capsule, python.PyCapsule_GetName(capsule)))

"""The kernels that Python calls, as functions of Python.

They keep Numba's convention, whoever compiled them: the address of the result, that of an error,
then the arguments. The interpreter's lock is given up for the time of a call.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

import numpy as np

from hyalite.engines.compiled.machine_code.choice import addresses

ARGUMENTS = {"train": 3, "infer": 3, "predict_few": 4}  # whole numbers
EntryPoint = Callable[..., int]


@cache
def entry_point(name: str, dtype: np.dtype[np.floating]) -> EntryPoint:
    """``train(thread, threads, frame)``, ``infer(…)`` or ``predict_few(frame, rows, from, to)``.

    Returns:
        the function; what it returns is the kernel's result as a whole number.
    """
    real = ctypes.c_float if dtype == np.float32 else ctypes.c_double
    numbers = [ctypes.c_int64] * ARGUMENTS[name]
    pointer = ctypes.c_void_p
    prototype = ctypes.CFUNCTYPE(ctypes.c_int32, pointer, pointer, *numbers, real)
    function = prototype(addresses([name], dtype)[name])
    byref = ctypes.byref

    def call(*arguments: int) -> int:
        result, error = ctypes.c_int64(), ctypes.c_int64()
        function(byref(result), byref(error), *arguments, 0.0)
        return result.value & 0xFF

    return call

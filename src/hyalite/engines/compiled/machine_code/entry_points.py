"""The kernels that Python calls, as functions of Python.

They keep Numba's convention, whoever compiled them: the address of the result, that of an error,
then the arguments. The interpreter's lock is given up for the time of a call, but for that of a few
predictions, which take less time than that.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache, partial

import numpy as np

from hyalite.engines.compiled.machine_code.choice import addresses

ARGUMENTS = {"train": 3, "infer": 3, "predict_few": 4}  # whole numbers
EntryPoint = Callable[..., object]
_nowhere = ctypes.create_string_buffer(8)  # for a result and an error, of which there are none


@cache
def entry_point(name: str, dtype: np.dtype[np.floating]) -> EntryPoint:
    """``train(thread, threads, frame)``, ``infer(…)`` or ``predict_few(frame, rows, x, y)``."""
    # the last argument tells the kernel's dtype and is not read: what is in its register will do
    numbers = [ctypes.c_int64] * ARGUMENTS[name]
    kind = ctypes.PYFUNCTYPE if name == "predict_few" else ctypes.CFUNCTYPE
    prototype = kind(ctypes.c_int32, ctypes.c_int64, ctypes.c_int64, *numbers)
    function = prototype(addresses([name], dtype)[name])
    place = ctypes.addressof(_nowhere)
    return partial(function, place, place)

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
from hyalite.engines.compiled.structs import Matrix

# whole numbers that each takes
ARGUMENTS = {"train": 3, "infer": 3, "help_infer": 2, "predict_few": 4, "add": 4}
EntryPoint = Callable[..., object]
_nowhere = ctypes.create_string_buffer(8)  # for a result and an error, of which there are none


@cache
def entry_point(name: str, dtype: np.dtype[np.floating]) -> EntryPoint:
    """``train(thread, threads, frame)``, ``infer(…)``, ``help_infer(number, place)``,
    ``predict_few(frame, rows, x, y)`` or ``add(one, other, out, size)``.
    """
    # the last argument tells the kernel's dtype and is not read: what is in its register will do
    numbers = [ctypes.c_int64] * ARGUMENTS[name]
    kind = ctypes.PYFUNCTYPE if name == "predict_few" else ctypes.CFUNCTYPE
    prototype = kind(ctypes.c_int32, ctypes.c_int64, ctypes.c_int64, *numbers)
    function = prototype(addresses([name], dtype)[name])
    place = ctypes.addressof(_nowhere)
    return partial(function, place, place)


def matrix_product(dtype: np.dtype[np.floating]) -> EntryPoint:
    """``multiply(a, b, c, keep=False, first=0, stop=None)``: c ← a·b, or c ← c + a·b, as the engine
    computes it; in c's columns from the first to the one before stop.

    Of a and b one may be a transposed view; all else is contiguous and of this dtype.
    """
    array = [ctypes.c_int64] * 9  # as Numba takes a matrix
    kinds = [*[ctypes.c_int64] * 5, *array, ctypes.c_int64, *array, *[ctypes.c_int64] * 3]
    function = ctypes.CFUNCTYPE(ctypes.c_int32, *kinds)(addresses(["product"], dtype)["product"])
    place = ctypes.addressof(_nowhere)

    def multiply(
        a: Matrix, b: Matrix, c: Matrix, keep: bool = False, first: int = 0, stop: int | None = None
    ) -> None:
        turned = not b.flags.c_contiguous
        right = _words(b.T if turned else b)
        columns = first, c.shape[1] if stop is None else stop
        function(
            place, place, a.ctypes.data, *a.strides, *right, turned, *_words(c), *columns, keep
        )

    return multiply


def _words(matrix: Matrix) -> list[int]:
    start = [0, 0, matrix.size, matrix.itemsize, matrix.ctypes.data]
    return [*start, *matrix.shape, *matrix.strides]

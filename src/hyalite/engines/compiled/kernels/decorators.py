"""How the functions of the kernels are compiled: two decorators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

F = TypeVar("F", bound=Callable[..., Any])
OPTIONS: dict[str, Any] = {
    "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True,
}  # fmt: skip


def kernel(function: F) -> F:
    """Compiled, without a freedom that would let rounding depend on how: one order, one rounding.

    So the bytes do not depend on who compiled, with which neighbours, or for which vector width.
    Where two roundings are one too many, the source says `fma`.

    It can be called from compiled code alone: what Python would need to call it is left out, which
    is a tenth of compiling. What can be called from elsewhere is listed in `catalogue`.
    """
    return njit(**OPTIONS)(function)


def elementary(function: F) -> F:
    """As `kernel`, for a function of one number that loops call.

    It becomes part of the loop, however long it is. Else LLVM leaves long ones apart, and a loop
    that calls is not made of vector instructions: 8 times slower.
    """
    return njit(**OPTIONS, forceinline=True)(function)


# Numba compiles a function anew for every literal among its arguments, which takes 0.2 to 1 s each.
# These are none.
ZERO, ONE = cast(int, np.int64(0)), cast(int, np.int64(1))
TRUE, FALSE = cast(bool, np.bool_(True)), cast(bool, np.bool_(False))

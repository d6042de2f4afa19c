"""Functions of one number, run over many and compared with the decimal ones of Python."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import cache
from typing import Any

import numpy as np

DIGITS = 60


@cache
def over(function: Any) -> Any:
    """A loop over a function, compiled once as a kernel would be: ``loop(x, y)``."""
    from numba import njit

    @njit(error_model="numpy")
    def loop(x: Any, y: Any) -> None:
        for i in range(x.size):
            y[i] = function(x[i])

    return loop


def values(function: Any, x: np.ndarray) -> np.ndarray:
    """The function of all numbers of x."""
    y = np.empty_like(x)
    over(function)(x, y)
    return y


def largest_error(function: Any, exact: Callable[[Decimal], Decimal], x: np.ndarray) -> float:
    """Of all numbers of x, in units in the last place."""
    errors = []
    with localcontext() as context:
        context.prec = DIGITS
        for argument, found in zip(x, values(function, x), strict=True):
            true = exact(Decimal(float(argument)))
            unit = Decimal(float(np.spacing(abs(x.dtype.type(float(true))))))
            errors.append(float(abs(Decimal(float(found)) - true) / unit))
    return max(errors)


def has_vectors(function: Any, dtype: str) -> bool:
    """Whether a loop over it is made of vector instructions."""
    loop, x = over(function), np.ones(8, dtype)
    loop(x, np.empty_like(x))
    signature = next(kinds for kinds in loop.signatures if str(kinds[0].dtype) == dtype)
    kind = {"float32": "float", "float64": "double"}[dtype]
    return re.search(rf"fmul <\d+ x {kind}>", loop.inspect_llvm(signature)) is not None


def digest(function: Any, x: np.ndarray) -> str:
    """Of the bytes of the function of all numbers of x."""
    return hashlib.sha256(values(function, x).tobytes()).hexdigest()[:16]

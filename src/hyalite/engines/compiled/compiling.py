"""How the functions of the kernel are compiled: two decorators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compiled, without a freedom that would let rounding depend on how: one order, one rounding.

    So the bytes do not depend on who compiled, with which neighbours, or for which vector width.
    Where two roundings are one too many, the source says `fma`.
    """
    return njit(nogil=True, error_model="numpy")(function)


def merged(function: F) -> F:
    """As `kernel`, but made part of its caller before anything is optimized.

    Each level of calls is optimized with all that is below it, so every level less saves seconds.
    """
    return njit(nogil=True, error_model="numpy", inline="always")(function)

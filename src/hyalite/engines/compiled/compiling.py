"""How the functions of the kernel are compiled: three decorators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compiled; products and sums may be contracted, with one rounding less."""
    return njit(nogil=True, error_model="numpy", fastmath={"contract"})(function)


def sums(function: F) -> F:
    """As `kernel`, and a long sum may be taken in parts side by side, as vector instructions do."""
    flags = {"contract", "reassoc"}
    return njit(nogil=True, error_model="numpy", fastmath=flags)(function)


def merged(function: F) -> F:
    """As `kernel`, but made part of its caller before anything is optimized.

    Each level of calls is optimized with all that is below it, so every level less saves seconds.
    """
    flags = {"contract"}
    return njit(nogil=True, error_model="numpy", fastmath=flags, inline="always")(function)

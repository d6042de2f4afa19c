"""Which machine code runs: the one compiled ahead where there is one for it, else Numba's.

HYALITE_ISA names a level of those compiled ahead, such as x86-64-v3; or "numba", to compile here.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from hyalite.engines.compiled.machine_code import prebuilt
from hyalite.errors import require

if TYPE_CHECKING:
    import numpy as np

VARIABLE, NUMBA = "HYALITE_ISA", "numba"


class MachineCode(Protocol):
    """The kernels for models of one dtype."""

    name: str  # where they come from, in words

    def addresses(self, names: Sequence[str]) -> dict[str, int]:
        """Where these kernels lie in memory."""


@cache
def there_is_any() -> bool:
    """Whether the compiled engine can run in this process."""
    return bool(prebuilt.levels()) or find_spec("numba") is not None


@cache
def machine_code(dtype: str) -> MachineCode:
    """The one to use in this process.

    Raises:
        MissingExtra: nothing was compiled ahead, and Numba is not installed.
        ValueError: HYALITE_ISA names a level that there is no library for, or that this processor
            does not have.
    """
    found = _chosen(dtype)
    logging.getLogger("hyalite").info("kernels for %s: %s", dtype, found.name)
    return found


def _chosen(dtype: str) -> MachineCode:
    chosen, levels = os.environ.get(VARIABLE, ""), prebuilt.levels()
    if chosen and chosen != NUMBA and chosen not in levels:
        known = ", ".join([*levels, NUMBA])
        raise ValueError(f"{VARIABLE} must be one of {known} here, got {chosen!r}")
    if chosen != NUMBA and levels:
        return prebuilt.Prebuilt(chosen or levels[0], dtype)
    if find_spec("numba") is None:
        require("numba", "fast", "the compiled engine")
    from hyalite.engines.compiled.machine_code.objects import Objects

    return Objects(dtype)


def describe() -> str:
    """Which kernels run here, in a line; nothing is loaded for it."""
    chosen, levels = os.environ.get(VARIABLE, ""), prebuilt.levels()
    if levels and chosen != NUMBA:
        return f"compiled ahead for {chosen or levels[0]}"
    if find_spec("numba") is not None:
        return "compiled by Numba when they are first needed"
    return "none, so the NumPy engine; pip install 'hyalite[fast]' for the fast one"


def addresses(names: Sequence[str], dtype: np.dtype[np.floating]) -> dict[str, int]:
    """Where kernels lie in memory, for models of a dtype."""
    return machine_code(dtype.name).addresses(names)

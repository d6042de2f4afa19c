"""Which machine code runs: the one compiled ahead where there is one for it, else Numba's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Protocol

import numpy as np

from hyalite.errors import require


class MachineCode(Protocol):
    """The kernels for models of one dtype."""

    name: str  # where they come from, in words

    def addresses(self, names: Sequence[str]) -> dict[str, int]:
        """Where these kernels lie in memory."""


@cache
def machine_code(dtype: str) -> MachineCode:
    """The one to use in this process.

    Raises:
        MissingExtra: nothing was compiled ahead, and Numba is not installed.
    """
    require("numba", "fast", "the compiled engine")
    from hyalite.engines.compiled.machine_code.objects import Objects

    return Objects(dtype)


def addresses(names: Sequence[str], dtype: np.dtype[np.floating]) -> dict[str, int]:
    """Where kernels lie in memory, for models of a dtype."""
    return machine_code(dtype.name).addresses(names)

"""Machine code that was compiled ahead and came with the package: a library for each level.

The folder `libraries` holds them, and `built.json` says what of: where a kernel has been changed
since, they no longer count.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from hyalite.engines.compiled.machine_code.levels import runnable
from hyalite.engines.compiled.machine_code.sources import digest_of_sources, symbol_of

FOLDER = Path(__file__).parent / "libraries"


@cache
def levels() -> list[str]:
    """Those that there is a library for and that this processor has, the best first."""
    try:
        built = json.loads((FOLDER / "built.json").read_text(encoding="utf-8"))
    except OSError:
        return []
    if built["sources"] != digest_of_sources():
        return []
    return [name for name in runnable() if name in built["libraries"]]


class Prebuilt:
    """The kernels of a dtype, in a library.

    Args:
        level: of the instruction set.
        dtype: "float32" or "float64".
    """

    def __init__(self, level: str, dtype: str) -> None:
        self.name, self.dtype = f"compiled ahead for {level}", dtype
        built = json.loads((FOLDER / "built.json").read_text(encoding="utf-8"))
        self._library = ctypes.CDLL(str(FOLDER / built["libraries"][level]))

    def addresses(self, names: Sequence[str]) -> dict[str, int]:
        """Where these kernels lie in memory."""
        return {name: self._address(symbol_of(name, self.dtype)) for name in names}

    def _address(self, symbol: str) -> int:
        return ctypes.cast(getattr(self._library, symbol), ctypes.c_void_p).value or 0

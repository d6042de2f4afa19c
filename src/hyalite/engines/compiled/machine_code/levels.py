"""Levels of an instruction set, for each of which the kernels are compiled ahead.

The levels of x86-64 are those of its System V ABI supplement: v2 has SSE 4.2, v3 AVX2 and FMA, v4
AVX-512 in its first five parts. Each level computes the same bytes.
"""

from __future__ import annotations

import platform
from typing import NamedTuple

V2 = "+cx16,+popcnt,+sahf,+sse3,+ssse3,+sse4.1,+sse4.2"
V3 = f"{V2},+avx,+avx2,+bmi,+bmi2,+f16c,+fma,+lzcnt,+movbe,+xsave"
V4 = f"{V3},+avx512f,+avx512bw,+avx512cd,+avx512dq,+avx512vl,-prefer-256-bit"


class Level(NamedTuple):
    """An instruction set.

    Attributes:
        machine: as `platform.machine` calls the processors.
        cpu: LLVM's name of it.
        features: LLVM's, with their signs.
        needs: what NumPy calls the features that a processor must have.
        like: the level of x86-64 that Numba writes for on the way, where it is another's.
    """

    machine: str
    cpu: str
    features: str
    needs: tuple[str, ...]
    like: str = ""


LEVELS: dict[str, Level] = {
    "x86-64-v4": Level("x86_64", "x86-64-v4", V4, ("AVX512_SKX",)),
    "x86-64-v3": Level("x86_64", "x86-64-v3", V3, ("AVX2", "FMA3", "F16C")),
    "x86-64-v2": Level("x86_64", "x86-64-v2", V2, ("SSE42", "POPCNT")),
    "aarch64": Level("aarch64", "generic", "+neon", (), like="x86-64-v2"),
}


def machine() -> str:
    """What this machine's processors are called, one name for each kind."""
    name = platform.machine().lower()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(name, name)


def runnable() -> list[str]:
    """The levels that this processor has, the highest first."""
    features = _features()
    return [
        name
        for name, level in LEVELS.items()
        if level.machine == machine() and all(features.get(need, False) for need in level.needs)
    ]


def _features() -> dict[str, bool]:
    """What NumPy found out about the processor when it was imported."""
    try:
        from numpy._core._multiarray_umath import (  # type: ignore[import-not-found]
            __cpu_features__ as features,
        )
    except ImportError:  # a NumPy that keeps it elsewhere
        return {}
    return dict(features)

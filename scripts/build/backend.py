"""What builds the wheel: hatchling, with the lessons, and the kernels compiled ahead.

HYALITE_BUILD says for what: "pure" leaves the kernels to Numba, so nothing is compiled; else a
system and a machine such as "windows-x86_64" or "linux-aarch64"; by default this one's. An editable
install compiles nothing: a newcomer would wait for minutes, and a developer changes the kernels.
"""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from typing import Any

import hatchling.build
from hatchling.build import build_editable, build_sdist, build_wheel

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
]
VARIABLE = "HYALITE_BUILD"
NUMBA_KNOWS = ((3, 10), (3, 14))  # releases of Python
TOOLS = ["numba>=0.61", "ziglang>=0.13"]

get_requires_for_build_editable = hatchling.build.get_requires_for_build_editable
get_requires_for_build_sdist = hatchling.build.get_requires_for_build_sdist


def compiles() -> bool:
    """Whether the wheel gets libraries."""
    first, last = NUMBA_KNOWS
    return os.environ.get(VARIABLE) != "pure" and first <= sys.version_info[:2] <= last


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    """Hatchling's, and to compile the kernels Numba, a linker, and what Hyalite itself needs."""
    needed = hatchling.build.get_requires_for_build_wheel(config_settings)
    if compiles():
        project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
        needed = [*needed, *project["dependencies"], *TOOLS]
    return needed

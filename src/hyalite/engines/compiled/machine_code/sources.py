"""What the kernels' machine code is made of, as a digest, and what a kernel is called in it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
# all that is written into the code: the kernels, and what they share with those who call them
PARTS = ("kernels", "lowering/operations", "structs.py", "frames.py", "machine_code/compiler.py")


def symbol_of(name: str, dtype: str) -> str:
    """What a kernel of the catalogue is called in its object, or in a library."""
    return f"hyalite_{name}_{dtype}"


@cache
def digest_of_sources() -> str:
    """Changes with every change of a kernel."""
    digest = hashlib.sha256()
    for part in PARTS:
        path = ROOT / part
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()

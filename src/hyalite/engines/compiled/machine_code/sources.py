"""What the kernels' machine code was made of: their sources, as a digest."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
# all that is written into the code: the kernels, and what they share with those who call them
PARTS = ("kernels", "lowering/operations", "structs.py", "frames.py", "machine_code/compiler.py")


@cache
def digest_of_sources() -> str:
    """Changes with every change of a kernel."""
    digest = hashlib.sha256()
    for part in PARTS:
        path = ROOT / part
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()

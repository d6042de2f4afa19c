"""The functions that are compiled and kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled


def test_a_change_of_the_kernels_source_is_a_change_of_the_entries() -> None:
    from hyalite.engines.compiled.kernels import entry_points

    cells = entry_points.train.__closure__
    assert entry_points._fingerprint() in [cell.cell_contents for cell in cells]
    folder = Path(entry_points.__file__).parents[1]
    digest = hashlib.sha256(b"".join(p.read_bytes() for p in sorted(folder.rglob("*.py"))))
    assert entry_points._fingerprint() == int.from_bytes(digest.digest()[:8], "little")

"""Rows that every worker opens by itself: packs on a file system that all see, and other sources.

Nothing of a pack passes through Dask. A worker reads what it trains on, and where one dies there is
nothing to be computed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hyalite.data.tables.packs import Pack
from hyalite.data.tables.packs.manifest import Manifest
from hyalite.data.tables.packs.pack import PackRows
from hyalite.errors import FileFormatError

MEND = (
    "a pack must lie where all workers see it under the same path, as on a shared file system; "
    "else name those that do by workers=[...]"
)


class Shared(NamedTuple):
    """What workers open by themselves.

    Attributes:
        rows: to train on; None where they lie in parts on the workers.
        validation: rows to be measured, or (x, y) in memory; None where there are none, or in
            parts.
    """

    rows: Any = None
    validation: Any = None

    def packs(self) -> list[tuple[str, str]]:
        """Folder and seal of those that are packs."""
        return [
            (str(one.folder.absolute()), one.manifest.seal)
            for one in self
            if isinstance(one, Pack | PackRows)
        ]


def check_packs(address: str, packs: Sequence[tuple[str, str]]) -> None:
    """On a worker: look whether it sees the packs that the client sees.

    Args:
        address: of the worker.
        packs: folder and seal of each.

    Raises:
        ValueError: another pack lies there.
        FileFormatError: it is damaged.
        FileNotFoundError: there is none.
    """
    for folder, seal in packs:
        try:
            there = Manifest.read(Path(folder))
        except FileFormatError as error:
            raise FileFormatError(f"worker {address}: {error}") from None
        except OSError as error:
            raise FileNotFoundError(
                f"worker {address} does not see the pack {folder} ({error.strerror}); {MEND}"
            ) from None
        if there.seal != seal:
            raise ValueError(
                f"worker {address} sees another pack in {folder} than this program; {MEND}"
            )

"""A pack as a dataset: rows on disk to train on, validation rows and a sample in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from hyalite.data.tables.packs.pack import Pack, PackRows
from hyalite.parameters import Array
from hyalite.recipes.tables import TableDataset

SAMPLE_ROWS = 50_000  # of the training rows: for what is trained beside the network
SAMPLE_PIECES = 64  # neighbouring rows of a pack that is not shuffled


@dataclass(frozen=True, kw_only=True)
class PackDataset(TableDataset):
    """Rows of a pack; `x` and `y` are a sample of those to train on.

    Attributes:
        pack: opened.
    """

    pack: Pack

    @classmethod
    def of(cls, pack: Pack) -> Self:
        """The dataset of a pack.

        Raises:
            ValueError: it was made of arrays, or has no validation rows.
        """
        check_pack(pack)
        assert pack.preparation is not None
        x, y = sample_of(pack, SAMPLE_ROWS)
        x_test, y_test = pack.validation
        if pack.classes and pack.class_counts:
            y, y_test = y.astype(np.int64), y_test.astype(np.int64)
        return cls(
            name=pack_name(pack.folder),
            kind="rows",
            x=x,
            y=y,
            x_test=x_test,
            y_test=y_test,
            classes=pack.classes,
            part="validation",
            preparation=pack.preparation,
            pack=pack,
        )

    @property
    def rows(self) -> int:
        """How many there are to train on."""
        return len(self.pack)

    def training_samples(self) -> tuple[PackRows, None]:
        """The rows on disk, their numbers standardised."""
        return self.pack.standardised(), None


def check_pack(pack: Pack) -> None:
    """Refuse a pack that no table model can be made of.

    Raises:
        ValueError: it was made of arrays, or has no validation rows.
    """
    if pack.preparation is None:
        raise ValueError(
            f"{pack.folder} was made of arrays, and how their columns came about is not known; "
            "train a network of your own with model.fit(pack), or pack the table"
        )
    if not pack.manifest.rows["validation"]:
        raise ValueError(
            f"{pack.folder} has no validation rows, by which training is judged; pack with a "
            "validation_split above 0"
        )


def sample_of(pack: Pack, most: int) -> tuple[Array, Array]:
    """At most so many training rows, a fair choice: the first where they were shuffled."""
    count = len(pack)
    if count <= most:
        return pack.block(0, count)
    pieces = 1 if pack.manifest.shuffled else SAMPLE_PIECES
    size = most // pieces
    starts = [number * count // pieces for number in range(pieces)]
    found = [pack.block(start, start + size) for start in starts]
    return np.concatenate([x for x, _ in found]), np.concatenate([y for _, y in found])


def pack_name(folder: Path) -> str:
    """What a pack's data are called: its folder's name without ".pack"."""
    return folder.resolve().name.removesuffix(".pack")


def packed_target(pack: Pack) -> str | None:
    """The column that a pack is to predict; None of arrays."""
    return None if pack.preparation is None else pack.preparation.target.name


def opened(data: Any) -> Pack | None:
    """A pack, or the one in a folder; None of other data."""
    if isinstance(data, Pack):
        return data
    if isinstance(data, str | Path) and (Path(data) / "manifest.json").is_file():
        return Pack(data)
    return None

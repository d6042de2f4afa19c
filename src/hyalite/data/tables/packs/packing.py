"""Packing as users ask for it: a table of any size as prepared rows on disk."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from hyalite.data.tables.packs.making import Packing
from hyalite.data.tables.packs.pack import Pack
from hyalite.random import check_seed

LEAST_MEMORY = 64 << 20  # bytes
LISTS = ("categories", "ignore", "na_values")
UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS |= {"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40}


def pack(
    source: Any,
    folder: str | os.PathLike[str],
    target: str | None = None,
    *,
    memory: int | str = "1 GB",
    validation_split: float | None = None,
    shuffle: bool = True,
    seed: int = 0,
    task: str = "auto",
    categories: Collection[str] = (),
    ignore: Collection[str] = (),
    types: Mapping[str, str] | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    na_values: Sequence[str] = (),
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
    verbose: int | str = "auto",
) -> Pack:
    """Prepare a table of any size once, and write its rows so that models train on them from disk.

    All files are read twice: to learn how their columns are prepared (from a sample of 100,000
    rows, or fewer where there are many columns; of fewer rows as a training in memory learns it),
    and to prepare the rows. They are written in one random order, as an exact shuffle of all of
    them gives it; it depends on the seed and the rows alone, not on `memory`. Killed meanwhile,
    the same call goes on.

    Args:
        source: a table's file, a pattern such as ``trips/*.parquet``, a folder of files, or a
            list of these; CSV, Parquet, JSON or Excel, all with the same columns. Or arrays or maps
            (x, y), or any object with `__len__` and `block`, whose rows stay as they are.
        folder: for the pack; made where there is none.
        target: of a table, the column to predict; rows without it are left out.
        memory: that this may take beside Python and the library, such as "512 MB" or bytes, at
            least 64 MiB; with many columns of long texts it takes more.
        validation_split: share of the rows to set apart; by default a fifth, and 100,000 at most.
        shuffle: False leaves rows in the order of their files.
        seed: of the order, and of which rows are for validation.
        task: "classification", "regression" or "auto", as for `Preparation.learn`, like the six
            that follow.
        categories: columns of numbers that stand for categories.
        ignore: columns to leave out.
        types: what columns are, where it is not seen.
        decimal: the decimal sign of numbers in texts.
        thousands: the sign between their groups of three digits.
        na_values: texts that are gaps, beside the usual ones.
        encoding: of texts, as for `read`, like the two that follow.
        delimiter: between the cells of a file.
        sheet: of an Excel file.
        verbose: 0 silent, else a line now and then.

    Returns:
        the pack, opened.

    Raises:
        ValueError: an argument that does not fit; or the folder holds something else.
        FileFormatError: a file that cannot be read.
        OSError: as for files; or the disk has too little room.
        MissingExtra: DuckDB (Parquet) or openpyxl (Excel) is not installed.

    Examples:
        >>> rows = [f"{n % 5},{n % 5 * 100 + 0.5}" for n in range(50)]
        >>> with open("houses.csv", "w") as file:
        ...     for row in ["rooms,price", *rows]:
        ...         print(row, file=file)
        >>> pack = hy.tables.pack("houses.csv", "houses.pack", target="price", verbose=0)
        >>> pack
        <Pack of 40 rows to train on, 10 for validation, 1 inputs>
    """
    return make_pack(
        source, folder, target, memory=memory, validation_split=validation_split, shuffle=shuffle,
        seed=seed, say=_silent if verbose == 0 else print, task=task, categories=categories,
        ignore=ignore, types=types, decimal=decimal, thousands=thousands, na_values=na_values,
        encoding=encoding, delimiter=delimiter, sheet=sheet,
    )  # fmt: skip


def make_pack(
    source: Any,
    folder: str | os.PathLike[str],
    target: str | None,
    *,
    memory: int | str,
    validation_split: float | None,
    shuffle: bool,
    seed: int,
    say: Callable[[str], object],
    **columns: Any,
) -> Pack:
    """`pack`, which says by `say` what it is at."""
    reading = {name: columns.pop(name) for name in ("encoding", "delimiter", "sheet")}
    understanding = {
        name: tuple(value) if isinstance(value, Collection) and name in LISTS else value
        for name, value in columns.items()
    }
    return Packing(
        source, Path(folder), target, memory_bytes(memory), validation_split, bool(shuffle),
        check_seed(seed), reading, understanding, say,
    ).run()  # fmt: skip


def memory_bytes(value: int | str) -> int:
    """A size such as "512 MB", or a number of bytes.

    Raises:
        ValueError: no size, or less than can be worked with.

    Examples:
        >>> from hyalite.data.tables.packs.packing import memory_bytes
        >>> memory_bytes("1.5 GB")
        1500000000
    """
    size = value if isinstance(value, int) and not isinstance(value, bool) else 0
    match = re.fullmatch(r"(\d+(?:\.\d+)?) *([KMGT]?I?B?)", str(value).strip().upper())
    if isinstance(value, str) and match is not None:
        unit = match[2] if match[2] in UNITS else match[2] + "B"
        size = int(float(match[1]) * UNITS.get(unit, 0))
    if size < LEAST_MEMORY:
        raise ValueError(
            f"memory must be a size of at least {LEAST_MEMORY >> 20} MiB, such as '1 GB', "
            f"got {value!r}"
        )
    return size


def _silent(text: str) -> None:
    """What verbose=0 says."""

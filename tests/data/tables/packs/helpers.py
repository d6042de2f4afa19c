"""Files of trips, as many as wanted, and packs of them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

import hyalite as hy

NAMES = ["distance", "hour", "zone", "payment", "tip", "fare", "kind"]


def rows_of(count: int, seed: int = 0) -> list[list[str]]:
    """Numbers, a category of few and one of many values, gaps, and two targets."""
    rng = np.random.default_rng(seed)
    rows = []
    for n in range(count):
        distance, hour = rng.exponential(4), int(rng.integers(24))
        fare = 3 + 2 * distance + (hour > 20)
        rows.append(
            [
                f"{distance:.3f}",
                str(hour),
                f"z{int(rng.integers(30))}",
                str(rng.choice(["cash", "card"])),
                "" if n % 9 == 0 else f"{rng.uniform(0, 5):.2f}",
                "" if n % 50 == 7 else f"{fare:.2f}",
                "long" if distance > 4 else "short",
            ]
        )
    return rows


def write_files(folder: Path, count: int, files: int = 3, kind: str = "csv") -> list[Path]:
    """So many rows in so many files."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, paths = rows_of(count), []
    for number in range(files):
        part = rows[number * count // files : (number + 1) * count // files]
        path = folder / f"part-{number:03}.{kind}"
        if kind == "csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(NAMES)
                writer.writerows(part)
        else:
            from hyalite.data.tables.reading import parquet

            columns = {
                name: np.array([row[place] or None for row in part], object)
                for place, name in enumerate(NAMES)
            }
            for name in ("distance", "tip", "fare"):
                columns[name] = np.array([float(v or "nan") for v in columns[name]])
            parquet.write(path, columns)
        paths.append(path)
    return paths


def pack(source, folder: Path, target: str = "fare", **options) -> hy.tables.Pack:
    return hy.tables.pack(source, folder, target, **({"verbose": 0} | options))


def content(folder: Path) -> dict[str, bytes]:
    """All files of a pack."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}

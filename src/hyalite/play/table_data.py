"""A table that was dropped on the page: read as `hyalite train` reads it, drawn in two columns."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from hyalite.data import tables
from hyalite.data.tables.columns import ClassTarget, Number
from hyalite.data.tables.reading import remarks
from hyalite.data.tables.understanding import Options, understand
from hyalite.parameters import Array
from hyalite.play import limits
from hyalite.play.data import PlayData
from hyalite.play.problems import Refused, at
from hyalite.recipes.dataset import VALIDATION_SHARE
from hyalite.recipes.tables import TableDataset

ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson")
MOST_COLUMNS = 200
PLAIN_NAME = 80  # characters of a file's name that are kept
COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"PK")
TOO_LARGE = (
    "a table may have {:,} rows and {} columns here; train a larger one with `hyalite train`"
)


@dataclass(frozen=True)
class Upload:
    """A table as it was read.

    Attributes:
        name: of the file, without folders.
        table: its columns.
        kinds: what each column holds.
    """

    name: str
    table: Any
    kinds: Mapping[str, str]

    def described(self, key: str) -> dict[str, Any]:
        """What the page is told of it."""
        columns = [
            {
                "name": name,
                "kind": kind,
                "distinct": len(set(map(str, self.table[name].tolist()))),
                "plane": kind == "number",
            }
            for name, kind in self.kinds.items()
        ]
        return {
            "upload": key,
            "rows": len(self.table),
            "columns": columns,
            "target": self.target,
            "remarks": remarks(self.table),
        }

    @property
    def target(self) -> str:
        """The last column with a value, as most tables have it."""
        names = [name for name, kind in self.kinds.items() if kind not in ("empty", "text")]
        return (names or list(self.kinds))[-1]


def read_upload(content: bytes, name: str) -> tuple[str, Upload]:
    """Read a dropped file; its id goes by its content.

    It lies in a file of our own for the time of reading, under a name of our own.

    Raises:
        Refused: it is no table, or too large a one.
    """
    plain = PurePath(name.replace("\\", "/")).name[-PLAIN_NAME:] or "table.csv"
    ending = next((end for end in ENDINGS if plain.lower().endswith(end)), None)
    if ending is None:
        raise Refused(f"expected a table whose name ends in {', '.join(ENDINGS)}", "", 415)
    if content.startswith(COMPRESSED):
        raise Refused("unpack the file first: packed ones are not read here", "", 415)
    if max(content.count(b"\n"), content.count(b"\r")) > limits.ROWS + 1000:
        raise Refused(TOO_LARGE.format(limits.ROWS, MOST_COLUMNS), "", 413)
    with tempfile.TemporaryDirectory(prefix="hyalite-play-") as folder:
        path = Path(folder) / f"table{ending}"
        path.write_bytes(content)
        try:
            with at(""):
                table = tables.read(path, max_bytes=limits.UPLOAD_BYTES)
        except Refused as error:
            text = error.problem.message.replace(str(path), plain).replace(os.sep, "/")
            raise Refused(text, "", error.status) from None
    if table.num_rows > limits.ROWS or table.num_columns > MOST_COLUMNS:
        raise Refused(TOO_LARGE.format(limits.ROWS, MOST_COLUMNS), "", 413)
    with at(""):
        understood = understand(table, Options())
    kinds = {column: found.kind for column, found in understood.items()}
    return hashlib.sha256(content).hexdigest()[:24], Upload(plain, table, kinds)


def table_samples(data: Mapping[str, Any], seed: int, uploads: Mapping[str, Upload]) -> PlayData:
    """The samples of a table.

    Raises:
        Refused: it is not here, or its columns are not those that the settings name.
    """
    found = uploads.get(data["upload"] or "")
    if found is None:
        raise Refused("drop the table's file on the page: it is in no link", "data.upload", 409)
    target = data["target"] or found.target
    if target not in found.kinds:
        raise Refused(f"there is no column {target!r}", "data.target")
    share = data["test_share"]
    with at("data.target"):
        dataset = TableDataset.split(
            found.table, target, name="table", task=data["task"], validation_split=share, seed=seed
        )
    y, y_test = dataset.training_targets()
    preparation = dataset.preparation
    numbers = {c.name: c for c in preparation.columns if isinstance(c, Number)}
    drawn = _drawn(data, numbers)
    classes = dataset.classes
    task = "" if data["task"] == "auto" else f", task={data['task']!r}"
    code = (
        "from hyalite.recipes.tables import TableDataset\n\n"
        f"table = hy.tables.read({found.name!r})\n"
        f"data = TableDataset.split(table, {target!r}{task}, validation_split={share!r}, "
        f"seed={seed})\n"
        "x, x_test = data.x, data.x_test\n"
        "y, y_test = data.training_targets()"
    )
    unit = (0.0, 1.0)
    if not isinstance(preparation.target, ClassTarget):
        unit = dataset.target.mean, dataset.target.scale
    plane = _Plane(dataset, [numbers[name] for name in drawn]) if drawn else None
    return PlayData(
        "rows",
        "classes" if classes else "numbers",
        dataset.x,
        y,
        dataset.x_test,
        y_test,
        classes=classes,
        drawn=plane.of(dataset.x) if plane else None,
        drawn_test=plane.of(dataset.x_test) if plane else None,
        axes=tuple(drawn),
        inputs=tuple(preparation.features),
        to_inputs=plane.to_inputs if plane else (lambda points: points),
        code=code,
        embedded=preparation.embedded,
        unit=unit,
        remarks=[*remarks(found.table), *preparation.remarks][:20],
        dataset=dataset,
        command=found.name if share == VALIDATION_SHARE else "",
        command_options=("--target", target, "--task", data["task"]),
    )


def _drawn(data: Mapping[str, Any], numbers: Mapping[str, Number]) -> list[str]:
    """The two columns of numbers that are drawn; none where there are no two."""
    for name in ("x1", "x2"):
        if data[name] is not None and data[name] not in numbers:
            known = ", ".join(numbers) or "none"
            raise Refused(
                f"{name} must be a column of numbers, got {data[name]!r}. There are {known}",
                f"data.{name}",
            )
    chosen = [data["x1"], data["x2"]]
    free = [name for name in numbers if name not in chosen]
    chosen = [name or (free.pop(0) if free else None) for name in chosen]
    return [] if None in chosen or chosen[0] == chosen[1] else chosen


class _Plane:
    """Two columns of a table; where the plane is asked about, all others are at their median."""

    def __init__(self, dataset: TableDataset, columns: list[Number]) -> None:
        groups = dataset.preparation.groups
        self.places = [groups[column.name][0] for column in columns]
        self.center = np.array([column.center for column in columns])
        self.scale = np.array([column.scale for column in columns])
        rest = np.median(dataset.x, axis=0)
        whole = {place for schema in (dataset.preparation.schema,) for place in schema.indicators}
        whole |= {place for place, _ in dataset.preparation.schema.categories}
        for place in whole:  # the commonest: between two categories there is nothing
            values, counts = np.unique(dataset.x[:, place], return_counts=True)
            rest[place] = values[counts.argmax()]
        self.rest = rest.astype(np.float32)

    def of(self, x: Array) -> Array:
        """The coordinates of samples, in the columns' own units."""
        return (x[:, self.places] * self.scale + self.center).astype(np.float32)

    def to_inputs(self, points: Array) -> Array:
        """Samples that lie at these coordinates."""
        x = np.tile(self.rest, (len(points), 1))
        x[:, self.places] = (points - self.center) / self.scale
        return x

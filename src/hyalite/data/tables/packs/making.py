"""The making of a pack: rows prepared, scattered over buckets, and written in one random order.

Killed at any moment, the same call goes on where it was: what is on disk is counted now and then,
and what came after the last count is made again. The bytes are those of a run that nothing stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.config import to_config
from hyalite.data.tables.packs.buckets import ORDER, VALIDATION, WHOLE, Buckets, keys
from hyalite.data.tables.packs.learning import Learned, learn, rows_at_a_time
from hyalite.data.tables.packs.manifest import (
    MANIFEST,
    PARTS,
    Manifest,
    checksums,
    file_name,
)
from hyalite.data.tables.packs.pack import Pack
from hyalite.data.tables.packs.rows import (
    ArrayRows,
    RowsToPack,
    TableRows,
    described,
    files_of,
    preparation_of,
)
from hyalite.data.tables.preparation import Preparation
from hyalite.data.tables.stored import preparation_from
from hyalite.errors import FileFormatError
from hyalite.files.replacing import replace
from hyalite.parameters import Array
from hyalite.version import __version__

WORK = "unfinished"  # the folder in a pack's folder, until it is one
PROGRESS = "progress.json"
VALIDATION_SHARE, VALIDATION_ROWS = 0.2, 100_000  # where nothing else is said, at most
EXACT_ROWS = 1_000_000  # up to which the number of validation rows is exact
COMMIT_SECONDS = 10.0  # between two counts of what is on disk


class Packing:
    """One pack in the making; the arguments are those of `pack`, checked."""

    def __init__(
        self,
        source: Any,
        folder: Path,
        target: str | None,
        memory: int,
        share: float | None,
        shuffle: bool,
        seed: int,
        reading: Mapping[str, Any],
        understanding: Mapping[str, Any],
        say: Callable[[str], object],
    ) -> None:
        self.folder, self.work, self.memory = folder, folder / WORK, memory
        self.share = None
        if share is not None:
            self.share = checks.number(share, "validation_split", low=0, high=1, below=True)
        self.shuffle, self.seed, self.say = shuffle, seed, say
        self.reading, self.understanding, self.target = reading, understanding, target
        self.files = files_of(source)
        self.arrays = None
        if self.files is None:
            if target is not None:
                raise ValueError(f"target is for tables, and source has arrays, got {target!r}")
            self.arrays = ArrayRows(source, memory // 8)
            made_of: Any = [self.arrays.digest(), self.arrays.total]
        else:
            if target is None:
                raise ValueError("target must name the column to predict, got None")
            made_of = [described(self.files), [str(f) for f in self.files]]
        settings = [__version__, made_of, target, self.share, shuffle, seed]
        settings += [dict(reading), to_config(understanding)]
        self.made_of = hashlib.sha256(json.dumps(settings).encode()).hexdigest()

    def run(self) -> Pack:
        """Make it, or what is left to make."""
        if (self.folder / MANIFEST).exists():
            found = Pack(self.folder)
            if found.manifest.made_of != self.made_of:
                raise ValueError(
                    f"{self.folder} holds a pack of other files or settings; name another folder, "
                    "or remove it"
                )
            shutil.rmtree(self.work, ignore_errors=True)
            return found
        state = self._state()
        rows = self._rows(state)
        manifest, buckets = self._scatter(rows, state)
        self._gather(manifest, buckets, state)
        self._finish(manifest, rows)
        return Pack(self.folder)

    # Where it stands ----------------------------------------------------------------------------

    def _state(self) -> dict[str, Any]:
        """What an earlier run of the same has left; or a new beginning."""
        path = self.work / PROGRESS
        if path.exists():
            try:
                state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
                known = state["made_of"]
            except (ValueError, TypeError, LookupError, RecursionError):
                raise FileFormatError(f"{path} is damaged; remove {self.folder}") from None
            if known != self.made_of:
                raise ValueError(
                    f"{self.folder} holds an unfinished pack of other files or settings; go on "
                    "with these, or remove it"
                )
            self.say(f"goes on with the unfinished pack in {self.folder}")
            return state
        if self.folder.exists() and any(self.folder.iterdir()):
            if [one.name for one in self.folder.iterdir()] != [WORK]:
                raise ValueError(f"{self.folder} holds something else; name another folder")
            shutil.rmtree(self.work)
        self.work.mkdir(parents=True)
        state = {"made_of": self.made_of, "stage": "learn"}
        self._save(state)
        return state

    def _save(self, state: Mapping[str, Any]) -> None:
        replace(self.work / PROGRESS, json.dumps(state).encode())

    # Learning -----------------------------------------------------------------------------------

    def _rows(self, state: dict[str, Any]) -> RowsToPack:
        if self.arrays is not None:
            return self.arrays
        assert self.files is not None
        assert self.target is not None
        most = rows_at_a_time(self.files, self.memory, self.reading)
        if "learned" not in state:
            self.say(f"looks at {len(self.files):,} file{'s' * (len(self.files) > 1)}")
            learned = learn(
                self.files, self.target, most, self.seed, self._validation, self.reading,
                self.understanding,
            )  # fmt: skip
            state["learned"] = {
                "preparation": to_config(learned.preparation),
                "file_rows": learned.file_rows,
                "masked": learned.masked,
            }
            self._save(state)
        found = state["learned"]
        learned = Learned(
            preparation_from(found["preparation"]), found["file_rows"], found["masked"]
        )
        return TableRows(self.files, learned, most, self.seed, self.reading)

    def _validation(self, numbers: Array, total: int) -> Array:
        """Truths (n,): which of these rows are for validation, of so many in all."""
        share = self.share
        if share is None:
            share = min(VALIDATION_SHARE, VALIDATION_ROWS / total)
        own = keys(self.seed, VALIDATION, numbers)
        if total > EXACT_ROWS:
            return own < np.uint64(int(share * WHOLE))
        count = round(share * total)
        if not hasattr(self, "_limit"):
            every = keys(self.seed, VALIDATION, np.arange(total))
            self._limit = np.partition(every, count)[count] if count < total else WHOLE - 1
        return own < self._limit

    # Scattering ---------------------------------------------------------------------------------

    def _scatter(
        self, rows: RowsToPack, state: dict[str, Any]
    ) -> tuple[Manifest, dict[str, Buckets]]:
        """All rows into buckets."""
        dtype = np.dtype(
            [
                ("key", np.uint64),
                ("x", rows.x.dtype, rows.x.shape[1:]),
                ("y", rows.y.dtype, rows.y.shape[1:]),
            ]
        )
        if state["stage"] == "learn":
            size = rows.total * dtype.itemsize
            self._check_room(size)
            count = max(1, -(-size // (self.memory // 6)))
            state |= {
                "stage": "scatter", "file": 0, "row": 0, "left_out": 0,
                "sizes": {part: [0] * count for part in PARTS},
            }  # fmt: skip
            self._save(state)
        span = WHOLE if self.shuffle else rows.total
        buckets = {
            part: Buckets(self.work, part, dtype, span, list(sizes))
            for part, sizes in state["sizes"].items()
        }
        if state["stage"] == "scatter":
            for one in buckets.values():
                one.cut_off()
            committed = said = time.monotonic()
            for piece in rows.pieces(state["file"], state["row"]):
                self._add(buckets, piece.x, piece.y, piece.numbers, rows.total)
                state |= {"file": piece.file, "row": piece.row}
                state["left_out"] += piece.left_out
                now = time.monotonic()
                if now - committed > COMMIT_SECONDS:
                    self._commit(buckets, state)
                    committed = time.monotonic()
                if now - said > COMMIT_SECONDS and piece.numbers.size:
                    said = now
                    self.say(f"prepared {piece.numbers[-1] + 1:,} of {rows.total:,} rows")
            state |= {"stage": "gather", "done": dict.fromkeys(PARTS, 0)}
            self._commit(buckets, state)
        preparation = preparation_of(rows)
        manifest = Manifest(
            rows={part: buckets[part].rows for part in PARTS},
            x_shape=rows.x.shape[1:],
            x_dtype=rows.x.dtype.name,
            y_dtype=rows.y.dtype.name,
            y_shape=rows.y.shape[1:],
            seed=self.seed,
            shuffled=self.shuffle,
            left_out=state["left_out"],
            made_of=self.made_of,
            preparation=None if preparation is None else to_config(preparation),
        )
        if not manifest.rows["training"]:
            raise ValueError("there are no rows to train on; give a smaller validation_split")
        return manifest, buckets

    def _add(
        self, buckets: Mapping[str, Buckets], x: Array, y: Array, numbers: Array, total: int
    ) -> None:
        own = buckets["training"]
        records = np.empty(len(x), own.dtype)
        records["key"] = keys(self.seed, ORDER, numbers) if self.shuffle else numbers
        records["x"], records["y"] = x, y
        validation = self._validation(numbers, total)
        own.add(records[~validation])
        buckets["validation"].add(records[validation])

    def _commit(self, buckets: Mapping[str, Buckets], state: dict[str, Any]) -> None:
        for one in buckets.values():
            one.sync()
        state["sizes"] = {part: one.sizes for part, one in buckets.items()}
        self._save(state)

    def _check_room(self, size: int) -> None:
        free = shutil.disk_usage(self.work).free
        needed = int(size * 1.05) + self.memory // 4
        if needed > free:
            raise OSError(
                f"{self.folder}: the pack takes {needed >> 20:,} MiB of disk while it is made, and "
                f"{free >> 20:,} MiB are free"
            )

    # Gathering ----------------------------------------------------------------------------------

    def _gather(
        self, manifest: Manifest, buckets: Mapping[str, Buckets], state: dict[str, Any]
    ) -> None:
        """The buckets, sorted, into the pack's files; each goes when it is written."""
        for part in PARTS:
            paths = {which: self.folder / file_name(part, which) for which in ("x", "y")}
            own, size = buckets[part], buckets[part].dtype.itemsize
            first = state["done"][part]
            if not first:
                for which, path in paths.items():
                    path.write_bytes(manifest.header(part, which))
            row = sum(own.sizes[:first]) // size
            for number, records in own.sorted(first):
                for which, path in paths.items():
                    with path.open("r+b", buffering=0) as file:
                        start = row * manifest.row_bytes(which)
                        file.seek(len(manifest.header(part, which)) + start)
                        content = _bytes(records[which]).data
                        while content:
                            content = content[file.write(content) :]
                        os.fsync(file.fileno())
                row += len(records)
                state["done"][part] = number + 1
                self._save(state)
                own.remove(number)

    def _finish(self, manifest: Manifest, rows: RowsToPack) -> None:
        """Checksums of what is on disk, and the manifest, with which it is a pack."""
        if manifest.y_dtype == "int32":
            manifest.class_counts = self._class_counts(manifest, rows)
        for part in PARTS:
            for which in ("x", "y"):
                path = self.folder / file_name(part, which)
                manifest.checksums[path.name] = checksums(path)
        if isinstance(rows, TableRows):
            manifest.sources = [
                {"name": file.name, "rows": count}
                for file, count in zip(rows.files, rows.learned.file_rows, strict=True)
            ]
        manifest.write(self.folder)
        shutil.rmtree(self.work, ignore_errors=True)
        count = manifest.rows
        left_out = f", {manifest.left_out:,} left out" if manifest.left_out else ""
        self.say(
            f"packed {count['training']:,} rows to train on and {count['validation']:,} for "
            f"validation{left_out}, in {self.folder}"
        )

    def _class_counts(self, manifest: Manifest, rows: RowsToPack) -> list[int]:
        preparation: Preparation | None = preparation_of(rows)
        least = 0 if preparation is None else len(getattr(preparation.target, "known", ()))
        counts = np.zeros(least, np.int64)
        path = self.folder / file_name("training", "y")
        with path.open("rb") as file:
            file.seek(len(manifest.header("training", "y")))
            while len(labels := np.fromfile(file, np.int32, 1 << 20)):
                found = np.bincount(labels, minlength=len(counts))
                found[: len(counts)] += counts
                counts = found
        return [int(count) for count in counts]


def _bytes(values: Array) -> Array:
    return np.ascontiguousarray(values).reshape(-1).view(np.uint8)

"""Rows scattered over files by a key, and read back sorted: an exact sort in bounded memory.

Each row has a key of 64 bits, made of the seed and its number among all rows by a bijection, so no
two are equal and the order of all rows by it is one random order, whatever is in memory at a time.
Bucket b of B holds the keys from b/B to (b + 1)/B of all; so the buckets, each sorted in memory
when all rows are scattered, are that order one after the other.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.errors import FileFormatError
from hyalite.parameters import Array

GOLDEN = 0x9E3779B97F4A7C15  # 2^64 over the golden ratio
WHOLE = 1 << 64
ORDER, VALIDATION, SAMPLE, MASK = 1, 2, 3, 4  # what a key is for


def keys(seed: int, purpose: int, numbers: Array) -> Array:
    """A key for each row number, uint64 (n,): SplitMix64 at place `numbers` of a stream.

    Source: Steele, Lea & Flood 2014, *Fast splittable pseudorandom number generators*.
    """
    start = int(_mixed(np.array([(seed * GOLDEN + purpose) % WHOLE], np.uint64))[0])
    with np.errstate(over="ignore"):
        steps = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(GOLDEN)
        return _mixed(steps + np.uint64(start))


def _mixed(z: Array) -> Array:
    with np.errstate(over="ignore"):
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)))


class Buckets:
    """Files of rows with their keys.

    Args:
        folder: for the files.
        name: their names' beginning.
        dtype: of a row: a field "key", and others.
        span: keys go from 0 to this.
        sizes: bytes in each, as many as there are buckets.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        dtype: np.dtype[Any],
        span: int,
        sizes: list[int],
    ) -> None:
        self.folder, self.name, self.dtype, self.span = folder, name, dtype, span
        self.sizes, self.count = sizes, len(sizes)

    def cut_off(self) -> None:
        """Take away what was added after the sizes were noted.

        Raises:
            FileFormatError: a file is shorter than that.
        """
        for number in range(self.count):
            path = self.path(number)
            there = path.stat().st_size if path.exists() else 0
            if there < self.sizes[number]:
                raise FileFormatError(f"{path} has lost rows")
            if there > self.sizes[number]:
                os.truncate(path, self.sizes[number])

    def path(self, number: int) -> Path:
        """The file of a bucket."""
        return self.folder / f"{self.name}-{number:05}"

    @property
    def rows(self) -> int:
        """In all buckets."""
        return sum(self.sizes) // self.dtype.itemsize

    def add(self, records: Array) -> None:
        """Append each row to its bucket."""
        if self.span == WHOLE:
            numbers = ((records["key"] >> np.uint64(32)) * np.uint64(self.count)) >> np.uint64(32)
        else:
            numbers = records["key"] * np.uint64(self.count) // np.uint64(self.span)
        numbers = numbers.astype(np.uint16 if self.count <= 1 << 16 else np.intp)  # sorted faster
        order = np.argsort(numbers, kind="stable")
        ends = np.cumsum(np.bincount(numbers, minlength=self.count))
        start = 0
        for number, end in enumerate(ends.tolist()):
            if end > start:
                with self.path(number).open("ab", buffering=0) as file:
                    content = records[order[start:end]].view(np.uint8).data
                    while content:
                        content = content[file.write(content) :]
                self.sizes[number] += (end - start) * self.dtype.itemsize
                start = end

    def sync(self) -> None:
        """Have the disk keep what was added."""
        for number in range(self.count):
            with contextlib.suppress(FileNotFoundError), self.path(number).open("rb") as file:
                os.fsync(file.fileno())

    def sorted(self, first: int = 0) -> Iterator[tuple[int, Array]]:
        """The buckets from `first` on, each with its rows by their keys.

        Raises:
            FileFormatError: there are not as many rows as were put into it.
        """
        for number in range(first, self.count):
            path, size = self.path(number), self.sizes[number]
            records = np.fromfile(path, self.dtype) if size else np.empty(0, self.dtype)
            if records.nbytes != size:
                raise FileFormatError(f"{path} has {records.nbytes:,} bytes, not {size:,}")
            yield number, records[np.argsort(records["key"])]

    def remove(self, number: int) -> None:
        """Let go of a bucket's file."""
        self.path(number).unlink(missing_ok=True)

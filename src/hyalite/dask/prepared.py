"""Partitions made ready for training: results that stay on the workers, as the client sees them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

import dask
from hyalite.dask.cluster import POLL_SECONDS, Cluster
from hyalite.dask.rows import Outline, Part, Place, Preparing, outline
from hyalite.parameters import Array


class Rows:
    """Parts of rows on the workers.

    Args:
        cluster: where they are.
        futures: of the parts, which are computed.
        timeout: seconds until one more part is there.

    Attributes:
        counts: rows of each part.
        size: bytes of all rows.
        weight: the sum of all rows' weights; their number where they have none.

    Raises:
        ValueError: parts that are not alike, or no rows at all.
        TimeoutError: they do not get ready.
    """

    def __init__(self, cluster: Cluster, futures: Sequence[Any], timeout: float) -> None:
        self.cluster, self.futures, self.timeout = cluster, list(futures), timeout
        self._wait()
        told = cluster.client.map(outline, self.futures, pure=False)
        cluster.wait(told, timeout, "the data")
        outlines: list[Outline] = cluster.client.gather(told)
        self.counts = [one.rows for one in outlines]
        self.size = sum(one.size for one in outlines)
        self.weight = sum(one.weight for one in outlines)
        for number, one in enumerate(outlines):
            if (one.x, one.y) != (outlines[0].x, outlines[0].y):
                raise ValueError(
                    f"all partitions must be alike: a row of partition 0 is {outlines[0].x} with "
                    f"the target {outlines[0].y}, of partition {number} {one.x} with {one.y}"
                )
        if not len(self):
            raise ValueError(f"x must not be empty, got {len(futures)} partitions without rows")

    @classmethod
    def prepare(
        cls, cluster: Cluster, parts: Sequence[tuple[Any, ...]], preparing: Preparing,
        timeout: float,
    ) -> Rows:  # fmt: skip
        """Of partitions that may not be computed yet: each is prepared where it lies."""
        prepared = [
            dask.delayed(preparing, pure=False)(*part, number) for number, part in enumerate(parts)
        ]
        return cls(cluster, cluster.client.compute(prepared), timeout)

    def __len__(self) -> int:
        return sum(self.counts)

    def take(self, rows: Array) -> Rows:
        """Some of the rows, in ascending order; each part gives its own, and stays."""
        bounds = np.searchsorted(rows, np.concatenate([[0], np.cumsum(self.counts)]))
        first = np.cumsum([0, *self.counts])
        futures = [
            self.cluster.client.submit(Part.take, future, rows[low:high] - start, pure=False)
            for future, start, low, high in zip(
                self.futures, first[:-1], bounds[:-1], bounds[1:], strict=True
            )
        ]
        return Rows(self.cluster, futures, self.timeout)

    def places(self) -> list[Place]:
        """Where they lie now; what was lost is computed again first."""
        end = time.monotonic() + self.timeout
        while True:
            self._wait()
            held = self.cluster.places(self.futures)
            keys = [future.key for future in self.futures]
            if all(key in held for key in keys):
                return [
                    Place(key, held[key], rows) for key, rows in zip(keys, self.counts, strict=True)
                ]
            if time.monotonic() > end:
                raise TimeoutError(
                    f"the data are not ready: no worker holds {len(keys) - len(held)} of "
                    f"{len(keys)} partitions after {self.timeout:g} s"
                )
            time.sleep(POLL_SECONDS)

    def _wait(self) -> None:
        self.cluster.wait(self.futures, self.timeout, "the data")

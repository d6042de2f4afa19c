"""Rows that lie in parts on the workers of a cluster, and are asked for in blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from hyalite import checks
from hyalite.dask.links import Peers, Service
from hyalite.parameters import Array

BLOCK_SECONDS = 120.0  # that a block may take to arrive


class Part(NamedTuple):
    """Neighbouring rows as a worker holds them: inputs, targets, weights."""

    x: Array
    y: Array
    weight: Array | None

    def take(self, rows: Array) -> Part:
        """Some of them."""
        return Part(*(None if own is None else own[rows] for own in self))  # type: ignore[arg-type]


class Outline(NamedTuple):
    """What the client knows of a part: how many rows and what kind, the sum of their weights."""

    rows: int
    weight: float
    x: str
    y: str


@dataclass(frozen=True)
class Preparing:
    """How a partition becomes a part.

    Attributes:
        dtype: of the model.
        labels: whether targets are labels of any kind, which are made numbers later.
        weights: what each row counts by its target; None for all the same.
    """

    dtype: np.dtype[Any]
    labels: bool = False
    weights: Callable[[Array], Array | None] | None = None

    def __call__(self, x: Any, y: Any, weight: Any, number: int) -> Part:
        """A partition's rows, checked.

        Raises:
            ValueError: naming the partition.
        """
        names = [f"{name} (partition {number})" for name in ("x", "y", "sample_weight")]
        framed = hasattr(x, "columns")
        x = checks.array(x, names[0])
        if framed or x.dtype.kind == "f":
            x = checks.cast(x, self.dtype, names[0])
        y = np.asarray(y) if self.labels else checks.targets(y, names[1])
        checks.same_length(x, y, (names[0], names[1]))
        if weight is not None:
            weight = checks.array(weight, names[2]).astype(np.float64)
            checks.same_length(x, weight, (names[0], names[2]))
        own = None if self.weights is None else self.weights(y)
        if own is not None:
            weight = own if weight is None else own * weight
        return Part(np.ascontiguousarray(x), np.ascontiguousarray(y), weight)


def outline(part: Part) -> Outline:
    """What the client must know of a part."""
    x, y = (f"{array.dtype} {array.shape[1:]}" for array in (part.x, part.y))
    if part.y.dtype.kind in "OSU":  # texts are as long as the longest
        y = f"labels {part.y.shape[1:]}"
    weight = len(part.x) if part.weight is None else float(part.weight.sum())
    return Outline(len(part.x), weight, x, y)


class Place(NamedTuple):
    """Where a part lies."""

    key: str
    address: str
    rows: int


class PartedRows:
    """The rows of all parts, one after the other: a source of rows for `Sequential.fit`.

    Parts stay where they are; a block is fetched from the worker that holds it.

    Args:
        here: of the worker that asks.
        places: of the parts, in their order.
    """

    def __init__(self, here: Service, places: Sequence[Place]) -> None:
        self._here, self._places, self._peers = here, places, Peers(here)
        self._bounds = np.concatenate([[0], np.cumsum([place.rows for place in places])])

    def __len__(self) -> int:
        return int(self._bounds[-1])

    def block(self, start: int, stop: int) -> tuple[Array, ...]:
        """Rows start..stop-1: x, y, and weights where there are any.

        Raises:
            LostWorker: who holds them is gone.
        """
        first = int(np.searchsorted(self._bounds, start, side="right")) - 1
        last = int(np.searchsorted(self._bounds, stop, side="left"))
        wanted: list[tuple[int, int, int]] = []
        for number in range(first, max(last, first + 1)):
            low, high = int(self._bounds[number]), int(self._bounds[number + 1])
            if min(stop, high) > max(start, low) or (start == stop and not wanted):
                wanted.append((number, max(start, low) - low, max(start, min(stop, high)) - low))
        parts = self._here.run(self._read(wanted), BLOCK_SECONDS)
        columns = [column for column in zip(*parts, strict=True) if column[0] is not None]
        return tuple(c[0] if len(c) == 1 else np.concatenate(c) for c in columns)

    async def _read(self, wanted: Sequence[tuple[int, int, int]]) -> list[Sequence[Array | None]]:
        return await asyncio.gather(*(self._rows(*one) for one in wanted))

    async def _rows(self, number: int, start: int, stop: int) -> Sequence[Array | None]:
        place = self._places[number]
        if place.address == self._here.worker.address:
            part = self._here.part(place.key)
            if part is not None:
                return [None if array is None else array[start:stop] for array in part]
        return await self._peers.ask(
            place.address, "hyalite_rows", key=place.key, start=start, stop=stop
        )

    def close(self) -> None:
        """Let the connections go."""
        self._peers.close()

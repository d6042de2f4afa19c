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
    """What the client knows of a part: how many rows and bytes, what kind, the sum of weights."""

    rows: int
    size: int
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
    size = sum(own.nbytes for own in part if own is not None)
    return Outline(len(part.x), size, weight, x, y)


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
        return self._columns(start, stop, (0, 1, 2))

    def block_targets(self, start: int, stop: int) -> Array:
        """Their targets alone."""
        return self._columns(start, stop, (1,))[0]

    def whole(self) -> tuple[Array, ...]:
        """All rows: x, y, and weights where there are any; part by part, first what lies here.

        Raises:
            LostWorker: who holds some is gone.
        """
        here, count = self._here.worker.address, len(self._places)
        first = next((n for n in range(count) if self._places[n].address == here), 0)
        x: Array | None = None
        others: dict[int, Sequence[Array]] = {}
        for number in [*range(first, count), *range(first)]:
            start, stop = self._bounds[number : number + 2].tolist()
            own, *others[number] = self._columns(start, stop, (0, 1, 2), number)
            if x is None:
                x = np.empty((len(self), *own.shape[1:]), own.dtype)
            x[start:stop] = own
        assert x is not None
        columns = zip(*(others[number] for number in range(count)), strict=True)
        return (x, *(np.concatenate(column) for column in columns))

    def _columns(
        self, start: int, stop: int, which: Sequence[int], part: int | None = None
    ) -> tuple[Array, ...]:
        """Some columns of rows start..stop-1, without those that there are none of.

        Args:
            start: of the rows,
            stop: and behind the last.
            which: columns of a `Part`.
            part: that they are all of; None to look for the parts that they lie in.
        """
        parts = self._here.run(self._read(self._wanted(start, stop, part), which), BLOCK_SECONDS)
        columns = [column for column in zip(*parts, strict=True) if column[0] is not None]
        return tuple(c[0] if len(c) == 1 else np.concatenate(c) for c in columns)

    def _wanted(self, start: int, stop: int, part: int | None) -> list[tuple[int, int, int]]:
        """Of which parts which rows."""
        if part is not None:
            return [(part, 0, stop - start)]
        first = int(np.searchsorted(self._bounds, start, side="right")) - 1
        last = int(np.searchsorted(self._bounds, stop, side="left"))
        wanted: list[tuple[int, int, int]] = []
        for number in range(first, max(last, first + 1)):
            low, high = int(self._bounds[number]), int(self._bounds[number + 1])
            if min(stop, high) > max(start, low) or (start == stop and not wanted):
                wanted.append((number, max(start, low) - low, max(start, min(stop, high)) - low))
        return wanted

    async def _read(
        self, wanted: Sequence[tuple[int, int, int]], which: Sequence[int]
    ) -> list[Sequence[Array | None]]:
        return await asyncio.gather(*(self._rows(*one, which) for one in wanted))

    async def _rows(
        self, number: int, start: int, stop: int, which: Sequence[int]
    ) -> Sequence[Array | None]:
        place = self._places[number]
        if place.address == self._here.worker.address:
            found = self._here.part(place.key, start, stop, which)
            if found is not None:
                return found
        return await self._peers.ask(
            place.address, "hyalite_rows",
            key=place.key, start=start, stop=stop, which=list(which),
        )  # fmt: skip

    def close(self) -> None:
        """Let the connections go."""
        self._peers.close()

"""A step's second half, cut up: stretches of theta, each with its gradient and update."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hyalite.engines.compiled.lowering.operations.base import TILE_SIZE, Instructions
from hyalite.engines.compiled.structs import Column, Tile

SUMMED = -1  # instead of an instruction: the gradient is the sum of those of the batch's parts


def tiles_of(instructions: Instructions, feature_slices: Sequence[int]) -> list[Tile]:
    """All of theta: tiles of large weight matrices, and what the parts of the batch sum up."""
    found: list[Tile] = []
    for number, one in enumerate(instructions):
        if one.has_weights:
            if one.by_tiles:
                slices = feature_slices if number == 0 else ()
                found += one.operation.tiles(number, one, slices, len(found))
            else:
                found += _stretches(one[Column.W], one[Column.WEIGHT_SIZE], one[Column.GRAD_W])
            if one[Column.B] >= 0:
                found += _stretches(one[Column.B], one[Column.BIAS_SIZE], one[Column.GRAD_B])
    return _joined(found)


def _stretches(start: int, size: int, part: int) -> Iterator[Tile]:
    for low in range(0, size, TILE_SIZE):
        high = min(low + TILE_SIZE, size)
        yield Tile(start + low, start + high, SUMMED, part + low, low // TILE_SIZE)


def _joined(found: list[Tile]) -> list[Tile]:
    """Small neighbours made one."""
    result: list[Tile] = []
    for tile in sorted(found):
        last = result[-1] if result else None
        if last is not None and _are_neighbours(last, tile) and tile.high - last.low <= TILE_SIZE:
            result[-1] = last._replace(high=tile.high)
        else:
            result.append(tile)
    return result


def _are_neighbours(one: Tile, other: Tile) -> bool:
    """Whether they lie side by side in the gradient of a part, too."""
    summed = one.instruction == other.instruction == SUMMED
    return summed and one.at - one.low == other.at - other.low

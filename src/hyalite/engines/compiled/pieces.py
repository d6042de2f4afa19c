"""A step's second half, cut up: stretches of theta, each with its gradient and update."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from hyalite.engines.compiled.instructions import Instruction, Instructions
from hyalite.engines.compiled.places import TILE
from hyalite.engines.compiled.tables import Column, Operation, Piece

SUMMED = -1  # instead of an instruction: the gradient is the sum of those of the batch's parts


def pieces(instructions: Instructions, slices: Sequence[int]) -> list[Piece]:
    """All of theta: tiles of large weight matrices, and what the parts of the batch sum up."""
    found: list[Piece] = []
    for number, one in enumerate(instructions):
        if one[Column.W] >= 0:
            if one[Column.PART_W] < 0:
                found += _tiles(number, one, slices if number == 0 else (), len(found))
            else:
                found += _stretches(one[Column.W], _size(one), one[Column.PART_W])
            if one[Column.B] >= 0:
                found += _stretches(one[Column.B], one[Column.OUTPUTS], one[Column.PART_B])
    return _joined(found)


def _size(one: Instruction) -> int:
    dense = one[Column.OPERATION] == Operation.DENSE
    return one[Column.OUTPUTS] * (one[Column.INPUTS] if dense else 1)


def _tiles(number: int, one: Instruction, slices: Sequence[int], turn: int) -> Iterator[Piece]:
    """Rows of W; those of a slice are all for the thread whose turn the slice is."""
    w, outputs = one[Column.W], one[Column.OUTPUTS]
    edges = itertools.pairwise(slices or (0, one[Column.INPUTS]))
    for slice_, (first, last) in enumerate(edges):
        count = -(-(last - first) * outputs // TILE)
        rows = [first + (last - first) * i // count for i in range(count + 1)]
        for i, (low, high) in enumerate(itertools.pairwise(rows)):
            whose = slice_ if slices else turn + i
            yield Piece(w + low * outputs, w + high * outputs, number, low - first, whose)


def _stretches(start: int, size: int, part: int) -> Iterator[Piece]:
    for low in range(0, size, TILE):
        high = min(low + TILE, size)
        yield Piece(start + low, start + high, SUMMED, part + low, low // TILE)


def _joined(found: list[Piece]) -> list[Piece]:
    """Small neighbours made one."""
    result: list[Piece] = []
    for piece in sorted(found):
        last = result[-1] if result else None
        if (
            last is not None
            and last.instruction == piece.instruction == SUMMED
            and piece.high - last.low <= TILE
            and piece.at - piece.low == last.at - last.low
        ):
            result[-1] = last._replace(high=piece.high)
        else:
            result.append(piece)
    return result

"""Which shards of a batch are whose, and the fixed tree in which their sums are added.

The tree stands over the shards 0..n-1 of a batch, whatever the number of workers: its left part is
the largest power of two below n, and so on within both. For six shards::

    ((g₀ + g₁) + (g₂ + g₃)) + (g₄ + g₅)

So a worker that has the shards 4 and 5 adds these two and sends one sum, and the result is, to the
last bit, that of a single process. With one order for all the sum also loses fewer digits than from
left to right: its error grows with log n rather than with n (Higham, *Accuracy and Stability of
Numerical Algorithms*, 4.2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

DEFAULT = 8  # shards of a batch where there are workers; alone one
T = TypeVar("T")
Node = tuple[int, int]  # of the tree: the shards first..stop-1


def count_of(shards: int, rows: int) -> int:
    """How many shards a batch of so many rows has: none of them is empty."""
    return min(shards, rows)


def rows_of_shard(number: int, count: int, rows: int) -> tuple[int, int]:
    """The rows first..stop-1 of a batch that are shard `number` of `count`.

    Examples:
        >>> from hyalite.workers.shards import rows_of_shard
        >>> [rows_of_shard(number, 3, rows=10) for number in range(3)]
        [(0, 3), (3, 6), (6, 10)]
    """
    return number * rows // count, (number + 1) * rows // count


def shards_of(count: int, rank: int, size: int) -> tuple[int, int]:
    """The shards first..stop-1 of `count` that are a worker's; where there are few, none.

    Examples:
        >>> from hyalite.workers.shards import shards_of
        >>> [shards_of(8, rank, size=3) for rank in range(3)]
        [(0, 2), (2, 5), (5, 8)]
    """
    return rank * count // size, (rank + 1) * count // size


def rows_of(rows: int, shards: int, rank: int, size: int) -> tuple[int, int]:
    """The rows first..stop-1 of a batch that are a worker's: those of its shards.

    Args:
        rows: of the batch.
        shards: that a full batch has.
        rank: of the worker.
        size: of the group.

    Examples:
        >>> from hyalite.workers.shards import rows_of
        >>> [rows_of(1000, 8, rank, size=3) for rank in range(3)]
        [(0, 250), (250, 625), (625, 1000)]
    """
    count = count_of(shards, rows)
    first, stop = shards_of(count, rank, size)
    return first * rows // count, stop * rows // count


def middle(first: int, stop: int) -> int:
    """Where a node of the tree parts: behind the largest power of two below its size."""
    return first + (1 << (stop - first - 1).bit_length() - 1)


def nodes_of(count: int, rank: int, size: int) -> list[Node]:
    """The largest nodes of the tree over `count` shards that are all a worker's, left to right.

    Examples:
        >>> from hyalite.workers.shards import nodes_of
        >>> [nodes_of(8, rank, size=3) for rank in range(3)]
        [[(0, 2)], [(2, 4), (4, 5)], [(5, 6), (6, 8)]]
    """
    own_first, own_stop = shards_of(count, rank, size)

    def within(first: int, stop: int) -> list[Node]:
        if own_first >= stop or own_stop <= first:
            return []
        if own_first <= first and stop <= own_stop:
            return [(first, stop)]
        part = middle(first, stop)
        return within(first, part) + within(part, stop)

    return within(0, count)


def total(first: int, stop: int, of: Callable[[Node], T | None], add: Callable[[T, T], T]) -> T:
    """The sum over a node of the tree.

    Args:
        first: the node's first shard,
        stop: and the one behind its last.
        of: the sum of a node where it is known, which those of single shards must be; else None.
        add: one sum and another.

    Examples:
        >>> from hyalite.workers.shards import total
        >>> def of(node):
        ...     return f"g{node[0]}" if node[1] - node[0] == 1 else None
        >>> total(0, 6, of, lambda a, b: f"({a} + {b})")
        '(((g0 + g1) + (g2 + g3)) + (g4 + g5))'
    """
    known = of((first, stop))
    if known is not None:
        return known
    part = middle(first, stop)
    left = total(first, part, of, add)
    return add(left, total(part, stop, of, add))

"""The tree over the shards: it does not depend on who holds which of them."""

from __future__ import annotations

import itertools

import pytest

from hyalite.workers.shards import (
    count_of,
    middle,
    nodes_of,
    rows_of,
    rows_of_shard,
    shards_of,
    total,
)


@pytest.mark.parametrize("count", range(1, 20))
def test_any_group_adds_in_the_same_order(count: int) -> None:
    def add(one: str, other: str) -> str:
        return f"({one} {other})"

    def leaf(node: tuple[int, int]) -> str | None:
        return str(node[0]) if node[1] - node[0] == 1 else None

    expected = total(0, count, leaf, add)
    for size in range(1, count + 3):
        known = {
            node: total(*node, leaf, add)
            for rank in range(size)
            for node in nodes_of(count, rank, size)
        }
        assert total(0, count, known.get, add) == expected


@pytest.mark.parametrize(("count", "size"), [*itertools.product((1, 2, 5, 8, 13), (1, 2, 3, 8))])
def test_every_shard_and_row_is_somebodys(count: int, size: int) -> None:
    bounds = [shards_of(count, rank, size) for rank in range(size)]
    assert [n for first, stop in bounds for n in range(first, stop)] == list(range(count))
    held = [node for rank in range(size) for node in nodes_of(count, rank, size)]
    assert [n for first, stop in held for n in range(first, stop)] == list(range(count))
    for rows in (1, 3, 50, 101):
        parts = [rows_of(rows, count, rank, size) for rank in range(size)]
        assert [row for first, stop in parts for row in range(first, stop)] == list(range(rows))
        real = count_of(count, rows)
        shards = [rows_of_shard(number, real, rows) for number in range(real)]
        assert all(first < stop for first, stop in shards), "none is empty"
        edges = {edge for both in shards for edge in both}
        assert {edge for both in parts for edge in both} <= edges


def test_a_node_parts_behind_the_largest_power_of_two() -> None:
    assert [middle(0, stop) for stop in range(2, 10)] == [1, 2, 2, 4, 4, 4, 4, 8]
    assert middle(4, 7) == 6


def test_workers_whose_number_divides_the_shards_send_one_sum() -> None:
    for size in (1, 2, 4, 8):
        assert all(len(nodes_of(8, rank, size)) == 1 for rank in range(size))

"""The exchange of a step gives every worker the same sum, in the order of the tree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite.workers.shards import nodes_of, total
from hyalite.workers.step import NOTHING, PAUSE, REGROUP, StepExchange

COUNT, SIZE = 8, 1003


@pytest.mark.parametrize("workers", range(1, 9))
def test_the_sum_is_that_of_one_process(workers: int) -> None:
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((COUNT, SIZE)).astype(np.float32)

    def leaf(node: tuple[int, int]) -> Any:
        return gradients[node[0]] if node[1] - node[0] == 1 else None

    expected = total(0, COUNT, leaf, np.add)
    assert (expected != gradients.sum(axis=0)).any(), "the order matters"

    def reduce(group: Any) -> Any:
        exchange = StepExchange(group)
        sums = [total(*node, leaf, np.add) for node in nodes_of(COUNT, group.rank, group.size)]
        grad = np.full(SIZE, np.nan, np.float32)
        riders = [np.arange(group.rank), np.array([group.rank + 0.5])]
        found = []
        for number in range(3):
            wish = (NOTHING, PAUSE, REGROUP)[number] if group.rank == workers - 1 else NOTHING
            found.append(exchange(number, COUNT, sums, grad, riders, wish))
        return grad.tobytes(), found

    for grad, found in hy.workers.threads.run(workers, reduce):
        assert grad == expected.tobytes()
        assert [wishes for wishes, _ in found] == [NOTHING, PAUSE, REGROUP]
        for _, riding in found:
            assert [one.view(np.int64).tolist() for one, _ in riding] == [
                list(range(rank)) for rank in range(workers)
            ]
            assert [float(one.view(np.float64)[0]) for _, one in riding] == [
                rank + 0.5 for rank in range(workers)
            ]

"""The exchange of a training step: gradients are summed, and all else that a step says rides along.

Two phases, whatever the number of workers. Each gets everybody's sums of its own stretch of theta,
adds them in the order of the tree, and gives all others the result: on the wire the volume of a
ring's all-reduce, 2·(P-1)/P of the vector, and every bit that of one process.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from hyalite.parameters import Array, Scratch
from hyalite.workers.group import Group, Message
from hyalite.workers.shards import Node, nodes_of, total
from hyalite.workers.talk import swap

SUMS, RESULTS = 3, 4  # what an exchange is about
# What a rank may wish for, to be done in all ranks behind the step.
NOTHING, PAUSE, REGROUP = 0, 1, 2


class StepExchange:
    """The exchanges of a run's steps.

    Args:
        group: of workers.
        add: ``add(a, b, out)``: out ← a + b, vectors, as the engine rounds.
    """

    def __init__(self, group: Group, add: Callable[[Array, Array, Array], object] = np.add) -> None:
        self.group, self.add = group, add
        self._scratch = Scratch()

    def __call__(
        self,
        step: int,
        count: int,
        sums: Sequence[Array],
        grad: Array,
        riders: Sequence[Array],
        wish: int = NOTHING,
    ) -> tuple[int, list[Message]]:
        """Write the sum over all shards into `grad`.

        Args:
            step: number of the step, of which all ranks must be at the same.
            count: shards of this batch.
            sums: (size,) each, over the nodes of the tree that are this worker's.
            grad: (size,), to be written.
            riders: what else all ranks are to know.
            wish: PAUSE or REGROUP or both.

        Returns:
            the wishes of all together, and the riders of each rank, as bytes.

        Raises:
            LostWorker: a rank is gone; `grad` may be written in part, and nothing else.
        """
        group, size = self.group, grad.size
        cuts = [size * rank // group.size for rank in range(group.size + 1)]
        parts = [slice(*cut) for cut in itertools.pairwise(cuts)]
        common = [np.array([wish]), *riders]
        pieces = [[*common, *(one[part] for one in sums)] for part in parts]
        got = swap(group, (SUMS, step), pieces)

        known: dict[Node, Array] = {}
        for rank, message in enumerate(got):
            slices = message[len(common) :]
            nodes = nodes_of(count, rank, group.size)
            known |= {node: one.view(grad.dtype) for node, one in zip(nodes, slices, strict=True)}
        wishes, own = NOTHING, parts[group.rank]
        for message in got:
            wishes |= int(message[0].view(np.int64)[0])
        riding: list[Message] = [
            [bytes_of(one) for one in message[1 : len(common)]] for message in got
        ]
        result = self._total(known, count, own.stop - own.start, grad.dtype)

        for rank, (one,) in enumerate(swap(group, (RESULTS, step), [[result]] * group.size)):
            grad[parts[rank]] = one.view(grad.dtype)
        return wishes, riding

    def _total(self, known: dict[Node, Array], count: int, size: int, dtype: np.dtype) -> Array:
        """The sum of all shards in the order of the tree."""
        taken = iter(range(len(known)))

        def add(one: Array, other: Array) -> Array:
            # memory of its own for each sum: what came may not be written
            out = self._scratch.take(f"sum {next(taken)}", (size,), dtype)
            self.add(one, other, out)
            return out

        return total(0, count, known.get, add)


def bytes_of(array: Array) -> Array:
    """A copy of what came, as bytes; it is kept beyond the next exchange."""
    return array.reshape(-1).view(np.uint8).copy()

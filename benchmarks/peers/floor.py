"""What no peer is measured without: the matrix products alone, and nothing but the data."""

from __future__ import annotations

import numpy as np

from benchmarks.data import Arrays
from benchmarks.peers.base import Figures, Peer
from benchmarks.workloads import Workload


class Floor(Peer):
    """A step's matrix products, one `np.dot` each into memory that is there, and nothing else.

    For every layer y = x·W and dW = xᵀ·dy; for all but the first dx = dy·Wᵀ.
    """

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        random = np.random.default_rng(workload.seed)

        def new(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
            return random.standard_normal(shape, np.float32)

        self.products = []
        for number, (a, b) in enumerate(zip(workload.sizes, workload.sizes[1:], strict=False)):
            x, W, dy = new(self.batch, a), new(a, b), new(self.batch, b)
            self.products.append((x, W, new(self.batch, b)))
            self.products.append((x.T, dy, new(a, b)))
            if number:
                self.products.append((dy, W.T, new(self.batch, a)))

    def reset(self) -> None:
        """There is nothing to reset."""

    def train(self, epochs: int) -> Figures:
        for _ in range(epochs * -(-self.rows // self.batch)):
            for left, right, out in self.products:
                np.dot(left, right, out=out)
        return Figures([], [])


class Nothing(Peer):
    """The data and no model."""

    def reset(self) -> None:
        """There is nothing to reset."""

    def train(self, epochs: int) -> Figures:
        # touch all of the data, as every training does
        self.x.sum()
        return Figures([], [])

"""What no peer is measured without: the matrix products alone, and nothing but the data."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.data import Arrays
from benchmarks.peers.base import Figures, Peer
from benchmarks.workloads import Workload

FORMS = ("y", "dW", "dx")
PICTURES = (1, 4, 5, 16, 20)  # at a time, where their number divides the batch
Way = tuple[Any, Any, Any, int]  # two factors, the place of their product, how often in a step


class Floor(Peer):
    """A step's matrix products, one `np.dot` each into memory that is there, and nothing else.

    For every layer y = x·W and dW = xᵀ·dy; for all but the first dx = dy·Wᵀ. Of a convolution x has
    a row for each window. That matrix is large, so what is multiplied are all pictures of the batch
    or a few at a time, whichever takes less time here.
    """

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        self.random = np.random.default_rng(workload.seed)
        self.products: list[Way] = []
        for number, (windows, inner, columns) in enumerate(workload.products):
            some = [n for n in PICTURES if self.batch % n == 0] if windows > 1 else []
            for form in FORMS if number else FORMS[:2]:
                ways = [
                    (*self._arrays(form, n * windows, inner, columns), self.batch // n)
                    for n in (*some, self.batch)
                ]
                self.products.append(min(ways, key=self._seconds) if some else ways[0])

    def _arrays(self, form: str, rows: int, inner: int, columns: int) -> tuple[Any, Any, Any]:
        x, W, dy = self._new(rows, inner), self._new(inner, columns), self._new(rows, columns)
        match form:
            case "y":
                return x, W, self._new(rows, columns)
            case "dW":
                return x.T, dy, self._new(inner, columns)
        return dy, W.T, self._new(rows, inner)

    def _new(self, *shape: int) -> Any:
        return self.array(self.random.standard_normal(shape, np.float32))

    def _seconds(self, way: Way) -> float:
        spent = []
        for _ in range(4):  # of which the first wakes threads and caches
            start = time.perf_counter()
            self._multiply([way])
            spent.append(time.perf_counter() - start)
        return min(spent)

    def _multiply(self, products: list[Way]) -> None:
        for left, right, out, times in products:
            for _ in range(times):
                self.multiply(left, right, out)

    def array(self, values: npt.NDArray[np.float32]) -> Any:
        """As the library that multiplies has it."""
        return values

    def multiply(self, left: Any, right: Any, out: Any) -> None:
        """Out ← left·right."""
        np.dot(left, right, out=out)

    def reset(self) -> None:
        """There is nothing to reset."""

    def train(self, epochs: int) -> Figures:
        for _ in range(epochs * -(-self.rows // self.batch)):
            self._multiply(self.products)
        return Figures([], [])


class Nothing(Peer):
    """The data and no model."""

    def reset(self) -> None:
        """There is nothing to reset."""

    def train(self, epochs: int) -> Figures:
        # touch all of the data, as every training does
        self.x.sum()
        return Figures([], [])

"""What every peer is: a model that starts from given weights, trains, and predicts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.data import Arrays
from benchmarks.workloads import Workload


class Figures(NamedTuple):
    """Loss and accuracy of each epoch, as the library reports them to its user."""

    loss: list[float]
    accuracy: list[float]


class Peer:
    """One library's way to do a workload, written as its user would write it.

    `__init__` prepares the data and builds the model, `reset` takes it back to the initial
    weights and a fresh optimizer; neither is timed.

    Attributes:
        form: which of its ways it took, of one that has several.
    """

    form = ""

    def __init__(self, workload: Workload, data: Arrays) -> None:
        self.workload = workload
        self.x, self.y = data.x, data.y
        self.rows = len(self.x)
        self.batch = min(workload.batch or self.rows, self.rows)
        # a full batch needs no order
        self.shuffle = workload.shuffle and self.batch < self.rows
        # a number counts as right when it is this close, as in the sources
        self.tolerance = float(np.std(self.y)) / 250 if workload.regression else 0.0

    def reset(self) -> None:
        """Initial weights, and an optimizer that has seen nothing."""
        raise NotImplementedError

    def choose(self) -> None:
        """Try its ways, of one that has several, and take the fastest."""

    def train(self, epochs: int) -> Figures:
        """Train on for some epochs."""
        raise NotImplementedError

    def predict(self, x: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        """Probabilities, or numbers, for NumPy rows, as a NumPy array."""
        raise NotImplementedError

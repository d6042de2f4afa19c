"""Hyalite by its public API, with the fastest engine that is installed or the NumPy one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

import hyalite as hy
from benchmarks.data import Arrays
from benchmarks.peers.base import Figures, Peer
from benchmarks.workloads import Workload


class Hyalite(Peer):
    """`Sequential.fit` and `predict`."""

    engine = "auto"

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        *hidden, last = workload.sizes[1:]
        layers: list[hy.Layer] = []
        for units in hidden:
            first = not layers
            layers.append(
                hy.Dense(
                    units,
                    "relu",
                    l2=workload.l2 if first else 0.0,
                    bias_l2=workload.bias_l2 if first else 0.0,
                )
            )
            if workload.dropout:
                layers.append(hy.Dropout(workload.dropout))
        layers.append(hy.Dense(last, None if workload.regression else "softmax"))
        self.model = hy.Sequential(layers)
        self.model.build(workload.sizes[0])
        self.reset()

    def reset(self) -> None:
        w = self.workload
        self.model.set_weights([array for pair in w.initial_weights() for array in pair])
        self.model.compile(
            "mean_squared_error" if w.regression else "categorical_crossentropy",
            hy.Adam(w.learning_rate, epsilon=w.epsilon, decay=w.decay),
            metrics=["accuracy"],
            engine=self.engine,
        )

    def train(self, epochs: int) -> Figures:
        history = self.model.fit(
            self.x,
            self.y,
            batch_size=self.workload.batch,
            epochs=epochs,
            shuffle=self.shuffle,
            seed=self.workload.seed,
            verbose=0,
        )
        return Figures(history["loss"], history["accuracy"])

    def predict(self, x: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        return self.model.predict(x)


class HyaliteNumpy(Hyalite):
    """The same on the NumPy engine."""

    engine = "numpy"

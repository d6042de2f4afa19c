"""Hyalite by its public API, with the fastest engine that is installed or the NumPy one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

import hyalite as hy
from benchmarks.data import Arrays
from benchmarks.layers import (
    Convolution,
    Dense,
    Dropout,
    Flip,
    Layer,
    Normalization,
    Pooling,
    Shape,
)
from benchmarks.peers.base import Figures, Peer
from benchmarks.workloads import Workload


class Hyalite(Peer):
    """`Sequential.fit` and `predict`."""

    engine = "auto"

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        found: list[hy.Layer] = []
        for layer, shape in workload.with_shapes:
            found += self._layers(layer, shape, first=not found)
        self.model = hy.Sequential(found)
        self.model.build(workload.input_shape)
        self.reset()

    def _layers(self, layer: Layer, shape: Shape, first: bool) -> list[hy.Layer]:
        w = self.workload
        match layer:
            case Convolution(filters, kernel, padding, linear):
                activation = None if linear else "relu"
                return [hy.Conv2D(filters, kernel, 1, padding, activation, use_bias=not linear)]
            case Normalization():
                return [hy.BatchNormalization(), hy.ReLU()]
            case Pooling(size):
                return [hy.MaxPooling2D(size)]
            case Flip():
                return [hy.RandomFlip()]
            case Dropout(rate):
                return [hy.Dropout(rate)]
            case Dense(units, hidden):
                last = None if w.regression else "softmax"
                dense = hy.Dense(
                    units,
                    "relu" if hidden else last,
                    l2=w.l2 if first else 0.0,
                    bias_l2=w.bias_l2 if first else 0.0,
                )
                return [dense] if len(shape) == 1 else [hy.Flatten(), dense]

    def reset(self) -> None:
        w = self.workload
        fresh = [array for arrays in w.initial_weights() for array in arrays]
        # behind all weights the running means and variances of batch normalization
        for layer, shape in w.weighted:
            if isinstance(layer, Normalization):
                fresh += [np.zeros(shape[2], np.float32), np.ones(shape[2], np.float32)]
        self.model.set_weights(fresh)
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

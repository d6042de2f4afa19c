"""Keras on the JAX backend: `compile`, `fit`, and the model called or its `predict`."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

os.environ["KERAS_BACKEND"] = "jax"  # read when Keras is imported
import keras

from benchmarks.data import Arrays
from benchmarks.peers.base import Figures, Peer
from benchmarks.workloads import Workload

FEW = 1024  # Keras's manual: call the model for few rows, `predict` is for many


class Keras(Peer):
    """A `keras.Sequential`."""

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        keras.utils.set_random_seed(workload.seed)
        *hidden, last = workload.sizes[1:]
        self.model = keras.Sequential([keras.Input((workload.sizes[0],))])
        l2 = [keras.regularizers.L2(value) for value in (workload.l2, workload.bias_l2)]
        for number, units in enumerate(hidden):
            penalties = {}
            if workload.l2 and not number:
                penalties = {"kernel_regularizer": l2[0]}
                if workload.bias_l2:
                    penalties["bias_regularizer"] = l2[1]
            self.model.add(keras.layers.Dense(units, "relu", **penalties))
            if workload.dropout:
                self.model.add(keras.layers.Dropout(workload.dropout))
        self.model.add(keras.layers.Dense(last, None if workload.regression else "softmax"))
        self._compile()

    def _compile(self) -> None:
        w, tolerance = self.workload, self.tolerance

        def accuracy(y: Any, prediction: Any) -> Any:
            return keras.ops.abs(y - prediction) < tolerance

        rate: Any = w.learning_rate
        if w.decay:
            rate = keras.optimizers.schedules.InverseTimeDecay(rate, 1, w.decay)
        self.model.compile(
            keras.optimizers.Adam(rate, epsilon=w.epsilon),
            "mean_squared_error" if w.regression else "sparse_categorical_crossentropy",
            metrics=[accuracy if w.regression else "accuracy"],
        )
        self.model.optimizer.build(self.model.trainable_variables)
        self.fresh = [np.array(variable) for variable in self.model.optimizer.variables]
        self.reset()

    def reset(self) -> None:
        weights = self.workload.initial_weights()
        self.model.set_weights([array for pair in weights for array in pair])
        for variable, value in zip(self.model.optimizer.variables, self.fresh, strict=True):
            variable.assign(value)

    def train(self, epochs: int) -> Figures:
        history = self.model.fit(
            self.x,
            self.y,
            batch_size=self.batch,
            epochs=epochs,
            shuffle=self.shuffle,
            verbose=0,
        ).history
        return Figures(history["loss"], history["accuracy"])

    def predict(self, x: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        if len(x) < FEW:
            return np.asarray(self.model(x))
        found: npt.NDArray[Any] = self.model.predict(x, batch_size=FEW, verbose=0)
        return found

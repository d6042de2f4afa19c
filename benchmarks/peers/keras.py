"""Keras on the JAX backend: `compile`, `fit`, and the model called or its `predict`."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

os.environ["KERAS_BACKEND"] = "jax"  # read when Keras is imported
import keras

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

FEW = 1024  # Keras's manual: call the model for few rows, `predict` is for many


class Keras(Peer):
    """A `keras.Sequential`."""

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        keras.utils.set_random_seed(workload.seed)
        self.model = keras.Sequential([keras.Input(workload.input_shape)])
        for number, (layer, shape) in enumerate(workload.with_shapes):
            for found in self._layers(layer, shape, first=not number):
                self.model.add(found)
        self._compile()

    def _layers(self, layer: Layer, shape: Shape, first: bool) -> list[Any]:
        w, known = self.workload, keras.layers
        match layer:
            case Convolution(filters, kernel, padding, linear):
                name = {0: "valid", kernel // 2: "same"}.get(padding)
                border = [] if name else [known.ZeroPadding2D(padding)]
                convolution = known.Conv2D(
                    filters,
                    kernel,
                    padding=name or "valid",
                    activation=None if linear else "relu",
                    use_bias=not linear,
                )
                return [*border, convolution]
            case Normalization():
                normalization = known.BatchNormalization(momentum=0.9, epsilon=1e-5)
                return [normalization, known.Activation("relu")]
            case Pooling(size):
                return [known.MaxPooling2D(size)]
            case Flip():
                return [known.RandomFlip("horizontal")]
            case Dropout(rate):
                return [known.Dropout(rate)]
            case Dense(units, hidden):
                penalties = {}
                if w.l2 and first:
                    penalties["kernel_regularizer"] = keras.regularizers.L2(w.l2)
                    if w.bias_l2:
                        penalties["bias_regularizer"] = keras.regularizers.L2(w.bias_l2)
                last = None if w.regression else "softmax"
                dense = known.Dense(units, "relu" if hidden else last, **penalties)
                return [dense] if len(shape) == 1 else [known.Flatten(), dense]

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
        self.fresh = [np.array(variable.value) for variable in self.model.optimizer.variables]
        self.reset()

    def reset(self) -> None:
        w = self.workload
        weights: list[npt.NDArray[Any]] = []
        for (layer, shape), arrays in zip(w.weighted, w.initial_weights(), strict=True):
            weights += arrays
            if isinstance(layer, Normalization):  # its running means and variances
                weights += [np.zeros(shape[2]), np.ones(shape[2])]
        self.model.set_weights(weights)
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
            return np.asarray(self.model(x, training=False))  # which its RandomFlip must be told
        found: npt.NDArray[Any] = self.model.predict(x, batch_size=FEW, verbose=0)
        return found

"""A small fit with made-up figures."""

from __future__ import annotations

import numpy as np

import hyalite as hy
from hyalite.training.callbacks import (
    Callback,
)

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((40, 3), np.float32), RNG.integers(0, 2, 40)


class Script(Callback):
    """A figure "score" by the epoch."""

    def __init__(self, *values, name="score"):
        self.values, self.name = values, name

    def on_epoch_end(self, model, epoch, figures):
        if epoch <= len(self.values) and self.values[epoch - 1] is not None:
            figures[self.name] = self.values[epoch - 1]


def fit(*callbacks, epochs, **options):
    model = hy.Sequential([hy.Dense(4, "relu"), hy.Dense(2, "softmax")])
    model.compile("categorical_crossentropy", hy.SGD(0.8), ["accuracy"], engine="numpy")
    options = {"seed": 1, "verbose": 0} | options
    model.fit(X, Y, epochs=epochs, callbacks=list(callbacks), **options)
    return model

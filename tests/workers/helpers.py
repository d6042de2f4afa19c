"""Models whose training leaves something everywhere, and what it left as a digest."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np

import hyalite as hy

RNG = np.random.default_rng(12)
ROWS = 150
X = RNG.standard_normal((ROWS, 12), np.float32)
LABELS = RNG.integers(0, 3, ROWS)
WEIGHTS = RNG.uniform(0.2, 2, ROWS)


def mixed(engine: str, dtype: str = "float32", **optimizer: Any) -> hy.Sequential:
    """Batch normalization, dropout, penalties, metrics that are counted and one that is not."""
    layers = [
        hy.Dense(20, "relu", l2=1e-3),
        hy.BatchNormalization(),
        hy.Dropout(0.2),
        hy.Residual([hy.Dense(20, "tanh"), hy.BatchNormalization(0.7)]),
        hy.Dense(3, "softmax"),
    ]
    model = hy.Sequential(layers, dtype=dtype)
    settings = {"learning_rate": 0.01, "clip_norm": 0.5} | optimizer
    metrics = ["accuracy", "f1"]
    model.compile("categorical_crossentropy", hy.Adam(**settings), metrics, engine=engine)
    return model


def wide(engine: str) -> hy.Sequential:
    """Weights so large that the compiled engine makes their gradient tile by tile."""
    layers = [hy.Dense(2800, "relu"), hy.Dropout(0.1), hy.Dense(40, "relu"), hy.Dense(3)]
    model = hy.Sequential(layers)
    loss = hy.CategoricalCrossentropy(from_logits=True)
    model.compile(loss, hy.SGD(0.01, momentum=0.9), ["accuracy"], engine=engine)
    return model


def digest(model: hy.Sequential) -> str:
    """Of weights, running statistics, optimizer, counts and history."""
    found = hashlib.sha256(model.theta.tobytes() + model.state.tobytes())
    for _, slot in sorted(model.optimizer.slots.items()):
        found.update(slot.tobytes())
    counts = model.optimizer.steps, model.network.clock.step, model.network.epochs
    found.update(repr((counts, model.history.history, model.history.epochs)).encode())
    return found.hexdigest()


Fit = Callable[[Any], str]


def noting(function: Fit, said: list[str]) -> Fit:
    """The same, and what each worker raises is written down: `run` raises one error of several."""

    def noted(workers: Any) -> str:
        try:
            return function(workers)
        except Exception as error:
            said.append(str(error))
            raise

    return noted


def fitting(model: hy.Sequential, x: Any = X, y: Any = LABELS, **options: Any) -> Fit:
    """A function that trains a copy of the model with a group, and gives the digest."""
    options = {"batch_size": 64, "epochs": 2, "seed": 3, "verbose": 0} | options

    def fit(workers: Any) -> str:
        own = copy.deepcopy(model)
        own.fit(x, y, workers=workers, **copy.deepcopy(options))
        return digest(own)

    return fit

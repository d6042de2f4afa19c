"""The gradient noise scale of small networks: how large a batch still helps, measured here.

With G the mean gradient and g that of one row, N = tr(Cov g) / |G|² rows (McCandlish et al. 2018,
arXiv 1812.06162). Batches far below N see mostly noise, and twice the rows save half of the steps;
batches far above it see mostly G, and twice the rows save nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import hyalite as hy
from hyalite.layers.chain import backward, forward
from hyalite.recipes.named import named_dataset

DATA = ("mnist", "fashion-mnist")
EPOCHS = (0, 1, 5, 20)  # of training before it is measured
ROWS, BATCHES = 100, 200  # small batches that are drawn


def measure(rows: int | None = None) -> list[dict[str, Any]]:
    """Of the network of the workload mnist64, after so many epochs on each data set's rows."""
    found = []
    for name in DATA:
        data = named_dataset(name)
        x = np.reshape(data.x[:rows], (-1, 784)).astype(np.float32) / 127.5 - 1
        y = data.y[:rows]
        layers = [hy.Dense(64, "relu"), hy.Dense(64, "relu"), hy.Dense(10, "softmax")]
        model = hy.Sequential(layers)
        model.build((784,), seed=0)
        model.compile("categorical_crossentropy", "adam", engine="numpy")  # nothing to compile
        trained = 0
        for epochs in EPOCHS:
            if epochs > trained:
                more = epochs - trained
                model.fit(x, y, batch_size=100, epochs=more, seed=epochs, verbose=0)
                trained = epochs
            found.append({"data": name, "epochs": epochs, "rows": noise_scale(model, x, y)})
    return found


def noise_scale(model: hy.Sequential, x: Any, y: Any, seed: int = 0) -> float:
    """Of a model without dropout on these rows.

    From small batches, b rows of N without repetition: E|g_b − G|² = tr(Cov g)/b · (N − b)/(N − 1).
    """
    random = np.random.default_rng(seed)
    exact = _gradient(model, x, y)
    squares = []
    for _ in range(BATCHES):
        rows = random.choice(len(x), ROWS, replace=False)
        squares.append(np.sum((_gradient(model, x[rows], y[rows]) - exact) ** 2))
    drawn = ROWS * (len(x) - 1) / (len(x) - ROWS)
    return float(np.mean(squares) * drawn / np.sum(exact**2))


def _gradient(model: hy.Sequential, x: Any, y: Any) -> Any:
    """Of the rows' mean loss, float64."""
    network = model.network
    objective = network.objective(model.loss)
    stages = network.stages(objective)
    dy = objective(forward(stages, x, training=True), y, None, float(len(x)))[2]
    backward(stages, dy)
    return network.ready.grad.astype(np.float64)

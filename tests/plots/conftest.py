"""Models whose pictures are drawn."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy


@pytest.fixture(scope="session")
def spiral() -> tuple[hy.Sequential, np.ndarray, np.ndarray]:
    x, y = hy.datasets.spiral(40)
    model = hy.Sequential([hy.Dense(16, "tanh"), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.02), ["accuracy"])
    model.fit(x, y, epochs=20, seed=0, verbose=0)
    return model, x, y


@pytest.fixture(scope="session")
def pictures() -> tuple[hy.Sequential, np.ndarray, np.ndarray]:
    """A model that says 1 where the middle is bright, the surer the brighter."""
    x = np.zeros((10, 5, 5), np.uint8)
    x[:, 2, 2] = np.arange(10) * 25
    model = hy.Sequential([hy.Flatten(), hy.Rescaling(1 / 255), hy.Dense(2, "softmax")])
    model.compile("categorical_crossentropy")
    model.build((5, 5), seed=0)
    W = np.zeros((25, 2))
    W[12, 1] = 10
    model.set_weights({"dense_1.W": W, "dense_1.b": [0.5, 0.0]})
    return model, x, np.zeros(10, int)

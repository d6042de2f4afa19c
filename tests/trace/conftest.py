"""Models that several files of these tests trace, for a terminal of one width."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite.trace.as_text import WIDEST


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """As wide as a trace may be."""
    monkeypatch.setenv("COLUMNS", str(WIDEST))


@pytest.fixture
def small() -> hy.Sequential:
    """Weights that can be worked out by hand: a dense layer with ReLU, one without."""
    model = hy.Sequential([hy.Dense(2, "relu", l2=0.5), hy.Dense(1)], dtype="float64")
    model.compile("mean_squared_error", hy.SGD(0.1), engine="numpy")
    model.build(2)
    model.set_weights(
        {
            "dense_1.W": [[1, -1], [2, 1]],
            "dense_1.b": [0, 1],
            "dense_2.W": [[1], [3]],
            "dense_2.b": [0.5],
        }
    )
    return model


@pytest.fixture
def digits() -> tuple[hy.Sequential, np.ndarray, np.ndarray]:
    """A network for pictures of 8 x 8, after some steps, with its data."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 200)
    centres = rng.random((10, 64)) < 0.4
    x = (centres[y] * rng.uniform(0.5, 1, (200, 64))).astype(np.float32)
    model = hy.Sequential([hy.Dense(32, "relu"), hy.Dense(24, "gelu"), hy.Dense(10, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.003), engine="numpy")
    model.fit(x, y, epochs=2, seed=0, verbose=0)
    return model, x, y

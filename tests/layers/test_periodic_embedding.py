"""Periodic embeddings of numbers."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy


class TestPeriodicEmbedding:
    def test_values_by_hand(self) -> None:
        layer = hy.PeriodicEmbedding([1], frequencies=2, dimension=3).build(2, dtype="float64")
        layer.w1[...], layer.b1[...] = [[0.25, 1]], [[0, np.pi]]
        layer.W2[...], layer.b2[...] = [[[1, 2], [10, 20]]], [[0.5, 0]]
        # cos(π/2·x) is 1, 0, -1; cos(2π·x + π) is -1 for whole x
        np.testing.assert_allclose(
            layer.forward([[7, 0], [8, 1], [9, 2]]),
            [[7, 0, -8.5, -18], [8, 1, -9.5, -20], [9, 2, -10.5, -22]],
            atol=1e-14,
        )

    def test_the_start(self) -> None:
        layer = hy.PeriodicEmbedding(frequencies=25, dimension=4, sigma=0.3).build(400, seed=0)
        assert layer.w1.std() == pytest.approx(0.3, rel=0.02)
        assert np.abs(layer.w1.mean()) < 0.01
        assert layer.b1.std() == pytest.approx(np.pi / np.sqrt(3), rel=0.02)
        for array in (layer.W2, layer.b2):
            assert 0.99 * 0.2 < np.abs(array).max() <= 0.2
        shapes = [array.shape for array in layer.values.values()]
        assert shapes == [(400, 25), (400, 25), (400, 25, 3), (400, 3)]

    def test_what_is_refused(self) -> None:
        with pytest.raises(ValueError, match="dimension must be a whole number of at least 2"):
            hy.PeriodicEmbedding(dimension=1)
        with pytest.raises(ValueError, match="frequencies"):
            hy.PeriodicEmbedding(frequencies=0)
        with pytest.raises(ValueError, match="sigma"):
            hy.PeriodicEmbedding(sigma=-1)

    def test_a_model_learns_waves_with_it(self) -> None:
        x = np.random.default_rng(0).uniform(-1, 1, (400, 2))
        y = np.sin(12 * x[:, 0])
        losses = []
        for first in ([], [hy.PeriodicEmbedding(sigma=1.0)]):
            model = hy.Sequential([*first, hy.Dense(16, "tanh"), hy.Dense(1)])
            model.compile("mean_squared_error", hy.Adam(0.01), engine="numpy")
            losses.append(model.fit(x, y, epochs=60, seed=0, verbose=0)["loss"][-1])
        assert losses[1] < 0.02 < 0.2 < losses[0]

"""Gaussian noise, compiled: the numbers of the layer, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from tests.engines.compiled.kernels.operations.helpers import Alone

pytestmark = pytest.mark.compiled


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("width", [1, 16, 17, 300])
def test_the_noise_is_the_layers_bit_for_bit(width: int, dtype: str) -> None:
    layer = hy.GaussianNoise(0.37)
    alone = Alone(layer, (width,), dtype, rows=20, first=5, step=11)
    alone.x[...] = np.random.default_rng(0).normal(size=alone.x.shape)
    layer.clock = alone.clock
    expected = layer.forward(alone.x, training=True)
    assert alone.forward().tobytes() == expected.tobytes()
    assert (alone.y != alone.x).all()


def test_a_setting_that_changes_between_epochs_counts() -> None:
    found = []
    for engine in ("numpy", "compiled"):
        noise = hy.GaussianNoise(0.0)
        model = hy.Sequential([noise, hy.Dense(2)], dtype="float64")
        model.compile("mse", hy.SGD(0.1), engine=engine)
        x = np.random.default_rng(0).normal(size=(30, 3))
        for stddev in (0.0, 0.5, 2.0, 0.0):
            noise.stddev = stddev
            model.fit(x, x[:, :2], batch_size=10, seed=1, verbose=0)
        found.append([model.theta, model.predict(x)])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)

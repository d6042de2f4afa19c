"""Batch normalization, compiled: by feature, and of pictures by channel."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

pytestmark = pytest.mark.compiled


def network(shape: tuple[int, ...]) -> hy.Sequential:
    layers = [hy.BatchNormalization(0.7), hy.Residual([hy.Tanh(), hy.BatchNormalization(0.8)])]
    model = hy.Sequential([*layers, hy.Flatten(), hy.Dense(3, "softmax")], dtype="float64")
    model.compile("categorical_crossentropy", hy.Adam(0.01))
    model.build(shape, seed=0)
    model.theta += 0.3 * np.random.default_rng(1).normal(size=model.theta.shape)
    return model


@pytest.mark.parametrize("shape", [(5, 4, 3), (5, 4, 1), (1, 1, 6), (1, 9, 2), (12,)])
@pytest.mark.parametrize("shards", [1, 3])
def test_pictures_and_flat_samples_agree_with_the_reference(
    shape: tuple[int, ...], shards: int
) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(3, 2, (130, *shape)), rng.integers(0, 3, 130)
    found = []
    for engine in ("numpy", "compiled"):
        model = network(shape)
        model.engine = engine
        model.fit(x, y, batch_size=64, epochs=3, shards=shards, seed=1, verbose=0)
        few = [model.predict(x[:rows]) for rows in (1, 130)]
        found.append([model.theta, model.state, *few])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_of_many_pixels_no_digits_are_lost_in_single_precision() -> None:
    """As by the layer itself; one sum over all rows would be off by 7e-4."""
    x = np.maximum(np.random.default_rng(0).normal(size=(100, 28, 28, 4)), 0).astype("f4")
    model = hy.Sequential([hy.BatchNormalization(momentum=0), hy.Flatten(), hy.Dense(1)])
    model.compile("mean_squared_error", hy.SGD(0.0), engine="compiled")
    model.fit(x, np.zeros(100), batch_size=100, verbose=0)
    layer, exact = model.layers[0], x.astype("f8")
    np.testing.assert_allclose(layer.mean, exact.mean(axis=(0, 1, 2)), rtol=2e-6)
    np.testing.assert_allclose(layer.variance, exact.var(axis=(0, 1, 2)), rtol=2e-5)

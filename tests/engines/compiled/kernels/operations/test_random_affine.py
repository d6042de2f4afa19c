"""Random turns, zooms and shifts, compiled: the layer's own, to rounding."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from tests.engines.compiled.kernels.operations.helpers import Alone

pytestmark = pytest.mark.compiled

LAYERS = {
    "usual": lambda: hy.RandomAffine(),
    "turned about": lambda: hy.RandomAffine(0, 180, fill=7.0),
    "much smaller and larger": lambda: hy.RandomAffine(0, 0, 0.99, fill=-2.0),
    "out of sight": lambda: hy.RandomAffine(1e6, 90, 0.5, fill=0.3),
}
TOLERANCE = {"float32": 2e-5, "float64": 1e-12}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", [(6, 7), (9, 4, 1), (6, 7, 3), (1, 1), (40, 33)])
@pytest.mark.parametrize("name", LAYERS)
def test_both_passes_are_the_layers(name: str, shape: tuple[int, ...], dtype: str) -> None:
    """The backward pass, too, which few models come to: in front of all weights it is not run."""
    layer, rng = LAYERS[name](), np.random.default_rng(0)
    alone = Alone(layer, shape, dtype, rows=9, first=3, step=2)
    alone.x[...], alone.dy[...] = rng.normal(size=(2, *alone.x.shape))
    layer.clock = alone.clock
    y = layer.forward(alone.x.reshape(9, *shape), training=True).reshape(9, -1)
    dx = layer.backward(alone.dy.reshape(9, *shape)).reshape(9, -1)
    np.testing.assert_allclose(alone.forward(), y, rtol=0, atol=TOLERANCE[dtype])
    np.testing.assert_allclose(alone.backward(), dx, rtol=0, atol=TOLERANCE[dtype])
    if name == "usual" and min(shape[:2]) > 4:
        assert np.abs(alone.y - alone.x).max() > 0.1
        assert np.abs(alone.dx).max() > 0.1


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("units", [10, 300])
def test_a_network_on_raw_pictures_agrees_with_the_reference(units: int, dtype: str) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (300, 12, 13, 2)).astype(dtype), rng.integers(0, 3, 300)
    found = []
    for engine in ("numpy", "compiled"):
        layers = [hy.RandomAffine(2, 20, 0.1, fill=9.0), hy.Flatten(), hy.Rescaling(1 / 255)]
        layers += [hy.GaussianNoise(0.1), hy.Dense(units, "relu"), hy.Dense(3, "softmax")]
        model = hy.Sequential(layers, dtype="float64")
        model.compile("categorical_crossentropy", hy.Adam(0.01), ["accuracy"], engine=engine)
        history = model.fit(x, y, batch_size=64, epochs=2, shards=2, seed=1, verbose=0)
        figures = [*history["loss"], *history["accuracy"], *model.evaluate(x, y).values()]
        found.append([model.theta, figures, model.predict(x), model.predict(x[:2])])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)


def test_the_bytes_are_those_of_any_number_of_threads() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (600, 9, 8)).astype(np.uint8), rng.integers(0, 3, 600)
    bytes_of = []
    for threads in (1, 2):
        hy.set_num_threads(threads)
        try:
            layers = [hy.RandomAffine(zoom=0.2), hy.Flatten(), hy.Rescaling(1 / 255)]
            layers += [hy.Dense(40, "tanh"), hy.GaussianNoise(0.2), hy.Dense(3, "softmax")]
            model = hy.Sequential(layers)
            model.compile("categorical_crossentropy", hy.Adam(0.01), engine="compiled")
            model.fit(x, y, batch_size=256, epochs=3, seed=0, verbose=0)
        finally:
            hy.set_num_threads(None)
        bytes_of.append(model.theta.tobytes())
    assert bytes_of[0] == bytes_of[1]

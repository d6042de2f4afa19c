"""Random mirror images, compiled: bit for bit the layer's own."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite.layers.augmentation import FLIPPED_AXES
from tests.engines.compiled.kernels.operations.helpers import Alone

pytestmark = pytest.mark.compiled


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(6, 7), (5, 4, 1), (3, 8, 3), (1, 1)])
@pytest.mark.parametrize("mode", FLIPPED_AXES)
def test_both_passes_are_the_layers(mode: str, shape: tuple[int, ...], dtype: str) -> None:
    layer, rng = hy.RandomFlip(mode), np.random.default_rng(0)
    alone = Alone(layer, shape, dtype, rows=20, first=3, step=2)
    alone.x[...], alone.dy[...] = rng.normal(size=(2, *alone.x.shape))
    layer.clock = alone.clock
    y = layer.forward(alone.x.reshape(20, *shape), training=True).reshape(20, -1)
    dx = layer.backward(alone.dy.reshape(20, *shape)).reshape(20, -1)
    np.testing.assert_array_equal(alone.forward(), y)
    np.testing.assert_array_equal(alone.backward(), dx)
    if max(shape) > 1:
        assert (alone.y != alone.x).any()

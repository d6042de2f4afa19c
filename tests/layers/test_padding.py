"""A border of zeros: its sides, and that it goes again on the way back."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy


@pytest.mark.parametrize(
    ("padding", "sides"),
    [
        (0, ((0, 0), (0, 0))),
        (2, ((2, 2), (2, 2))),
        ((1, 2), ((1, 1), (2, 2))),
        ([1, (0, 3)], ((1, 1), (0, 3))),
        (((1, 0), (2, 3)), ((1, 0), (2, 3))),
    ],
)
@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_sides(padding, sides, channels):
    layer = hy.ZeroPadding2D(padding)
    assert layer.padding == sides
    x = np.random.default_rng(0).normal(size=(2, 3, 4, *channels))
    y = layer.forward(x)
    np.testing.assert_array_equal(y, np.pad(x, ((0, 0), *sides, *[(0, 0)] * len(channels))))
    dy = y + 1
    dx = layer.backward(dy)
    np.testing.assert_array_equal(dx, x + 1)
    assert not np.shares_memory(y, x)
    assert not np.shares_memory(dx, dy)
    assert y.shape[1:] == layer.output_shape(x.shape[1:])


@pytest.mark.parametrize(("strides", "padding"), [(1, 1), (2, 2), ((3, 2), "same")])
def test_before_a_convolution_it_is_that_ones_own_padding(strides, padding):
    x = np.random.default_rng(1).normal(size=(3, 7, 8, 2)).astype(np.float32)
    own = hy.Conv2D(4, (2, 3), strides, padding).build(x.shape[1:], seed=0)
    border = own.windows(x.shape[1:]).border
    assert border != ((0, 0), (0, 0))
    apart = hy.Sequential([hy.ZeroPadding2D(border), hy.Conv2D(4, (2, 3), strides)])
    apart.build(x.shape[1:], seed=1)
    apart.theta[...] = own.theta
    np.testing.assert_array_equal(apart.predict(x), own.forward(x))

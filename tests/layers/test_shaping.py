"""Layers that change the shape of a sample alone."""

from __future__ import annotations

import numpy as np

import hyalite as hy


def test_flatten_goes_there_and_back() -> None:
    flatten, x = hy.Flatten(), np.arange(24.0).reshape(2, 3, 4)
    assert flatten.forward(x).shape == (2, 12)
    np.testing.assert_array_equal(flatten.backward(flatten.forward(x)), x)

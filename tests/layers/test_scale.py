"""The trained factor of each feature."""

from __future__ import annotations

import numpy as np

import hyalite as hy


def test_all_columns_or_some_have_a_factor() -> None:
    x = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]])
    layer = hy.Scale((3, 1)).build(4, dtype="float64")
    assert layer.s.tolist() == [1, 1]
    layer.s[...] = [10, -1]  # of column 3, of column 1
    np.testing.assert_array_equal(layer.forward(x), [[1, -2, 3, 40], [5, -6, 7, 80]])
    dx = layer.backward([[1, 2, 3, 4], [0, 1, 0, 1]])
    np.testing.assert_array_equal(dx, [[1, -2, 3, 40], [0, -1, 0, 10]])
    np.testing.assert_array_equal(layer.ds, [16 + 8, 4 + 6])
    whole = hy.Scale().build(4, dtype="float64")
    whole.s[...] = [1, -1, 1, 10]
    np.testing.assert_array_equal(whole.forward(x), layer.forward(x))


def test_a_rate_of_its_own_weighs_the_inputs() -> None:
    """Of ten inputs one counts: the factors show it."""
    x = np.random.default_rng(0).normal(size=(300, 10))
    model = hy.Sequential([hy.Scale(name="s"), hy.Dense(1)])
    optimizer = hy.Adam(0.02, learning_rate_factors={"s.*": 2.0})
    model.compile("mean_squared_error", optimizer, engine="numpy")
    model.fit(x, 3 * x[:, 4], epochs=30, seed=0, verbose=0)
    assert np.abs(model.layers[0].s).argmax() == 4

"""The trained factor of each feature."""

from __future__ import annotations

import numpy as np
import pytest

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


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ((0, 4), "columns of Scale must be from 0 to 3, .* 4 features, got 4"),
        ((), "columns must name at least one column, got none"),
        ((1, 0, 1), "columns must name each column once, got 1 more than once"),
        ((-1,), "columns must be a whole number of at least 0, got -1"),
        ((0.5,), "columns must be a whole number of at least 0, got 0.5"),
        (3, r"columns must be places of columns such as \(0, 2\), or None for all, got 3"),
        ("02", "columns must be places of columns"),
    ],
)
@pytest.mark.parametrize("kind", [hy.Scale, hy.SmoothClip])
def test_columns_that_are_none_are_refused(kind: type, columns: object, text: str) -> None:
    with pytest.raises(ValueError, match=text.replace("Scale", kind.__name__)):
        kind(columns=columns).build(4)


def test_only_flat_samples_have_columns() -> None:
    for layer in (hy.Scale(), hy.Scale((0,)), hy.SmoothClip(columns=(0,))):
        with pytest.raises(ValueError, match=r"samples of shape \(features,\).* Flatten"):
            layer.build((2, 2))
    assert hy.SmoothClip().forward(np.ones((3, 2, 2))).shape == (3, 2, 2)


def test_a_rate_of_its_own_weighs_the_inputs() -> None:
    """Of ten inputs one counts: the factors show it."""
    x = np.random.default_rng(0).normal(size=(300, 10))
    model = hy.Sequential([hy.Scale(name="s"), hy.Dense(1)])
    optimizer = hy.Adam(0.02, learning_rate_factors={"s.*": 2.0})
    model.compile("mean_squared_error", optimizer, engine="numpy")
    model.fit(x, 3 * x[:, 4], epochs=30, seed=0, verbose=0)
    assert np.abs(model.layers[0].s).argmax() == 4

"""What the embeddings of columns share: which columns are embedded, and which pass."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy

MAKE = {
    "categories": lambda columns: hy.Embedding((2, 2), 3, columns=columns),
    "periodic": lambda columns: hy.PeriodicEmbedding(columns, 2, 3),
    "piecewise linear": lambda columns: hy.PiecewiseLinearEmbedding([(0, 1)] * 2, 3, columns),
}


@pytest.mark.parametrize("name", MAKE)
def test_the_others_pass_in_order_and_come_first(name: str) -> None:
    x = np.random.default_rng(0).uniform(0, 1, (5, 6))
    layer = MAKE[name]([4, 1])
    y = layer.forward(x)
    assert y.shape == (5, 4 + 2 * 3)
    np.testing.assert_array_equal(y[:, :4], x[:, [0, 2, 3, 5]])
    dy = np.random.default_rng(1).normal(size=y.shape)
    np.testing.assert_array_equal(layer.backward(dy)[:, [0, 2, 3, 5]], dy[:, :4])


@pytest.mark.parametrize("name", MAKE)
def test_the_order_of_columns_is_that_of_what_is_made_of_them(name: str) -> None:
    x = np.random.default_rng(0).uniform(0, 1, (5, 2)).round(1)
    one, other = MAKE[name]([0, 1]).build(2, seed=0), MAKE[name]([1, 0]).build(2, seed=0)
    np.testing.assert_array_equal(one.forward(x), other.forward(x[:, ::-1]))


@pytest.mark.parametrize("name", MAKE)
def test_columns_that_are_not_there_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"columns of \w+ must be from 0 to 2, .* got 3"):
        MAKE[name]([0, 3]).build(3)
    for wrong in ([], [1, 1], [-1, 0]):
        with pytest.raises(ValueError, match="columns must"):
            MAKE[name](wrong)


def test_as_many_columns_as_there_are_settings_for_them() -> None:
    with pytest.raises(ValueError, match="columns must be as many as categories, 2, got"):
        hy.Embedding((2, 2), columns=[1])
    with pytest.raises(ValueError, match="columns must be as many as bins, 1, got"):
        hy.PiecewiseLinearEmbedding([(0, 1)], columns=[1, 2])
    with pytest.raises(ValueError, match="of each of the 3 columns of x, got those of 2"):
        hy.PiecewiseLinearEmbedding([(0, 1)] * 2).build(3)

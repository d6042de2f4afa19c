"""Embeddings of categories."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy


class TestEmbedding:
    def test_numbers_pass_and_each_category_becomes_its_row(self) -> None:
        layer = hy.Embedding((2, 3), 2).build(3, dtype="float64")
        layer.E[...] = [[1, 2], [3, 4], [10, 20], [30, 40], [50, 60]]
        y = layer.forward([[0.5, 1, 0], [0.7, 0, 2], [0.9, 1, 2]])
        np.testing.assert_array_equal(
            y, [[0.5, 3, 4, 10, 20], [0.7, 1, 2, 50, 60], [0.9, 3, 4, 50, 60]]
        )
        dy = np.arange(15.0).reshape(3, 5)
        np.testing.assert_array_equal(layer.backward(dy), [[0, 0, 0], [5, 0, 0], [10, 0, 0]])
        np.testing.assert_array_equal(layer.dE, [[6, 7], [12, 14], [3, 4], [0, 0], [21, 23]])

    def test_the_categories_may_be_in_any_columns(self) -> None:
        x = np.array([[0.5, 1, 0], [0.7, 0, 2], [0.9, 1, 2]])
        last, any_ = hy.Embedding((2, 3), 2), hy.Embedding((2, 3), 2, columns=[2, 0])
        last.build(3, seed=0), any_.build(3, seed=0)
        moved = x[:, [2, 0, 1]]
        np.testing.assert_array_equal(any_.forward(moved), last.forward(x))
        dy = np.random.default_rng(0).normal(size=(3, 5))
        np.testing.assert_array_equal(any_.backward(dy), last.backward(dy)[:, [2, 0, 1]])
        np.testing.assert_array_equal(any_.dE, last.dE)

    def test_it_is_one_hot_columns_and_a_dense_layer(self) -> None:
        codes = np.array([[2], [0], [1], [2]])
        layer, dense = hy.Embedding(3, 4).build(1, seed=1), hy.Dense(4, use_bias=False).build(3)
        dense.W[...] = layer.E
        one_hot = np.eye(3)[codes.ravel()]
        np.testing.assert_array_equal(layer.forward(codes), dense.forward(one_hot))
        dy = np.random.default_rng(0).normal(size=(4, 4))
        layer.backward(dy), dense.backward(dy)
        np.testing.assert_allclose(layer.dE, dense.dW, rtol=1e-6)

    def test_it_is_never_run_on_what_is_no_category(self) -> None:
        layer = hy.Embedding((2, 3)).build(3)
        for wrong in (-1, 3, 1e9):
            with pytest.raises(ValueError, match=r"from 0 to 2 in its column -1, got .* in row 1"):
                layer.forward([[0.5, 1, 0], [0.5, 1, wrong]])
        with pytest.raises(ValueError, match=r"from 0 to 2 in its column 0, got 3 in row 0"):
            hy.Embedding((2, 3), columns=[1, 0]).forward([[3, 1, 0.5]])
        with pytest.raises(ValueError, match=r"categories from the last 2 columns of x, .* has 1"):
            hy.Embedding((2, 3)).build(1)
        with pytest.raises(ValueError, match="at least one column"):
            hy.Embedding(())

    def test_a_model_learns_with_it(self) -> None:
        rng = np.random.default_rng(0)
        x = np.column_stack([rng.normal(size=300), rng.integers(0, 40, 300)])
        y = x[:, 0] + np.sin(x[:, 1])  # of a category as a number a line knows nothing
        model = hy.Sequential([hy.Embedding(40, 3), hy.Dense(16, "tanh"), hy.Dense(1)])
        model.compile("mean_squared_error", hy.Adam(0.02))
        history = model.fit(x, y, epochs=60, seed=0, verbose=0)
        assert history["loss"][-1] < 0.01

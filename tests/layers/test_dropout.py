"""Dropout: what it scales, and when it draws."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy

X = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])


class TestDropout:
    def test_it_scales_what_it_keeps(self) -> None:
        layer = hy.Dropout(0.25).build(1000, seed=1)
        y = layer.forward(np.ones((100, 1000)), training=True)
        assert set(np.unique(y).round(6)) == {0, np.float32(4 / 3).round(6)}
        assert (y == 0).mean() == pytest.approx(0.25, abs=0.005)
        assert y.mean() == pytest.approx(1, abs=0.005)

    def test_it_does_nothing_at_prediction(self) -> None:
        layer = hy.Dropout(0.9)
        np.testing.assert_array_equal(layer.forward(X), X)
        np.testing.assert_array_equal(layer.backward(X), X)

    def test_backward_uses_the_mask_of_forward(self) -> None:
        layer = hy.Dropout(0.5)
        x = np.ones((5, 7))
        np.testing.assert_array_equal(layer.forward(x, training=True), layer.backward(x))

    def test_each_training_pass_draws_another_mask(self) -> None:
        layer, x = hy.Dropout(0.5), np.ones((5, 7))
        assert (layer.forward(x, training=True) != layer.forward(x, training=True)).any()

    def test_a_seed_repeats_the_masks(self) -> None:
        masks = [
            hy.Dropout(0.5).build(7, seed=3).forward(np.ones((5, 7)), training=True)
            for _ in range(2)
        ]
        np.testing.assert_array_equal(*masks)

    def test_a_rate_next_to_one_keeps_finite_numbers(self) -> None:
        y = hy.Dropout(1 - 1e-9).forward(np.ones((50, 400)), training=True)
        assert np.isfinite(y).all()

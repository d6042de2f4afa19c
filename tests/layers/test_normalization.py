"""Normalization of batches and of layers."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy


class TestNormalization:
    def test_batch_normalization_brings_features_to_mean_0_and_variance_1(self) -> None:
        x = np.random.default_rng(0).normal(5, 3, (200, 4))
        y = hy.BatchNormalization(epsilon=1e-12).forward(x, training=True)
        np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(y.var(axis=0), 1)

    def test_its_running_values_follow_the_formula(self) -> None:
        layer = hy.BatchNormalization(momentum=0.6)
        x = np.random.default_rng(0).normal(5, 3, (10, 2))
        layer.forward(x, training=True)
        np.testing.assert_allclose(layer.mean, 0.4 * x.mean(axis=0))
        np.testing.assert_allclose(layer.variance, 0.6 + 0.4 * x.var(axis=0))
        y = layer.forward(x)
        np.testing.assert_allclose(y, (x - layer.mean) / np.sqrt(layer.variance + 1e-5))

    def test_one_row_gives_the_shift(self) -> None:
        layer = hy.BatchNormalization()
        y = layer.forward(np.array([[3.0, 4.0]]), training=True)
        np.testing.assert_array_equal(y, [[0, 0]])
        assert np.isfinite(layer.backward(np.ones((1, 2)))).all()

    def test_of_pictures_each_channel_is_a_feature(self) -> None:
        x = np.random.default_rng(0).normal(5, 3, (6, 4, 3, 2))
        pictures, pixels = hy.BatchNormalization(momentum=0.6), hy.BatchNormalization(momentum=0.6)
        y = pictures.forward(x, training=True)
        np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), 0, atol=1e-12)
        np.testing.assert_allclose(y.reshape(-1, 2), pixels.forward(x.reshape(-1, 2), True))
        assert pictures.gamma.shape == pictures.mean.shape == (2,)
        np.testing.assert_allclose(pictures.mean, 0.4 * x.mean(axis=(0, 1, 2)))
        np.testing.assert_allclose(pictures.variance, 0.6 + 0.4 * x.var(axis=(0, 1, 2)))
        np.testing.assert_allclose(
            pictures.backward(x).reshape(-1, 2), pixels.backward(x.reshape(-1, 2))
        )
        np.testing.assert_allclose(pictures.dgamma, pixels.dgamma)
        np.testing.assert_allclose(
            pictures.forward(x).reshape(-1, 2), pixels.forward(x.reshape(-1, 2))
        )

    def test_of_many_pixels_no_digits_are_lost_in_single_precision(self) -> None:
        """The outputs of a ReLU: half of the squares are the same number, rounded the same way."""
        x = np.maximum(np.random.default_rng(0).normal(size=(100, 28, 28, 4)), 0).astype("f4")
        layer = hy.BatchNormalization(momentum=0)
        layer.forward(x, training=True)
        exact = x.astype("f8").var(axis=(0, 1, 2))
        np.testing.assert_allclose(layer.variance, exact, rtol=2e-7)

    def test_pictures_without_channels_are_refused_with_the_mend(self) -> None:
        with pytest.raises(ValueError, match=r"\(28, 28\).*Flatten\(\).*x\[\.\.\., None\]"):
            hy.BatchNormalization().build((28, 28))
        with pytest.raises(ValueError, match=r"LayerNormalization .*\(4, 3, 2\).*Flatten\(\)"):
            hy.LayerNormalization().build((4, 3, 2))

    def test_layer_normalization_works_row_by_row(self) -> None:
        x = np.random.default_rng(0).normal(5, 3, (3, 50))
        y = hy.LayerNormalization(epsilon=1e-12).forward(x)
        np.testing.assert_allclose(y.mean(axis=1), 0, atol=1e-12)
        np.testing.assert_allclose(y.var(axis=1), 1)

    def test_constant_columns_stay_finite(self) -> None:
        for layer in (hy.BatchNormalization(), hy.LayerNormalization()):
            y = layer.forward(np.full((6, 4), 7.0), training=True)
            np.testing.assert_array_equal(y, 0)
            assert np.isfinite(layer.backward(np.ones((6, 4)))).all()

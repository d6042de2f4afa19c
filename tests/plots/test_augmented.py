"""Augmented pictures beside their originals."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots

figures = pytest.importorskip("matplotlib.figure")


def test_augmentations_stand_beside_their_originals() -> None:
    x = np.random.default_rng(0).integers(0, 256, (3, 5, 5)).astype(np.uint8)
    layer = hy.RandomAffine(1, 90)
    axes = plots.augmentations(layer, x, variants=4)
    assert axes.shape == (3, 5)
    assert not layer.built
    assert axes[0, 0].figure.get_suptitle() == "RandomAffine(shift=1.0, rotation=90.0)"
    shown = [[np.asarray(ax.images[0].get_array()) for ax in row] for row in axes]
    again = hy.RandomAffine(1, 90).build((5, 5), seed=0)
    for column in range(1, 5):
        y = again.forward(x, training=True)
        for row in range(3):
            np.testing.assert_array_equal(shown[row][0], x[row])
            np.testing.assert_array_equal(shown[row][column], y[row])
    model = hy.Sequential(
        [hy.RandomAffine(), hy.RandomFlip(), hy.GaussianNoise(9), hy.Flatten(), hy.Dropout(0.5)]
    )
    coloured = np.repeat(x[..., None], 3, axis=3)
    given = figures.Figure().subplots(3, 2)
    axes = plots.augmentations(model, coloured, variants=1, axes=given)
    assert axes[2, 1] is given[2, 1]
    assert not model.built
    with pytest.raises(ValueError, match=r"must be a RandomAffine, .*got Dropout\(rate=0.5\)"):
        plots.augmentations(hy.Dropout(0.5), x)
    with pytest.raises(ValueError, match="takes pictures"):
        plots.augmentations(layer, x.reshape(3, 25))
    with pytest.raises(ValueError, match=r"x must hold pictures .* got shape \(16, 4, 5, 2\)"):
        plots.augmentations(hy.GaussianNoise(1), np.ones((2, 4, 5, 2)))
    with pytest.raises(ValueError, match=r"axes must be 24 Axes"):
        plots.augmentations(layer, x, axes=given)

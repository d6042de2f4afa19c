"""The points that are made: spirals, clouds and sines."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.data import datasets


def test_the_spiral_begins_with_the_numbers_in_the_book():
    x, y = datasets.spiral(samples=100, classes=3)
    assert (x.dtype, x.shape, y.dtype, y.shape) == (np.float32, (300, 2), np.int64, (300,))
    printed = [
        [0.0, 0.0],
        [0.00299556, 0.00964661],
        [0.01288097, 0.01556285],
        [0.02997479, 0.0044481],
        [0.03931246, 0.00932828],
    ]
    np.testing.assert_allclose(x[:5], printed, rtol=0, atol=5e-9)
    assert y.tolist() == [0] * 100 + [1] * 100 + [2] * 100


def test_a_spiral_s_radius_grows_from_0_to_1_in_every_class():
    x, _ = datasets.spiral(samples=50, classes=4, seed=3)
    radius = np.linalg.norm(x, axis=1).reshape(4, 50)
    np.testing.assert_allclose(radius, np.tile(np.linspace(0, 1, 50), (4, 1)), atol=1e-6)


def test_vertical_clouds_stand_side_by_side():
    x, y = datasets.vertical(samples=2000, classes=3)
    assert (x.dtype, x.shape, y.dtype) == (np.float32, (6000, 2), np.int64)
    for c in range(3):
        cloud = x[y == c]
        np.testing.assert_allclose(cloud.mean(0), [c / 3, 0.5], atol=0.01)
        np.testing.assert_allclose(cloud.std(0), 0.1, atol=0.01)


def test_vertical_draws_its_first_column_first():
    x, _ = datasets.vertical(samples=2, classes=1)
    drawn = np.random.RandomState(0).randn(4).astype(np.float32) * 0.1
    np.testing.assert_allclose(x, [[drawn[0], drawn[2] + 0.5], [drawn[1], drawn[3] + 0.5]])


@pytest.mark.parametrize("points", [datasets.spiral, datasets.vertical])
def test_the_seed_alone_decides_the_points(points):
    np.random.seed(7)
    before = np.random.get_state()[1].tolist()
    first, again, other = points(seed=0)[0], points(seed=0)[0], points(seed=1)[0]
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.random.get_state()[1].tolist() == before


def test_the_sine_is_one_period():
    x, y = datasets.sine()
    assert (x.dtype, x.shape, y.dtype, y.shape) == (np.float32, (1000, 1), np.float32, (1000, 1))
    assert x[[0, 1, -1], 0].tolist() == [0, np.float32(0.001), np.float32(0.999)]
    np.testing.assert_allclose(y[[0, 250, 500, 750], 0], [0, 1, 0, -1], atol=1e-7)

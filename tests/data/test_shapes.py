"""Points in the plane to be told apart: where each class lies."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.data import datasets

KINDS = [datasets.circles, datasets.moons, datasets.blobs, datasets.xor]


@pytest.mark.parametrize("points", KINDS)
@pytest.mark.parametrize("classes", [1, 2, 3, 10])
def test_every_class_has_its_points(points, classes):
    x, y = points(samples=30, classes=classes)
    assert (x.dtype, x.shape, y.dtype) == (np.float32, (30 * classes, 2), np.int64)
    assert y.tolist() == np.repeat(np.arange(classes), 30).tolist()
    assert np.abs(x).max() < 3


@pytest.mark.parametrize("points", KINDS)
def test_the_seed_alone_decides_the_points(points):
    np.random.seed(7)
    before = np.random.get_state()[1].tolist()
    first, again, other = (points(seed=seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.random.get_state()[1].tolist() == before


@pytest.mark.parametrize("points", KINDS)
@pytest.mark.parametrize(
    ("argument", "value"), [("samples", 0), ("classes", 0), ("seed", -1), ("noise", -0.1)]
)
def test_an_argument_out_of_range_is_named(points, argument, value):
    with pytest.raises(ValueError, match=f"^{argument} must be"):
        points(**{argument: value})


def test_rings_have_their_radii():
    x, y = datasets.circles(samples=50, classes=4, noise=0.0)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), (y + 1) / 4, atol=1e-6)


def test_moons_reach_into_each_other():
    x, y = datasets.moons(samples=200, classes=2, noise=0.0)
    upper, lower = x[y == 0], x[y == 1]
    assert upper[:, 1].max() > lower[:, 1].max()
    assert lower[:, 1].min() < upper[:, 1].min()
    assert upper[:, 0].max() > lower[:, 0].min()  # one above the other, in part
    np.testing.assert_allclose([x[:, 0].min(), x[:, 0].max()], [-1, 1], atol=1e-6)


def test_blobs_are_as_wide_as_the_noise():
    x, y = datasets.blobs(samples=3000, classes=3, noise=0.3)
    for c in range(3):
        turn = 2 * np.pi * c / 3
        np.testing.assert_allclose(x[y == c].mean(0), [np.cos(turn), np.sin(turn)], atol=0.03)
        np.testing.assert_allclose(x[y == c].std(0), 0.3, atol=0.02)


def test_a_field_of_the_board_has_one_class():
    x, y = datasets.xor(samples=90, classes=3, noise=0.0)
    column, row = np.floor((x.T + 1) / 2 * 3).astype(int)
    np.testing.assert_array_equal((column + row) % 3, y)
    assert len({*zip(column.tolist(), row.tolist(), strict=True)}) == 9


def test_the_noise_of_the_book_s_points_may_be_chosen():
    quiet, _ = datasets.spiral(samples=50, classes=2, noise=0.0)
    turn = 2.5 * np.linspace(0, 4, 50)
    radius = np.linspace(0, 1, 50)
    np.testing.assert_allclose(quiet[:50, 0], radius * np.sin(turn), atol=1e-6)
    np.testing.assert_array_equal(datasets.spiral(noise=0.2)[0], datasets.spiral()[0])
    np.testing.assert_array_equal(datasets.vertical(noise=0.1)[0], datasets.vertical()[0])
    assert datasets.vertical(noise=0.0)[0].std(axis=0)[1] == 0
    assert datasets.spiral(noise=np.float64(0.2))[0].tobytes() == datasets.spiral()[0].tobytes()


@pytest.mark.parametrize(
    ("points", "first_and_last"),
    [
        (datasets.circles, [[-0.4277, -0.0389], [-0.3078, -1.0164]]),
        (datasets.moons, [[0.4509, -0.14], [1.0978, 0.2235]]),
        (datasets.blobs, [[1.3528, 0.08], [-0.7067, 0.1705]]),
        (datasets.xor, [[-0.3818, -0.3008], [-0.89, 0.1817]]),
    ],
)
def test_the_points_stay_what_they_are(points, first_and_last):
    """What is in links and lessons must not move."""
    np.testing.assert_allclose(points()[0][[0, -1]], first_and_last, atol=1e-4)

"""Pooling: numbers worked out by hand, ties, the border, and windows looped over one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import hyalite as hy
from hyalite import gradcheck

SETTINGS = list(itertools.product([1, 2, 3, (2, 3)], [None, 1, 2, (3, 1)], ["valid", "same"]))
SETTINGS += [(2, 1, 1), (3, 2, 1), (3, 2, 2), ((2, 4), None, 1)]
SHAPES = [(6, 7, 2), (5, 4, 3), (7, 7)]


def windows(layer, x):
    """Each window's place in the output and the pixels of the picture that lie in it."""
    where = layer.windows(x.shape[1:])
    for row, column in np.ndindex(where.output):
        high, wide = row * where.strides[0], column * where.strides[1]
        (top, _), (left, _) = where.border
        rows = slice(max(high - top, 0), max(high - top + layer.pool_size[0], 0))
        columns = slice(max(wide - left, 0), max(wide - left + layer.pool_size[1], 0))
        yield row, column, rows, columns


@pytest.mark.parametrize(("size", "strides", "padding"), SETTINGS)
def test_the_maximum_is_that_of_each_window(size, strides, padding):
    rng = np.random.default_rng(0)
    for shape in SHAPES:
        x = rng.integers(-3, 3, (2, *shape)) - 10.0  # ties, and nothing that a border of 0 is below
        layer = hy.MaxPooling2D(size, strides, padding)
        y = layer.forward(x)
        assert y.shape == (2, *layer.output_shape(shape))
        dy = rng.normal(size=y.shape)
        dx = np.zeros_like(x)
        for row, column, rows, columns in windows(layer, x):
            part = x[:, rows, columns].reshape(2, -1, *shape[2:])
            np.testing.assert_array_equal(y[:, row, column], part.max(axis=1))
            width = x[0, 0, columns].shape[0]
            first = part.argmax(axis=1)
            for place in np.ndindex(first.shape):
                i, j = divmod(int(first[place]), width)
                at = (place[0], rows.start + i, columns.start + j, *place[1:])
                dx[at] += dy[(place[0], row, column, *place[1:])]
        np.testing.assert_allclose(layer.backward(dy), dx, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("size", "strides", "padding"), SETTINGS[::5])  # pixel by pixel, above
def test_the_gradient_of_the_maximum_is_right(size, strides, padding):
    x = np.random.default_rng(1).normal(size=(2, 5, 6, 2))
    report = gradcheck.check_layer(hy.MaxPooling2D(size, strides, padding), x)
    assert report.ok, str(report)


def test_the_gradient_check_steps_around_equal_maxima():
    x = np.zeros((1, 2, 4))
    x[0, 0] = [1, 1, 2, 0]
    report = gradcheck.check_layer(hy.MaxPooling2D(), x)
    assert (report.ok, report.skipped) == (True, 2)


def test_a_window_may_be_larger_than_a_byte_counts():
    x = np.zeros((1, 20, 20))
    x[0, 19, 18] = 1
    layer = hy.MaxPooling2D(20)
    layer.forward(x)
    dx = layer.backward([[[3.0]]])
    assert (dx[0, 19, 18], dx.sum()) == (3, 3)


def test_what_is_not_a_number_stays_seen():
    """A model that diverges says so; the maximum must not hide it."""
    stage = hy.MaxPooling2D().replica()
    stage.scratch = hy.Sequential([hy.MaxPooling2D()]).network.stages()[0].scratch
    x = np.zeros((1, 2, 2, 1), np.float32)
    for place in np.ndindex(2, 2):
        bad = x.copy()
        bad[0, place[0], place[1]] = np.nan
        assert np.isnan(stage.forward(bad)).all()


def test_a_border_without_pixels_is_refused():
    with pytest.raises(ValueError, match=r"padding must be less than pool_size \(2, 3\), got 2"):
        hy.MaxPooling2D((2, 3), padding=2)


@pytest.mark.parametrize(("size", "strides", "padding"), SETTINGS)
def test_the_mean_is_that_of_the_pixels_in_each_window(size, strides, padding):
    rng = np.random.default_rng(2)
    for shape in SHAPES:
        x = rng.normal(size=(2, *shape))
        layer = hy.AveragePooling2D(size, strides, padding)
        y = layer.forward(x)
        assert y.shape == (2, *layer.output_shape(shape))
        dy = rng.normal(size=y.shape)
        dx = np.zeros_like(x)
        for row, column, rows, columns in windows(layer, x):
            part = x[:, rows, columns]
            np.testing.assert_allclose(y[:, row, column], part.mean(axis=(1, 2)), atol=1e-14)
            count = part.shape[1] * part.shape[2]
            dx[:, rows, columns] += dy[:, row, column][:, None, None] / count
        np.testing.assert_allclose(layer.backward(dy), dx, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("size", "strides", "padding"), SETTINGS[::5])
def test_the_gradient_of_the_mean_is_right(size, strides, padding):
    x = np.random.default_rng(3).normal(size=(2, 5, 6, 2))
    report = gradcheck.check_layer(hy.AveragePooling2D(size, strides, padding), x)
    assert report.ok, str(report)


def test_the_mean_of_ones_is_one_at_the_border_too():
    for dtype in ("float32", "float64"):
        x = np.ones((1, 5, 4), dtype)
        for layer in (hy.AveragePooling2D(3, 2, "same"), hy.AveragePooling2D((3, 2), 1, 1)):
            y = layer.forward(x)
            assert y.dtype == dtype
            assert (y == 1).all()


def test_a_global_mean_by_hand():
    layer = hy.GlobalAveragePooling2D()
    assert layer.forward([[[1, 2, 3], [4, 5, 9]]]).tolist() == [[4]]
    assert layer.backward([[12]]).tolist() == [[[2, 2, 2], [2, 2, 2]]]
    x = np.random.default_rng(4).normal(size=(3, 4, 5, 6))
    np.testing.assert_allclose(
        hy.GlobalAveragePooling2D().forward(x), x.mean(axis=(1, 2)), rtol=1e-12
    )
    with pytest.raises(ValueError, match="GlobalAveragePooling2D takes pictures"):
        layer.forward(np.ones((2, 9)))

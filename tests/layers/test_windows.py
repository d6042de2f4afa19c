"""Where windows lie: counted by hand, beside what Keras documents, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

import hyalite as hy
from hyalite.errors import DataWarning
from hyalite.layers.windows import BLOCK_BYTES, blocks, framed, without_border

# length, size, stride, padding -> border before and after, windows
ALONG = [
    (28, 5, 1, "valid", (0, 0), 24),
    (28, 3, 1, "same", (1, 1), 28),
    (28, 3, 2, "same", (0, 1), 14),  # PyTorch's padding=1 has (1, 1)
    (28, 3, 2, 1, (1, 1), 14),
    (28, 2, 1, "same", (0, 1), 28),
    (28, 4, 1, "same", (1, 2), 28),
    (7, 3, 2, "same", (1, 1), 4),
    (7, 3, 3, "same", (1, 1), 3),
    (7, 2, 2, "valid", (0, 0), 3),  # the last pixel is in no window
    (7, 2, 2, "same", (0, 1), 4),
    (7, 1, 3, "same", (0, 0), 3),
    (5, 1, 7, "same", (0, 0), 1),
    (2, 5, 1, "same", (2, 2), 2),
    (1, 3, 1, 1, (1, 1), 1),
    (5, 3, 2, 2, (2, 2), 4),
]


@pytest.mark.parametrize(("length", "size", "stride", "padding", "border", "count"), ALONG)
def test_every_window_lies_where_it_should(length, size, stride, padding, border, count):
    layer = hy.Conv2D(1, size, stride, padding)
    x = np.random.default_rng(0).normal(size=(2, length, length, 3)).astype(np.float32)
    windows = layer.windows(x.shape[1:])
    assert (windows.border, windows.output) == ((border, border), (count, count))
    assert windows.picture == (length + sum(border), length + sum(border), 3)
    view = windows.view(framed(layer, x, windows.border))
    assert view.shape == (2, count, count, size, size, 3)
    before = border[0]
    for row in range(count):
        for i in range(size):
            at = row * stride + i - before
            expected = x[:, at, 0] if 0 <= at < length else 0
            np.testing.assert_array_equal(view[:, row, 0, i, before], expected)


def test_rows_and_columns_are_not_exchanged():
    windows = hy.Conv2D(1, (3, 2), (2, 1), "same").windows((6, 4))
    assert windows.border == ((0, 1), (0, 1))
    assert windows.output == (3, 4)
    assert windows.picture == (7, 5, 1)
    assert hy.MaxPooling2D((1, 3), (1, 2), 0).windows((2, 9, 7)).output == (2, 4)


def test_a_border_goes_around_and_off_again():
    layer = hy.ReLU().build((2, 3))
    x = np.arange(1.0, 7.0, dtype=np.float32).reshape(1, 2, 3)
    made = framed(layer, x, ((1, 0), (2, 1)), fill=-5)
    assert made[0, :, :, 0].tolist() == [[-5] * 6, [-5, -5, 1, 2, 3, -5], [-5, -5, 4, 5, 6, -5]]
    np.testing.assert_array_equal(without_border(made, ((1, 0), (2, 1)))[..., 0], x)
    assert np.shares_memory(framed(layer, x, ((0, 0), (0, 0))), x)


def test_blocks_cover_all_samples_and_stay_within_their_size():
    for size in (1, 1000, BLOCK_BYTES // 8 - 1, BLOCK_BYTES // 8 + 1, 3 * BLOCK_BYTES):
        for rows in (0, 1, 7):
            view = np.broadcast_to(np.float64(1), (rows, size))
            parts = [view[some] for some in blocks(view)]
            assert sum(map(len, parts)) == rows
            assert all(len(part) == 1 or part.nbytes <= BLOCK_BYTES for part in parts)


@pytest.mark.parametrize("make", [lambda: hy.Conv2D(2, 3), lambda: hy.MaxPooling2D(3)])
@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((784,), ["(784,)", "x.reshape(-1, 28, 28)", "Flatten() goes behind it"]),
        ((10,), ["(10,)", "x.reshape(-1, height, width, channels)"]),
        ((4, 4, 3, 1), ["(4, 4, 3, 1)", "x.reshape(-1, 4, 4, 3)"]),
        ((2, 9), ["(3, 3)", "(2, 9)", "windows smaller", "padding='same'"]),
        ((9, 2, 4), ["(9, 2, 4)"]),
        ((1, 28, 28), ["(1, 28, 28)", "np.moveaxis(x, 1, -1)"]),
    ],
)
def test_what_is_no_picture_or_too_small_is_refused(make, shape, words):
    kind = type(make()).__name__
    for use in (
        lambda: make().build(shape),
        lambda: make().forward(np.ones((5, *shape))),
        lambda: hy.Sequential([make()]).build(shape),
    ):
        with pytest.raises(ValueError, match=kind) as error:
            use()
        assert all(word in str(error.value) for word in words), error.value


def test_what_is_left_behind_pooling_is_not_taken_for_channels_that_come_first():
    with pytest.raises(ValueError, match="windows smaller") as error:
        hy.MaxPooling2D().build((1, 1, 64))
    assert "channels come first" not in str(error.value)


def test_one_picture_without_its_axis_of_samples():
    with pytest.raises(ValueError, match=r"Conv2D takes pictures.* x\[np.newaxis\]"):
        hy.Conv2D(1, 3).forward(np.ones(3))


def test_the_error_counts_the_border():
    with pytest.raises(ValueError, match=r"windows of \(5, 5\).* pictures of \(4, 4\) .*padding=1"):
        hy.Conv2D(1, 5, padding=1).build((2, 2))


@pytest.mark.parametrize(
    "make", [lambda: hy.Conv2D(2, 3, padding=1), lambda: hy.DepthwiseConv2D(1)]
)
def test_samples_that_look_as_if_their_channels_came_first_are_told_of(make):
    for shape in ((1, 28, 28), (3, 32, 32)):
        words = rf"{re.escape(str(shape))} as pictures of {shape[0]} by .*np\.moveaxis\(x, 1, -1\)"
        with pytest.warns(DataWarning, match=words):
            make().build(shape)
        with pytest.warns(DataWarning, match=words):
            hy.Sequential([hy.Rescaling(1 / 255), make()]).build(shape)
    for shape in (
        (28, 28),
        (28, 28, 1),
        (32, 32, 3),
        (1, 28, 3),
        (3, 3, 64),
        (1, 4, 4),
        (28, 28, 28),
    ):
        make().build(shape)


@pytest.mark.parametrize("make", [hy.MaxPooling2D, hy.AveragePooling2D])
def test_strides_beyond_the_picture_have_one_window(make) -> None:
    x = np.arange(12.0).reshape(1, 3, 4)
    one = make(2, 3, "same").forward(x[:, :3, :3])
    assert one.shape[1:] == (1, 1)
    np.testing.assert_array_equal(make(2, 10**30, "same").forward(x[:, :3, :3]), one)


@pytest.mark.parametrize(
    "layer",
    [
        hy.ZeroPadding2D(1 << 40),
        hy.Conv2D(1, 2, 1 << 40, padding=1 << 40),
        hy.MaxPooling2D(1 << 40, padding=(1 << 40) - 1),
    ],
    ids=repr,
)
def test_pictures_that_no_memory_holds_are_refused(layer) -> None:
    model = hy.Sequential([layer])
    with pytest.raises(ValueError, match="more numbers than any memory holds"):
        model.build((5, 5))

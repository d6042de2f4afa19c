"""A digit that somebody drew, in the form of MNIST's."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite.data.datasets import prepare_digit
from hyalite.data.digits import find_digit, is_like_mnist
from tests.data.drawn_digits import COUNT, SEED, drawn


def test_form() -> None:
    pictures, _ = drawn(16, 1)
    for picture in pictures:
        digit = prepare_digit(picture)
        assert (digit.shape, digit.dtype) == ((28, 28), np.uint8)
        rows, columns = (np.flatnonzero(digit.any(axis=axis)) for axis in (1, 0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20)
        mass = digit.sum(axis=0), digit.sum(axis=1)
        middle = [(one * (np.arange(28) + 0.5)).sum() / one.sum() for one in mass]
        assert np.abs(np.subtract(middle, 14.5)).max() <= 1


def test_ink_on_paper_is_light_on_dark_whatever_it_was() -> None:
    pictures, _ = drawn(12, 2)
    for picture in pictures:
        if picture.ndim == 2:
            one, other = prepare_digit(picture), prepare_digit(255 - picture)
            assert np.abs(one.astype(int) - other).mean() < 6
            assert one.mean() < 110


def test_what_was_found_is_told() -> None:
    paper = np.full((300, 400), 240, np.uint8)
    paper[100:250, 300:310] = 30
    found = find_digit(paper)
    assert (found.light, found.size, found.thin) == (False, (150, 10), True)
    assert np.array_equal(found.like_mnist(), prepare_digit(paper))
    paper[100:250, 300:350] = 30
    assert find_digit(255 - paper)[1:] == (True, (150, 50))
    assert not find_digit(paper).thin


def test_the_form_of_mnist_is_known() -> None:
    (_, _), (x, _) = hy.datasets.mnist(flatten=False, normalize=False)
    assert np.mean([is_like_mnist(digit) for digit in x[:3000]]) > 0.999
    pictures, _ = drawn(10, 3)
    assert all(is_like_mnist(prepare_digit(picture)) for picture in pictures)
    for other in (255 - x[0], x[0, :27], np.roll(x[0], 3, 1), np.zeros_like(x[0]), x[0] // 2 + 99):
        assert not is_like_mnist(other)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.full((30, 30), 7, np.uint8), "blank"),
        (np.zeros((30, 30)), r"\(255 \* picture\)\.round\(\)"),
        (np.zeros(30, np.uint8), r"uint8 of shape"),
        (np.zeros((30, 30, 2), np.uint8), r"3 or 4"),
    ],
)
def test_what_is_no_picture_of_a_digit(picture: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        prepare_digit(picture)


@pytest.mark.long
@pytest.mark.compiled
def test_95_of_100_drawn_digits_are_read_right() -> None:
    """By a network of 34,826 parameters and its augmentation, after two epochs."""
    (x, y), _ = hy.datasets.mnist(flatten=False, normalize=False)
    conv = {"activation": "relu", "initializer": "he_normal"}
    layers = [
        hy.RandomAffine(2, 10, 0.1),
        hy.Rescaling(1 / 255),
        hy.Conv2D(32, 3, **conv),
        hy.MaxPooling2D(),
        hy.Conv2D(64, 3, **conv),
        hy.MaxPooling2D(),
        hy.Flatten(),
        hy.Dropout(0.3),
        hy.Dense(10, "softmax"),
    ]
    model = hy.Sequential(layers)
    model.compile("categorical_crossentropy", hy.Adam(0.002))
    model.fit(x, y, batch_size=100, epochs=2, seed=0, verbose=0)
    pictures, labels = drawn(COUNT, SEED)
    before = model.predict_classes(np.stack([as_it_is(picture) for picture in pictures]))
    after = model.predict_classes(np.stack([prepare_digit(picture) for picture in pictures]))
    right, wrong = (after == labels).mean(), np.flatnonzero(after != labels)
    assert right >= 0.95, f"{right:.1%}; wrong: {wrong.tolist()}"
    assert (before == labels).mean() < 0.5


def as_it_is(picture: np.ndarray) -> np.ndarray:
    """Only gray and resized, as `hyalite predict` reads it."""
    from PIL import Image

    gray = Image.fromarray(picture).convert("L")
    return np.asarray(gray.resize((28, 28), Image.Resampling.BILINEAR))

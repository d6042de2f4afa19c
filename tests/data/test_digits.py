"""A digit that somebody drew, in the form of MNIST's."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite.data.datasets import prepare_digit
from tests.data.drawn_digits import drawn

COUNT, SEED = 200, 20_261_126  # no seed that the steps were tried with


def test_form() -> None:
    pictures, _ = drawn(40, 1)
    for picture in pictures:
        digit = prepare_digit(picture)
        assert (digit.shape, digit.dtype) == ((28, 28), np.uint8)
        rows, columns = (np.flatnonzero(digit.any(axis=axis)) for axis in (1, 0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20)
        mass = digit.sum(axis=0), digit.sum(axis=1)
        middle = [(one * (np.arange(28) + 0.5)).sum() / one.sum() for one in mass]
        assert np.abs(np.subtract(middle, 14.5)).max() <= 1


def test_ink_on_paper_is_light_on_dark_whatever_it_was() -> None:
    pictures, _ = drawn(30, 2)
    for picture in pictures:
        if picture.ndim == 2:
            one, other = prepare_digit(picture), prepare_digit(255 - picture)
            assert np.abs(one.astype(int) - other).mean() < 6
            assert one.mean() < 110


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

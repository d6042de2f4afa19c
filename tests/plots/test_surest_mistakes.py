"""The mistakes of which a model was surest."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots

figures = pytest.importorskip("matplotlib.figure")


def test_mistakes_come_surest_first_with_both_classes(pictures) -> None:
    model, x, y = pictures
    axes = plots.mistakes(model, x, y, ["dark", "bright"], count=4)
    titles = [ax.get_title() for ax in axes]
    assert len(titles) == 4
    assert titles[0] == "is dark\nsaid bright, 100.0 %"
    shares = [float(title.split(", ")[1].removesuffix(" %")) for title in titles]
    assert shares == sorted(shares, reverse=True)
    assert np.array_equal(axes[0].images[0].get_array(), x[9])
    assert axes[0].figure.get_suptitle() == "The 4 surest of 9 mistakes on 10 images"


def test_mistakes_takes_flat_and_coloured_pictures_one_hot_labels_and_axes(pictures) -> None:
    model, x, y = pictures
    given = figures.Figure().subplots(2, 2)
    axes = plots.mistakes(model, x, np.eye(2)[y], axes=given)
    assert axes[3] is given[1, 1]
    assert axes[3].get_title().startswith("is 0\nsaid 1, ")

    flat = hy.Sequential([hy.Dense(2, "softmax")])
    flat.build(9, seed=1)
    wrong = 1 - flat.predict_classes(np.ones((1, 9)))
    (ax,) = plots.mistakes(flat, np.ones((1, 9)), wrong)
    assert ax.images[0].get_array().shape == (3, 3)

    coloured = hy.Sequential([hy.Flatten(), hy.Dense(2, "softmax")])
    coloured.build((4, 4, 3), seed=1)
    x = np.random.default_rng(0).normal(size=(1, 4, 4, 3))
    (ax,) = plots.mistakes(coloured, x, 1 - coloured.predict_classes(x))
    assert ax.images[0].get_array().max() == pytest.approx(1)


def test_mistakes_without_any_says_so(pictures) -> None:
    model, x, _ = pictures
    right = model.predict_classes(x)
    (ax,) = plots.mistakes(model, x, right)
    assert ax.figure.get_suptitle() == "No mistakes on 10 images"
    axes = plots.mistakes(model, x, 1 - right, count=30)
    assert axes[0].figure.get_suptitle() == "All mistakes on 10 images (10), the surest first"


def test_long_class_names_leave_room(pictures) -> None:
    model, x, y = pictures
    (ax,) = plots.mistakes(model, x, y, ["a" * 40, "b" * 13], count=1)
    assert ax.get_title().startswith(f"is {'a' * 12}…\nsaid {'b' * 13}, ")


def test_mistakes_refuses_what_is_no_picture(spiral, pictures) -> None:
    with pytest.raises(ValueError, match=r"x must hold pictures .* got shape \(120, 2\)"):
        plots.mistakes(*spiral)
    model, x, y = pictures
    with pytest.raises(ValueError, match="classes must be 2 names, got 3"):
        plots.mistakes(model, x, y, ["a", "b", "c"])
    with pytest.raises(ValueError, match="same number of rows"):
        plots.mistakes(model, x, y[:5])
    with pytest.raises(ValueError, match=r"labels from 0 to 1, .* 2 classes; y\[3\] is 2"):
        plots.mistakes(model, x, [0, 0, 0, 2, 0, 0, 0, 0, 0, 0])
    with pytest.raises(ValueError, match=r"y\[1\] is 0.5"):
        plots.mistakes(model, x, [0, 0.5, 0, 0, 0, 0, 0, 0, 0, 0])
    with pytest.raises(ValueError, match=r"one-hot rows \(10, 2\), got shape \(10, 3\)"):
        plots.mistakes(model, x, np.eye(10)[:, :3])
    with pytest.raises(ValueError, match="one label a sample, got the single number 1"):
        plots.mistakes(model, x, 1)

"""What a class's probability hangs on, in numbers. No matplotlib is needed."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots
from hyalite.plots import occlusion_numbers


def classifier(
    shape: tuple[int, ...],
    *layers: hy.Layer,
    loss: str | hy.losses.Loss = "categorical_crossentropy",
) -> hy.Sequential:
    layers = layers or (hy.Flatten(), hy.Dense(3, "softmax"))
    model = hy.Sequential(layers, dtype="float64")
    model.compile(loss, engine="numpy")
    model.build(shape, seed=0)
    return model


@pytest.mark.parametrize("shape", [(7, 9), (7, 9, 1), (7, 9, 3)])
def test_each_pixel_has_the_mean_fall_of_the_patches_on_it(shape, monkeypatch) -> None:
    hidden = [hy.Conv2D(4, 3, activation="relu"), hy.Flatten(), hy.Dense(3, "softmax")]
    model = classifier(shape, *hidden)
    x = np.random.default_rng(0).normal(size=(2, *shape))
    fill = 0.5 if len(shape) == 2 else np.arange(shape[2]) + 0.5
    found = plots.occlusion_map(model, x, [2, 0], patch=(3, 2), strides=(3, 2), fill=fill)
    p = model.predict(x)
    np.testing.assert_allclose(found.probabilities, [p[0, 2], p[1, 0]], rtol=1e-12)
    np.testing.assert_array_equal(found.labels, [2, 0])
    assert found.patch == (3, 2)
    for row, label in enumerate(found.labels):
        every = [[] for _ in range(63)]
        least = 1.0
        for top in (0, 3, 4):  # the last place is at the edge
            for left in (0, 2, 4, 6, 7):
                covered = x[row].copy()
                covered[top : top + 3, left : left + 2] = fill
                share = model.predict(covered[np.newaxis])[0, label]
                least = min(least, share)
                for i in range(top, top + 3):
                    for j in range(left, left + 2):
                        every[9 * i + j].append(p[row, label] - share)
        wanted = np.reshape([np.mean(falls) for falls in every], (7, 9))
        np.testing.assert_allclose(found.falls[row], wanted, atol=1e-12)
        assert found.lowest[row] == pytest.approx(least)
    monkeypatch.setattr(occlusion_numbers, "VALUES_AT_ONCE", 100)  # one or two pictures a call
    again = plots.occlusion_map(model, x, [2, 0], patch=(3, 2), strides=(3, 2), fill=fill)
    np.testing.assert_allclose(again.falls, found.falls, atol=1e-12)


def test_what_nothing_hangs_on_does_not_fall() -> None:
    """A class that one pixel decides, and a ground that the median covers with itself."""
    model = classifier((8, 8), hy.Flatten(), hy.Dense(2, "softmax"))
    W = np.zeros((64, 2))
    W[8 * 2 + 5, 1] = 1
    model.set_weights([W, np.zeros(2)])
    x = np.full((1, 8, 8), 3.0)
    x[0, 2, 5] = 4.0
    found = plots.occlusion_map(model, x, patch=1)
    assert found.labels.tolist() == [1]
    fall = 1 / (1 + np.exp(-4)) - 1 / (1 + np.exp(-3))
    assert found.falls[0, 2, 5] == pytest.approx(fall)
    assert np.count_nonzero(found.falls) == 1
    default = plots.occlusion_map(model, x)  # 2 x 2, one pixel on
    assert default.patch == (2, 2)
    rows, columns = np.nonzero(default.falls[0])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (1, 3, 4, 6)
    assert default.falls[0, 2, 5] > default.falls[0, 1, 4] > 0
    apart = plots.occlusion_map(model, x, patch=1, strides=2)
    assert np.isnan(apart.falls[0, 1, 1])  # no patch lay there


def test_flat_pictures_logits_and_yes_or_no() -> None:
    flat = classifier((16,), hy.Dense(3), loss=hy.CategoricalCrossentropy(from_logits=True))
    x = np.random.default_rng(0).integers(0, 256, (2, 16)).astype(np.uint8)
    found = plots.occlusion_map(flat, x)
    assert found.x.shape == found.falls.shape == (2, 4, 4)
    assert found.labels.tolist() == flat.predict_classes(x).tolist()
    yes_or_no = hy.Flatten(), hy.Dense(1, "sigmoid")
    one = classifier((4, 4), *yes_or_no, loss="binary_crossentropy")
    p = one.predict(np.ones((1, 4, 4)))[0, 0]
    no, yes = (plots.occlusion_map(one, np.ones((1, 4, 4)), [label]) for label in (0, 1))
    assert yes.probabilities[0] == pytest.approx(p)
    assert no.probabilities[0] == pytest.approx(1 - p)
    np.testing.assert_allclose(no.falls, -yes.falls, atol=1e-12)


def test_occlusion_map_says_what_does_not_fit() -> None:
    model = classifier((4, 5, 3))
    x = np.ones((2, 4, 5, 3))
    with pytest.raises(ValueError, match=r"patch must fit in pictures of \(4, 5\), got \(5, 5\)"):
        plots.occlusion_map(model, x, patch=5)
    with pytest.raises(ValueError, match="strides must be a whole number of at least 1"):
        plots.occlusion_map(model, x, strides=0)
    with pytest.raises(ValueError, match=r"fill must be a number, or 3 .* got shape \(2,\)"):
        plots.occlusion_map(model, x, fill=[0, 1])
    with pytest.raises(ValueError, match=r"labels from 0 to 2, .* y\[1\] is 3"):
        plots.occlusion_map(model, x, [0, 3])
    with pytest.raises(ValueError, match="the model is not built"):
        plots.occlusion_map(hy.Sequential([hy.Conv2D(2, 3)]), x)
    with pytest.raises(ValueError, match=r"x must hold pictures .* got shape \(2, 6\)"):
        plots.occlusion_map(classifier((6,), hy.Dense(3, "softmax")), np.ones((2, 6)))
    labels = hy.Flatten(), hy.Dense(3, "sigmoid")
    several = classifier((4, 4), *labels, loss="binary_crossentropy")
    with pytest.raises(ValueError, match="must give each sample one class"):
        plots.occlusion_map(several, np.ones((1, 4, 4)))

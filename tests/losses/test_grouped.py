"""One crossentropy a group of classes."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy


def test_groups_are_the_mean_of_one_crossentropy_each() -> None:
    rng = np.random.default_rng(0)
    z, t = rng.standard_normal((6, 9)), rng.integers(0, (4, 2, 3), (6, 3))
    loss, one = hy.GroupedCrossentropy((4, 2, 3)), hy.CategoricalCrossentropy(from_logits=True)
    parts_of_z = z[:, :4], z[:, 4:6], z[:, 6:]
    each = [one(part, t[:, g]) for g, part in enumerate(parts_of_z)]
    assert loss(z, t) == pytest.approx(np.mean(each))
    single = hy.GroupedCrossentropy(4)
    assert single(z[:, :4], t[:, :1]) == pytest.approx(one(z[:, :4], t[:, 0]))
    for p, part in zip(loss.probabilities(z), parts_of_z, strict=True):
        np.testing.assert_allclose(p, hy.Softmax().forward(part))
    np.testing.assert_array_equal(loss.labels(z)[:, 1], (z[:, 5] > z[:, 4]).astype(int))


def test_a_model_learns_several_classes_at_once(tmp_path) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 4))
    y = np.column_stack([np.digitize(x[:, 0], [-0.5, 0.5]), x[:, 1] + x[:, 2] > 0])
    model = hy.Sequential([hy.Dense(16, "relu"), hy.Dense(5)])
    model.compile(hy.GroupedCrossentropy((3, 2)), hy.Adam(0.02))
    model.fit(x, y, epochs=40, seed=0, verbose=0, validation_split=0.1)
    found = model.predict_classes(x)
    assert found.shape == (300, 2)
    assert ((found == y).mean(axis=0) > 0.95).all()
    model.save(tmp_path / "model.safetensors")
    again = hy.load(tmp_path / "model.safetensors")
    assert again.loss.classes == (3, 2)
    assert again.evaluate(x, y) == model.evaluate(x, y)


def test_groups_say_what_is_wrong() -> None:
    loss, z = hy.GroupedCrossentropy((3, 2)), np.zeros((4, 5))
    wrong = [
        (lambda: loss(z, np.zeros(4, int)), r"y|target must hold a column.*np.column_stack"),
        (lambda: loss(z, np.array([[0, 2]] * 4)), r"target\[:, 1\] must be labels from 0 to 1"),
        (lambda: loss(z, np.full((4, 2), 0.5)), "whole class labels, found 0.5"),
        (lambda: loss(z[:, :4], np.zeros((4, 2), int)), r"a last layer of 5 units.*got 4"),
        (lambda: hy.GroupedCrossentropy(()), "a number for each group"),
        (lambda: hy.GroupedCrossentropy((3, 0)), "classes must be a whole number"),
    ]
    for call, text in wrong:
        with pytest.raises(ValueError, match=text):
            call()
    model = hy.Sequential([hy.Dense(5, "softmax")])
    with pytest.raises(ValueError, match="Leave the Softmax out"):
        model.compile(loss)
    model = hy.Sequential([hy.Dense(5)])
    with pytest.raises(ValueError, match="metric 'accuracy' has no meaning for groups"):
        model.compile(loss, metrics=["accuracy"])

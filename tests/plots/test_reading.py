"""What pictures read out of a model: probabilities and classes."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots

pytest.importorskip("matplotlib.figure")


@pytest.mark.parametrize("kind", ["logits", "one logit", "one share"])
def test_probabilities_come_from_every_kind_of_classifier(kind) -> None:
    model = hy.Sequential([hy.Dense(2 if kind == "logits" else 1)])
    if kind == "logits":
        model.compile(hy.CategoricalCrossentropy(from_logits=True))
    elif kind == "one logit":
        model.compile(hy.BinaryCrossentropy(from_logits=True))
    else:
        model.add(hy.Sigmoid())
        model.compile("binary_crossentropy")
    model.build(1, seed=0)
    W = [[0.0, 2.0]] if kind == "logits" else [[2.0]]
    model.set_weights({"dense_1.W": W, "dense_1.b": np.zeros(len(W[0]))})
    given = plots.probabilities(model, [[1.0], [-500.0]])
    share = 1 / (1 + np.exp(-2))
    assert given == pytest.approx(np.array([[1 - share, share], [1, 0]]), abs=1e-6)


def grouped() -> hy.Sequential:
    model = hy.Sequential([hy.Dense(5)])
    model.compile(hy.GroupedCrossentropy((2, 3)))
    model.build(2, seed=0)
    return model


def test_probabilities_of_groups_are_a_distribution_each() -> None:
    model, x = grouped(), np.random.default_rng(0).normal(size=(7, 2))
    given = plots.probabilities(model, x)
    assert [p.shape for p in given] == [(7, 2), (7, 3)]
    for p, labels in zip(given, model.predict_classes(x).T, strict=True):
        assert p.sum(axis=1) == pytest.approx(1)
        np.testing.assert_array_equal(p.argmax(axis=1), labels)


def test_probabilities_of_yes_no_outputs_are_those_of_yes() -> None:
    model = hy.Sequential([hy.Dense(3)])
    model.compile(hy.BinaryCrossentropy(from_logits=True))
    model.build(2, seed=0)
    given = plots.probabilities(model, [[1.0, -2.0]])
    assert given == pytest.approx(1 / (1 + np.exp(-model.predict([[1.0, -2.0]]))), abs=1e-6)


@pytest.mark.parametrize("draw", [plots.confusion_matrix, plots.decision_regions, plots.mistakes])
def test_pictures_of_one_class_a_sample_refuse_groups(draw) -> None:
    x = np.zeros((4, 2))
    model = grouped()
    if draw is plots.mistakes:  # of pictures
        model = hy.Sequential([hy.Flatten(), hy.Dense(5)])
        model.compile(hy.GroupedCrossentropy((2, 3)))
        model.build((2, 2), seed=0)
        x = np.zeros((4, 2, 2))
    with pytest.raises(ValueError, match=r"one class, but its loss is 'grouped_crossentropy'"):
        draw(model, x, [0, 1, 0, 1])


def test_pictures_show_the_classes_that_the_model_predicts() -> None:
    class Careful(hy.BinaryCrossentropy):
        """Says yes only where it is sure."""

        def labels(self, prediction):
            return (prediction[:, 0] > 0.9).astype(np.int64)

    model = hy.Sequential([hy.Sigmoid()])
    model.compile(Careful())
    model.build(1)
    x, y = [[0.0], [1.0], [3.0]], [0, 1, 1]
    assert model.predict_classes(x).tolist() == [0, 0, 1]
    assert plots.confusion_matrix(model, x, y).get_title() == "Confusion matrix: 2 of 3 right"


def test_probabilities_of_numbers_are_refused() -> None:
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mean_squared_error")
    model.build(1, seed=0)
    with pytest.raises(ValueError, match=r"predicts no classes.*mean_squared_error"):
        plots.probabilities(model, [[1.0]])

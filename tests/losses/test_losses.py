"""All losses: extremes, targets of every form, what they say of classes."""

from __future__ import annotations

import math

import numpy as np
import pytest

import hyalite as hy
from hyalite.training.inputs import InputSpec
from tests import parts

P = np.array([[0.7, 0.1, 0.2], [0.1, 0.5, 0.4], [0.02, 0.9, 0.08]])
LABELS = np.array([0, 1, 1])


def predictions(loss: hy.losses.Loss) -> np.ndarray:
    """P, or logits, as wide as the loss takes them."""
    wide = np.tile(np.log(P), 2)[:, : parts.outputs_for(loss, 3)]
    return wide if loss.from_logits else P


@pytest.mark.parametrize("name", parts.LOSSES)
def test_weights_make_a_weighted_mean(name: str) -> None:
    rng = np.random.default_rng(0)
    loss = parts.LOSSES[name]()
    prediction = predictions(loss)
    target = parts.target_for(loss, rng, 3, 3)
    each = [loss(prediction[i : i + 1], target[i : i + 1]) for i in range(3)]
    assert loss(prediction, target, [1, 0, 3]) == pytest.approx((each[0] + 3 * each[2]) / 4)
    assert (loss.backward(prediction, target, [1, 0, 3])[1] == 0).all()


@pytest.mark.parametrize("name", parts.LOSSES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_predictions_give_finite_losses_and_gradients(name: str, dtype: str) -> None:
    loss = parts.LOSSES[name]()
    if loss.from_logits or loss.kind == "regression":
        prediction = np.array([[1e4, -1e4, 0], [-1e4, -1e4, 1e4]], dtype)
    else:
        prediction = np.array([[1, 0, 0], [0, 0, 1]], dtype)
    prediction = np.tile(prediction, 2)[:, : parts.outputs_for(loss, 3)]
    target = parts.target_for(loss, np.random.default_rng(0), 2, 3)
    for t in (target, target[::-1]):
        assert math.isfinite(loss(prediction, t))
        gradient = loss.backward(prediction, t)
        assert gradient.dtype == dtype
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", parts.LOSSES)
def test_arguments_are_not_changed(name: str) -> None:
    loss = parts.LOSSES[name]()
    given = predictions(loss)
    prediction, target = given.copy(), parts.target_for(loss, np.random.default_rng(1), 3, 3)
    kept = target.copy()
    loss(prediction, target)
    loss.backward(prediction, target)
    np.testing.assert_array_equal(prediction, given)
    np.testing.assert_array_equal(target, kept)


@pytest.mark.parametrize("name", parts.LOSSES)
@pytest.mark.parametrize("wanted", [1, 3])
def test_every_loss_explains_its_predictions(name: str, wanted: int) -> None:
    loss, rng = parts.LOSSES[name](), np.random.default_rng(3)
    outputs = parts.outputs_for(loss, wanted)
    logits = rng.normal(size=(6, outputs))
    if loss.kind == "regression":
        assert loss.class_count(outputs) == 0
        assert loss.class_targets(logits) is None
        for method in (loss.probabilities, loss.labels):
            with pytest.raises(ValueError, match=f"predicts no classes: its loss is '{loss.name}'"):
                method(logits)
        return
    if loss.kind == "groups":
        given = loss.probabilities(logits)
        assert [p.shape for p in given] == [(6, 3), (6, 2)]
        assert all(p.sum(axis=1) == pytest.approx(1) for p in given)
        expected = np.column_stack([p.argmax(axis=1) for p in given])
        np.testing.assert_array_equal(loss.labels(logits), expected)
        assert loss.class_count(outputs) == 0
        assert loss.class_targets(np.array([[0, 1]])) is None
        return
    last = hy.Softmax() if loss.kind == "classes" and outputs > 1 else hy.Sigmoid()
    p = last.forward(logits)
    if loss.kind == "classes" and outputs == 1:
        p = np.ones((6, 1))
    prediction = logits if loss.from_logits else p
    given, labels = loss.probabilities(prediction), loss.labels(prediction)
    assert labels.dtype == np.int64
    if loss.kind == "binary" and outputs > 1:
        assert given == pytest.approx(p)
        np.testing.assert_array_equal(labels, p > 0.5)
        assert loss.class_count(outputs) == 0
        assert loss.class_targets(np.ones((6, outputs))) is None
        return
    expected = np.hstack([1 - p, p]) if loss.kind == "binary" else p
    assert given == pytest.approx(expected)
    assert given.sum(axis=1) == pytest.approx(1)
    assert loss.class_count(outputs) == given.shape[1]
    np.testing.assert_array_equal(labels, given.argmax(axis=1))


def test_class_targets_are_labels_or_shares() -> None:
    classes, binary = hy.CategoricalCrossentropy(), hy.BinaryCrossentropy()
    one_hot, soft = np.eye(3)[LABELS], np.full((2, 3), 1 / 3)
    np.testing.assert_array_equal(classes.class_targets(classes.target(LABELS, (3,))), LABELS)
    np.testing.assert_array_equal(classes.class_targets(classes.target(one_hot, (3,))), LABELS)
    np.testing.assert_array_equal(classes.class_targets(classes.target(soft, (3,))), soft)
    given = binary.class_targets(binary.target([0, 1, 1], (1,)))
    assert given.dtype == np.int64
    assert given.tolist() == [0, 1, 1]
    assert binary.class_targets(np.array([[0.0], [0.25]])).tolist() == [[1.0, 0.0], [0.75, 0.25]]


class Ordinal(hy.losses.Loss):
    """A user's loss of K classes in order: output k says whether the class is above k.

    K - 1 logits; l = Σ_k ln(1 + e^-|z|) + max(z, 0) - t·z, t = 1 where the label is above k.
    """

    kind = "binary"
    from_logits = True

    def target(self, y, output_shape, argument="y"):
        return (np.asarray(y)[:, np.newaxis] > np.arange(output_shape[0])).astype(float)

    def values(self, prediction, target):
        return (np.logaddexp(0, prediction) - target * prediction).sum(axis=1)

    def gradient(self, prediction, target):
        return 1 / (1 + np.exp(-prediction)) - target

    def class_count(self, outputs):
        return outputs + 1

    def class_targets(self, target):
        return target.sum(axis=1).astype(np.int64)

    def probabilities(self, prediction):
        above = np.minimum.accumulate(1 / (1 + np.exp(-prediction)), axis=1)
        edges = np.ones((len(above), 1))
        return -np.diff(np.hstack([edges, above, 0 * edges]), axis=1)

    def labels(self, prediction):
        return (prediction > 0).sum(axis=1)


def test_a_loss_of_the_users_says_what_classes_there_are() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, (300, 1))
    y = np.digitize(x[:, 0], (-2, 1.5))  # three classes, a rare one
    assert hy.gradcheck.check_loss(Ordinal(), rng.normal(size=(4, 2)), [0, 1, 2, 1]).ok
    model = hy.Sequential([hy.Dense(2)])
    model.compile(Ordinal(), hy.Adam(0.1), metrics=["accuracy"], engine="numpy")
    assert model.loss.name == "ordinal"
    options = {"validation_split": 0.2, "class_weight": "balanced", "seed": 0, "verbose": 0}
    spec = InputSpec.of(model.network, model.loss, x.shape[1:])
    rows, validation = spec.validation(x, spec.data(x, y, None)[1], None, None, 0.2, 0)
    held = np.bincount(y[np.setdiff1d(np.arange(300), rows)], minlength=3)
    assert np.abs(held - np.bincount(y) / 5).max() < 1, "the split is not by class"
    assert len(validation) == held.sum()
    model.fit(x, y, epochs=60, **options)
    assert (model.predict_classes(x) == y).mean() > 0.9
    p = hy.plots.probabilities(model, x)
    assert p.shape == (300, 3)
    assert p.sum(axis=1) == pytest.approx(1)
    heavy, plain = hy.Sequential([hy.Dense(2)]), hy.Sequential([hy.Dense(2)])
    for each, weights in ((heavy, {2: 50.0}), (plain, None)):
        each.compile(Ordinal(), hy.Adam(0.1), engine="numpy")
        each.fit(x, y, epochs=20, class_weight=weights, seed=0, verbose=0)
    assert (heavy.predict_classes(x) == 2).sum() > (plain.predict_classes(x) == 2).sum()
    with pytest.raises(ValueError, match=r"labels go from 0 to 2"):
        plain.fit(x, y, class_weight={3: 1.0}, verbose=0)


def test_what_is_not_one_of_some_classes_has_no_class_weights() -> None:
    for loss, outputs in ((hy.GroupedCrossentropy((2, 1)), 3), (hy.BinaryCrossentropy(), 3)):
        model = hy.Sequential([hy.Dense(outputs, "sigmoid" if loss.name[0] == "b" else None)])
        model.compile(loss, engine="numpy")
        y = np.zeros((5, 2 if loss.kind == "groups" else 3), int)
        with pytest.raises(ValueError, match="class_weight needs classes"):
            model.fit(np.ones((5, 2)), y, class_weight="balanced", verbose=0)

"""The losses: values known by hand, extremes, targets of every form."""

from __future__ import annotations

import math

import numpy as np
import pytest

import hyalite as hy
import parts
from hyalite.losses import Objective

P = np.array([[0.7, 0.1, 0.2], [0.1, 0.5, 0.4], [0.02, 0.9, 0.08]])
LABELS = np.array([0, 1, 1])


def test_categorical_crossentropy_of_the_books_example() -> None:
    expected = -(math.log(0.7) + math.log(0.5) + math.log(0.9)) / 3
    loss = hy.CategoricalCrossentropy()
    assert loss(P, LABELS) == pytest.approx(expected)
    assert loss(P, np.eye(3)[LABELS]) == pytest.approx(expected)
    assert loss(P, LABELS.astype(np.uint8)) == pytest.approx(expected)
    np.testing.assert_allclose(loss.backward(P, LABELS), -np.eye(3)[LABELS] / P / 3)


def test_soft_rows_are_weighted() -> None:
    soft = np.array([[0.2, 0.3, 0.5]])
    assert hy.CategoricalCrossentropy()(P[:1], soft) == pytest.approx(-(soft * np.log(P[:1])).sum())


def test_label_smoothing_is_the_smoothed_target() -> None:
    smoothed = np.eye(3)[LABELS] * 0.9 + 0.1 / 3
    given = hy.CategoricalCrossentropy(label_smoothing=0.1)(P, LABELS)
    assert given == pytest.approx(-(smoothed * np.log(P)).sum(axis=1).mean())
    binary = np.array([[1], [0], [1]])
    p = P[:, :1]
    t = binary * 0.8 + 0.1
    given = hy.BinaryCrossentropy(label_smoothing=0.2)(p, binary)
    assert given == pytest.approx(-(t * np.log(p) + (1 - t) * np.log(1 - p)).mean())


def test_regression_losses_of_a_worked_example() -> None:
    p, t = np.array([[1.0, 4.0]]), np.array([[0.0, 1.0]])
    assert hy.MeanSquaredError()(p, t) == pytest.approx((1 + 9) / 2)
    assert hy.MeanAbsoluteError()(p, t) == pytest.approx((1 + 3) / 2)
    assert hy.HalfSquaredError()(p, t) == pytest.approx(hy.MeanSquaredError()(p, t) / 2)
    assert hy.Quantile(0.5)(p, t) == pytest.approx(hy.MeanAbsoluteError()(p, t) / 2)
    assert hy.Huber(delta=2)(p, t) == pytest.approx((0.5 + 2 * (3 - 1)) / 2)
    np.testing.assert_allclose(hy.MeanSquaredError().backward(p, t), [[1, 3]])
    np.testing.assert_allclose(hy.MeanAbsoluteError().backward(p, t), [[0.5, 0.5]])
    np.testing.assert_allclose(hy.Huber(delta=2).backward(p, t), [[0.5, 1]])


@pytest.mark.parametrize("name", parts.LOSSES)
def test_weights_make_a_weighted_mean(name: str) -> None:
    rng = np.random.default_rng(0)
    loss = parts.LOSSES[name]()
    prediction = P if not loss.from_logits else np.log(P)
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
    target = parts.target_for(loss, np.random.default_rng(0), 2, 3)
    for t in (target, target[::-1]):
        assert math.isfinite(loss(prediction, t))
        gradient = loss.backward(prediction, t)
        assert gradient.dtype == dtype
        assert np.isfinite(gradient).all()


def test_from_logits_is_exact_where_probabilities_round() -> None:
    loss = hy.CategoricalCrossentropy(from_logits=True)
    assert loss(np.array([[0.0, 1e3]]), [0]) == 1e3
    assert hy.BinaryCrossentropy(from_logits=True)(np.array([[-1e3]]), [1]) == 1e3
    tiny = hy.BinaryCrossentropy(from_logits=True)(np.array([[40.0]]), [1])
    assert tiny == pytest.approx(math.exp(-40))


@pytest.mark.parametrize("name", parts.LOSSES)
def test_arguments_are_not_changed(name: str) -> None:
    loss = parts.LOSSES[name]()
    prediction, target = P.copy(), parts.target_for(loss, np.random.default_rng(1), 3, 3)
    kept = target.copy()
    loss(prediction, target)
    loss.backward(prediction, target)
    np.testing.assert_array_equal(prediction, P)
    np.testing.assert_array_equal(target, kept)


def test_a_loss_is_fused_with_the_activation_it_belongs_to() -> None:
    fused = [
        (hy.CategoricalCrossentropy(), hy.Softmax()),
        (hy.BinaryCrossentropy(), hy.Sigmoid()),
    ]
    separate = [
        (hy.MeanSquaredError(), hy.Softmax()),
        (hy.BinaryCrossentropy(), hy.Softmax()),
        (hy.CategoricalCrossentropy(from_logits=True), hy.Linear()),
    ]
    assert all(Objective(*pair, (3,)).fuses_last for pair in fused)
    assert not any(Objective(*pair, (3,)).fuses_last for pair in separate)


def test_a_quantile_is_flat_where_it_is_met() -> None:
    p, t = np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 3.0, 2.5]])
    gradient = hy.Quantile(0.3).backward(p, t)
    np.testing.assert_allclose(gradient, np.array([[0, -0.3, 0.7]]) / 3)


def test_clipped_probabilities_are_a_branch_of_their_own() -> None:
    p = np.array([[0.0, 1e-9, 0.3, 0.7, 1 - 1e-9, 1.0]])
    for loss in (hy.BinaryCrossentropy(), hy.CategoricalCrossentropy()):
        found = loss.branches(p, p)
        assert found is not None
        np.testing.assert_array_equal(np.sign(found[0, :4]), [-1, -1, 0, 0])
    np.testing.assert_array_equal(hy.BinaryCrossentropy().branches(p, p)[0, 4:], [1, 1])


@pytest.mark.parametrize("name", parts.LOSSES)
@pytest.mark.parametrize("ending", [hy.Linear, hy.Sigmoid, hy.Softmax])
def test_an_objectives_values_are_those_of_its_step(name: str, ending: type[hy.Layer]) -> None:
    loss, rng = parts.LOSSES[name](), np.random.default_rng(0)
    try:
        objective = hy.losses.Objective(loss, ending(), (4,))
    except ValueError:
        return  # the two do not fit
    output = rng.standard_normal((5, 4))
    if not objective.fuses_last and loss.kind != "regression" and not loss.from_logits:
        output = rng.dirichlet(np.ones(4), 5)
    target = rng.integers(0, 4, 5) if loss.kind == "classes" else rng.uniform(0, 1, (5, 4))
    prediction, values, _ = objective(output, target, None, 5)
    again = objective.values(output, target)
    np.testing.assert_array_equal(again[0], prediction)
    np.testing.assert_array_equal(again[1], values)

"""A loss and the activation before it: fused where they belong together, else refused."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite.losses import Objective
from tests import parts
from tests.inputs import LABELS, RNG, X, refused


class Cut(hy.Layer):
    """A user's layer: samples (4,) come out as (2, 2)."""

    def forward(self, x, training=False):
        return self.receive(x).reshape(len(x), 2, 2)

    def backward(self, dy):
        return dy.reshape(len(dy), 4)

    def output_shape(self, input_shape):
        return (2, 2)


def test_a_model_whose_outputs_are_not_flat_is_refused_or_trains_on_the_loss_it_reports():
    model = hy.Sequential([hy.Dense(4), Cut()], dtype="float64")
    model.compile("mean_squared_error", hy.SGD(0.0))
    y = RNG.standard_normal((12, 2, 2))
    try:
        loss = model.fit(X, y, verbose=0, seed=0)["loss"][0]
    except ValueError as error:
        assert "(2, 2)" in str(error)  # noqa: PT017  # to refuse is one of two right answers
        return
    assert loss == pytest.approx(float(((model.predict(X) - y) ** 2).mean()))
    gradient = model.grad.copy()
    model.theta[0] += 1e-6
    moved = float(((model.predict(X) - y) ** 2).mean())
    assert (moved - loss) / 1e-6 == pytest.approx(gradient[0], rel=1e-3)


FROM_LOGITS = {
    "classes": hy.CategoricalCrossentropy(from_logits=True),
    "binary": hy.BinaryCrossentropy(from_logits=True),
}


@pytest.mark.parametrize(
    ("activation", "loss", "parts"),
    [
        ("softmax", FROM_LOGITS["classes"], ["logits", "twice", "Leave out"]),
        ("sigmoid", FROM_LOGITS["binary"], ["logits", "twice", "Leave out"]),
        ("softmax", FROM_LOGITS["binary"], ["logits"]),
        (None, "categorical_crossentropy", ["probabilities", "softmax", "from_logits=True"]),
        ("relu", "categorical_crossentropy", ["probabilities", "ReLU", "softmax"]),
        ("sigmoid", "categorical_crossentropy", ["sum to 1", "Sigmoid", "softmax"]),
        (None, "binary_crossentropy", ["probabilities", "sigmoid", "from_logits=True"]),
        ("tanh", "binary_crossentropy", ["probabilities", "Tanh", "sigmoid"]),
    ],
)
@pytest.mark.parametrize("apart", [False, True], ids=["in the layer", "a layer of its own"])
@pytest.mark.parametrize("late", [False, True], ids=["at compile", "at fit"])
def test_a_loss_that_does_not_suit_the_last_layer_is_refused(activation, loss, parts, apart, late):
    last = [hy.Dense(3, activation)]
    if apart:
        last = [hy.Dense(3), hy.Dense(3, activation).activation or hy.Linear()]
    if not late:
        refused(lambda: hy.Sequential(last).compile(loss), "loss", *parts)
        return
    model = hy.Sequential()
    model.compile(loss)
    for layer in last:
        model.add(layer)
    y = LABELS if "ategorical" in repr(loss) else np.ones((12, 3))
    refused(lambda: model.fit(X, y, verbose=0), "loss", *parts)


@pytest.mark.parametrize("name", ["categorical_crossentropy", "binary_crossentropy"])
def test_a_loss_as_a_metric_is_right_where_the_model_gives_logits(name):
    loss = FROM_LOGITS["classes" if name.startswith("cat") else "binary"]
    y = LABELS if name.startswith("cat") else np.ones((12, 3))
    model = hy.Sequential([hy.Dense(3)])
    try:
        model.compile(loss, metrics=[name])
        figures = model.fit(X, y, verbose=0, seed=0) and model.evaluate(X, y)
    except ValueError as error:
        assert "logits" in str(error)  # noqa: PT017  # to refuse is one of two right answers
    else:
        assert figures[name] == pytest.approx(figures["loss"], rel=1e-4)


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


@pytest.mark.parametrize("name", parts.LOSSES)
@pytest.mark.parametrize("ending", [hy.Linear, hy.Sigmoid, hy.Softmax])
def test_an_objectives_values_are_those_of_its_step(name: str, ending: type[hy.Layer]) -> None:
    loss, rng = parts.LOSSES[name](), np.random.default_rng(0)
    try:
        objective = hy.losses.Objective(loss, ending(), (parts.outputs_for(loss, 4),))
    except ValueError:
        return  # the two do not fit
    output = rng.standard_normal((5, parts.outputs_for(loss, 4)))
    if not objective.fuses_last and loss.kind != "regression" and not loss.from_logits:
        output = rng.dirichlet(np.ones(4), 5)
    target = rng.integers(0, 4, 5) if loss.kind == "classes" else rng.uniform(0, 1, (5, 4))
    if loss.kind == "groups":
        target = parts.target_for(loss, rng, 5, 4)
    prediction, values, _ = objective(output, target, None, 5)
    again = objective.values(output, target)
    np.testing.assert_array_equal(again[0], prediction)
    np.testing.assert_array_equal(again[1], values)

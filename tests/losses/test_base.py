"""Losses alone: targets are refused, never broadcast."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from tests.inputs import BAD_TARGETS, X, classifier, one_class, refused, yes_no

ALONE = {
    classifier: hy.CategoricalCrossentropy,
    yes_no: hy.BinaryCrossentropy,
    one_class: lambda: hy.CategoricalCrossentropy(from_logits=True),
}


@pytest.mark.parametrize("case", [case for case in BAD_TARGETS if case != "beyond float32"])
@pytest.mark.parametrize("method", ["__call__", "backward"])
def test_bad_targets_are_refused_by_a_loss_alone(case, method):
    make, y, _ = BAD_TARGETS[case]
    model = make()
    model.build(4, seed=0)
    prediction = model.predict(X)
    loss = ALONE.get(make, type(model.loss))()
    text = refused(lambda: getattr(loss, method)(prediction, y))
    assert "target" in text


@pytest.mark.parametrize(
    "loss", [hy.MeanSquaredError, hy.MeanAbsoluteError, hy.Huber, hy.BinaryCrossentropy]
)
@pytest.mark.parametrize(
    ("prediction", "target"),
    [
        ((4, 1), (1, 4)),
        ((4, 1), (4, 4)),
        ((4, 4), (4,)),
        ((4, 4), (4, 1)),
        ((4, 4), (1, 4)),
        ((4, 4), (1, 1)),
        ((4, 4), (1,)),
        ((4, 4), ()),
        ((4, 1), ()),
        ((4, 1), (1,)),
        ((4, 1), (1, 1)),
        ((4, 1), (4, 1, 1)),
        ((1, 4), (4, 4)),
        ((1, 4), (4, 1)),
        ((1, 1), (4,)),
        ((1, 1), (4, 1)),
        ((4, 3), (4, 2)),
        ((4,), (4,)),
        ((4,), (4, 1)),
        ((), ()),
    ],
)
def test_a_loss_alone_never_broadcasts(loss, prediction, target):
    for method in ("__call__", "backward"):
        call = getattr(loss(), method)
        p, t = np.full(prediction, 0.5), np.ones(target)
        refused(lambda call=call, p=p, t=t: call(p, t), mend=False)


@pytest.mark.parametrize("loss", hy.losses.LOSSES.values())
def test_a_loss_alone_takes_flat_samples_or_differentiates_what_it_reports(loss):
    """Of images it must not report one number and differentiate another."""
    p = np.full((4, 2, 3), 1 / 3)
    t = np.array([0, 1, 1, 0]) if loss.kind == "classes" else np.ones((4, 2, 3))
    try:
        value, gradient = loss()(p, t), loss().backward(p, t)
    except ValueError as error:
        assert "(4, 2, 3)" in str(error)  # noqa: PT017  # to refuse is one of two right answers
        return
    step = 1e-6
    moved = p.copy()
    moved[0, 1, 0] += step
    assert (loss()(moved, t) - value) / step == pytest.approx(gradient[0, 1, 0], abs=1e-4)


def test_numbers_that_are_no_probabilities_are_refused_by_a_loss_alone():
    text = refused(lambda: hy.CategoricalCrossentropy()([[3.0, 2.0]], [1]), "prediction")
    assert "from_logits=True" in text

"""One training: its best epoch, its end, its bytes."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

import hyalite as hy
from hyalite.recipes.tabular.member import (
    BestEpoch,
    Member,
    batch_size_for,
    train_member,
    with_others,
)
from hyalite.recipes.tabular.problem import Problem
from hyalite.recipes.tabular.scores import loss
from hyalite.recipes.tabular.settings import MemberSettings
from tests.recipes.tabular.helpers import problem

SETTINGS = MemberSettings(units=16, layers=1)
ROWS, KEPT = np.arange(0, 90), np.arange(90, 120)


def train(table: Problem, epochs: int = 12, **changes: object) -> Member:
    found = train_member(
        table, ROWS, KEPT, SETTINGS.but(**changes), epochs=epochs, seed=0, engine="numpy"
    )
    assert found is not None
    return found


@pytest.mark.parametrize("classes", [0, 3])
def test_it_learns(classes: int) -> None:
    table = problem(120, classes=classes, categories=12)
    answers = train(table, 40).answers(table.x[KEPT])
    if classes:
        np.testing.assert_allclose(answers.sum(axis=1), 1)
        assert (answers.argmax(axis=1) == table.y[KEPT]).mean() > 0.6
    else:
        assert np.corrcoef(answers, table.y[KEPT])[0, 1] > 0.9
        assert answers.min() >= table.y[ROWS].min(), "no farther than training has seen"


def test_the_epoch_that_is_kept_is_the_best() -> None:
    table = problem(120, classes=2)
    found = train(table)
    curve = found.model.history["val_loss"]
    assert found.model.history.best_epoch == 1 + int(np.argmin(curve))
    own = loss(found.answers(table.x[KEPT]), table.y[KEPT], np.ones(30))
    assert own == pytest.approx(min(curve), rel=1e-5)


def test_of_equal_epochs_the_last_counts() -> None:
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mse", hy.SGD(0.0), engine="numpy")
    best = BestEpoch("loss")
    model.fit([[0.0]], [2.0], epochs=5, callbacks=[best], verbose=0)
    assert best.epoch == model.history.best_epoch == 5


def test_it_ends_when_it_has_not_got_better_for_long() -> None:
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mse", hy.SGD(0.1), engine="numpy")
    model.build(1, seed=0)
    best = BestEpoch("loss", patience=4)
    model.stop_training = False
    for epoch in range(1, 100):
        best.on_epoch_end(model, epoch, {"loss": 1.0 + (epoch != 3)})
        if model.stop_training:
            break
    assert (best.epoch, epoch) == (3, 2 * 3 + 4 + 1)


def test_a_deadline_and_others_end_it() -> None:
    table = problem(120)
    for more in ({"deadline": time.monotonic() - 1}, {"stopped": lambda: True}):
        found = train_member(table, ROWS, KEPT, SETTINGS, epochs=9, seed=0, engine="numpy", **more)
        assert found is not None
        assert len(found.model.history) == 1


def test_the_same_seed_gives_the_same_bytes() -> None:
    table = problem(120, classes=2)
    one, two = (train(table, 3).model.theta.tobytes() for _ in range(2))
    assert one == two


def test_labels_are_smoothed_for_accuracy_alone() -> None:
    table = problem(120, classes=2)
    assert train(table, 1).model.loss.label_smoothing == 0
    found = train(replace(table, metric="accuracy"), 1).model
    assert found.loss.label_smoothing == 0.1
    assert [name for name in found.history.history if name.endswith("accuracy")]


def test_a_category_that_is_not_known_is_trained() -> None:
    table = problem(120, categories=12)
    table.x[:, 4] = table.x[:, 4].clip(1)
    found = with_others(table.x.copy(), table.schema, seed=0)
    assert (found[:, 4] == 0).sum() == 2
    np.testing.assert_array_equal(found[:, :4], table.x[:, :4])
    table.x[0, 4] = 0
    np.testing.assert_array_equal(with_others(table.x.copy(), table.schema, 0), table.x)


def test_weights_count() -> None:
    table = problem(120)
    weight = np.where(table.x[:, 0] > 0, 1.0, 1e-6)
    found = train(replace(table, weight=weight), 30)
    off = np.abs(found.answers(table.x) - table.y)
    assert off[table.x[:, 0] > 0].mean() < off[table.x[:, 0] <= 0].mean()


def test_a_training_that_diverges_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def diverge(self: hy.Sequential, *_: object, **__: object) -> None:
        raise hy.NonFiniteError

    monkeypatch.setattr(hy.Sequential, "fit", diverge)
    table = problem(120)
    assert train_member(table, ROWS, KEPT, SETTINGS, epochs=2, seed=0, engine="numpy") is None


@pytest.mark.parametrize("rows", [1, 5, 64, 65, 1000, 1025, 5000, 20_000, 90_000, 500_000])
def test_batches_of_an_epoch_are_about_as_large(rows: int) -> None:
    size = batch_size_for(rows)
    last = rows - (-(-rows // size) - 1) * size
    assert 1 <= size <= 1500
    assert last > 0.5 * size

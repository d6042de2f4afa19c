"""Early stopping ends a fit and brings back the best weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

import hyalite as hy
from hyalite.training.callbacks import Callback
from tests.training.helpers import Record, Script, fit, mixed


def run_early(values, early, epochs=6, do=None, error=None):
    model, record = mixed(), Record()
    callbacks = [Script(*values, do=do), record, early]
    options = {"epochs": epochs, "batch_size": 8, "callbacks": callbacks}
    if error is None:
        fit(model, **options)
    else:
        with pytest.raises(error):
            fit(model, **options)
    matching = [
        epoch
        for epoch, (theta, state) in record.after.items()
        if np.array_equal(theta, model.theta) and np.array_equal(state, model.state)
    ]
    return model, matching


NAN = math.nan
CASES = {
    # values, options, best epoch, epochs run
    "stopped": ([3, 2, 4, 5, 6, 1], {"patience": 2}, 2, 4),
    "ran to the end": ([3, 2, 4, 5, 6, 7], {"patience": 9}, 2, 6),
    "best is the last": ([6, 5, 4, 3, 2, 1], {"patience": 2}, 6, 6),
    "best is the first": ([1, 2, 3, 4, 5, 6], {"patience": 3}, 1, 4),
    "patience 0": ([3, 2, 4, 1, 1, 1], {"patience": 0}, 2, 3),
    "patience 1": ([3, 2, 4, 1, 1, 1], {"patience": 1}, 2, 3),
    "waiting starts anew": ([5, 6, 4, 6, 3, 6], {"patience": 2}, 5, 6),
    "equal is no gain": ([2, 2, 2, 2, 2, 2], {"patience": 3}, 1, 4),
    "max": ([3, 9, 4, 5, 6, 1], {"patience": 2, "mode": "max"}, 2, 4),
    "max to the end": ([1, 2, 3, 9, 4, 8], {"patience": 9, "mode": "max"}, 4, 6),
    "small gains do not count": ([5, 4.95, 4.9, 4.85, 1, 1], {"patience": 3, "min_delta": 1}, 1, 4),
    "small gains add up": ([5, 4.6, 3.9, 3.5, 2.8, 2], {"patience": 3, "min_delta": 1}, 5, 6),
    "NaN is no gain": ([3, NAN, NAN, 1, 1, 1], {"patience": 2}, 1, 3),
    "NaN at first": ([NAN, 3, 2, 5, 5, 5], {"patience": 2}, 3, 5),
    "infinite at first": ([math.inf, 3, 2, 5, 5, 5], {"patience": 2}, 3, 5),
    "minus infinite": ([3, -math.inf, 2, 5, 5, 5], {"patience": 2}, 3, 5),
    "NaN always": ([NAN] * 6, {"patience": 2}, None, 2),
    "of equals the last": ([3, 2, 4, 2, 5, 6], {"patience": 9, "prefer": "last"}, 4, 6),
    "waiting starts anew at an equal": (
        [2, 3, 2, 3, 2, 3],
        {"patience": 2, "prefer": "last"},
        5,
        6,
    ),
    "the last of max": ([1, 3, 3, 2, 3, 1], {"mode": "max", "prefer": "last"}, 5, 6),
    "equal, whatever min_delta": (
        [2, 2.5, 2, 1.5, 3, 4],
        {"patience": 2, "prefer": "last", "min_delta": 1},
        3,
        5,
    ),
    "NaN is no equal": ([NAN, NAN, 1, NAN, NAN, 1], {"patience": 3, "prefer": "last"}, 6, 6),
    "patience grows": ([3, 2, 4, 4, 4, 4], {"patience": 1, "patience_growth": 1.0}, 2, 5),
    "patience grows by halves": ([3, 2, 4, 4, 4, 4], {"patience": 1, "patience_growth": 0.5}, 2, 4),
    "patience that grows from 0": ([2, 4, 4, 4, 1, 1], {"patience": 0, "patience_growth": 2}, 1, 3),
}


@pytest.mark.parametrize("case", CASES)
def test_early_stopping_restores_the_best_weights(case):
    values, options, best, epochs = CASES[case]
    early = hy.EarlyStopping("score", **options)
    model, matching = run_early(values, early)
    assert model.history.epochs == list(range(1, epochs + 1))
    assert early.best_epoch == model.history.best_epoch == best
    assert early.stopped_epoch == (epochs if epochs < 6 or case == "stopped" else None)
    if best is None:
        assert math.isnan(early.best)
        assert matching == [epochs]
    else:
        assert early.best == values[best - 1]
        assert matching == [best]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
@pytest.mark.parametrize("order", ["before", "after"])
def test_early_stopping_restores_the_best_weights_where_training_is_interrupted(error, order):
    def interrupt(model):
        raise error

    early = hy.EarlyStopping("score", patience=9)
    if order == "before":
        model, matching = run_early([3, 2, 4, 5], early, do={4: interrupt}, error=error)
        assert matching == [2]
    else:
        model, record = mixed(), Record()
        callbacks = [Script(3, 2, 4, 1), record, early, Script(do={4: interrupt})]
        with pytest.raises(error):
            fit(model, epochs=6, callbacks=callbacks)
        np.testing.assert_array_equal(model.theta, record.after[4][0])
    assert model.history.best_epoch in model.history.epochs, "the history knows of that epoch"


def test_early_stopping_restores_the_best_weights_though_another_callback_fails_at_the_end():
    class Fails(Callback):
        def on_train_end(self, model):
            raise RuntimeError("disk full")

    model, record = mixed(), Record()
    callbacks = [Script(3, 1, 4, 5), record, Fails(), hy.EarlyStopping("score")]
    with pytest.raises(RuntimeError, match="disk full"):
        fit(model, epochs=4, callbacks=callbacks)
    np.testing.assert_array_equal(model.theta, record.after[2][0])


def test_early_stopping_can_be_used_again():
    early = hy.EarlyStopping("score", patience=2)
    first, _ = run_early([3, 2, 4, 5, 6, 1], early)
    second, matching = run_early([9, 8, 7, 8, 9, 9], early)
    assert first.history.best_epoch == 2
    assert matching == [second.history.best_epoch] == [3]


def test_twice_the_best_epoch_and_twenty_more():
    """What the waves of a learning rate need: the first epoch beyond 2·best + 20 is the last."""
    early = hy.EarlyStopping("score", patience=21, patience_growth=1.0, prefer="last")
    model, _ = run_early([5, 4, 3, 2, 1, 2, 1] + [2] * 90, early, epochs=97)
    assert early.best_epoch == 7
    assert early.stopped_epoch == len(model.history.epochs) == 2 * 7 + 21
    again = hy.EarlyStopping("score", patience=1, patience_growth=1.0)
    fit(model, epochs=9, callbacks=[Script(*[9] * 36, 3, *[9] * 9), again])
    assert again.best_epoch == 37, "of the second fit's epochs 36 to 44 the second"
    assert again.stopped_epoch == 37 + 3
    assert "prefer='last', patience_growth=1" in repr(early)

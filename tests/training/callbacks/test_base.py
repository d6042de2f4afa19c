"""Callbacks are told in order, and one that fails leaves the model usable."""

from __future__ import annotations

import pytest

import hyalite as hy
from hyalite.training.callbacks import (
    Callback,
)
from tests.training.callbacks.helpers import X, Y, fit

HOOKS = ("on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end")


class Note(Callback):
    """Notes what it is told, and fails where it should."""

    def __init__(self, log, name, fails=None, at=2):
        self.log, self.name, self.fails, self.at = log, name, fails, at

    def _note(self, hook, *numbers):
        self.log.append((self.name, hook, *numbers))
        if hook == self.fails and numbers in ((), (self.at,)):
            raise RuntimeError(f"{self.name} fails {hook}")

    def on_train_begin(self, model):
        assert model.network.built
        assert len(model.history) == 0
        self._note("on_train_begin")

    def on_epoch_begin(self, model, epoch):
        assert len(model.history) == epoch - 1
        self._note("on_epoch_begin", epoch)

    def on_epoch_end(self, model, epoch, figures):
        assert len(model.history) == epoch - 1
        assert {"loss", "accuracy", "learning_rate"} <= set(figures)
        assert model.predict(X).shape == (40, 2)  # what `Trainable` has may be used
        assert set(model.evaluate(X, Y)) == {"loss", "accuracy"}
        self._note("on_epoch_end", epoch)

    def on_train_end(self, model):
        self._note("on_train_end")


def test_the_hooks_come_in_the_order_that_is_documented():
    log = []
    fit(Note(log, "a"), Note(log, "b"), epochs=2)
    told = [
        ("on_train_begin",),
        *[(hook, epoch) for epoch in (1, 2) for hook in ("on_epoch_begin", "on_epoch_end")],
        ("on_train_end",),
    ]
    assert log == [(name, *call) for call in told for name in "ab"]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_callback_that_fails_leaves_the_model_usable(hook, engine):
    if engine == "compiled":
        pytest.importorskip("numba", reason="needs the extra 'fast'")
    log = []
    model = hy.Sequential([hy.Dense(4, "relu"), hy.Dense(2, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.01), ["accuracy"], engine=engine)
    callbacks = [Note(log, "a"), Note(log, "b", fails=hook), Note(log, "c")]
    with pytest.raises(RuntimeError, match=f"b fails {hook}"):
        model.fit(X, Y, epochs=4, seed=1, callbacks=callbacks, verbose=0)
    ended = [name for name, called, *_ in log if called == "on_train_end"]
    assert ended == (["a"] if hook == "on_train_begin" else ["a", "b", "c"])
    trained = {"on_train_begin": 0, "on_epoch_begin": 1, "on_epoch_end": 2, "on_train_end": 4}[hook]
    assert model.history.epochs == list(range(1, trained + 1))
    assert model.network.epochs == trained
    model.predict(X)
    # and it goes on as if nothing had happened
    model.fit(X, Y, epochs=5 - trained, seed=1, verbose=0)
    whole = hy.Sequential([hy.Dense(4, "relu"), hy.Dense(2, "softmax")])
    whole.compile("categorical_crossentropy", hy.Adam(0.01), ["accuracy"], engine=engine)
    whole.fit(X, Y, epochs=5, seed=1, verbose=0)
    assert model.theta.tobytes() == whole.theta.tobytes()

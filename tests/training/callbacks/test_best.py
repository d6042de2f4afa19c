"""The best model is kept in a file."""

from __future__ import annotations

import pytest

import hyalite as hy
from hyalite.training.callbacks import (
    Callback,
    SaveBest,
)
from tests.training.callbacks.helpers import Script, X, Y, fit


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


def test_the_best_model_is_in_the_file(tmp_path):
    thetas = []

    class Note(Callback):
        def on_epoch_end(self, model, epoch, figures):
            thetas.append(model.network.ready.theta.copy())

    path = tmp_path / "best.safetensors"
    fit(Script(3, 1, 2, 1), Note(), SaveBest(path, "score"), epochs=4)
    assert hy.load(path).theta.tobytes() == thetas[1].tobytes()
    with pytest.raises(ValueError, match=r"monitor 'scor' is not among the figures\. Did you mean"):
        fit(Script(1), SaveBest(path, "scor"), epochs=1)

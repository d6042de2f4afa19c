"""The best model is kept in a file."""

from __future__ import annotations

import pytest

import hyalite as hy
from hyalite.training.callbacks import (
    Callback,
    SaveBest,
)
from tests.training.callbacks.helpers import Script, fit


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

"""The history: an entry an epoch of every figure."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from hyalite import metrics
from hyalite.training.callbacks import Callback
from hyalite.training.history import History
from tests.training.helpers import LABELS, Script, X, fit, mixed, plain


def test_history_has_one_entry_an_epoch_of_every_figure(tmp_path):
    model = mixed()
    history = fit(model, epochs=4, batch_size=8, validation_split=0.2)
    assert list(history) == [
        "loss",
        "data_loss",
        "penalty",
        "accuracy",
        "val_loss",
        "val_accuracy",
        "learning_rate",
    ]
    assert all(len(history[name]) == 4 for name in history)
    assert all(type(value) is float for name in history for value in history[name])
    assert history is model.history
    assert len(history) == 4
    assert history.epochs == [1, 2, 3, 4]
    assert len(history.seconds) == 4
    assert all(seconds >= 0 for seconds in history.seconds)
    assert history.seed == 2
    assert history.best_epoch is None
    assert "loss" in history
    assert "nonsense" not in history
    with pytest.raises(KeyError, match=r"nonsense.*loss"):
        history["nonsense"]
    assert f"{history['loss'][-1]:.4g}" in repr(history)
    history.save(tmp_path / "history.json")
    stored = json.loads((tmp_path / "history.json").read_text(encoding="utf-8"))
    assert stored["history"] == history.history
    assert stored["epochs"] == [1, 2, 3, 4]
    assert stored["seed"] == 2
    assert set(stored) == {"seed", "best_epoch", "epochs", "seconds", "history"}


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_history_with_figures_that_are_not_finite_is_json_that_others_read(value, tmp_path):
    history = fit(mixed(), callbacks=[Script(value)])
    history.save(tmp_path / "history.json")

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    json.loads((tmp_path / "history.json").read_text(encoding="utf-8"), parse_constant=refuse)


def test_a_figure_that_a_callback_adds_only_sometimes_stays_with_its_epoch():
    class Sometimes(Callback):
        def on_epoch_end(self, model, epoch, figures):
            if epoch % 2 == 0:
                figures["extra"] = float(epoch)

    history = fit(mixed(), epochs=4, callbacks=[Sometimes()])
    assert len(history["extra"]) == len(history.epochs)
    assert [history["extra"][1], history["extra"][3]] == [2.0, 4.0]


def test_metrics_that_are_lists_are_kept_in_the_history(tmp_path):
    model = mixed()
    model.compile("categorical_crossentropy", metrics=["confusion_matrix", metrics.F1("none")])
    history = fit(model, epochs=2, validation_split=0.2)
    assert np.array(history["confusion_matrix"]).shape == (2, 3, 3)
    assert np.array(history["confusion_matrix"])[0].sum() == 24
    assert np.array(history["val_f1"]).shape == (2, 3)
    history.save(tmp_path / "history.json")


@pytest.mark.parametrize("batch_size", [1, 7, 30])
def test_loss_is_data_loss_plus_penalty(batch_size):
    model = plain("categorical_crossentropy", "softmax", 3, l1=0.01, l2=0.02, bias_l2=0.03)
    history = fit(model, epochs=2, batch_size=batch_size)
    for loss, data, penalty in zip(
        history["loss"], history["data_loss"], history["penalty"], strict=True
    ):
        assert loss == pytest.approx(data + penalty, rel=1e-14)
        assert penalty > 0
    model.optimizer.learning_rate = 0
    model.layers[1].b[...] = [1, -2, 3]
    history = fit(model)
    w, b = model.layers[1].W, model.layers[1].b
    expected = 0.01 * np.abs(w).sum() + 0.02 * (w**2).sum() + 0.03 * (b**2).sum()
    assert history["penalty"][0] == pytest.approx(expected, rel=1e-12)
    assert history["data_loss"][0] == pytest.approx(model.evaluate(X, LABELS)["loss"], rel=1e-12)


def test_without_penalties_there_is_only_the_loss():
    history = fit(plain("categorical_crossentropy", "softmax", 3))
    assert list(history) == ["loss", "learning_rate"]


def test_the_history_is_on_the_model_also_where_training_is_interrupted():
    def interrupt(model):
        raise KeyboardInterrupt

    model = mixed()
    with pytest.raises(KeyboardInterrupt):
        fit(model, epochs=5, callbacks=[Script(do={3: interrupt})])
    assert model.history.epochs == [1, 2, 3], "epoch 3 was trained to its end"
    assert fit(model).epochs == [4]


def test_epochs_at_which_nobody_looks_have_the_same_figures():
    unseen = fit(mixed(), epochs=5, batch_size=8)
    seen = fit(mixed(), epochs=5, batch_size=8, callbacks=[Callback()])
    assert unseen.history == seen.history
    assert list(unseen) == list(seen)
    assert unseen.epochs == seen.epochs
    assert len(unseen.seconds) == 5


def test_epochs_are_added_together_or_one_by_one():
    together, one_by_one = History(0), History(0)
    for history in (together, one_by_one):
        history.append(1, {"loss": 3.0}, 0.1)
    together.extend([2, 3], {"loss": [2.0, 1.0], "accuracy": [np.float32(0.5), 1.0]}, 0.1)
    one_by_one.append(2, {"loss": 2.0, "accuracy": np.float32(0.5)}, 0.1)
    one_by_one.append(3, {"loss": 1.0, "accuracy": 1.0}, 0.1)
    together.extend([4], {"loss": [0.5]}, 0.1)
    one_by_one.append(4, {"loss": 0.5}, 0.1)
    assert together.history == one_by_one.history
    assert together["accuracy"] == [None, 0.5, 1.0, None]
    assert together.epochs == one_by_one.epochs == [1, 2, 3, 4]
    assert together.seconds == one_by_one.seconds

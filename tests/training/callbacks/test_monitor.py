"""The figure that a callback watches: which way is better, and what is said where there is none."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from tests.inputs import LABELS, X, classifier, fitted
from tests.training.helpers import Script, fit, mixed


@pytest.mark.parametrize(
    ("monitor", "higher"),
    [
        ("val_accuracy", True),
        ("accuracy", True),
        ("top_5_accuracy", True),
        ("val_precision", True),
        ("recall", True),
        ("val_f1", True),
        ("val_r2", True),
        ("loss", False),
        ("val_loss", False),
        ("mean_squared_error", False),
    ],
)
def test_early_stopping_knows_what_is_better(monitor, higher):
    early = hy.EarlyStopping(monitor, patience=9)
    model = mixed()
    fit(model, epochs=3, callbacks=[Script(2, 3, 1, name=monitor), early])
    assert early.best_epoch == (2 if higher else 3)


@pytest.mark.parametrize("monitor", ["val_loss", "acuracy", "confusion_matrix"])
def test_a_figure_to_be_monitored_that_is_not_there_is_named(monitor):
    model = mixed()
    model.compile("categorical_crossentropy", metrics=["accuracy", "confusion_matrix"])
    with pytest.raises(ValueError, match="monitor") as caught:
        fit(model, callbacks=[hy.EarlyStopping(monitor)])
    text = str(caught.value)
    assert monitor in text
    if monitor == "val_loss":
        assert "validation_data" in text
    if monitor == "confusion_matrix":
        assert "not among" not in text, "it is among them, but no number"
    else:
        assert "accuracy" in text


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64, int])
def test_figures_of_numpys_types_can_be_monitored_and_saved(kind, tmp_path):
    model = mixed()
    early = hy.EarlyStopping("score")
    history = fit(model, epochs=2, callbacks=[Script(kind(2), kind(1)), early])
    assert early.best_epoch == 2
    history.save(tmp_path / "history.json")


def test_a_monitor_next_to_a_figure_is_asked_about():
    stopping = hy.EarlyStopping("val_accurcy")
    with pytest.raises(ValueError, match="Did you mean 'val_accuracy'"):
        fitted(classifier(), validation_data=(X, LABELS), callbacks=[stopping])

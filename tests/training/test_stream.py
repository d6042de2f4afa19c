"""Streams: each batch is a step, and the bytes are those of the same batches in one array."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from tests.training.helpers import LABELS, NUMBERS, X, fit, mixed, plain
from tests.training.test_checkpoint import ENGINES, model

BATCHES = [(X[start : start + 7], LABELS[start : start + 7]) for start in range(0, 30, 7)]


class Again:
    """Batches that can be gone through again."""

    def __init__(self, batches) -> None:
        self.batches = batches

    def __iter__(self):
        return iter(self.batches)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_a_stream_gives_the_weights_of_one_array(engine: str, kind: str) -> None:
    x = X.astype(np.float32)
    y = LABELS if kind == "classes" else NUMBERS
    batches = [(x[start : start + 7], y[start : start + 7]) for start in range(0, 30, 7)]
    one, other = model(engine, kind), model(engine, kind)
    one.fit(Again(batches), epochs=3, seed=1, verbose=0)
    other.fit(x, y, batch_size=7, epochs=3, seed=1, shuffle=False, verbose=0)
    assert len(one.history) == 3
    if kind == "classes":  # the target that "accuracy" of numbers is measured by is the first batch
        for name, values in other.history.history.items():
            np.testing.assert_allclose(one.history[name], values, rtol=1e-4, err_msg=name)
    np.testing.assert_allclose(one.theta, other.theta, rtol=1e-4, atol=1e-5)
    if engine == "numpy":
        assert one.theta.tobytes() == other.theta.tobytes()


def test_a_generator_is_one_epoch() -> None:
    made = mixed()
    history = made.fit((pair for pair in BATCHES), seed=0, verbose=0, validation_data=(X, LABELS))
    assert len(history) == 1
    assert made.network.clock.step == len(BATCHES)
    assert "val_loss" in history
    with pytest.raises(ValueError, match="epochs must be 1 for an iterator"):
        fit(mixed(), iter(BATCHES), None, epochs=2)


def test_callbacks_and_a_bad_batch() -> None:
    class Log(hy.Callback):
        def on_epoch_end(self, model, epoch, figures):
            seen.append((epoch, figures["loss"]))

    seen: list[object] = []
    fit(mixed(), Again(BATCHES), None, epochs=2, callbacks=[Log()])
    assert [epoch for epoch, _ in seen] == [1, 2]
    with pytest.raises(ValueError, match=r"batch 2 of x must be a pair \(x, y\), got ndarray"):
        fit(mixed(), iter([BATCHES[0], X]), None)
    with pytest.raises(ValueError, match="x of batch 2"):
        fit(mixed(), iter([BATCHES[0], (X[:, :2], LABELS)]), None)
    with pytest.raises(ValueError, match="x must give batches, and it has none"):
        fit(mixed(), iter([]), None)
    with pytest.raises(ValueError, match="sample_weight is for samples that are all there"):
        fit(mixed(), iter(BATCHES), None, sample_weight=np.ones(30))
    with pytest.raises(ValueError, match="y is for samples"):
        fit(mixed(), iter(BATCHES), LABELS)


def test_a_loss_that_is_not_finite_undoes_the_epoch() -> None:
    made = plain(optimizer=hy.SGD(1e200))
    made.engine = "numpy"
    batches = [(X, NUMBERS)] * 5
    with pytest.raises(hy.NonFiniteError, match="training stopped in epoch 1, batch"):
        fit(made, iter(batches), None)
    assert np.isfinite(made.theta).all()

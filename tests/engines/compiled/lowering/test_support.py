"""What has no compiled form runs on the reference, and that is said once."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import hyalite as hy
from hyalite import messages

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled


class Doubling(hy.Layer):
    """A user's own layer."""

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        return 2 * self.receive(x)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return 2 * self.receive_dy(dy)


class OwnLoss(hy.MeanSquaredError):
    """A user's own loss."""


class OwnRule(hy.SGD):
    """A user's own optimizer."""


FOREIGN = {
    "the layer Doubling": ([Doubling()], "mse", "sgd"),
    "the loss OwnLoss": ([], OwnLoss(), "sgd"),
    "the optimizer OwnRule": ([], "mse", OwnRule()),
}


@pytest.mark.parametrize("reason", FOREIGN)
def test_what_is_not_known_runs_on_the_reference_and_says_so_once(
    reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    messages.say_once.cache_clear()
    layers, loss, optimizer = copy.deepcopy(FOREIGN[reason])
    x, y = hy.datasets.sine(8)
    model = hy.Sequential([*layers, hy.Dense(1)])
    model.compile(loss, optimizer)
    model.fit(x, y, verbose=2)
    model.fit(x, y, verbose=2)
    assert caplog.messages == [f"the NumPy engine, since {reason} has no compiled form"]
    model.compile(loss, optimizer, engine="compiled")
    with pytest.raises(ValueError, match=f"engine='compiled' cannot run this model: {reason}"):
        model.fit(x, y, verbose=0)


@pytest.mark.parametrize("layer", [hy.RandomAffine(), hy.GaussianNoise(0.1)], ids=repr)
def test_augmentation_runs_on_the_reference_and_says_so_once(
    layer: hy.Layer, caplog: pytest.LogCaptureFixture
) -> None:
    messages.say_once.cache_clear()
    x, y = np.arange(96, dtype=np.uint8).reshape(6, 4, 4), np.arange(6) % 3
    models = []
    for engine in ("auto", "numpy"):
        model = hy.Sequential([copy.deepcopy(layer), hy.Flatten(), hy.Dense(3, "softmax")])
        model.compile("categorical_crossentropy", engine=engine)
        for _ in range(2):
            model.fit(x, y, seed=3, verbose=2)
        models.append(model)
    kind = type(layer).__name__
    assert caplog.messages == [f"the NumPy engine, since the layer {kind} has no compiled form"]
    assert models[0].theta.tobytes() == models[1].theta.tobytes()
    assert models[0].predict(x).tobytes() == models[1].predict(x).tobytes()
    model.compile("categorical_crossentropy", engine="compiled")
    with pytest.raises(ValueError, match=f"cannot run this model: the layer {kind} has no"):
        model.fit(x, y, verbose=0)

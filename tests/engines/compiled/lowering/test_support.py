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

"""A refused `fit` leaves no trace: all is checked before anything is built, begun or replaced."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite.engines import choice

x, y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20) % 2


class Unfit(hy.Callback):
    """Of another kind than those of the run that is gone on with."""


def broken(shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray:
    raise RuntimeError("no initial values")


def state_of(model: hy.Sequential) -> dict[str, Any]:
    """All that a fit may change."""
    network = model.network
    return {
        "built": network.built,
        "layers built": [layer.built for layer in network.layers],
        "input_shape": network.input_shape,
        "theta": network.ready.theta.tobytes() if network.built else None,
        "history": id(model.history) if hasattr(model, "history") else None,
        "metrics": [copy.deepcopy(vars(metric)) for metric in model.metrics],
        "optimizer": [
            model.optimizer.steps,
            model.optimizer.segments,
            sorted(model.optimizer.slots),
        ],
        "clock": vars(network.clock).copy() if network.built else None,
        "epochs": network.epochs,
    }


def compiled(*layers: hy.Layer, **how: Any) -> hy.Sequential:
    model = hy.Sequential(layers or [hy.Dense(2, "softmax")])
    how = {"loss": "categorical_crossentropy", "metrics": ["accuracy"]} | how
    model.compile(**how)
    return model


class Own(hy.layers.ReLU):
    """A user's layer, which the compiled engine does not know."""

    def forward(self, x, training=False):
        return super().forward(x, training)


REFUSED: dict[str, tuple[Any, dict[str, Any]]] = {
    "epochs": (compiled, {"epochs": 0}),
    "targets": (compiled, {"y": y + 7}),
    "validation data": (compiled, {"validation_data": (x[:, :2], y)}),
    "class weight": (compiled, {"class_weight": {5: 1.0}}),
    "engine": (
        lambda: compiled(hy.Dense(4), Own(), hy.Dense(2, "softmax"), engine="compiled"),
        {},
    ),
    "engine, with factors": (
        lambda: compiled(
            hy.Dense(4),
            Own(),
            hy.Dense(2, "softmax"),
            optimizer=hy.SGD(0.1, learning_rate_factors={"*.b": 2}),
            engine="compiled",
        ),
        {},
    ),
    "factors": (
        lambda: compiled(optimizer=hy.SGD(0.1, learning_rate_factors={"nowhere": 2})),
        {},
    ),
    "metric": (
        lambda: compiled(hy.Dense(1), loss="mse", metrics=["accuracy", hy.metrics.F1()]),
        {"y": y.astype(float)},
    ),
    "second metric": (lambda: compiled(metrics=["accuracy", hy.metrics.R2()]), {}),
    "initializer": (
        lambda: compiled(hy.Dense(3), hy.Dense(2, "softmax", bias_initializer=broken)),
        {},
    ),
}


NEVER_TRAINED = (
    "engine",
    "engine, with factors",
    "factors",
    "metric",
    "second metric",
    "initializer",
)  # refused at every fit
CASES = [(name, trained) for name in REFUSED for trained in (False, True)]


@pytest.mark.parametrize(
    ("name", "trained"), [case for case in CASES if not (case[1] and case[0] in NEVER_TRAINED)]
)
def test_a_refused_fit_leaves_no_trace(name: str, trained: bool) -> None:
    if name.startswith("engine"):
        pytest.importorskip("numba", reason="needs the compiled engine")
    make, given = REFUSED[name]
    model = make()
    if trained:
        model.fit(x, y, seed=3, verbose=0)
    before = state_of(model)
    with pytest.raises((ValueError, RuntimeError)):
        model.fit(**({"x": x, "y": y, "verbose": 0, "seed": 1} | given))
    assert state_of(model) == before


def test_without_its_engine_nothing_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise hy.MissingExtra("the compiled engine needs numba")

    monkeypatch.setattr(choice, "there_is_any", lambda: False)
    monkeypatch.setattr(choice, "require", missing)
    model = compiled(engine="compiled")
    before = state_of(model)
    with pytest.raises(hy.MissingExtra):
        model.fit(x, y, verbose=0)
    assert state_of(model) == before


@pytest.mark.parametrize("change", ["callbacks", "data"])
def test_another_run_than_the_one_in_the_checkpoint(tmp_path: Any, change: str) -> None:
    first = compiled()
    first.fit(x, y, seed=0, verbose=0, checkpoint=hy.Checkpoint(tmp_path))
    model = compiled()
    before = state_of(model)
    more: dict[str, Any] = {"callbacks": [Unfit()]} if change == "callbacks" else {}
    with pytest.raises(ValueError, match=r"other callbacks|another run"):
        model.fit(
            x if change == "callbacks" else x + 1,
            y,
            verbose=0,
            checkpoint=hy.Checkpoint(tmp_path, resume=True),
            **more,
        )
    assert state_of(model) == before
    assert [path.name for path in tmp_path.iterdir()] == ["step-000000001.safetensors"]


def test_after_a_refusal_the_model_trains_as_if_nothing_had_been() -> None:
    model, other = compiled(), compiled()
    with pytest.raises(ValueError, match="batch_size"):
        model.fit(x, y, batch_size=-1)
    with pytest.raises(ValueError, match="labels"):
        model.fit(x, y + 7, seed=9)
    histories = [m.fit(x, y, seed=2, verbose=0) for m in (model, other)]
    assert model.theta.tobytes() == other.theta.tobytes()
    assert histories[0]["loss"] == histories[1]["loss"]

"""The layers for a table, and how fast each of them learns."""

from __future__ import annotations

import math

import numpy as np
import pytest

import hyalite as hy
from hyalite.data.tables.schema import Schema
from hyalite.recipes.tabular.network import decay_factors, layers_for, rate_factors
from hyalite.recipes.tabular.settings import MemberSettings

SETTINGS = MemberSettings(units=16, layers=2)
# places: 0 a number, 1 one of 9 categories, 2 a number, 3 a truth
SCHEMA = Schema((0, 2), (3,), ((1, 9),))


def model(schema: Schema = SCHEMA, outputs: int = 3, **changes: object) -> hy.Sequential:
    made = hy.Sequential(layers_for(schema, outputs, SETTINGS.but(**changes), 0.15))
    made.build(4, seed=0)
    return made


def test_every_input_comes_to_its_layer() -> None:
    made = model()
    kinds = [type(layer).__name__ for layer in made.layers]
    assert kinds == [
        "Embedding", "SmoothClip", "PeriodicEmbedding", "Scale",
        "Dense", "ParametricActivation", "Dropout",
        "Dense", "ParametricActivation", "Dropout", "Dense",
    ]  # fmt: skip
    embedding, clip, waves, scale = made.layers[:4]
    x = np.array([[50.0, 4, -60.0, 1]], np.float32)
    y = embedding.forward(x)
    assert y[0, :3].tolist() == [50, -60, 1], "the embedded ones come last"
    y = clip.forward(y)
    assert abs(y[0, :2]).max() < 3
    assert y[0, 2] == 1, "a truth is not clipped"
    y = waves.forward(y)
    assert y.shape == (1, 1 + 8 + 2 * 4)
    assert scale.forward(y).shape == y.shape
    assert made.predict(x).shape == (1, 3)


def test_what_is_not_there_gets_no_layer() -> None:
    made = model(Schema((), (0, 1, 2, 3), ()), embedding=False, dropout=0.0)
    kinds = {type(layer).__name__ for layer in made.layers}
    assert kinds == {"Scale", "Dense", "ParametricActivation"}
    assert "PeriodicEmbedding" not in str(model(embedding=False).layers)


def test_activations_follow_the_task() -> None:
    def of(outputs: int, **changes: object) -> str:
        layers = model(outputs=outputs, **changes).layers
        return next(type(one.activation).__name__ for one in layers if hasattr(one, "initial"))

    assert (of(3), of(1), of(1, activation="relu")) == ("SELU", "Mish", "ReLU")


def test_rates_are_those_of_the_recipe() -> None:
    made = model()
    optimizer = hy.AdamW(
        0.1,
        weight_decay=0.5,
        learning_rate_factors=rate_factors(made),
        weight_decay_factors=decay_factors(made),
    )
    optimizer.bind(made.network.ready.layout)
    found = {}
    for slot in made.network.ready.layout.slots:
        segment = next(s for s in optimizer.segments if s.start <= slot.offset < s.stop)
        found[slot.name] = (segment.learning_rate, segment.learning_rate * segment.weight_decay)
    width = len(made.layers[4].W)
    assert found["scale.s"] == found["waves.w1"] == found["categories.E"] == (1, 1)
    assert found["hidden_1.W"] == (pytest.approx(1 / math.sqrt(width)), pytest.approx(1))
    assert found["output.W"][0] == pytest.approx(1 / 4)
    assert found["hidden_1.b"] == found["output.b"] == (1, 0)


def test_thousands_of_numbers_have_no_waves() -> None:
    for count, waves in ((1000, True), (1001, False)):
        layers = layers_for(Schema(tuple(range(count)), (), ()), 1, SETTINGS, 0.0)
        assert any(isinstance(layer, hy.PeriodicEmbedding) for layer in layers) == waves

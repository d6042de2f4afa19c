"""The settings of a training and their defaults, and the network that they make."""

from __future__ import annotations

import dataclasses
from typing import get_type_hints

import numpy as np
import pytest

import hyalite as hy
from hyalite.recipes.recipe import Settings

Dataset, Recipe = hy.recipes.Dataset, hy.recipes.Recipe


def points(rows: int, kind: str = "points", classes: tuple[str, ...] = ("a", "b")) -> Dataset:
    x, y = np.zeros((rows, 3), np.float32), np.zeros(rows, np.int64)
    return Dataset("some", kind, x, y, x, y, classes)


@pytest.mark.parametrize(("rows", "epochs"), [(60_000, 5), (10**6, 5), (1_000, 300), (30, 500)])
def test_less_data_gets_more_epochs(rows: int, epochs: int) -> None:
    assert Recipe().epochs_for(points(rows)) == epochs
    assert Recipe(epochs=7).epochs_for(points(rows)) == 7
    assert Recipe(samples_seen=600_000).epochs_for(points(60_000)) == 10


def test_a_table_gets_the_more_l2_the_fewer_rows_it_has() -> None:
    assert Recipe().l2_for(points(1000)) == 0
    assert Recipe().l2_for(points(1000, "rows")) == 0.003
    assert Recipe().l2_for(points(100, "rows")) == 0.01
    assert Recipe(l2=0.5).l2_for(points(100, "rows")) == 0.5


def test_the_settings_by_name_are_those_of_the_recipe() -> None:
    fields = {field.name for field in dataclasses.fields(Recipe)}
    assert get_type_hints(Settings) == get_type_hints(Recipe)
    assert set(Settings.__annotations__) == fields


def test_every_setting_reaches_the_model() -> None:
    recipe = Recipe(
        layers=[5, 4],
        activation="tanh",
        optimizer="sgd",
        learning_rate=0.25,
        epochs=2,
        batch_size=100,
        dropout=0.5,
        l1=1e-4,
        l2=1e-3,
        engine="numpy",
    )
    model = recipe.model(points(300))
    assert [type(layer).__name__ for layer in model.layers] == [
        "Dense", "Dropout", "Dense", "Dropout", "Dense",
    ]  # fmt: skip
    dense = [layer for layer in model.layers if isinstance(layer, hy.Dense)]
    assert [layer.units for layer in dense] == [5, 4, 2]
    assert [(layer.l1, layer.l2) for layer in dense] == [(1e-4, 1e-3)] * 3
    assert isinstance(model.optimizer, hy.SGD)
    assert (model.optimizer.learning_rate.learning_rate, model.engine) == (0.25, "numpy")
    assert model.optimizer.learning_rate.steps == 6
    assert model.metadata["classes"] == ["a", "b"]


def pictures(*shape: int) -> Dataset:
    x, y = np.zeros((10, *shape), np.uint8), np.zeros(10, np.int64)
    return Dataset("some", "images", x, y, x, y, ("a", "b"))


def test_layers_over_pictures_are_as_they_are_written() -> None:
    words = "conv5x4s2same,pool3s1,conv6,gap,7"
    recipe = Recipe(layers=words, activation="tanh", dropout=0.25, l2=1e-3, engine="numpy")
    model = recipe.model(pictures(28, 20, 3))
    assert repr(model.layers) == repr(
        [
            hy.Rescaling(1 / 255),
            hy.Conv2D(5, 4, 2, "same", "tanh", initializer="glorot_uniform", l2=1e-3),
            hy.MaxPooling2D(3, 1),
            hy.Conv2D(6, 3, activation="tanh", initializer="glorot_uniform", l2=1e-3),
            hy.GlobalAveragePooling2D(),
            hy.Dense(7, "tanh", initializer="glorot_uniform", l2=1e-3),
            hy.Dropout(0.25),
            hy.Dense(2, "softmax", l2=1e-3),
        ]
    )
    same = Recipe(layers=("conv5x4s2same", "pool3s1", "conv6", "gap", 7))
    assert same.hidden_layers == recipe.hidden_layers


@pytest.mark.parametrize(
    ("layers", "behind"),
    [
        ("pool,7", ["Flatten", "Dense", "Dropout", "Dense"]),
        ("pool", ["Flatten", "Dropout", "Dense"]),
        ("pool,gap", ["GlobalAveragePooling2D", "Dropout", "Dense"]),
    ],
)
def test_pictures_are_flattened_once_and_dropout_stands_behind(
    layers: str, behind: list[str]
) -> None:
    model = Recipe(layers=layers, dropout=0.1).model(pictures(8, 8))
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Rescaling", "MaxPooling2D", *behind]


@pytest.mark.parametrize(
    ("layers", "size", "what", "fitting"),
    [
        (
            "conv32,pool,conv64,pool,128",
            (8, 8),
            "'pool' in place 4 takes 2 x 2 pixels, and 1 x 1 are left for it",
            "conv32same,pool,conv64same,pool,128",
        ),
        ("conv8x5", (9, 4), "'conv8x5' in place 1 takes 5 x 5 pixels, and 9 x 4 ", "conv8x5same"),
        (
            ("pool", "pool3s1", "gap"),
            (5, 5),
            "place 2 takes 3 x 3 pixels, and 2 x 2 are",
            "poolsame,pool3s1same,gap",
        ),
        ("conv4,pool,pool,pool", (4, 4), "place 3", "conv4same,poolsame,poolsame,poolsame"),
    ],
)
def test_images_that_are_too_small_are_told_of_layers_that_fit(
    layers, size: tuple[int, int], what: str, fitting: str
) -> None:
    with pytest.raises(ValueError, match="images of") as error:
        Recipe(layers=layers).model(pictures(*size))
    text = str(error.value)
    assert text.startswith(f"images of {size[0]} x {size[1]} are too small for layers='")
    assert what in text
    assert f"give layers={fitting!r}" in text
    assert Recipe(layers=fitting).model(pictures(*size)).network.output_shape == (2,)


@pytest.mark.parametrize(
    ("layers", "smallest"),
    [
        ("conv3,pool,conv4,pool,5", 10),
        ("conv2x4s3,pool3s2,gap", 10),
        ("conv2s2same,pool3same,4", 1),
    ],
)
def test_no_other_images_are_refused(layers: str, smallest: int) -> None:
    recipe = Recipe(layers=layers)
    for side in range(1, smallest):
        with pytest.raises(ValueError, match="are too small for layers="):
            recipe.model(pictures(20, side))
    assert recipe.model(pictures(20, smallest)).network.output_shape == (2,)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizer": "adamm"}, "optimizer 'adamm' is unknown. Did you mean 'adam'?"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1, got 0"),
        ({"batch_size": 2.5}, "batch_size must be a whole number"),
        ({"seed": -1}, "seed must be an integer from 0"),
        ({"layers": 64}, r"got 64; write layers=(64, 64)"),
        ({"layers": (0,)}, "units of '0' must be a whole number from 1"),
        ({"layers": "conv8,16"}, "layers='conv8,16' has layers for images; some has none"),
        ({"samples_seen": 0}, "samples_seen must be a whole number of at least 1"),
        ({"augment": True}, "augment=True is for images; some has none"),
        ({"engine": "gpu"}, "engine must be one of"),
    ],
)
def test_what_is_refused(settings, message) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011  # the text is compared below
        Recipe(**settings).model(points(10))
    assert message in str(error.value)


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'epoch'"):
        hy.recipes.fit_dataset("spiral", epoch=3)

"""The networks that have a name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.recipes.pictures import CONVOLUTIONAL, recipe_for

Recipe = hy.recipes.Recipe


def test_what_is_given_counts_before_the_networks_own() -> None:
    assert recipe_for("dense", {"epochs": 3}) == Recipe(epochs=3)
    assert recipe_for("conv", {}) == Recipe(**CONVOLUTIONAL)
    assert recipe_for("conv", {"dropout": 0.0, "augment": False}) == Recipe(
        **(CONVOLUTIONAL | {"dropout": 0.0, "augment": False})
    )
    assert CONVOLUTIONAL["augment"] is True


def test_the_network_of_pictures_takes_digits() -> None:
    x, y = np.zeros((600, 28, 28), np.uint8), np.zeros(600, np.int64)
    digits = hy.recipes.Dataset("digits", "images", x, y, x, y, ("a", "b"))
    recipe = recipe_for("conv", {"engine": "numpy"})
    kinds = [type(layer).__name__ for layer in recipe.model(digits).layers]
    assert kinds == [
        "RandomAffine", "Rescaling", "Conv2D", "MaxPooling2D", "Conv2D", "MaxPooling2D", "Flatten",
        "Dense", "Dropout", "Dense",
    ]  # fmt: skip


def test_a_learning_rate_is_for_its_optimizer() -> None:
    own = CONVOLUTIONAL["learning_rate"]
    assert recipe_for("conv", {"optimizer": "adam"}).peak_learning_rate == own
    sgd = Recipe(optimizer="sgd").peak_learning_rate
    assert recipe_for("conv", {"optimizer": "sgd"}).peak_learning_rate == sgd
    assert recipe_for("conv", {"optimizer": "sgd", "learning_rate": 0.1}).learning_rate == 0.1


def test_an_unknown_network() -> None:
    with pytest.raises(ValueError, match=r"'konv' is unknown\. Did you mean 'conv'.*: dense, conv"):
        recipe_for("konv", {})


def test_pictures_in_one_line(pictures: Path) -> None:
    trained = hy.recipes.fit_images(
        pictures, network="conv", layers="conv8,pool,16", epochs=20, engine="numpy", verbose=0
    )
    assert [type(layer).__name__ for layer in trained.model.layers[:3]] == [
        "RandomAffine", "Rescaling", "Conv2D",
    ]  # fmt: skip
    assert trained.predict([pictures / "tall/00.png"]).tolist() == ["tall"]

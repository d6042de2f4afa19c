"""The networks that a recipe makes, one function each: from a dataset to layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyalite.layers import Dense, Dropout, Embedding, Flatten, Layer, RandomAffine, Rescaling
from hyalite.recipes.dataset import Dataset
from hyalite.recipes.tables import TableDataset

if TYPE_CHECKING:
    from hyalite.recipes.recipe import Recipe

# He's initial values are for these; LeCun's for selu, Glorot's for the others.
RECTIFIERS = ("relu", "leaky_relu", "gelu", "mish", "silu", "swish")


def dense_network(recipe: Recipe, dataset: Dataset) -> list[Layer]:
    """Dense layers over all inputs, each with an activation and, if wanted, dropout.

    The last one has an output for each class, or one for a number.

    Raises:
        ValueError: augmentation of what is no image.
    """
    # smooth for a smooth curve: the sine is met four times closer than with relu
    activation = recipe.activation or ("gelu" if dataset.kind == "curve" else "relu")
    initializer = "he_normal" if activation in RECTIFIERS else "glorot_uniform"
    if activation == "selu":
        initializer = "lecun_normal"
    penalties: Any = {"l1": recipe.l1, "l2": recipe.l2_for(dataset)}
    layers: list[Layer] = []
    if recipe.augment:
        if dataset.kind != "images":
            raise ValueError(f"augment=True is for images; {dataset.name} has none")
        layers.append(RandomAffine())
    if dataset.kind == "images":
        layers += [Flatten(), Rescaling(1 / 255)]  # so the model takes raw pictures
    if isinstance(dataset, TableDataset) and dataset.preparation.embedded:
        layers.append(Embedding(dataset.preparation.embedded))
    for units in recipe.layers:
        layers.append(Dense(units, activation, initializer=initializer, **penalties))
        if recipe.dropout:
            layers.append(Dropout(recipe.dropout))
    if dataset.classes:
        layers.append(Dense(len(dataset.classes), "softmax", **penalties))
    else:
        layers.append(Dense(1, **penalties))
    return layers

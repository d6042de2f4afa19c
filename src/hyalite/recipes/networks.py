"""The network that a recipe makes for a dataset: its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyalite.layers import (
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
    RandomAffine,
    Rescaling,
)
from hyalite.layers.windows import Pair, along
from hyalite.recipes.dataset import Dataset, size_text
from hyalite.recipes.layer_words import Convolution, GlobalAverage, HiddenLayers, Pooling
from hyalite.recipes.tables import TableDataset

if TYPE_CHECKING:
    from hyalite.recipes.recipe import Recipe

# He's initial values are for these; LeCun's for selu, Glorot's for the others.
RECTIFIERS = ("relu", "leaky_relu", "gelu", "mish", "silu", "swish")


def layers_for(recipe: Recipe, dataset: Dataset) -> list[Layer]:
    """Layers over pictures, where the recipe has some, and dense ones with, if wanted, dropout.

    The last one has an output for each class, or one for a number.

    Raises:
        ValueError: augmentation, or layers over pictures, of what is no image; or images that are
            too small for them.
    """
    # smooth for a smooth curve: the sine is met four times closer than with relu
    activation = recipe.activation or ("gelu" if dataset.kind == "curve" else "relu")
    initializer = "he_normal" if activation in RECTIFIERS else "glorot_uniform"
    if activation == "selu":
        initializer = "lecun_normal"
    penalties: Any = {"l1": recipe.l1, "l2": recipe.l2_for(dataset)}
    hidden: Any = {"activation": activation, "initializer": initializer, **penalties}
    words = recipe.hidden_layers
    layers: list[Layer] = []
    if dataset.kind != "images":
        if words.pictures:
            raise ValueError(
                f"layers={recipe.layers!r} has layers for images; {dataset.name} has none: give "
                "units alone, such as 64,64"
            )
        if recipe.augment:
            raise ValueError(f"augment=True is for images; {dataset.name} has none")
    else:
        _check_size(words, dataset.x.shape[1:3])
    if recipe.augment:
        layers.append(RandomAffine())
    if words.pictures:
        layers.append(Rescaling(1 / 255))  # so the model takes raw pictures
        for part in words.pictures:
            if isinstance(part, Convolution):
                layers.append(Conv2D(*part, **hidden))
            elif isinstance(part, Pooling):
                layers.append(MaxPooling2D(*part))
            else:
                layers.append(GlobalAveragePooling2D())
        if not words.averaged:
            layers.append(Flatten())
    elif dataset.kind == "images":
        layers += [Flatten(), Rescaling(1 / 255)]
    if isinstance(dataset, TableDataset) and dataset.preparation.embedded:
        layers.append(Embedding(dataset.preparation.embedded))
    for units in words.units:
        layers.append(Dense(units, **hidden))
        if recipe.dropout:
            layers.append(Dropout(recipe.dropout))
    if recipe.dropout and words.pictures and not words.units:
        layers.append(Dropout(recipe.dropout))
    if dataset.classes:
        layers.append(Dense(len(dataset.classes), "softmax", **penalties))
    else:
        layers.append(Dense(1, **penalties))
    return layers


def _check_size(words: HiddenLayers, size: Pair) -> None:
    """Refuse images that are too small for the layers over them, with layers that fit."""
    found = _too_large(words, size)
    if found is None:
        return
    place, window, left = found
    fitting = _bordered(words, Convolution)
    if _too_large(fitting, size):
        fitting = _bordered(words, Convolution, Pooling)
    raise ValueError(
        f"images of {size_text(size)} are too small for layers={str(words)!r}: "
        f"{str(words.pictures[place])!r} in place {place + 1} takes {window} x {window} pixels, "
        f"and {size_text(left)} are left for it; give layers={str(fitting)!r}, with borders"
    )


def _too_large(words: HiddenLayers, size: Pair) -> tuple[int, int, Pair] | None:
    """The place of the first layer whose windows do not fit, their size, and that of its input."""
    for place, part in enumerate(words.pictures):
        if isinstance(part, GlobalAverage):
            break
        window = part.kernel if isinstance(part, Convolution) else part.size
        strides = part.strides or window
        rows, columns = (along(length, window, strides, part.padding)[1] for length in size)
        if min(rows, columns) < 1:
            return place, window, size
        size = rows, columns
    return None


def _bordered(words: HiddenLayers, *kinds: type[Convolution | Pooling]) -> HiddenLayers:
    """The same with the border "same" for layers of these kinds."""
    pictures = (
        part._replace(padding="same") if isinstance(part, kinds) else part
        for part in words.pictures
    )
    return words._replace(pictures=tuple(pictures))

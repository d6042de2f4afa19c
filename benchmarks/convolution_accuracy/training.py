"""A network that is ready to be trained, and what is told of it in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import hyalite as hy
from hyalite.layers import Layer
from hyalite.recipes.dataset import Dataset
from hyalite.recipes.pictures import recipe_for


class Training(NamedTuple):
    """A compiled model, and for how long it is trained by batches of which size."""

    model: hy.Sequential
    epochs: int
    batch_size: int

    @property
    def setting(self) -> str:
        """All that the figures depend on, but data and seed."""
        model = self.model
        layers = ", ".join(map(repr, model.layers))
        return f"{layers}; {model.loss!r}, {model.optimizer!r}, {self.batch_size}, {self.epochs}"

    @property
    def network(self) -> str:
        """The layers in words."""
        return ", ".join(filter(None, map(word, self.model.layers)))

    @property
    def recipe(self) -> str:
        """How it is trained, in words."""
        rate = self.model.optimizer.learning_rate
        assert isinstance(rate, hy.CosineDecay)
        epochs = f"{self.epochs} epochs" if self.epochs > 1 else "1 epoch"
        decay = getattr(self.model.optimizer, "weight_decay", 0)
        name = type(self.model.optimizer).__name__ + (f" (weight decay {decay:g})" if decay else "")
        smoothing = getattr(self.model.loss, "label_smoothing", 0)
        return (
            f"{epochs}, batches of {self.batch_size}, {name}, "
            f"learning rate up to {rate.learning_rate:g} and along a cosine back to 0"
            + (f", label smoothing {smoothing:g}" if smoothing else "")
        )


Maker = Callable[[Dataset, int], Training]  # from the data and a seed


def own(
    layers: Callable[[], list[Layer]],
    *,
    rate: float,
    epochs: int,
    batch_size: int = 100,
    weight_decay: float = 0.0,
    label_smoothing: float = 0.0,
) -> Maker:
    """Adam, whose rate warms up in a tenth of the steps and falls along a cosine.

    Args:
        layers: makes all but the last one.
        rate: the highest learning rate.
        epochs: passes over the data.
        batch_size: samples a step.
        weight_decay: of AdamW, times the learning rate of the step; 0 is Adam.
        label_smoothing: share of a target that goes to all classes alike.
    """

    def make(dataset: Dataset, seed: int) -> Training:
        model = hy.Sequential([*layers(), hy.Dense(len(dataset.classes), "softmax")])
        model.build(dataset.x.shape[1:], seed)
        steps = -(-len(dataset.x) // batch_size) * epochs
        schedule = hy.CosineDecay(rate, steps, warmup=steps // 10)
        optimizer = hy.AdamW(schedule, weight_decay) if weight_decay else hy.Adam(schedule)
        loss = hy.CategoricalCrossentropy(label_smoothing=label_smoothing)
        model.compile(loss, optimizer, ["accuracy"])
        return Training(model, epochs, batch_size)

    return make


def named(network: str) -> Maker:
    """As ``hyalite train --network`` has it."""

    def make(dataset: Dataset, seed: int) -> Training:
        recipe = recipe_for(network, {"seed": seed})
        return Training(recipe.model(dataset), recipe.epochs_for(dataset), recipe.batch_size)

    return make


def word(layer: Layer) -> str:
    """A layer as ``--layers`` has it, or nothing where it has no settings that matter."""
    match layer:
        case hy.Conv2D():
            rows, _ = layer.kernel_size
            size = f"x{rows}" if rows != 3 else ""
            border = {"valid": "", "same": "same"}.get(
                str(layer.padding), f" with border {layer.padding}"
            )
            return f"conv{layer.filters}{size}{border}"
        case hy.MaxPooling2D():
            return "pool"
        case hy.GlobalAveragePooling2D():
            return "gap"
        case hy.BatchNormalization():
            return "batch normalization"
        case hy.Dense():
            return str(layer.units)
        case hy.Dropout():
            return f"dropout {layer.rate}"
        case hy.RandomAffine() | hy.RandomFlip():
            return f"`{layer!r}`"
    return ""

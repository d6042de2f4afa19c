"""How a network is trained on a dataset: its settings, and their defaults, as measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypedDict

from hyalite import checks
from hyalite.config import nearest
from hyalite.model import Sequential
from hyalite.optimizers import OPTIMIZERS
from hyalite.random import check_seed
from hyalite.recipes.dataset import Dataset
from hyalite.recipes.layer_words import HiddenLayers, parse
from hyalite.recipes.networks import layers_for
from hyalite.schedules import CosineDecay

# Chosen for 784-64-64-10 and batches of 32 on 10,000 images held back from MNIST's training
# images; of two peaks for adam and rmsprop, three for adagrad, four for sgd; adamw has adam's. A
# first look at adam's range, of eight settings, was scored on the test images, the choice was not.
PEAK_LEARNING_RATES = {"adam": 0.005, "adamw": 0.005, "rmsprop": 0.005, "adagrad": 0.1, "sgd": 0.3}
WARM_UP_DIVISOR = 10  # one step in so many
SAMPLES_SEEN = 300_000  # over all epochs, where the user sets none: 5 epochs of MNIST
FEWEST_EPOCHS, MOST_EPOCHS = 5, 500
# λ of L2 for a table of n rows is c/n, at most 0.01. Of c = 1, 3, 10, fixed λ from 0.0001 to 0.01,
# dropout and early stopping it was the best over seven tables of 150 to 4,000 rows: decisions.md.
L2_OF_ROWS, MOST_L2 = 3.0, 0.01


class Settings(TypedDict, total=False):
    """The arguments of `Recipe`, as the functions that train take them by name."""

    layers: str | tuple[int | str, ...] | list[int | str]
    activation: str | None
    optimizer: str
    learning_rate: float | None
    epochs: int | None
    samples_seen: int
    batch_size: int
    dropout: float
    augment: bool
    l1: float
    l2: float | None
    seed: int
    engine: str


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The settings of a training; None where the data or another setting decides.

    Args:
        layers: units of the hidden layers; of pictures also words, ``"conv32,pool,64"`` or
            ``("conv32", "pool", 64)``: filters (of 3 by 3 pixels, ``conv32x5`` of 5 by 5,
            ``conv32s2`` with strides of 2, ``conv32same`` with a border that keeps the size),
            ``pool`` for the maximum of 2 by 2 pixels (``pool3`` of 3 by 3), ``gap`` for the mean
            of each channel.
        activation: of the hidden layers; by default "relu", and "gelu" for a curve.
        optimizer: "adam", "adamw", "sgd", "rmsprop" or "adagrad".
        learning_rate: the highest: the rate warms up to it and falls to 0 along a cosine. By
            default 0.005, 0.3 for sgd, 0.1 for adagrad.
        epochs: passes over the data; by default the more the less data there is.
        samples_seen: in all epochs together, where their number is not set: 5 to 500 epochs.
        batch_size: samples a step.
        dropout: share of the units of each hidden dense layer that are dropped; where layers over
            pictures have none behind them, of what they give.
        augment: shift and turn each image, anew in each epoch.
        l1, l2: penalties λ·Σ|w| and λ·Σw² on weights and biases; l2 is 0 by default, for a table
            of n rows 3/n.
        seed: of the cut, the initial weights, the order, dropout: the same seed gives the same
            model.
        engine: "auto", "numpy" or "compiled", as for `Sequential.compile`.

    Raises:
        ValueError: an unknown optimizer, or a number out of range.

    Examples:
        >>> recipe = hy.recipes.Recipe(layers=(16,), epochs=20)
        >>> recipe.peak_learning_rate, recipe.batch_size
        (0.005, 32)
    """

    layers: str | tuple[int | str, ...] | list[int | str] = (64, 64)
    activation: str | None = None
    optimizer: str = "adam"
    learning_rate: float | None = None
    epochs: int | None = None
    samples_seen: int = SAMPLES_SEEN
    batch_size: int = 32
    dropout: float = 0.0
    augment: bool = False
    l1: float = 0.0
    l2: float | None = None
    seed: int = 0
    engine: str = "auto"

    def __post_init__(self) -> None:
        _ = self.hidden_layers
        if self.optimizer not in PEAK_LEARNING_RATES:
            raise ValueError(
                f"optimizer {self.optimizer!r} is unknown. "
                f"{nearest(str(self.optimizer), OPTIMIZERS)}Known: {', '.join(OPTIMIZERS)}"
            )
        if self.epochs is not None:
            checks.integer(self.epochs, "epochs")
        checks.integer(self.samples_seen, "samples_seen")
        checks.integer(self.batch_size, "batch_size")
        check_seed(self.seed)

    @cached_property
    def hidden_layers(self) -> HiddenLayers:
        """What `layers` says."""
        return parse(self.layers)

    @property
    def convolutional(self) -> bool:
        """Whether there are layers over pictures."""
        return bool(self.hidden_layers.pictures)

    def epochs_for(self, dataset: Dataset) -> int:
        """As set, or the more the less data there is."""
        if self.epochs is not None:
            return self.epochs
        return max(FEWEST_EPOCHS, min(MOST_EPOCHS, self.samples_seen // dataset.rows))

    @property
    def peak_learning_rate(self) -> float:
        """As set, or that of the optimizer."""
        if self.learning_rate is not None:
            return self.learning_rate
        return PEAK_LEARNING_RATES[self.optimizer]

    def l2_for(self, dataset: Dataset) -> float:
        """As set, or for a table the more the fewer rows there are."""
        if self.l2 is not None:
            return self.l2
        return min(MOST_L2, L2_OF_ROWS / dataset.rows) if dataset.kind == "rows" else 0.0

    def model(self, dataset: Dataset) -> Sequential:
        """The network for the data, built and compiled.

        Raises:
            ValueError: a setting that is out of range, or not for such data.
        """
        model = Sequential(layers_for(self, dataset))
        model.build(dataset.x.shape[1:], self.seed)
        batches = -(-dataset.rows // self.batch_size)
        steps = batches * self.epochs_for(dataset)
        schedule = CosineDecay(self.peak_learning_rate, steps, warmup=steps // WARM_UP_DIVISOR)
        optimizer = OPTIMIZERS[self.optimizer](schedule)
        if dataset.classes:
            loss, metrics = "categorical_crossentropy", ["accuracy"]
        else:
            loss, metrics = "mean_squared_error", ["mean_absolute_error"]
        model.compile(loss, optimizer, metrics, engine=self.engine)
        model.metadata = {"data": dataset.name, "kind": dataset.kind, "part": dataset.part}
        if dataset.classes:
            model.metadata["classes"] = list(dataset.classes)
        return model

    def describe(self, dataset: Dataset) -> str:
        """One line about how it will be trained."""
        epochs, l2 = self.epochs_for(dataset), self.l2_for(dataset)
        penalty = f"L2 {l2:.2g}, " if self.l2 is None and l2 else ""
        return (
            f"{self.optimizer}, learning rate up to {self.peak_learning_rate:g} and back to 0, "
            f"{epochs} epoch{'s' * (epochs > 1)}, batches of {self.batch_size}, "
            f"{penalty}seed {self.seed}"
        )

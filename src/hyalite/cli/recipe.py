"""How the command line trains: the network, its settings, and the defaults, as measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hyalite.cli.tables import TableTask
from hyalite.cli.tasks import Task
from hyalite.layers import Dense, Dropout, Embedding, Flatten, Layer, RandomAffine, Rescaling
from hyalite.model import Sequential
from hyalite.optimizers import OPTIMIZERS
from hyalite.schedules import CosineDecay

# Chosen for 784-64-64-10 and batches of 32 on 10,000 images held back from MNIST's training
# images; of two peaks for adam and rmsprop, three for adagrad, four for sgd; adamw has adam's. A
# first look at adam's range, of eight settings, was scored on the test images, the choice was not.
PEAK_LEARNING_RATES = {"adam": 0.005, "adamw": 0.005, "rmsprop": 0.005, "adagrad": 0.1, "sgd": 0.3}
WARM_UP = 10  # one step in so many
SAMPLES_SEEN = 300_000  # over all epochs, where the user sets none: 5 epochs of MNIST
FEWEST_EPOCHS, MOST_EPOCHS = 5, 500
# λ of L2 for a table of n rows is c/n, at most 0.01. Of c = 1, 3, 10, fixed λ from 0.0001 to 0.01,
# dropout and early stopping it was the best over seven tables of 150 to 4,000 rows: decisions.md.
L2_OF_ROWS, MOST_L2 = 3.0, 0.01
# He's initial values are for these; Glorot's for the others.
RECTIFIERS = ("relu", "leaky_relu", "gelu")


@dataclass(frozen=True)
class Recipe:
    """All settings of a training; None where the data or another setting decides."""

    layers: tuple[int, ...]
    activation: str | None
    optimizer: str
    learning_rate: float | None
    epochs: int | None
    batch_size: int
    dropout: float
    l1: float
    l2: float | None
    seed: int
    augment: bool = False

    def epochs_for(self, task: Task) -> int:
        """As set, or the more the less data there is."""
        if self.epochs is not None:
            return self.epochs
        return max(FEWEST_EPOCHS, min(MOST_EPOCHS, SAMPLES_SEEN // len(task.x)))

    def peak(self) -> float:
        """The highest learning rate."""
        if self.learning_rate is not None:
            return self.learning_rate
        return PEAK_LEARNING_RATES[self.optimizer]

    def l2_for(self, task: Task) -> float:
        """As set, or for a table the more the fewer rows there are."""
        if self.l2 is not None:
            return self.l2
        return min(MOST_L2, L2_OF_ROWS / len(task.x)) if task.kind == "rows" else 0.0

    def model(self, task: Task) -> Sequential:
        """The network for the data, built and compiled."""
        # smooth for a smooth curve: the sine is met four times closer than with relu
        activation = self.activation or ("gelu" if task.kind == "curve" else "relu")
        initializer = "he_normal" if activation in RECTIFIERS else "glorot_uniform"
        penalties: Any = {"l1": self.l1, "l2": self.l2_for(task)}
        layers: list[Layer] = []
        if self.augment:
            if task.kind != "images":
                raise ValueError(f"--augment is for images; {task.name} has none")
            layers.append(RandomAffine())
        if task.kind == "images":
            layers += [Flatten(), Rescaling(1 / 255)]  # so the model takes raw pictures
        if isinstance(task, TableTask) and task.preparation.embedded:
            layers.append(Embedding(task.preparation.embedded))
        for units in self.layers:
            layers.append(Dense(units, activation, initializer=initializer, **penalties))
            if self.dropout:
                layers.append(Dropout(self.dropout))
        if not task.classes:
            layers.append(Dense(1, **penalties))
            loss, metrics = "mean_squared_error", ["mean_absolute_error"]
        else:
            layers.append(Dense(len(task.classes), "softmax", **penalties))
            loss, metrics = "categorical_crossentropy", ["accuracy"]
        model = Sequential(layers)
        model.build(task.x.shape[1:], self.seed)
        batches = -(-len(task.x) // self.batch_size)
        steps = batches * self.epochs_for(task)
        schedule = CosineDecay(self.peak(), steps, warmup=steps // WARM_UP)
        model.compile(loss, OPTIMIZERS[self.optimizer](schedule), metrics)
        model.metadata = {"data": task.name, "kind": task.kind, "part": task.part}
        if task.classes:
            model.metadata["classes"] = list(task.classes)
        return model

    def describe(self, task: Task) -> str:
        """One line about how it will be trained."""
        epochs, l2 = self.epochs_for(task), self.l2_for(task)
        penalty = f"L2 {l2:.2g}, " if self.l2 is None and l2 else ""
        return (
            f"{self.optimizer}, learning rate up to {self.peak():g} and back to 0, "
            f"{epochs} epoch{'s' * (epochs > 1)}, batches of {self.batch_size}, "
            f"{penalty}seed {self.seed}"
        )

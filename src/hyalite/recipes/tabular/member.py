"""One training: a network with its settings on some rows, its best epoch by some others."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hyalite.data.block_samples import RowSource
from hyalite.data.tables.schema import Schema
from hyalite.data_dependent import initialize_from_data
from hyalite.errors import NonFiniteError
from hyalite.losses import CategoricalCrossentropy, Loss, MeanSquaredError
from hyalite.model import Sequential
from hyalite.optimizers import AdamW
from hyalite.parameters import Array, Backup
from hyalite.random import sample_stream
from hyalite.recipes.tabular.network import decay_factors, layers_for, rate_factors
from hyalite.recipes.tabular.problem import Problem
from hyalite.recipes.tabular.settings import MemberSettings
from hyalite.recipes.tabular.target import TargetScale
from hyalite.schedules import FlatCosine, LogCosineCycles
from hyalite.training.callbacks import Callback, Trainable

# Epochs beyond twice the best. Numbers are trained with large steps and get better late: Boston's
# out-of-fold error was 0.37 of the deviation with 10, 0.29 with 40. Classes are best early.
CLASSES_PATIENCE, NUMBERS_PATIENCE = 10, 40
SMOOTHING = 0.1
OTHERS = 0.02  # share of the rows whose category is taken for one that is not known
CLASSES_RATE, NUMBERS_RATE = 0.04, 0.2  # learning rates of the recipe; see `network`


@dataclass
class Member:
    """A trained network (or linear model) of a table.

    Attributes:
        model: it gives logits (n, classes), or one number (n, 1).
        target: what brings the number into the target's unit; None where there are classes.
    """

    model: Sequential
    target: TargetScale | None = None

    def answers(self, x: Array) -> Array:
        """Probabilities (n, classes), or numbers (n,) in the target's unit, float64."""
        outputs = self.model.predict(x)
        if self.target is not None:
            return self.target.decode(outputs[:, 0])
        return softmax(outputs)


def softmax(logits: Array) -> Array:
    """Probabilities (n, classes), float64, of logits."""
    found = logits.astype(np.float64)
    powers = np.exp(found - found.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


class BestEpoch(Callback):
    """Keeps the weights of the epoch with the lowest figure, of equal ones the last.

    Training ends where it has not got better for as many epochs as the best one has before it, and
    some: there are four cycles of the rate, each twice as long as the one before.

    Args:
        monitor: name of the figure.
        patience: training ends after epoch 2·best + so many.
        deadline: of `time.monotonic`, after which training ends with the epoch; None for none.
        stopped: whether others want training to end.
    """

    def __init__(
        self,
        monitor: str,
        patience: int = NUMBERS_PATIENCE,
        deadline: float | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.monitor, self.patience = monitor, patience
        self.deadline, self.stopped = deadline, stopped
        self.best, self.epoch = math.inf, 0
        self.kept: Backup | None = None

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        value = figures[self.monitor]
        if self.monitor.endswith("accuracy"):
            value = -value
        if math.isfinite(value) and value <= self.best:
            self.best, self.epoch, self.kept = value, epoch, model.network.ready.backup()
        late = self.deadline is not None and time.monotonic() > self.deadline
        out_of_patience = epoch > 2 * self.epoch + self.patience
        if late or out_of_patience or self.stopped():
            model.stop_training = True

    def on_train_end(self, model: Trainable) -> None:
        if self.kept is not None and model.network.built:
            model.network.ready.restore(self.kept)
            model.history.best_epoch = self.epoch


def batch_size_for(rows: int) -> int:
    """Samples a step: 64 up to 1,024 rows, 128 up to 8,192, 256 up to 30,000, 512 up to 100,000,
    else 1,024; somewhat more or less, so that all batches of an epoch are about as large.
    """
    ends = ((1024, 64), (8192, 128), (30_000, 256), (100_000, 512))
    wanted = next((size for end, size in ends if rows <= end), 1024)
    return -(-rows // max(1, round(rows / wanted)))


def make_network(
    problem: Problem, rows: Array, settings: MemberSettings, steps: int, seed: int, engine: str
) -> Sequential:
    """The network of one training, built, compiled, and started by the rows' data."""
    flat = FlatCosine(settings.dropout, steps)
    layers = layers_for(problem.schema, problem.classes or 1, settings, flat)
    model = Sequential(layers)
    model.build(problem.x.shape[1], seed)
    initialize_from_data(model, problem.x[rows], seed=seed)
    peak = settings.learning_rate or (CLASSES_RATE if problem.classes else NUMBERS_RATE)
    optimizer = AdamW(
        LogCosineCycles(peak, steps),
        settings.weight_decay,
        beta_2=settings.beta_2,
        epsilon=1e-8,
        learning_rate_factors=rate_factors(model),
        weight_decay_factors=decay_factors(model),
    )
    accuracy = problem.metric == "accuracy"
    if problem.classes:
        # smoothed labels serve the share that is right, and spoil the probabilities
        loss: Loss = CategoricalCrossentropy(SMOOTHING if accuracy else 0.0, from_logits=True)
    else:
        loss = MeanSquaredError()
    metrics = ["accuracy"] if accuracy and problem.classes else []
    model.compile(loss, optimizer, metrics, engine=engine)
    return model


def with_others(x: Array, schema: Schema, seed: int) -> Array:
    """x (n, features) in which every embedded column has some "(other)", number 0.

    What training never saw is answered by that row of the embedding, so it must be trained, too:
    where no row has a rare value, one in fifty is taken for one.
    """
    for place, _ in schema.categories:
        if (x[:, place] != 0).all():
            drawn = sample_stream(seed, place).permutation(len(x))
            x[drawn[: max(1, round(OTHERS * len(x)))], place] = 0
    return x


class _Encoded:
    """Rows of a source with the target in the form that a network is trained to give."""

    def __init__(self, source: RowSource, target: TargetScale | None) -> None:
        self.source, self.target = source, target
        self.class_counts = getattr(source, "class_counts", None)

    def __len__(self) -> int:
        return len(self.source)

    def block(self, start: int, stop: int) -> tuple[Array, Array]:
        x, y = self.source.block(start, stop)
        return x, y if self.target is None else self.target.encode(y)


def train_member(
    problem: Problem,
    rows: Array,
    kept: Array,
    settings: MemberSettings,
    *,
    epochs: int,
    seed: int,
    engine: str = "auto",
    deadline: float | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Member | None:
    """Train on some rows; the epoch is chosen by those that are kept back.

    Args:
        problem: the table.
        rows: to train on.
        kept: to choose the epoch by.
        settings: of the network.
        epochs: passes over the rows at most; see `BestEpoch`.
        seed: of initial weights, order and dropout.
        engine: as for `Sequential.compile`.
        deadline: of `time.monotonic`, after which training ends; None for none.
        stopped: whether others want it to end.

    Returns:
        the member, or None where training diverged before any epoch was finished.
    """
    target, y = None, problem.y
    if not problem.classes:
        target = TargetScale.learn(problem.y[rows], problem.weights(rows), settings.log)
        y = target.encode(problem.y)
    count = len(rows) if problem.source is None else len(problem.source)
    size = batch_size_for(count)
    steps = epochs * -(-count // size)
    model = make_network(problem, rows, settings, steps, seed, engine)
    monitor = f"val_{model.metrics[0].name}" if model.metrics else "val_loss"
    patience = CLASSES_PATIENCE if problem.classes else NUMBERS_PATIENCE
    best = BestEpoch(monitor, patience, deadline, stopped)
    x, weight = problem.x, problem.weight
    own: dict[str, Any] = {
        "y": y[rows],
        "sample_weight": None if weight is None else weight[rows],
    }
    if problem.source is not None:  # in which "(other)" is to be met already
        own = {"class_weight": problem.class_weight}
    try:
        model.fit(
            with_others(x[rows], problem.schema, seed)
            if problem.source is None
            else _Encoded(problem.source, target),
            batch_size=size,
            epochs=epochs,
            validation_data=(x[kept], y[kept], *(() if weight is None else (weight[kept],))),
            **own,
            seed=seed,
            callbacks=[best],
            verbose=0,
        )
    except NonFiniteError:
        if best.kept is None:
            return None
    return Member(model, target)

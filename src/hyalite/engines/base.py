"""What every engine takes and gives: the sums of an epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from hyalite.data.samples import Samples
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array

# Told the number of rows of the epoch that are done; whether training is to pause there.
Tick = Callable[[int], bool]


@dataclass(frozen=True)
class Task:
    """Samples, and what is to be measured on them."""

    samples: Samples
    batch_size: int
    objective: Objective
    metrics: Sequence[Metric]

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.samples) // self.batch_size)


@dataclass
class Totals:
    """Sums over the samples of an epoch, or of its first steps."""

    steps: int = 0
    rows: int = 0
    loss: float = 0.0  # Σ weight · loss of the sample
    weight: float = 0.0
    penalty: float = 0.0  # Σ rows · penalty at that batch
    hits: float = 0.0  # Σ count of those that are right, where the engine counts them itself
    predictions: Array | None = None  # of the rows so far, for metrics that take all at once
    metrics: dict[str, Any] = field(default_factory=dict)  # by name
    learning_rate: float = 0.0  # of the last step

    def clear(self) -> None:
        """Nothing yet."""
        self.__init__()  # type: ignore[misc]

    @property
    def figures(self) -> dict[str, Any]:
        """Loss and metrics by name."""
        # a batch of zero weight adds nothing; a whole epoch of it is refused beforehand
        return {"loss": self.loss / self.weight} | self.metrics


class Engine(Protocol):
    """What runs training, evaluation and prediction of a network."""

    name: str  # as `Sequential.compile` takes it

    def ready(self) -> Any:
        """A context to hold for a whole fit."""

    def renew(self) -> None:
        """Forget what was derived from the layers' settings: a callback may have changed them."""

    def together(self, task: Task) -> int:
        """How many epochs it would train at once, if nobody looks in between."""

    def train(
        self,
        task: Task,
        orders: Sequence[Array | None],
        optimizer: Optimizer,
        begun: Totals,
        tick: Tick,
        finished: Callable[[Totals], object],
        most: int | None = None,
    ) -> None:
        """Train an epoch for each order, inside `ready`, and give each one's sums to `finished`.

        Args:
            task: the samples.
            orders: of the samples, in each epoch; None as they come.
            optimizer: makes the steps.
            begun: what was done of the first epoch; in the end, of the one that is not finished.
            tick: asked after each step, or some of them.
            finished: told of every epoch.
            most: pause after so many steps.

        Raises:
            NonFiniteError: a loss that is not finite, before the step that would use it, or a
                parameter at the end of an epoch.
        """

    def evaluate(self, task: Task) -> Totals:
        """Loss and metrics without training."""

    def predict(self, samples: Samples, batch_size: int) -> Array:
        """The outputs of all samples, (n, *output_shape)."""

    def predictor(self) -> Quick | None:
        """A way to predict a few rows with less ado, if there is one."""


FEW = 16  # rows; more are worth the way over threads and blocks


class Quick(Protocol):
    """Predicts a few rows at once, where they come in the right form, or gives None."""

    def __call__(self, x: Any) -> Array | None:
        """The outputs (n, *output_shape)."""


def results(metrics: Sequence[Metric]) -> dict[str, Any]:
    """What the metrics have measured, by name."""
    return {metric.name: metric.result() for metric in metrics}

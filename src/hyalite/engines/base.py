"""What every engine takes and gives: a task, a run of training, the sums of an epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from hyalite.data.block_order import EpochOrder
from hyalite.data.samples import Samples
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array


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


@dataclass(slots=True)
class Totals:
    """Sums over the samples of an epoch, or of its first steps."""

    steps: int = 0
    rows: int = 0
    loss: float = 0.0  # Σ weight · loss of the sample
    weight: float = 0.0
    penalty: float = 0.0  # Σ rows · penalty at that batch
    correct: float = 0.0  # Σ count of those that are right, where the engine counts them itself
    predictions: Array | None = None  # of the rows so far, for metrics that take all at once
    metrics: dict[str, Any] = field(default_factory=dict)  # by name
    learning_rate: float = 0.0  # of the last step

    @property
    def figures(self) -> dict[str, Any]:
        """Loss and metrics by name."""
        # a batch of zero weight adds nothing; a whole epoch of it is refused beforehand
        return {"loss": self.loss / self.weight, **self.metrics}


# Of the samples of an epoch: (n,), or None as they come; of rows that come in stretches their plan.
Order: TypeAlias = Array | EpochOrder | None

# Called with the number of rows of the epoch that are done; whether training is to pause there.
OnStep = Callable[[int], bool]


def go_on(_: int) -> bool:
    """An `OnStep` that never pauses."""
    return False


class Run(Protocol):
    """Training in progress. As a context it lets go of what it holds: threads, a setting of BLAS.

    ::

        with engine.start(task, optimizer) as run:
            for totals in run.advance(orders):  # of one epoch after the other
                ...

    Attributes:
        partial: the sums of the epoch that is begun and not finished. A checkpoint holds them, and
            a run that goes on from there is given them.
    """

    partial: Totals

    def __enter__(self) -> Run:
        """Hold what training needs."""

    def __exit__(self, *_: object) -> None:
        """Let it go."""

    def advance(
        self,
        orders: Sequence[Order],
        max_steps: int | None = None,
        on_step: OnStep = go_on,
    ) -> Iterator[Totals]:
        """Train an epoch for each order and give its sums; the first goes on from `partial`.

        Args:
            orders: of the samples.
            max_steps: pause after so many.
            on_step: called after each step, or some of them, with the number of rows of the epoch
                that are done; training pauses where it says True. With workers it pauses in all of
                them, behind the step in which they learn of it.

        Raises:
            NonFiniteError: a loss that is not finite, before the step that would use it, or a
                parameter at the end of an epoch.
        """

    def epochs_at_once(self) -> int:
        """How many orders to give, if nobody looks between two epochs."""

    def refresh(self) -> None:
        """Forget what was derived from the layers' settings: a callback may have changed them."""


class Engine(Protocol):
    """What runs training, evaluation and prediction of a network."""

    name: str  # as `Sequential.compile` takes it

    def start(self, task: Task, optimizer: Optimizer) -> Run:
        """Training on these samples; `optimizer` makes the steps."""

    def evaluate(self, task: Task) -> Totals:
        """Loss and metrics without training."""

    def predict(self, samples: Samples, batch_size: int) -> Array:
        """The outputs of all samples, (n, *output_shape)."""

    def predictor(self) -> Predict | None:
        """What predicts with less overhead, if there is anything."""


class Predict(Protocol):
    """Predicts finite samples that come in the right form; for others it gives None."""

    def __call__(self, x: Any) -> Array | None:
        """The outputs (n, *output_shape)."""


def results(metrics: Sequence[Metric]) -> dict[str, Any]:
    """What the metrics have measured, by name."""
    return {metric.name: metric.result() for metric in metrics}

"""Training on a stream of batches, whose number nobody knows: each is a step, as it comes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from hyalite.data.samples import Samples
from hyalite.engines.base import Engine, OnStep, Order, Run, Task, Totals, go_on, results
from hyalite.engines.pieces import PieceMetrics
from hyalite.optimizers import Optimizer
from hyalite.training.callbacks import Trainable
from hyalite.training.inputs import InputSpec
from hyalite.training.plan import Plan, plan_fit

NOT_OF_STREAMS = ("y", "validation_split", "sample_weight", "class_weight", "checkpoint")


def is_stream(x: Any) -> bool:
    """Whether these are batches to be gone through: an iterator, or what makes one anew."""
    kind = type(x)
    return hasattr(kind, "__iter__") and not any(
        hasattr(kind, name) for name in ("__len__", "__array__", "__array_interface__", "block")
    )


def plan_stream(model: Trainable, batches: Iterable[Any], **arguments: Any) -> Plan:
    """A fit on a stream, planned by its first batch.

    Args:
        model: to train.
        batches: pairs (x, y), a batch each.
        arguments: of `fit`.

    Raises:
        ValueError: an argument that needs all samples, no batch, or one that does not fit.
    """
    for name in NOT_OF_STREAMS:  # what needs all samples
        if arguments[name] is not None and not (name == "validation_split" and not arguments[name]):
            raise ValueError(
                f"x is a {type(batches).__name__}, taken for a stream of pairs (x, y), batches, "
                f"and {name} is for samples that are all there; give arrays, as np.array(list(x)), "
                "or a pack"
            )
    iterator = iter(batches)
    if iterator is batches and arguments["epochs"] != 1:
        raise ValueError(
            f"epochs must be 1 for an iterator, which ends once, got {arguments['epochs']!r}; give "
            "an object whose __iter__ begins anew"
        )
    first = _pair(next(iterator, None), 0)
    arguments |= {"y": first[1], "batch_size": None, "shuffle": False}
    if arguments["verbose"] in (1, "auto"):
        arguments["verbose"] = 2  # a bar needs to know the end
    plan = plan_fit(model, first[0], **arguments)
    network = model.network
    shape = plan.input_shape
    spec = InputSpec.of(network, model.loss, shape)
    opened = itertools.chain([first], iterator)
    return replace(plan, engine=_StreamEngine(plan.engine, spec, batches, opened))


def _pair(batch: Any, number: int) -> tuple[Any, Any]:
    if batch is None:
        raise ValueError("x must give batches, and it has none")
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise ValueError(
            f"batch {number + 1} of x must be a pair (x, y), got {type(batch).__name__}"
            + (f" of {len(batch)}" if isinstance(batch, (tuple, list)) else "")
        )
    return batch[0], batch[1]


class _StreamEngine:
    """An engine whose training goes through batches as they come."""

    def __init__(
        self, engine: Engine, spec: InputSpec, batches: Iterable[Any], opened: Iterator[Any]
    ) -> None:
        self.engine, self.name = engine, engine.name
        self.spec, self.batches, self.opened = spec, batches, opened

    def start(self, task: Task, optimizer: Optimizer) -> Run:
        """See `Engine.start`."""
        return _StreamRun(self, task, optimizer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)


class _StreamRun(AbstractContextManager["_StreamRun"]):
    """See `engines.base.Run`; an epoch is one pass."""

    def __init__(self, engine: _StreamEngine, task: Task, optimizer: Optimizer) -> None:
        self.engine, self.task, self.optimizer = engine, task, optimizer
        self.partial = Totals()
        self._metrics = PieceMetrics(task.metrics)
        self._within: Any = engine.engine.start(task, optimizer)
        self._batches: Iterator[Any] | None = engine.opened

    def __enter__(self) -> _StreamRun:
        self._within.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._within.__exit__(*error)

    def refresh(self) -> None:
        """See `Run.refresh`."""
        self._within.refresh()

    def epochs_at_once(self) -> int:
        """One."""
        return 1

    def advance(
        self,
        orders: Sequence[Order],
        max_steps: int | None = None,
        on_step: OnStep = go_on,
    ) -> Iterator[Totals]:
        """See `Run.advance`."""
        for _ in orders:
            if not self.partial.steps:
                self._metrics.reset()
            self._batches = self._batches or iter(self.engine.batches)
            for batch in self._batches:
                self._train(_pair(batch, self.partial.steps))
                if on_step(self.partial.rows):
                    return
            self._batches = None
            whole, self.partial = self.partial, Totals()
            if not whole.steps:
                raise ValueError("x must give batches, and in this epoch it has none")
            whole.metrics = results(self.task.metrics)
            yield whole

    def _train(self, batch: tuple[Any, Any]) -> None:
        names = [f"{name} of batch {self.partial.steps + 1}" for name in ("x", "y")]
        spec, before, run = self.engine.spec, self.partial, self._within
        x, y, _ = spec.data(*batch, None, [*names, "sample_weight"])
        samples = Samples(x, y, None, spec.dtype)
        samples.first_step = before.steps
        run.task = replace(
            self.task, samples=samples, batch_size=len(x), metrics=self._metrics.within
        )
        run.partial = Totals(loss=before.loss, penalty=before.penalty)
        for found in run.advance([None]):
            self._metrics.add()
            self.partial = Totals(
                before.steps + 1,
                before.rows + found.rows,
                found.loss,
                before.weight + found.weight,
                found.penalty,
                learning_rate=found.learning_rate,
            )

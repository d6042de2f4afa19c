"""What a fit is to do. All that is given to `fit` is checked here, before anything is changed."""

from __future__ import annotations

import copy
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.data.block_order import BlockShuffle
from hyalite.data.block_samples import BlockSamples, is_source
from hyalite.data.samples import Samples
from hyalite.engines.base import Engine, Task
from hyalite.engines.choice import choose
from hyalite.exact import is_own
from hyalite.metrics import Metric
from hyalite.network import Network
from hyalite.parameters import Shape
from hyalite.random import check_seed, new_seed
from hyalite.training.callbacks import Callback, Trainable
from hyalite.training.checkpoint import Checkpoint, Saver
from hyalite.training.fingerprint import data, machine
from hyalite.training.inputs import InputSpec
from hyalite.training.progress import check_verbose
from hyalite.training.snapshot import Snapshot, differences
from hyalite.training.sources import (
    array_samples,
    block_shuffle,
    first_shape,
    shuffle_config,
    source_samples,
    state_memory,
)
from hyalite.workers import Group, alone
from hyalite.workers.shards import DEFAULT as DEFAULT_SHARDS
from hyalite.workers.shards import rows_of
from hyalite.workers.talk import gathered, told

MIN_EVALUATION_BATCH = 1024  # rows of a validation batch, at least
NOTHING = np.empty(0)  # samples that are not in memory


@dataclass(frozen=True)
class Plan:
    """A fit that has been checked."""

    engine: Engine
    task: Task
    validation: Task | None
    input_shape: Shape
    seed: int
    epochs: int  # from the fit's first
    shuffle: bool
    callbacks: Sequence[Callback]
    verbose: int | str
    saver: Saver | None  # of rank 0
    snapshot: Snapshot | None  # to go on from
    workers: Group
    saves: bool  # whether rank 0 has a saver

    @property
    def watched(self) -> bool:
        """Whether anything is to happen between two epochs."""
        return (
            self.validation is not None
            or self.workers.size > 1
            or (self.saver is not None and self.saver.every_epoch)
            or self.overrides("on_epoch_begin")
            or self.overrides("on_epoch_end")
        )

    def overrides(self, method: str) -> bool:
        """Whether a callback has something to do there."""
        return any(
            getattr(type(callback), method) is not getattr(Callback, method)
            for callback in self.callbacks
        )


def plan_fit(
    model: Trainable,
    x: Any,
    y: Any,
    *,
    batch_size: int | None,
    epochs: int,
    validation_data: Any,
    validation_split: float,
    sample_weight: Any,
    class_weight: Mapping[int, float] | str | None,
    shuffle: bool | str | BlockShuffle,
    seed: int | None,
    shards: int | None,
    callbacks: Sequence[Callback],
    checkpoint: Checkpoint | None,
    verbose: int | str,
    workers: Group | None = None,
    snapshot: Snapshot | None = None,
) -> Plan:
    """Check the arguments of `Sequential.fit`, which explains them, and change nothing.

    `snapshot` is one to go on from, in place of a checkpoint's newest.

    Raises:
        ValueError: an argument that does not fit; or the engine cannot run the model.
        MissingExtra: the engine is not installed.
        FileFormatError: there are checkpoints to go on from, and none of them is whole.
    """
    network = model.network
    epochs = checks.integer(epochs, "epochs")
    if batch_size is not None:
        batch_size = checks.integer(batch_size, "batch_size")
    shards = _shards(shards, workers)
    workers = alone() if workers is None else workers
    check_verbose(verbose)
    _check_callbacks(callbacks)
    saves = checkpoint is not None
    if workers.rank:  # rank 0 alone writes and prints
        checkpoint, verbose = None, 0
    if snapshot is None and checkpoint is not None:
        snapshot = checkpoint.newest()
    seed, _ = told(workers, _seed(model, seed, snapshot, checkpoint))

    shape = network.input_shape if network.built else None
    note, in_blocks = network.note if network.built else "", is_source(x)
    order, share = block_shuffle(shuffle, in_blocks), None
    if workers.size > 1:
        share = partial(rows_of, shards=shards, rank=workers.rank, size=workers.size)
    if in_blocks:
        _check_of_source(y, sample_weight, validation_split)
        spec = InputSpec.of(network, model.loss, first_shape(x, shape, note))
        samples: Samples = source_samples(x, spec, order, class_weight, share)
        if is_source(validation_data):
            validation: Samples | None = source_samples(validation_data, spec, None, share=share)
        else:
            _, validation = spec.validation(NOTHING, NOTHING, None, validation_data, 0.0, seed)
    else:
        x = checks.inputs(x, shape, "x", note)
        spec = InputSpec.of(network, model.loss, x.shape[1:])
        y, weight = spec.targets(x, y, sample_weight)
        rows, validation = spec.validation(x, y, weight, validation_data, validation_split, seed)
        loss_weight = spec.training_weight(y, weight, class_weight, rows)
        samples = Samples(x, y, weight, network.dtype, rows, loss_weight)
        if order is not None:
            samples = array_samples(samples, order, share)
    objective = network.objective(model.loss, spec.output_shape)
    batch_size = batch_size or len(samples)

    def task(part: Samples, rows: int) -> Task:
        return Task(part, rows, objective, begun_metrics(model, samples, spec.output_shape))

    training = task(samples, batch_size)
    measured = (
        None if validation is None else task(validation, max(batch_size, MIN_EVALUATION_BATCH))
    )
    if workers.size > 1:
        _refuse_own_statistics(network, spec.input_shape)
    model.optimizer.segments_in(network.layout(spec.input_shape))  # refuses unknown names
    engine = choose(
        model.engine, network, shards, model.loss, model.optimizer, workers=workers,
        quiet=verbose == 0,
    )  # fmt: skip
    if isinstance(samples, BlockSamples):
        state_memory(network, samples, validation, batch_size, verbose)
    saver = None
    if saves or workers.size > 1:
        run = {
            **model.get_config(spec.input_shape),
            "batch_size": batch_size,
            "shuffle": shuffle_config(getattr(samples, "shuffle", None), shuffle),
            "data": data(samples),
            "validation": data(validation),
            "shards": shards,
        }
        _compare(workers, {"epochs": epochs, "run": run, "machine": machine(engine.name)})
    if checkpoint is not None:
        saver = Saver(checkpoint, run, machine(engine.name), network.epochs + 1)
        if snapshot is not None:
            snapshot.check_callbacks(callbacks)
            saver.take_over(snapshot)
    return Plan(
        engine,
        training,
        measured,
        spec.input_shape,
        seed,
        epochs,
        bool(shuffle),
        tuple(callbacks),
        verbose,
        saver,
        snapshot,
        workers,
        saves,
    )


def begun_metrics(model: Trainable, samples: Samples, output_shape: Shape) -> list[Metric]:
    """Copies of the model's metrics, ready to count; some are measured against the whole target."""
    metrics = copy.deepcopy(model.metrics)
    for metric in metrics:
        begin(metric, model, samples, output_shape)
    return metrics


def begin(metric: Metric, model: Trainable, samples: Samples, output_shape: Shape) -> None:
    """Make a metric ready to count what the model predicts of these samples."""
    target, loss = samples.target(), model.loss
    metric.begin(loss.kind, output_shape[-1], logits=loss.from_logits, target=target)


def _shards(shards: int | None, workers: Group | None) -> int:
    """Those asked for, or as many as there are by default; enough for all workers."""
    if shards is None:
        shards = 1 if workers is None else DEFAULT_SHARDS
    shards = checks.integer(shards, "shards")
    if workers is not None and shards < workers.size:
        raise ValueError(
            f"shards must be at least the number of workers, {workers.size}, got {shards}: each "
            f"needs one of its own. Give shards={1 << (workers.size - 1).bit_length()}, or start "
            f"{shards} workers"
        )
    return shards


def _refuse_own_statistics(network: Network, input_shape: Shape) -> None:
    """Raise a ValueError where a layer of the user's has running statistics: of the library's own
    alone it is known how those of shards are joined.
    """
    layers = {name.rpartition(".")[0] for name in network.plan(input_shape)[1]}
    for place in network.walk():
        if place.name in layers and not is_own(place.layer):
            raise ValueError(
                f"layer {place.name} ({place.layer!r}) has running statistics of its own, which "
                "workers cannot join; train it in one process"
            )


def _compare(workers: Group, own: dict[str, Any]) -> None:
    """Raise a ValueError where another rank has other data, other settings or another machine."""
    if workers.size == 1:
        return
    first, *others = gathered(workers, own)
    for rank, there in enumerate(others, 1):
        for name, one, other in differences(first, there):
            raise ValueError(
                f"workers must be given the same and be of one kind: {name} is "
                f"{reprlib.repr(one)} in rank 0 and {reprlib.repr(other)} in rank {rank}"
            )


def _check_callbacks(callbacks: Any) -> None:
    if not isinstance(callbacks, (list, tuple)) or not all(
        isinstance(callback, Callback) for callback in callbacks
    ):
        raise ValueError(
            f"callbacks must be a list of Callback objects, such as [EarlyStopping()], "
            f"got {callbacks!r}"
        )


def _seed(
    model: Trainable, seed: int | None, snapshot: Snapshot | None, checkpoint: Checkpoint | None
) -> int:
    """The one given, that of the run to go on with, the model's, or a fresh one."""
    if seed is not None:
        seed = check_seed(seed)
    if snapshot is not None:
        if seed not in (None, snapshot.seed):
            raise ValueError(f"the run in {checkpoint} has the seed {snapshot.seed}, not {seed}")
        return snapshot.seed
    if seed is not None:
        return seed
    return model.network.clock.seed if model.network.built else new_seed()


def _check_of_source(y: Any, sample_weight: Any, validation_split: float) -> None:
    """Refuse what only goes with arrays."""
    if y is not None:
        raise ValueError("y must be left away where x is read in blocks: they give both")
    if sample_weight is not None:
        raise ValueError(
            "sample_weight is for arrays; where x is read in blocks give class_weight, or arrays "
            "with shuffle='blocks'"
        )
    if validation_split:
        raise ValueError(
            "validation_split is for arrays; where x is read in blocks give validation_data, as "
            "pack.validation"
        )

"""What a worker does in a fit: one long task, with the others or until one of them is gone."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from distributed import get_worker

from hyalite.dask.cluster import memory_limit
from hyalite.dask.group import DaskGroup
from hyalite.dask.links import service, service_of
from hyalite.dask.rows import PartedRows, Place
from hyalite.dask.shared import Shared, check_packs
from hyalite.engines import threads
from hyalite.engines.base import Totals
from hyalite.errors import LostWorker, Regroup
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.training.loop import train
from hyalite.training.plan import plan_fit
from hyalite.training.snapshot import Snapshot


@dataclass
class Job:
    """A fit, as every worker is given it.

    Attributes:
        model: compiled.
        fit: the arguments of `Sequential.fit`, without the data.
        timeout: seconds that an exchange may take.
        targets: what makes the model's targets of the parts'.
        see_validation: on rank 0, called with the job and the rows to be measured: x, y as the
            parts have it, and weights.
    """

    model: Sequential
    fit: dict[str, Any]
    timeout: float
    targets: Callable[[Array], Array] | None = None
    see_validation: Callable[..., object] | None = None


@dataclass(frozen=True)
class Attempt:
    """One forming of the group.

    Attributes:
        run: its name.
        addresses: of the workers, in the order of their ranks.
        places: of the rows to train on, where they lie in parts on the workers,
        validation: and of those that are measured after each epoch.
    """

    run: str
    addresses: Sequence[str]
    places: Sequence[Place] | None
    validation: Sequence[Place] | None = None


class Outcome(NamedTuple):
    """How it went on one worker.

    Attributes:
        job: of rank 0 where training is done, with the trained model.
        snapshot: where it is not, the state after the last whole step.
        lost: and why it ended.
        regroup: whether that was asked for.
    """

    job: Job | None = None
    snapshot: Snapshot | None = None
    lost: str = ""
    regroup: bool = False


def ready(packs: Sequence[tuple[str, str]]) -> int:
    """Have the server answer the others' questions; the bytes that the worker may take, 0 for any.

    Args:
        packs: folder and seal of those that it is to open.

    Raises:
        ValueError: it sees other ones,
        FileNotFoundError: or none.
    """
    check_packs(service().worker.address, packs)
    return memory_limit(get_worker())


def serve(dask_worker: Any = None) -> None:
    """In the server of a worker that holds rows: have it answer the others' questions."""
    service_of(dask_worker)


def ask_to_regroup(run: str, dask_worker: Any = None) -> None:
    """In the server of rank 0: let the group be formed anew behind the next step."""
    service_of(dask_worker).box(run).regroup = True


def train_part(
    job: Job, attempt: Attempt, shared: Shared, rank: int, snapshot: Snapshot | None
) -> Outcome:
    """Train as one of the group.

    Args:
        job: what is to be trained.
        attempt: with whom.
        shared: rows that lie in no parts.
        rank: of this worker among them.
        snapshot: what rank 0 goes on from; None begins.
    """
    here = service()
    group = DaskGroup(here, attempt.run, attempt.addresses, rank, job.timeout)
    parts = [
        None if places is None else PartedRows(here, places)
        for places in (attempt.places, attempt.validation)
    ]
    rows, validation = (
        there if part is None else part for part, there in zip(parts, shared, strict=True)
    )
    job = copy.deepcopy(job)  # the one that lies here is for the next attempt
    before = getattr(job.model, "history", None)
    try:
        with _own_threads():
            _train(job, rows, validation, group, snapshot)
    except LostWorker as lost:
        group.abort(str(lost))
        state = lost.snapshot if isinstance(lost.snapshot, Snapshot) else _last_state(job, before)
        return Outcome(None, state, str(lost), isinstance(lost, Regroup))
    except BaseException as error:
        group.abort(f"{type(error).__name__}: {error}")
        raise
    finally:
        group.close()
        for part in parts:
            if part is not None:
                part.close()
    return Outcome(job) if rank == 0 else Outcome(None, _last_state(job, before))


def _last_state(job: Job, before: object) -> Snapshot | None:
    """Behind the last step, should rank 0 die with what it has trained.

    Of callbacks it alone knows all; where there are some, the fit begins again.
    """
    model = job.model
    if job.fit["callbacks"] or getattr(model, "history", before) is before:  # it has not begun
        return None
    return Snapshot.take(model, None, (), Totals())  # type: ignore[arg-type]  # no epoch is begun


def _train(
    job: Job, rows: Any, validation: Any, group: DaskGroup, snapshot: Snapshot | None
) -> None:
    """Train.

    Args:
        job: what is to be trained.
        rows: to train on, in parts or of a source.
        validation: the same, or (x, y), or None.
        group: of the workers.
        snapshot: what rank 0 goes on from; None begins.
    """
    targets = job.targets or (lambda y: y)
    x, y, weight = rows, None, None
    if not isinstance(rows, PartedRows):
        pass  # each worker reads from it what is its own
    elif not isinstance(job.fit["shuffle"], bool):  # in blocks, each read when it is due
        x = Blocks(rows, targets)
        if isinstance(validation, PartedRows):
            validation = Blocks(validation, targets)
    else:
        x, y, *weights = rows.whole()
        y, weight = targets(y), weights[0] if weights else None
    if isinstance(validation, PartedRows):
        measured = validation.whole()
        if group.rank == 0 and job.see_validation is not None:
            job.see_validation(job, *measured)
        validation = (measured[0], targets(measured[1]), *measured[2:])
    plan = plan_fit(
        job.model, x, y, sample_weight=weight, validation_data=validation, validation_split=0.0,
        checkpoint=None, workers=group, snapshot=snapshot, **job.fit,
    )  # fmt: skip
    train(job.model, plan)


class Blocks:
    """Rows as `Sequential.fit` asks for them, block by block.

    Args:
        rows: where they lie.
        targets: what makes the model's targets of theirs.
    """

    def __init__(self, rows: PartedRows, targets: Callable[[Array], Array]) -> None:
        self._rows, self._targets = rows, targets

    def __len__(self) -> int:
        return len(self._rows)

    def block(self, start: int, stop: int) -> tuple[Array, Array]:
        """Rows start..stop-1: x and y."""
        x, y = self._rows.block(start, stop)
        return x, self._targets(y)

    def block_targets(self, start: int, stop: int) -> Array:
        """Their targets alone."""
        return self._targets(self._rows.block_targets(start, stop))


@contextmanager
def _own_threads() -> Iterator[None]:
    """As many threads as Dask gave to the worker, where nobody said how many.

    Dask itself sets OMP_NUM_THREADS=1, for workers that run many tasks at a time; a fit is the one
    task that its worker runs.
    """
    if threads.VARIABLE in os.environ:
        yield
        return
    threads.set_num_threads(get_worker().state.nthreads)
    try:
        yield
    finally:
        threads.set_num_threads(None)

"""The estimators for tables on a cluster: the table on one worker, its networks on all.

A pack comes together nowhere: each network reads its rows from disk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
from dask.sizeof import sizeof
from distributed import get_client, rejoin, secede

import dask
from hyalite import sklearn
from hyalite.dask.cluster import Cluster
from hyalite.dask.collections import partitions
from hyalite.dask.predicting import by_partition
from hyalite.dask.shared import Shared, check_packs
from hyalite.dask.training import TIMEOUT
from hyalite.data.tables import Pack
from hyalite.engines.blas import one_blas_thread
from hyalite.messages import say
from hyalite.recipes.tabular.folds import elsewhere
from hyalite.sklearn.tabular import Tabular
from hyalite.training.sources import amount

T = TypeVar("T")


class OnCluster(Tabular):
    """An estimator for tables whose `fit` takes collections, or a pack.

    Attributes:
        client: of the cluster, to be set before `fit`; None for the program's own.
        timeout: seconds until one more partition is there.
    """

    client: Any = None
    timeout = TIMEOUT

    def _fit(self, X: Any, y: Any, sample_weight: Any, groups: Any) -> Self:
        cluster = Cluster(self.client or get_client())
        cluster.wait_for_workers(None, self.timeout)
        kind = type(self).__mro__[2]  # the one of hyalite.sklearn
        plain = kind(**self.get_params())
        if isinstance(X, Pack):
            cluster.client.run(_check_packs, Shared(X).packs())
            table: Any = X
        else:
            if groups is not None:
                raise ValueError("groups is for tables in memory; on a cluster leave it out")
            parts = partitions(X, y, sample_weight, ("X", "y", "sample_weight"))
            table, y = self._parts(cluster, parts), None
        future = cluster.client.submit(
            _fit_whole, plain, table, y, sample_weight, groups, pure=False
        )
        cluster.wait_for_end(future)
        self.__dict__.update(future.result().__getstate__())
        return self

    def _parts(self, cluster: Cluster, parts: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The table where it is computed, one worker of which is to hold all of it.

        Raises:
            ValueError: none may take as much memory.
        """
        told = [dask.delayed(_Part, pure=False)(*part) for part in parts]
        futures = cluster.wait(cluster.client.compute(told), self.timeout, "the table")
        sizes = cluster.client.gather(cluster.client.map(sizeof, futures, pure=False))
        size, limits = sum(sizes), cluster.memory_limits()
        say(
            f"the table comes together on one worker, {amount(size)}, and meanwhile twice that; a "
            "pack is read from disk"
        )
        if limits and size > max(limits):
            raise ValueError(
                f"the table comes together on one worker, and of its {amount(size)} none may take "
                f"more than {amount(max(limits))}; pack it with hy.tables.pack and fit the pack, "
                "or give a worker more memory"
            )
        return futures

    def _lazily(self, method: Callable[[Any], Any], X: Any, shape: Any, dtype: Any) -> Any:
        if not dask.is_dask_collection(X):
            return method(X)
        return by_partition(method, X, shape, dtype)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "client"}


class _Part(NamedTuple):
    """Rows of the table as a worker holds them."""

    x: Any
    y: Any
    weight: Any


def _check_packs(packs: Sequence[tuple[str, str]], dask_worker: Any) -> None:
    """In the server of a worker: whether it sees them."""
    check_packs(dask_worker.address, packs)


def _fit_whole(plain: Any, table: Any, y: Any, weight: Any, groups: Any) -> Any:
    """On one worker: the table as a whole, its networks on all workers.

    Args:
        plain: the estimator for one process.
        table: its parts, or a pack.
        y: with a pack what came, alike
        weight: and
        groups: which it refuses.
    """
    if not isinstance(table, Pack):
        X, y, weights = zip(*table, strict=True)
        weight = None if weights[0] is None else np.concatenate([*map(np.asarray, weights)])
        table, y = _joined(X), _joined(y)
    secede()  # its thread may train a network meanwhile
    try:
        with elsewhere(_on_all_workers):
            return plain.fit(table, y, sample_weight=weight, groups=groups)
    finally:
        rejoin()


def _joined(parts: Sequence[Any]) -> Any:
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    import pandas as pd

    return pd.concat(parts, ignore_index=True)


def _on_all_workers(jobs: Sequence[Callable[[Callable[[], bool]], T]]) -> list[T]:
    """Each job on a worker of its own; what several need is sent once."""
    client = get_client()
    sent: dict[int, Any] = {}

    def argument(value: Any) -> Any:
        if id(value) not in sent:
            large = not isinstance(value, int | float | bool | str | None)
            sent[id(value)] = client.scatter(value, broadcast=True, hash=False) if large else value
        return sent[id(value)]

    futures = []
    for job in jobs:
        assert isinstance(job, partial)
        owner = getattr(job.func, "__self__", None)
        function = getattr(job.func, "__func__", job.func)
        arguments = [*([] if owner is None else [owner]), *job.args]
        futures.append(client.submit(_job, function, *map(argument, arguments), pure=False))
    return list(client.gather(futures))


def _job(function: Callable[..., T], *arguments: Any) -> T:
    with one_blas_thread:
        return function(*arguments, lambda: False)


class TabularClassifier(OnCluster, sklearn.TabularClassifier):
    """`hyalite.sklearn.TabularClassifier` for Dask's arrays and frames.

    Parameters and bytes are the same. The networks are small, so each is trained by one worker,
    as many at a time as there are workers; a dead worker costs the networks that it was at. The
    table comes together on one worker, whose memory must hold it: how much that is is said before,
    and refused where no worker may take it. For more rows fit a pack, of `hy.tables.pack`, in the
    place of `X` and `y`: it must lie where all workers see it, and is read from disk. `predict` and
    `predict_proba` of a collection are collections, computed when they are asked for.
    """

    def predict(self, X: Any) -> Any:
        """The likeliest class of each row, (n,)."""
        return self._lazily(super().predict, X, (), self.classes_.dtype)

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, (n, classes)."""
        return self._lazily(super().predict_proba, X, (len(self.classes_),), np.float64)


class TabularRegressor(OnCluster, sklearn.TabularRegressor):
    """`hyalite.sklearn.TabularRegressor` for Dask's arrays and frames; see `TabularClassifier`."""

    def predict(self, X: Any) -> Any:
        """The expected number of each row, (n,)."""
        return self._lazily(super().predict, X, (), np.float64)

    def predict_interval(self, X: Any, coverage: float = 0.9) -> Any:
        """Between which two numbers the true one lies in that share of rows, (n, 2)."""
        method = partial(super().predict_interval, coverage=coverage)
        return self._lazily(method, X, (2,), np.float64)

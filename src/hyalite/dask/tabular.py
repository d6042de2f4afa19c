"""The estimators for tables on collections: the table on one worker, its networks on all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Self, TypeVar

import numpy as np
from distributed import get_client, rejoin, secede

import dask
from hyalite import sklearn
from hyalite.dask.cluster import Cluster
from hyalite.dask.collections import partitions
from hyalite.dask.predicting import by_partition
from hyalite.dask.training import TIMEOUT
from hyalite.engines.blas import one_blas_thread
from hyalite.recipes.tabular.folds import elsewhere
from hyalite.sklearn.tabular import Tabular

T = TypeVar("T")


class OnCluster(Tabular):
    """An estimator for tables whose `fit` takes collections.

    Attributes:
        client: of the cluster, to be set before `fit`; None for the program's own.
        timeout: seconds until one more partition is there.
    """

    client: Any = None
    timeout = TIMEOUT

    def _fit(self, X: Any, y: Any, sample_weight: Any, groups: Any) -> Self:
        if groups is not None:
            raise ValueError("groups is for tables in memory; on a cluster leave it out")
        parts = partitions(X, y, sample_weight, ("X", "y", "sample_weight"))
        cluster = Cluster(self.client or get_client())
        cluster.wait_for_workers(None, self.timeout)
        columns = [list(column) for column in zip(*parts, strict=True)]
        kind = type(self).__mro__[2]  # the one of hyalite.sklearn
        plain = kind(**self.get_params())
        told = dask.delayed(_fit_whole, pure=False)(plain, *columns)
        future = cluster.client.compute(told)
        cluster.wait_for_end(future)
        self.__dict__.update(future.result().__getstate__())
        return self

    def _lazily(self, method: Callable[[Any], Any], X: Any, shape: Any, dtype: Any) -> Any:
        if not dask.is_dask_collection(X):
            return method(X)
        return by_partition(method, X, shape, dtype)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "client"}


def _fit_whole(plain: Any, X: Sequence[Any], y: Sequence[Any], weight: Sequence[Any]) -> Any:
    """On one worker: the table as a whole, its networks on all workers."""
    weights = None if weight[0] is None else np.concatenate([np.asarray(one) for one in weight])
    secede()  # its thread may train a network meanwhile
    try:
        with elsewhere(_on_all_workers):
            return plain.fit(_joined(X), _joined(y), sample_weight=weights)
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
    table comes together on one worker, whose memory must hold it: for more rows take
    `hyalite.dask.fit`. `predict` and `predict_proba` of a collection are collections, computed
    when they are asked for.
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

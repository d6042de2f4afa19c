"""Perceptrons on collections: scikit-learn's parameters, trained by a cluster."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from numbers import Integral
from typing import Any, Self

import numpy as np
from distributed import get_client
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import _check_feature_names, _check_n_features, check_is_fitted

import dask
from hyalite import checks, sklearn
from hyalite.dask.cluster import Cluster
from hyalite.dask.collections import partitions
from hyalite.dask.job import Job
from hyalite.dask.predicting import by_partition
from hyalite.dask.prepared import Rows
from hyalite.dask.rows import Preparing
from hyalite.dask.training import QUEUE_TIMEOUT, TIMEOUT, begun, train_job
from hyalite.errors import NonFiniteError
from hyalite.parameters import Array
from hyalite.sklearn.base import AUTO_BATCH_SIZE, MLP
from hyalite.sklearn.building import set_penalties
from hyalite.sklearn.convergence import Convergence, DivergenceError
from hyalite.sklearn.holdout import hold_out
from hyalite.workers.shards import DEFAULT

Counted = tuple[Array, Array]  # distinct targets of a partition, and how often each is there


class OnCluster(MLP):
    """A perceptron of `hyalite.sklearn` whose `fit` takes collections.

    Attributes:
        client: of the cluster, to be set before `fit`; None for the program's own.
        workers: addresses of those that may take part; None for all.
        shards: parts of a batch, and the most workers that can take part.
        timeout: seconds that a worker may be silent.
    """

    client: Any = None
    workers: Sequence[str] | None = None
    shards = DEFAULT
    timeout = TIMEOUT

    # What the two kinds differ in -----------------------------------------------------------------

    @staticmethod
    def _distinct(y: Any) -> Counted:
        """What must be known of a partition's targets."""
        raise NotImplementedError

    def _by_class(self, counted: Sequence[Counted]) -> Callable[[Array], Array | None] | None:
        """What gives each row's weight by its target."""
        return None

    # Training ------------------------------------------------------------------------------------

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, *, more: bool = False, classes: Any = None
    ) -> Self:
        if more or self.warm_start:
            raise ValueError("on a cluster there is no partial_fit and no warm_start: call fit")
        if self.solver == "lbfgs":
            raise ValueError("solver='lbfgs' is for one process; on a cluster take 'adam' or 'sgd'")
        self._validate_params()
        parts = partitions(X, y, sample_weight, ("X", "y", "sample_weight"))
        cluster, features = Cluster(self.client or get_client()), self._features(X)
        with begun(cluster, self.workers, self.timeout, QUEUE_TIMEOUT) as hold:
            weights = self._learn_targets(cluster, [part[1] for part in parts])
            dtype = features.dtype if self.dtype == "auto" else np.dtype(self.dtype)
            rows = Rows.prepare(cluster, parts, Preparing(dtype, True, weights), self.timeout)
            job, rows, validation = self._job(rows, features)
            try:
                done = train_job(hold, job, rows, validation, self.workers)
            except NonFiniteError as error:
                raise DivergenceError.of(error) from error
        self._take(done.fit["callbacks"][-1])
        return self

    def _features(self, X: Any) -> Array:
        """No rows, of the features' number and dtype; their names are kept."""
        meta: Any = X._meta if hasattr(X, "columns") else np.empty((0, X.shape[1]), X.dtype)
        _check_feature_names(self, meta, reset=True)
        _check_n_features(self, meta, reset=True)
        kinds = set(meta.dtypes) if hasattr(X, "columns") else {meta.dtype}
        return np.empty(meta.shape, np.float32 if kinds == {np.dtype("float32")} else np.float64)

    def _learn_targets(self, cluster: Cluster, y: Sequence[Any]) -> Any:
        """Keep what must be known of all targets; what gives a row's weight by its target."""
        told = cluster.client.compute([dask.delayed(self._distinct)(part) for part in y])
        counted = cluster.client.gather(cluster.wait(told, self.timeout, "the targets"))
        self._target(np.concatenate([values for values, _ in counted]), None, True)
        return self._by_class(counted)

    def _job(self, rows: Rows, features: Array) -> tuple[Job, Rows, Rows | None]:
        """The fit, the rows to train on and those held back."""
        seed, validation = self._model_seed(True), None
        mean_weight = rows.weight / len(rows)
        if self.early_stopping:
            trained, held = hold_out(len(rows), self.validation_fraction, None, seed)
            rows, validation = rows.take(np.sort(trained)), rows.take(np.sort(held))
        self._begin(features, seed)
        outputs, reported = self._summed()
        wanted = self.batch_size if isinstance(self.batch_size, Integral) else AUTO_BATCH_SIZE
        batch = min(int(wanted), len(rows))
        set_penalties(self.model_, self, batch * mean_weight, outputs)
        watch = Convergence(
            self, None, rows=len(rows), waited=0, one=False, outputs=outputs, reported=reported
        )
        arguments = {
            "batch_size": batch, "epochs": self.max_iter, "shuffle": self.shuffle, "seed": seed,
            "shards": checks.integer(self.shards, "shards"), "verbose": 0, "class_weight": None,
            "callbacks": [*self.callbacks, watch],
        }  # fmt: skip
        scored = validation is not None and self.scoring != "loss"
        job = Job(
            self.model_, arguments, self.timeout, self._encoded, _watch_score if scored else None
        )
        return job, rows, validation

    def _encoded(self, y: Array) -> Array:
        return self._target(_column(y), None, False)

    def _take(self, watch: Convergence) -> None:
        """Be as the estimator on rank 0 has become."""
        self.__dict__.update(watch.estimator.__getstate__())
        watch.restore(self.model_)
        if not watch.ended and self.n_iter_ == self.max_iter:
            warnings.warn(
                f"the training of {self.max_iter} epochs (max_iter) has not converged yet",
                ConvergenceWarning,
                stacklevel=5,
            )

    # Using ---------------------------------------------------------------------------------------

    def _lazily(self, method: Callable[[Any], Array], X: Any, shape: tuple[int, ...]) -> Any:
        """What a method gives, of a collection partition by partition; shape is that of a row."""
        if not dask.is_dask_collection(X):
            return method(X)
        check_is_fitted(self)
        one = np.zeros((1, self.n_features_in_), self.model_.network.dtype)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "X does not have valid feature names")
            dtype = np.asarray(method(one)).dtype
        return by_partition(method, X, shape, dtype)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "client"}


def _column(y: Any) -> Array:
    """Targets as an array; of one column without it."""
    y = np.asarray(y)
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def _watch_score(job: Job, X: Array, y: Array, weight: Array | None = None) -> None:
    """Let early stopping look at these rows."""
    watch = job.fit["callbacks"][-1]
    watch.score = partial(watch.estimator._measure, X, _column(y), weight)


class MLPClassifier(OnCluster, sklearn.MLPClassifier):
    """`hyalite.sklearn.MLPClassifier` for Dask's arrays and frames.

    The parameters are the same, and so are the bytes on any number of workers, whatever happens to
    some of them: see `hyalite.dask.fit`. `predict` and `predict_proba` of a collection are
    collections, computed when they are asked for. There is no lbfgs, no `partial_fit` and no warm
    start; `early_stopping` draws the rows that it holds back regardless of classes; y is one column
    of classes.

    Set `client`, `workers`, `shards` or `timeout` of the object before `fit` where the defaults do
    not do.

    Examples:
        >>> import dask.array as da
        >>> import hyalite.dask
        >>> from dask.distributed import Client
        >>> x = da.random.random((10_000, 5), chunks=(1_000, 5))
        >>> with Client() as client:  # doctest: +SKIP
        ...     model = hyalite.dask.MLPClassifier(random_state=0).fit(x, x.sum(axis=1) > 2.5)
        ...     model.predict_proba(x)
        dask.array<_of_block, shape=(10000, 2), dtype=float64, chunksize=(1000, 2), ...>
    """

    @staticmethod
    def _distinct(y: Any) -> Counted:
        y = _column(y)
        if y.ndim != 1:
            raise ValueError(f"y must be one column of classes, got shape {y.shape}")
        return np.unique(y, return_counts=True)

    def _by_class(self, counted: Sequence[Counted]) -> Callable[[Array], Array | None] | None:
        if self.class_weight != "balanced":
            return None if self.class_weight is None else partial(_weights, self.class_weight)
        sums = dict.fromkeys(self.classes_.tolist(), 0)
        for labels, counts in counted:
            for label, count in zip(labels.tolist(), counts.tolist(), strict=True):
                sums[label] += count
        mean = sum(sums.values()) / len(sums)
        return partial(_weights, {label: mean / count for label, count in sums.items()})

    def predict(self, X: Any) -> Any:
        """The class of each sample, (n,)."""
        return self._lazily(super().predict, X, ())

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, (n, classes)."""
        return self._lazily(super().predict_proba, X, (len(self.classes_),))


def _weights(by_class: Any, y: Array) -> Array:
    return np.asarray([by_class.get(label, 1.0) for label in _column(y).tolist()], np.float64)


class MLPRegressor(OnCluster, sklearn.MLPRegressor):
    """`hyalite.sklearn.MLPRegressor` for Dask's arrays and frames; see `MLPClassifier`."""

    @staticmethod
    def _distinct(y: Any) -> Counted:
        return _column(y)[:1], np.ones(1)

    def predict(self, X: Any) -> Any:
        """The expected numbers, (n,) or (n, outputs)."""
        return self._lazily(super().predict, X, (self._columns,) if self._columns > 1 else ())

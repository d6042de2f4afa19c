"""What both estimators share: from X and y to a trained model, and from a model to outputs."""

from __future__ import annotations

import copy
import math
import warnings
from dataclasses import dataclass
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import get_scorer
from sklearn.utils import check_random_state
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from hyalite.conversion import check_kept
from hyalite.errors import NonFiniteError
from hyalite.layers import Weighted
from hyalite.losses import Loss
from hyalite.model import Sequential
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array
from hyalite.sklearn.building import build_model, build_optimizer, dense_layers, set_penalties
from hyalite.sklearn.convergence import Convergence, DivergenceError
from hyalite.sklearn.holdout import hold_out
from hyalite.sklearn.lbfgs import minimize
from hyalite.sklearn.parameters import Parameters

AUTO_BATCH_SIZE = 200
SPARSE_ROWS = 1024  # of a sparse array, dense at a time for a prediction


@dataclass(frozen=True)
class Data:
    """Samples, in the form that everything behind `fit` sees.

    Attributes:
        X: (n, features), dense.
        y: the user's labels or numbers, (n,) or (n, columns), dense; never (n, 1).
        target: what the loss takes of it.
        weight: of each sample (n,), or None.
    """

    X: Array
    y: Array
    target: Array
    weight: Array | None

    def __len__(self) -> int:
        return len(self.X)

    def take(self, rows: Array) -> Data:
        """Some of the samples."""
        weight = None if self.weight is None else self.weight[rows]
        return Data(self.X[rows], self.y[rows], self.target[rows], weight)

    def triple(self) -> tuple[Array, ...]:
        """As `Sequential.fit` takes validation data."""
        return (self.X, self.target) if self.weight is None else (self.X, self.target, self.weight)


class MLP(Parameters):
    """A `Sequential` behind scikit-learn's interface."""

    model_: Sequential

    # What the two kinds differ in --------------------------------------------------------------

    def _target(self, y: Array, classes: Any, reset: bool) -> Array:
        """The targets (n,) of labels or (n, outputs); what must be known of them is kept."""
        raise NotImplementedError

    def _weights(self, y: Array, weight: Array | None) -> Array | None:
        """What each sample counts."""
        raise NotImplementedError

    def _ending(self) -> tuple[int, str | None, Loss]:
        """How many outputs, their activation, the loss."""
        raise NotImplementedError

    def _summed(self) -> tuple[int, bool]:
        """Over how many outputs scikit-learn's training sees a sum where the loss here is a mean.

        And whether it reports that sum, too, or the mean.
        """
        raise NotImplementedError

    def _strata(self, target: Array) -> Array | None:
        """The class of each sample (n,), where early stopping is to keep the classes' shares."""
        return None

    def _score(self, X: Array, y: Array, weight: Array | None) -> float:
        """What early stopping looks at."""
        raise NotImplementedError

    # Training ------------------------------------------------------------------------------------

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, *, more: bool = False, classes: Any = None
    ) -> Any:
        """Train; `more`: by one epoch, from where it is."""
        before = dict(vars(self))
        try:
            data, validation = self._prepare(X, y, sample_weight, more, classes)
        except BaseException:  # a refused fit leaves no trace
            self.__dict__ = before
            raise
        if self.solver == "lbfgs":
            self._fit_lbfgs(data)
        else:
            self._fit_epochs(data, validation, more)
        if not all(np.isfinite(array).all() for array in (*self.coefs_, *self.intercepts_)):
            raise DivergenceError.of("a weight or a bias is not finite")
        return self

    def _prepare(
        self, X: Any, y: Any, sample_weight: Any, more: bool, classes: Any
    ) -> tuple[Data, Data | None]:
        """The samples to train on and those held back; the model is there, and as it is to be."""
        self._validate_params()
        if more and self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        first = not hasattr(self, "model_") or not (more or self.warm_start)
        data = self._read(X, y, sample_weight, classes, first)
        seed = self._model_seed(first)  # a warm start holds the same samples back
        validation = None
        if self.early_stopping and self.solver != "lbfgs":
            parts = hold_out(len(data), self.validation_fraction, self._strata(data.target), seed)
            data, validation = map(data.take, parts)
        if first:
            self._begin(data.X, seed)
        else:
            self._renew()
        return data, validation

    def _read(self, X: Any, y: Any, sample_weight: Any, classes: Any, first: bool) -> Data:
        """The one place where what the user gave becomes what everything else sees."""
        for values, name in ((X, "X"), (y, "y"), (sample_weight, "sample_weight")):
            check_kept(values, name)
        X, y = validate_data(
            self, X, y, accept_sparse=["csr", "csc"], multi_output=True,
            y_numeric=not is_classifier(self), dtype=(np.float64, np.float32), reset=first,
        )  # fmt: skip
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        X, y = (part if isinstance(part, np.ndarray) else part.toarray() for part in (X, y))
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        target = self._target(y, classes, first)
        return Data(X, y, target, self._weights(y, sample_weight))

    def _model_seed(self, first: bool) -> int:
        if not first:
            return self.model_.network.clock.seed
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))

    def _begin(self, X: Array, seed: int) -> None:
        """A fresh model."""
        units, ending, loss = self._ending()
        self.model_ = build_model(self, X, units, ending, loss, self._new_optimizer(), seed)
        self._settings_were = self._settings()
        self.n_outputs_, self.n_layers_ = units, len(dense_layers(self.model_)) + 1
        self.n_iter_, self.t_, self._no_improvement_count = 0, 0, 0
        self.loss_curve_: list[float] = []
        self._begin_watch()

    def _begin_watch(self) -> None:
        """Nothing is known yet of what tells when to stop."""
        self.best_loss_: float | None = None if self.early_stopping else math.inf
        self.validation_scores_: list[float] | None = [] if self.early_stopping else None
        self.validation_loss_curve_: list[float] | None = [] if self.early_stopping else None
        self.best_validation_score_ = -math.inf if self.early_stopping else None

    def _renew(self) -> None:
        """A new optimizer, where its settings or the loss's have changed since the last fit.

        Else it goes on with its running averages, so that several fits are one long fit. A
        learning rate that training itself has lowered is no such change.
        """
        model, settings = self.model_, self._settings()
        if settings != self._settings_were:
            counts = model.network.epochs, model.network.clock.step
            model.compile(self._ending()[2], self._new_optimizer(), engine=self.engine)
            model.network.epochs, model.network.clock.step = counts
            self._settings_were = settings

    def _settings(self) -> str:
        """What a further fit may have changed."""
        return repr((self._ending(), self._new_optimizer(), self.engine))

    def _new_optimizer(self) -> Optimizer:
        return build_optimizer(self, self._summed()[0])

    @property
    def _optimizer(self) -> Optimizer:
        """As scikit-learn's, for programs that look at its learning rate."""
        return self.model_.optimizer

    def _fit_lbfgs(self, data: Data) -> None:
        outputs, reported = self._summed()
        rows = len(data) if data.weight is None else float(data.weight.sum())
        set_penalties(self.model_, self, rows, outputs)
        found = minimize(
            self.model_, data.X, data.target, data.weight,
            steps=self.max_iter, calls=self.max_fun, tol=self.tol / outputs,
        )  # fmt: skip
        self.loss_ = float(found.fun) * (outputs if reported else 1)
        self.n_iter_ = int(found.nit)
        if not math.isfinite(self.loss_):
            raise DivergenceError.of(f"lbfgs ended at a loss of {self.loss_}")
        if found.status == 1:
            warnings.warn(
                f"lbfgs did not converge in {found.nit} iterations; raise max_iter or max_fun, "
                "or scale the data",
                ConvergenceWarning,
                stacklevel=4,
            )

    def _fit_epochs(self, data: Data, validation: Data | None, more: bool) -> None:
        outputs, reported = self._summed()
        wanted = self.batch_size if isinstance(self.batch_size, Integral) else AUTO_BATCH_SIZE
        batch = min(int(wanted), len(data))
        if self.batch_size != "auto" and batch < wanted:
            warnings.warn(f"batch_size is clipped to the {len(data)} samples", stacklevel=4)
        rows = batch if data.weight is None else batch * float(data.weight.mean())
        set_penalties(self.model_, self, rows, outputs)
        if self.early_stopping == (self.validation_scores_ is None):  # it was not so before
            self._begin_watch()
        self.n_iter_ = 0
        score = None
        if validation is not None and self.scoring != "loss":
            score = partial(self._measure, validation.X, validation.y, validation.weight)
        watch = Convergence(
            self, score, rows=len(data), waited=self._no_improvement_count, one=more,
            outputs=outputs, reported=reported,
        )  # fmt: skip
        try:
            self.model_.fit(
                data.X, data.target, sample_weight=data.weight, batch_size=batch,
                epochs=1 if more else self.max_iter, shuffle=self.shuffle,
                seed=self.model_.network.clock.seed, callbacks=[*self.callbacks, watch],
                validation_data=None if validation is None else validation.triple(),
                verbose=int(self.progress_bar),
            )  # fmt: skip
        except NonFiniteError as error:
            if not watch.diverged():
                raise DivergenceError.of(error) from error
            warnings.warn(
                f"{error}. The weights are those of the epoch with the best validation score",
                ConvergenceWarning,
                stacklevel=4,
            )
        finally:
            self._no_improvement_count = watch.waited
        watch.restore(self.model_)
        if not more and not watch.ended and self.n_iter_ == self.max_iter:
            warnings.warn(
                f"the training of {self.max_iter} epochs (max_iter) has not converged yet",
                ConvergenceWarning,
                stacklevel=4,
            )

    # Using ---------------------------------------------------------------------------------------

    def _outputs(self, X: Any, *, checked: bool = False) -> Array:
        """The model's outputs (n, outputs)."""
        check_is_fitted(self)
        if not checked:
            check_kept(X, "X")
            X = validate_data(
                self, X, accept_sparse=["csr", "csc"], dtype=(np.float64, np.float32), reset=False
            )
        if not isinstance(X, np.ndarray):  # sparse: dense some rows at a time
            X = X.tocsr()
            rows = range(0, X.shape[0], SPARSE_ROWS)
            return np.concatenate(
                [self.model_.predict(X[i : i + SPARSE_ROWS].toarray()) for i in rows]
            )
        return self.model_.predict(X)

    def _measure(self, X: Array, y: Any, weight: Array | None) -> float:
        """What early stopping looks at, by `scoring`; "loss" is known without."""
        if self.scoring == "score":
            return self._score(X, y, weight)
        scorer = get_scorer(self.scoring)
        plain = copy.copy(self)
        if hasattr(plain, "feature_names_in_"):
            del plain.feature_names_in_  # X is an array here, whatever was given
        more = {} if weight is None else {"sample_weight": weight}
        return float(scorer(plain, X, y, **more))

    @property
    def coefs_(self) -> list[Array]:
        """The weights W of each dense layer, (inputs, units); writing into them, as they are views,
        changes the model.
        """
        return [layer.W for layer in self._dense()]

    @property
    def intercepts_(self) -> list[Array]:
        """The biases b of each dense layer, (units,); zeros where batch normalization has them."""
        return [
            layer.b if layer.use_bias else np.zeros(layer.W.shape[-1], self.model_.network.dtype)
            for layer in self._dense()
        ]

    def _dense(self) -> list[Weighted]:
        if not hasattr(self, "model_"):
            raise AttributeError(f"this {type(self).__name__} is not fitted yet")
        return dense_layers(self.model_)

    def _check_solver(self) -> bool:
        if self.solver == "lbfgs":
            raise AttributeError("partial_fit is only available for stochastic optimizers")
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

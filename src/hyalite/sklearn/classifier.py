"""The classifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import check_array, check_is_fitted

from hyalite.losses import BinaryCrossentropy, CategoricalCrossentropy, GroupedCrossentropy, Loss
from hyalite.parameters import Array
from hyalite.sklearn.base import MLP
from hyalite.training.callbacks import Callback


class MLPClassifier(ClassifierMixin, MLP):
    """A multi-layer perceptron for classes; scikit-learn's, but for the import line.

    Two classes end in one sigmoid, more in a softmax, several labels a sample (a matrix of 0 and 1)
    in a sigmoid each; the loss is the cross-entropy, of several labels their sum. Beyond
    scikit-learn, y may have several columns of classes, of any number and kind each: a softmax a
    column, and `classes_`, `predict_proba`, `predict_log_proba` and `decision_function` are lists
    with an entry a column, as `RandomForestClassifier` has them; the loss is the columns' mean
    (see `hyalite.GroupedCrossentropy`).

    X may be sparse (CSR or CSC): it is made dense, whole for a fit, by rows for a prediction; what
    is too large for that goes through `partial_fit` in parts.

    Args:
        hidden_layer_sizes: units of each hidden layer.
        activation: of the hidden layers, or one for each: scikit-learn's names and all of ours.
        solver: "adam", "sgd", "lbfgs" as there; "adamw", "rmsprop", "adagrad" besides.
        alpha: the penalty alpha/2·Σw² over the samples of a batch, as there.
        batch_size: "auto" is min(200, samples).
        learning_rate: for "sgd": "constant", "invscaling" or "adaptive".
        learning_rate_init: at first.
        power_t: the exponent of "invscaling".
        max_iter: epochs; for "lbfgs", iterations.
        shuffle: a new order in each epoch.
        random_state: of initial weights, order, dropout and split.
        tol: what counts as progress.
        verbose: print the loss of each epoch.
        warm_start: a further fit goes on where the last one ended: two of 5 epochs are one of 10.
        momentum: of "sgd".
        nesterovs_momentum: of "sgd".
        early_stopping: hold samples back, and stop where their score no longer gets better.
        validation_fraction: share of the samples held back.
        beta_1, beta_2, epsilon: of "adam" and its like.
        n_iter_no_change: epochs without progress before training ends.
        max_fun: evaluations of the loss by "lbfgs".
        l1: the penalty l1·Σ|w| over the samples of a batch.
        dropout: share of the hidden units dropped, or one for each layer.
        batch_normalization: between each hidden layer and its activation.
        weight_decay: of "adamw", beside `alpha`.
        scoring: what early stopping looks at of the samples held back: "score", "loss", the name of
            a scorer of scikit-learn's such as "f1_macro", or a function of (estimator, X, y).
        progress_bar: show one as it trains.
        callbacks: objects like `hyalite.Callback`, told of every epoch.
        dtype: "float32", "float64", or "auto": that of X.
        engine: as in `Sequential.compile`.
        class_weight: "balanced", or the weight of each class by its label; for several columns of
            classes or labels a list with such a dict for each, whose weights are multiplied.
        label_smoothing: share of the truth that is spread over all classes.

    Attributes:
        model_: the `Sequential`, to look into, to save, to export.
        classes_, coefs_, intercepts_, loss_, loss_curve_, best_loss_, validation_scores_, n_iter_,
            n_layers_, n_outputs_, out_activation_, t_: as scikit-learn's.
        validation_loss_curve_: with early stopping, the loss of the samples held back.

    Raises:
        ValueError: (in `fit`) a parameter out of range, data that do not fit, a label outside
            `classes`, or a loss that diverges (then it is a `hyalite.NonFiniteError`, too). With
            early stopping the best weights before that are kept instead, and a ConvergenceWarning
            says so.

    Examples:
        >>> from hyalite.sklearn import MLPClassifier
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["same", "other", "other", "same"]
        >>> network = MLPClassifier((8,), activation="tanh", solver="lbfgs", random_state=0)
        >>> network.fit(X, y).predict(X).tolist(), network.coefs_[0].shape
        (['same', 'other', 'other', 'same'], (2, 8))
    """

    _parameter_constraints = {
        **MLP._parameter_constraints,
        "class_weight": [StrOptions({"balanced"}), dict, list, None],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
    }

    class_weight: Mapping[Any, float] | str | None
    label_smoothing: float

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str | Sequence[str] = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        l1: float = 0.0,
        dropout: float | Sequence[float] = 0.0,
        batch_normalization: bool = False,
        weight_decay: float = 0.01,
        scoring: str | Callable[..., float] = "score",
        progress_bar: bool = False,
        callbacks: Sequence[Callback] = (),
        dtype: str = "auto",
        engine: str = "auto",
        class_weight: Mapping[Any, float] | str | None = None,
        label_smoothing: float = 0.0,
    ) -> None:
        self._store(locals())

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPClassifier:
        """Train on samples X (n, features) and y: classes (n,), 0 and 1 (n, labels), or (n, k)."""
        return self._fit(X, y, sample_weight)

    @available_if(lambda self: self._check_solver())
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None
    ) -> MLPClassifier:
        """Train one more epoch; the first call must know all `classes`, of each column of y."""
        if isinstance(self.class_weight, str):
            raise ValueError(
                "class_weight='balanced' needs all samples at once, partial_fit sees some; give "
                "the weights: sklearn.utils.class_weight.compute_class_weight('balanced', ...)"
            )
        if classes is None and not hasattr(self, "model_"):
            raise ValueError(
                "classes must be passed on the first call to partial_fit: all that will ever come, "
                "such as np.unique(y)"
            )
        return self._fit(X, y, sample_weight, more=True, classes=classes)

    def predict(self, X: Any) -> Array:
        """The class of each sample, (n,), or (n, labels) of 0 and 1."""
        check_is_fitted(self)
        return self._classes_of(self._outputs(X))

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, (n, classes); of several columns a list of these."""
        p = self._outputs(X)
        return self.model_.loss.probabilities(p)

    def predict_log_proba(self, X: Any) -> Any:
        """Its logarithm."""
        p = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return [np.log(column) for column in p] if isinstance(p, list) else np.log(p)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of samples with the right class; of several columns or labels, all right."""
        if isinstance(getattr(self, "classes_", None), list):
            y = check_array(y, dtype=None)
            right = (self.predict(X) == y).all(axis=1)
            return float(np.average(right, weights=sample_weight))
        return float(super().score(X, y, sample_weight))

    def decision_function(self, X: Any) -> Any:
        """ln p of each class (n, classes), or for two classes and labels ln p/(1-p)."""
        p = self._outputs(X)
        if isinstance(self.classes_, list):
            each = self.model_.loss.probabilities(p)
            return [np.log(np.maximum(column, np.finfo(column.dtype).tiny)) for column in each]
        tiny = np.finfo(p.dtype).tiny
        found = np.log(np.maximum(p, tiny))
        if self.out_activation_ == "logistic":
            found -= np.log(np.maximum(1 - p, tiny))
        return found[:, 0] if p.shape[1] == 1 else found

    @property
    def out_activation_(self) -> str:
        """The last layer's: "logistic" or "softmax"."""
        check_is_fitted(self)
        if isinstance(self.classes_, list):
            return "softmax"
        return "softmax" if self._binarizer.y_type_ == "multiclass" else "logistic"

    def _target(self, y: Array, classes: Any, reset: bool) -> Array:
        if reset:
            self._learn_classes(y, classes)
        elif classes is not None:
            self._check_classes(classes)
        if isinstance(self.classes_, list):
            return self._target_columns(y)
        several = self._binarizer.y_type_.startswith("multilabel")
        if y.ndim != 1 + several or (several and y.shape[1] != len(self.classes_)):
            expected = f"(n, {len(self.classes_)})" if several else "(n,)"
            raise ValueError(f"y must be {expected} for the classes {self.classes_}, got {y.shape}")
        there = unique_labels(y)
        if self.warm_start and not reset and set(there) != set(self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {self.classes_}, `y` has {there}"
            )
        _check_among(there, self.classes_, "y")
        if self._binarizer.y_type_ == "multiclass":
            return np.searchsorted(self.classes_, y)
        return np.asarray(self._binarizer.transform(y), np.float32)

    def _learn_classes(self, y: Array, classes: Any) -> None:
        """Keep what there is to tell apart: `classes`, or what y has."""
        columns = _columns(classes)
        several = y.ndim == 2 and (
            y.dtype == object or type_of_target(y) == "multiclass-multioutput"
        )
        if classes is None and several:
            columns = [np.unique(column) for column in y.T]
        if columns is not None:
            self.classes_: Any = columns
            return
        labels = y if classes is None or type_of_target(y).startswith("multilabel") else classes
        self._binarizer = LabelBinarizer().fit(labels)
        self.classes_ = self._binarizer.classes_ if classes is None else unique_labels(classes)

    def _check_classes(self, classes: Any) -> None:
        """A later call to partial_fit may only repeat the classes."""
        columns, there = _columns(classes), self.classes_
        given = unique_labels(classes) if columns is None else columns
        as_lists = [
            [list(column) for column in found] if isinstance(found, list) else list(found)
            for found in (given, there)
        ]
        if as_lists[0] != as_lists[1]:
            raise ValueError(
                f"classes must be those of the first call to partial_fit, {there}, got {given}"
            )

    def _target_columns(self, y: Array) -> Array:
        """The place of each class among those of its column."""
        if y.ndim != 2 or y.shape[1] != len(self.classes_):
            raise ValueError(
                f"y must have a column for each of the {len(self.classes_)} lists of classes, "
                f"got shape {y.shape}"
            )
        places = []
        for number, (column, classes) in enumerate(zip(y.T, self.classes_, strict=True)):
            _check_among(column, classes, f"y[:, {number}]")
            places.append(np.searchsorted(classes, column))
        return np.column_stack(places)

    def _ending(self) -> tuple[int, str | None, Loss]:
        if isinstance(self.classes_, list):
            counts = [len(classes) for classes in self.classes_]
            return sum(counts), None, GroupedCrossentropy(counts, self.label_smoothing)
        kind = self._binarizer.y_type_
        if kind == "multiclass":
            return len(self.classes_), "softmax", CategoricalCrossentropy(self.label_smoothing)
        outputs = len(self.classes_) if kind.startswith("multilabel") else 1
        return outputs, "sigmoid", BinaryCrossentropy(self.label_smoothing)

    def _weights(self, y: Array, weight: Array | None) -> Array | None:
        if self.class_weight is None:
            return weight
        own = compute_sample_weight(self.class_weight, y)
        return own if weight is None else own * weight

    def _summed(self) -> tuple[int, bool]:
        outputs, ending, _ = self._ending()
        return (outputs if ending == "sigmoid" else 1), True

    def _strata(self, target: Array) -> Array | None:
        return target.ravel() if target.ndim == 1 or target.shape[1] == 1 else None

    def _classes_of(self, p: Array) -> Array:
        if isinstance(self.classes_, list):
            kinds = {classes.dtype.kind for classes in self.classes_}
            alike = kinds <= set("biuf") or kinds == {"U"}
            found = np.empty((len(p), len(self.classes_)), object)
            for number, places in enumerate(self.model_.loss.labels(p).T):
                found[:, number] = self.classes_[number][places]
            return found.astype(np.result_type(*self.classes_)) if alike else found
        return self._binarizer.inverse_transform(p[:, 0] if p.shape[1] == 1 else p)

    def _score(self, X: Array, y: Array, weight: Array | None) -> float:
        right = self._classes_of(self._outputs(X, checked=True)) == y
        right = right.all(axis=1) if right.ndim == 2 else right
        return float(np.average(right, weights=weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.target_tags.multi_output = True
        return tags


def _columns(classes: Any) -> list[Array] | None:
    """The classes of each column, where `classes` is a list of lists."""
    if classes is None or not any(np.ndim(column) for column in classes):
        return None
    return [np.unique(column) for column in classes]


def _check_among(labels: Array, classes: Array, name: str) -> None:
    """Refuse a label that is not one of the classes."""
    wrong = sorted(set(labels.tolist()) - set(classes.tolist()), key=str)
    if wrong:
        raise ValueError(
            f"{name} has {wrong}, which are not among {classes}, the classes of the first call; "
            "name all that will ever come there"
        )

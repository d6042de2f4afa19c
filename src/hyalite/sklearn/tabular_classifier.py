"""The classifier for tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils import compute_sample_weight
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.multiclass import check_classification_targets

from hyalite.data.tables import Preparation, Table
from hyalite.parameters import Array
from hyalite.recipes.tabular.ensemble import TabularModel
from hyalite.sklearn.tabular import Tabular, checked_y, renewed


class TabularClassifier(ClassifierMixin, Tabular):
    """Classes from the raw rows of a table: gaps, categories and dates are seen to.

    A mixture of networks, and of a linear model where that helps; the rows are cut into folds, each
    network learns from four of five, and what they say of the rest gives the mixture's weights and
    the probabilities' calibration.

    X is a data frame of pandas, polars or pyarrow, or an array, whose columns are then called
    "0", "1", ... Everything is learned from the rows given to `fit` alone.

    Args:
        effort: "quick" for one small network, "default", or "best" for several kinds.
        time_limit: seconds, about, that `fit` may take; None leaves it to `effort`. With a limit
            the result depends on the machine.
        metric: what the networks are chosen by: "log_loss", or "accuracy", which then is better
            and the probabilities worse.
        class_weight: ``{class: weight}``, or "balanced"; the probabilities are those of the
            weighted classes.
        random_state: of cuts, initial weights, order and dropout.
        n_jobs: networks trained at a time; None or -1 for one a core. It changes no result.
        engine: "compiled", "numpy" or "auto", as in `Sequential.compile`.
        verbose: print what is being done.

    Attributes:
        classes_: the classes, sorted.
        model_: the `TabularModel`, to look into.
        threshold_: of two classes, the probability of the second from which its F1 is largest;
            for a rare one it is well below one half.
        losses_: of the linear model, the networks and the mixture, on rows not trained on.
        shares_: of each in the mixture.
        n_features_in_, feature_names_in_: as scikit-learn's.

    Raises:
        ValueError: (in `fit`) a parameter out of range, or data that do not fit.

    Examples:
        >>> from hyalite.sklearn import TabularClassifier
        >>> X = [[n % 7, "ABC"[n % 3]] for n in range(60)]
        >>> y = ["yes" if n % 3 == 0 else "no" for n in range(60)]
        >>> model = TabularClassifier(effort="quick", random_state=0).fit(X, y)
        >>> model.predict([[3, "A"], [3, "B"]]).tolist()
        ['yes', 'no']
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Tabular._parameter_constraints,
        "metric": [StrOptions({"log_loss", "accuracy"})],
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
        effort: str = "default",
        *,
        time_limit: float | None = None,
        metric: str = "log_loss",
        class_weight: Mapping[Any, float] | str | None = None,
        random_state: Any = None,
        n_jobs: int | None = None,
        engine: str = "auto",
        verbose: bool = False,
    ) -> None:
        self.effort = effort
        self.time_limit = time_limit
        self.metric = metric
        self.class_weight = class_weight
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.engine = engine
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X: Any, y: Any = None, sample_weight: Any = None, groups: Any = None
    ) -> TabularClassifier:
        """Train on rows X and their classes y (n,).

        Args:
            X: (n, columns), a data frame or an array; or a pack (`hyalite.tables.pack`), alone.
            y: the class of each row.
            sample_weight: what each row counts (n,).
            groups: rows of one group, such as a person's, are not torn apart by the folds (n,).
        """
        return self._fit(X, y, sample_weight, groups)

    def predict(self, X: Any) -> Array:
        """The likeliest class of each row, (n,)."""
        found = self._answers(X).argmax(axis=1)
        return np.asarray(self.classes_[found])

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, (n, classes), in the order of `classes_`."""
        return self._answers(X)

    def predict_log_proba(self, X: Any) -> Array:
        """Its logarithm."""
        return np.asarray(np.log(self._answers(X)))

    @property
    def threshold_(self) -> float | None:
        """Of two classes, the probability of the second from which its F1 is largest."""
        return self.model_.threshold

    def _checked_target(self, y: Any) -> Array:
        y = checked_y(y, self, numeric=False)
        check_classification_targets(y)
        return y

    def _class_weights(self, y: Array) -> Array | None:
        if self.class_weight is None:
            return None
        return np.asarray(compute_sample_weight(self.class_weight, y))

    def _learn(
        self, table: Table, name: str, y: Array, types: dict[str, str]
    ) -> tuple[Preparation, Array]:
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y has one class only, {self.classes_[0]!r}; to tell classes apart takes two or "
                "more"
            )
        texts = np.empty(len(y), object)
        names = _different([str(one) for one in self.classes_.tolist()])
        texts[:] = [names[label] for label in labels]
        whole = renewed(table, {**table.columns, name: texts})
        preparation = Preparation.learn(
            whole, name, task="classification", classes=names, types=types
        )
        return preparation, labels

    def _metric(self) -> str:
        return self.metric

    def _config(self) -> dict[str, Any]:
        classes = self.classes_
        about = {"classes": classes.tolist(), "dtype": classes.dtype.str}
        return super()._config() | about

    def _take(self, model: TabularModel, about: dict[str, Any]) -> None:
        if not model.classes:
            raise ValueError("the model predicts numbers; load it with TabularRegressor.load")
        super()._take(model, about)
        names = about.get("classes", list(model.classes))
        dtype = about.get("dtype", "")
        self.classes_ = np.array(names, object if dtype.endswith("O") else dtype or None)


def _different(names: list[str]) -> list[str]:
    """The names, told apart where two classes are written alike, such as 1 and "1"."""
    found: list[str] = []
    for name in names:
        while name in found:
            name += " (2)"
        found.append(name)
    return found

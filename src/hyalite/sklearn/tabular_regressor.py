"""The regressor for tables."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils.validation import check_is_fitted

from hyalite.data.tables import Preparation, Table
from hyalite.data.tables.targets import tamed_words
from hyalite.errors import DataWarning
from hyalite.parameters import Array
from hyalite.recipes.tabular.ensemble import TabularModel
from hyalite.sklearn.tabular import Tabular, checked_y, renewed


class TabularRegressor(RegressorMixin, Tabular):
    """Numbers from the raw rows of a table: gaps, categories and dates are seen to.

    A mixture of networks, and of a linear model where that helps; the rows are cut into folds, each
    network learns from four of five, and what they say of the rest gives the mixture's weights and
    the intervals about its predictions. Of a positive target with a long tail the linear model
    learns the logarithm where that pays on those rows; networks' predictions stay within what
    training saw, the linear model's within half the range beyond, and on the same side of zero.

    X is a data frame of pandas, polars or pyarrow, or an array, whose columns are then called
    "0", "1", ... Everything is learned from the rows given to `fit` alone.

    Args:
        effort: "quick" for one small network, "default", or "best" for several kinds.
        time_limit: seconds, about, that `fit` may take; None leaves it to `effort`. With a limit
            the result depends on the machine.
        random_state: of cuts, initial weights, order and dropout.
        n_jobs: networks trained at a time; None or -1 for one a core. It changes no result.
        engine: "compiled", "numpy" or "auto", as in `Sequential.compile`.
        verbose: print what is being done.

    Attributes:
        model_: the `TabularModel`, to look into.
        losses_: root mean squared errors of the linear model, the networks and the mixture, on
            rows not trained on.
        shares_: of each in the mixture.
        n_features_in_, feature_names_in_: as scikit-learn's.

    Raises:
        ValueError: (in `fit`) a parameter out of range, or data that do not fit.

    Examples:
        >>> from hyalite.sklearn import TabularRegressor
        >>> X = [[n % 11, "AB"[n % 2]] for n in range(88)]
        >>> y = [10 * (n % 11) + 50 * (n % 2) for n in range(88)]
        >>> model = TabularRegressor(effort="quick", random_state=0).fit(X, y)
        >>> model.predict([[4, "A"], [4, "B"]]).round().tolist()
        [40.0, 90.0]
    """

    def __init__(
        self,
        effort: str = "default",
        *,
        time_limit: float | None = None,
        random_state: Any = None,
        n_jobs: int | None = None,
        engine: str = "auto",
        verbose: bool = False,
    ) -> None:
        self.effort = effort
        self.time_limit = time_limit
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.engine = engine
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X: Any, y: Any = None, sample_weight: Any = None, groups: Any = None
    ) -> TabularRegressor:
        """Train on rows X and their numbers y (n,).

        Args:
            X: (n, columns), a data frame or an array; or a pack (`hyalite.tables.pack`), alone.
            y: the number of each row.
            sample_weight: what each row counts (n,).
            groups: rows of one group, such as a person's, are not torn apart by the folds (n,).
        """
        return self._fit(X, y, sample_weight, groups)

    def predict(self, X: Any) -> Array:
        """The expected number of each row, (n,)."""
        return self._answers(X)

    def predict_interval(self, X: Any, coverage: float = 0.9) -> Array:
        """Between which two numbers the true one lies in that share of rows, (n, 2).

        Raises:
            ValueError: coverage is not above 0 and below 1.
        """
        check_is_fitted(self)
        return self.model_.interval_of(self._answers(X), coverage)

    def _checked_target(self, y: Any) -> Array:
        return checked_y(y, self, numeric=True).astype(np.float64)

    def _learn(
        self, table: Table, name: str, y: Array, types: dict[str, str]
    ) -> tuple[Preparation, Array]:
        if words := tamed_words(name, y, table.row_numbers):
            warnings.warn(words, DataWarning, stacklevel=4)
        whole = renewed(table, {**table.columns, name: y})
        return Preparation.learn(whole, name, task="regression", types=types), y

    def _metric(self) -> str:
        return "rmse"

    def _take(self, model: TabularModel, about: dict[str, Any]) -> None:
        if model.classes:
            raise ValueError("the model predicts classes; load it with TabularClassifier.load")
        super()._take(model, about)

"""What both estimators for tables share: raw rows in, a `TabularModel` out."""

from __future__ import annotations

from numbers import Integral, Real
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils._param_validation import Options as Among
from sklearn.utils.validation import (
    _check_feature_names,
    _check_n_features,
    _check_sample_weight,
    _check_y,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from hyalite.conversion import check_kept
from hyalite.data.tables import Pack, Preparation, Table
from hyalite.files.model_file import Reader
from hyalite.parameters import Array
from hyalite.recipes.tabular.effort import EFFORTS, Options
from hyalite.recipes.tabular.ensemble import TabularModel
from hyalite.recipes.tabular.fitting import TrainedTable, fit_rows
from hyalite.recipes.tabular.packs import fit_pack
from hyalite.recipes.tabular.storage import read

FEW_ROWS = 100  # equal ones among so few are merged: none lies on both sides of a cut
ESTIMATOR_KEY = "estimator"  # of its parameters and classes in the model's metadata


class Tabular(BaseEstimator):
    """A `TabularModel` behind scikit-learn's interface."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "effort": [StrOptions(set(EFFORTS))],
        "time_limit": [Interval(Real, 0, None, closed="neither"), None],
        "random_state": ["random_state"],
        "n_jobs": [
            Interval(Integral, 1, None, closed="left"),
            Among(Integral, {-1}),
            None,
        ],
        "engine": [StrOptions({"auto", "compiled", "numpy"})],
        "verbose": ["verbose"],
    }

    effort: str
    time_limit: float | None
    random_state: Any
    n_jobs: int | None
    engine: str
    verbose: bool
    model_: TabularModel

    def _fit(self, X: Any, y: Any, sample_weight: Any, groups: Any) -> Self:
        if isinstance(X, Pack):
            return self._fit_pack(X, y, sample_weight, groups)
        if y is None:
            raise ValueError(
                f"This {type(self).__name__} estimator requires y to be passed, but the target y "
                "is None."
            )
        table = self._table(X, reset=True)
        name = str(getattr(y, "name", None) or "target")
        y = self._checked_target(y)
        if len(y) < 2:
            raise ValueError("there is 1 sample only (n_samples = 1); training needs two or more")
        check_consistent_length(range(len(table)), y)
        weight = self._weights(y, table, sample_weight)
        if groups is not None:
            groups = column_or_1d(groups)
            check_consistent_length(range(len(table)), groups)
            if groups.dtype == object:  # texts with None among them have no order
                groups = np.array([f"{type(one).__name__} {one}" for one in groups])
        table, y, weight, groups = _distinct(table, y, weight, groups)
        while name in table:
            name += " (target)"
        options = self._options()
        preparation, labels = self._learn(table, name, y, _types(X, table))
        return self._keep(
            fit_rows(
                table, labels, preparation, options, weight=weight, groups=groups,
                metric=self._metric(),
            )
        )  # fmt: skip

    def _fit_pack(self, pack: Pack, y: Any, sample_weight: Any, groups: Any) -> Self:
        """Train on rows on disk."""
        if not (y is None and sample_weight is None and groups is None):
            raise ValueError("a pack has its own target: leave y, sample_weight and groups away")
        if bool(pack.class_counts) == (self._metric() == "rmse"):
            other = "TabularClassifier" if pack.class_counts else "TabularRegressor"
            raise ValueError(f"the pack's target is for {other}, not for {type(self).__name__}")
        options = self._options()
        trained = fit_pack(pack, options, getattr(self, "class_weight", None), self._metric())
        self._take(trained.model, {})
        return self._keep(trained)

    def _options(self) -> Options:
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        return Options(
            effort=self.effort, time_limit=self.time_limit, seed=seed, n_jobs=self.n_jobs,
            engine=self.engine, say=print if self.verbose else lambda text: None,
        )  # fmt: skip

    def _keep(self, trained: TrainedTable) -> Self:
        self.model_ = trained.model
        self.losses_ = dict(trained.mixture.losses)
        self.shares_ = dict(trained.mixture.shares)
        return self

    # What the two differ in ---------------------------------------------------------------------

    def _checked_target(self, y: Any) -> Array:
        """y as a vector (n,)."""
        raise NotImplementedError

    def _learn(
        self, table: Table, name: str, y: Array, types: dict[str, str]
    ) -> tuple[Preparation, Array]:
        """How the columns are prepared; and labels, or numbers, (n,)."""
        raise NotImplementedError

    def _metric(self) -> str:
        raise NotImplementedError

    def _class_weights(self, y: Array) -> Array | None:
        """What each row counts by its class (n,)."""
        return None

    # Rows ---------------------------------------------------------------------------------------

    def _table(self, X: Any, *, reset: bool) -> Table:
        """Raw rows as a table, whatever they came as."""
        if hasattr(X, "columns"):
            table = Table.of(X)
            if isinstance(X, Table) and reset:
                self.feature_names_in_ = np.array(table.column_names, object)
            elif not isinstance(X, Table) and (reset or hasattr(self, "feature_names_in_")):
                _check_feature_names(self, X, reset=reset)
            if not len(table):
                raise ValueError(
                    f"Found array with 0 sample(s) (shape=(0, {table.num_columns})) while a "
                    f"minimum of 1 is required by {type(self).__name__}."
                )
            if reset:
                self.n_features_in_ = table.num_columns
            elif table.num_columns != self.n_features_in_:
                _check_n_features(self, np.empty((1, table.num_columns)), reset=False)
            return table
        check_kept(X, "X")
        if isinstance(X, list):  # NumPy would make texts of numbers beside texts
            X = np.array(X, object)
        X = validate_data(self, X, dtype=None, ensure_all_finite="allow-nan", reset=reset)
        _check_cells(X)
        table = Table.of(X)
        names = getattr(self, "feature_names_in_", table.column_names)
        return renewed(table, dict(zip(map(str, names), table.columns.values(), strict=True)))

    def _weights(self, y: Array, table: Table, sample_weight: Any) -> Array | None:
        """Sample weight times class weight (n,), or None."""
        weight = None
        if sample_weight is not None:
            rows = np.empty((len(table), 1))
            weight = _check_sample_weight(
                sample_weight, rows, dtype=np.float64, ensure_non_negative=True
            )
        kept = slice(None) if weight is None else weight > 0
        own = self._class_weights(y[kept])
        if own is None:
            return weight
        weight = np.ones(len(y)) if weight is None else weight.copy()
        weight[kept] *= own
        return weight

    # Using --------------------------------------------------------------------------------------

    def _answers(self, X: Any) -> Array:
        check_is_fitted(self)
        return self.model_.outputs(self.model_.inputs(self._table(X, reset=False)))

    def save(self, path: str | Path) -> None:
        """Write the fitted estimator to one safetensors file.

        `hyalite predict` and `hyalite.recipes.load` read it, too.

        Raises:
            OSError: it cannot be written; an older file at `path` is then untouched.
            NotFittedError: before `fit`.
        """
        check_is_fitted(self)
        self.model_.metadata[ESTIMATOR_KEY] = self._config()
        self.model_.save(path)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The estimator that `save` wrote, or one with the model that `hyalite train` wrote.

        Raises:
            FileFormatError: damaged, or of another kind.
            ValueError: it predicts classes and this is for numbers, or the other way about.
            OSError: no such file.
        """
        model = read(Reader(path))
        about = model.metadata.get(ESTIMATOR_KEY, {})
        known = set(cls._get_param_names())
        found = cls(**{k: v for k, v in about.get("parameters", {}).items() if k in known})
        found._take(model, about)
        return found

    def _config(self) -> dict[str, Any]:
        """What is needed to load the estimator, as JSON data."""
        parameters = {
            name: value
            for name, value in self.get_params().items()
            if value is None or isinstance(value, str | int | float | bool)
        }
        about: dict[str, Any] = {"parameters": parameters, "features": self.n_features_in_}
        if hasattr(self, "feature_names_in_"):
            about["names"] = list(self.feature_names_in_)
        return about

    def _take(self, model: TabularModel, about: dict[str, Any]) -> None:
        self.model_ = model
        model.use_engine(self.engine)
        names = about.get("names")
        if names is None and "features" not in about:
            names = [column.name for column in model.preparation.columns]
        if names is not None:
            self.feature_names_in_ = np.array(names, object)
        self.n_features_in_ = int(about.get("features", len(names or ())))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        return tags


def renewed(table: Table, columns: dict[str, Array]) -> Table:
    """Other columns, or more, with what the table knows of its own."""
    return Table(
        columns,
        delimiter=table.delimiter,
        row_numbers=table.row_numbers,
        categories=table.categories,
        codes=table.codes,
    )


def _types(X: Any, table: Table) -> dict[str, str]:
    """Of an array the numbers are quantities, be they like the numbers of the rows."""
    if hasattr(X, "columns"):
        return {}
    return {
        name: "number"
        for name, values in table.columns.items()
        if values.dtype.kind == "i" or (values.dtype.kind == "f" and not np.isnan(values).all())
    }


def _check_cells(X: Array) -> None:
    """Refuse what is no value, as scikit-learn does."""
    for cell in X.ravel() if X.dtype == object else ():
        if isinstance(cell, dict | list | tuple | set | np.ndarray):
            raise TypeError(f"argument must be a string or a number, got {type(cell).__name__}")


def _distinct(
    table: Table, y: Array, weight: Array | None, groups: Array | None
) -> tuple[Table, Array, Array | None, Array | None]:
    """Without rows that count nothing; of few rows equal ones as one that counts as many.

    A weight is then the same as that many equal rows, and none of them lies on both sides of a cut.
    """
    rows = np.arange(len(y)) if weight is None else np.flatnonzero(weight > 0)
    if weight is not None and not len(rows):
        raise ValueError("sample_weight is zero for every sample; some must count")
    if len(rows) <= FEW_ROWS:
        total = np.ones(len(y)) if weight is None else weight
        keys: dict[str, list[int]] = {}
        for row in rows.tolist():
            own = [values[row] for values in table.columns.values()]
            keys.setdefault(
                repr((own, y[row], None if groups is None else groups[row])), []
            ).append(row)
        merged = [keys[key] for key in sorted(keys)]
        if weight is not None or len(merged) < len(rows):
            sums = [total[same].sum() for same in merged]
            rows = np.array([same[0] for same in merged])
            total = total.copy()
            total[rows] = sums
            weight = total
            if (total[rows] == total[rows[0]]).all():
                weight = None
        else:
            rows = np.array([same[0] for same in merged])
    taken = None if groups is None else groups[rows]
    return table.take(rows), y[rows], None if weight is None else weight[rows], taken


def plain(y: Any) -> Any:
    """Truths and whole numbers as NumPy has them, whatever they came in, where none is missing.

    Of pandas' own types, "boolean" and "Int64", scikit-learn would make 0.0 and 1.0; truths among
    objects it would refuse.
    """
    own = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    if own is not None and getattr(own, "kind", "") in "biu" and not y.isna().any():
        return y.to_numpy(own)
    if str(getattr(y, "dtype", "")) == "object" and getattr(y, "ndim", 1) == 1 and len(y):
        cells = list(y)
        if all(isinstance(cell, bool | np.bool_) for cell in cells):
            return np.array(cells, bool)
    return y


def checked_y(y: Any, estimator: Any, *, numeric: bool) -> Array:
    """y as a vector, without gaps."""
    y = column_or_1d(plain(y), warn=True)
    return np.asarray(_check_y(y, y_numeric=numeric, estimator=estimator))

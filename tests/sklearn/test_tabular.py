"""The estimators for tables, by scikit-learn's own checks and by what its users do with them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyalite as hy

sklearn = pytest.importorskip("sklearn", reason="the estimators need the extra 'sklearn'")

from sklearn.base import clone  # noqa: E402
from sklearn.calibration import CalibratedClassifierCV  # noqa: E402
from sklearn.exceptions import NotFittedError  # noqa: E402
from sklearn.inspection import permutation_importance  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import estimator_checks_generator  # noqa: E402

from hyalite.errors import DataWarning  # noqa: E402
from hyalite.sklearn import TabularClassifier, TabularRegressor  # noqa: E402
from tests.recipes.tabular.helpers import few_epochs  # noqa: E402

# by the default engine: NumPy's products may round a row otherwise in another place of a batch
ESTIMATORS = {
    "classifier": TabularClassifier("quick"),
    "regressor": TabularRegressor("quick"),
}
CHECKS = [
    pytest.param(made, check, id=f"{name}: {getattr(check, 'func', check).__name__} {number}")
    for name, own in ESTIMATORS.items()
    for number, (made, check) in enumerate(estimator_checks_generator(own, legacy=True))
]
QUICK: dict[str, Any] = {"effort": "quick", "engine": "numpy", "random_state": 0}


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    few_epochs(monkeypatch)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_scikit_learns_own_check(estimator: Any, check: Any) -> None:
    try:
        check(estimator)
    except sklearn.exceptions.SkipTestWarning as skipped:
        raise AssertionError(f"no check may be skipped: {skipped}") from None


def rows(count: int = 90) -> tuple[list[list[Any]], list[float]]:
    """Numbers and a category, with gaps; the target is 10·number, 50 more for "B"."""
    X = [[float(n % 13), "AB"[n % 2], None if n % 9 else 1.5] for n in range(count)]
    return X, [10.0 * (n % 13) + 50 * (n % 2) for n in range(count)]


def frame(count: int = 90) -> tuple[Any, Any]:
    pandas = pytest.importorskip("pandas", reason="a frame")
    X, y = rows(count)
    table = pandas.DataFrame(X, columns=["number", "kind", "gaps"])
    days = pandas.date_range("2024-01-01", periods=count)
    return table.assign(day=days), pandas.Series(y, name="price")


def test_raw_frames_and_what_is_known_of_them() -> None:
    pytest.importorskip("narwhals", reason="needs the extra 'tables'")
    X, y = frame()
    model = TabularRegressor(**QUICK).fit(X, y)
    assert list(model.feature_names_in_) == ["number", "kind", "gaps", "day"]
    assert model.n_features_in_ == 4
    assert model.score(X, y) > 0.9
    assert model.model_.preparation.target.name == "price"
    assert set(model.losses_) == {"linear model", "network", "mixture"}
    assert sum(model.shares_.values()) == pytest.approx(1)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(X.rename(columns={"kind": "sort"}))
    names = np.where(y > 80, "dear", "cheap")
    classifier = TabularClassifier(**QUICK).fit(X, names)
    assert classifier.classes_.tolist() == ["cheap", "dear"]
    assert set(classifier.predict(X)) == {"cheap", "dear"}
    assert 0 < classifier.threshold_ < 1


@pytest.mark.parametrize("dtype", ["category", "string", "object"])
def test_what_a_frame_says_of_a_column_is_kept(dtype: str) -> None:
    """Digits as texts are names there, such as those of stores."""
    pandas = pytest.importorskip("pandas", reason="a frame")
    X, y = frame()
    X = X.assign(store=pandas.Series([str(n % 30) for n in range(90)]).astype(dtype))
    for model, target in ((TabularRegressor(**QUICK), y), (TabularClassifier(**QUICK), y > 80)):
        columns = {c.name: c.kind for c in model.fit(X, target).model_.preparation.columns}
        assert columns["store"] == "category"


def test_one_slip_in_the_target_costs_one_row() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    y = 3 * X[:, 0] - X[:, 1]
    slipped = np.append(y[:-1], 1e9)
    regressor = TabularRegressor(**QUICK)
    with pytest.warns(DataWarning, match=r"has 1e\+09 \(row 200\), 30 times as far out as all"):
        regressor.fit(X, slipped)
    off = np.sqrt(np.mean((regressor.predict(X[:-1]) - y[:-1]) ** 2))
    assert off < 0.3 * y.std()


def test_what_training_never_saw_is_said_once_for_each_column() -> None:
    X, y = frame()
    regressor = TabularRegressor(**QUICK).fit(X, y)
    regressor.predict(X)  # says nothing
    new = X.assign(kind="Z")
    with pytest.warns(DataWarning, match=r"column 'kind': 90 with a value not seen .*'Z'"):
        regressor.predict(new)
    regressor.predict(new)
    with pytest.warns(DataWarning, match=r"column 'number': .*1e\+09") as said:
        regressor.predict(new.assign(number=1e9))
    assert "kind" not in str(said[0].message)


def test_arrays_of_anything() -> None:
    X, y = rows()
    model = TabularRegressor(**QUICK).fit(X, y)
    np.testing.assert_array_equal(model.predict(np.array(X, object)), model.predict(X))
    low, high = model.predict_interval(X, coverage=0.8).T
    assert (low <= high).all()
    with pytest.raises(TypeError, match="string or a number"):
        model.predict([[{}, "A", 1.0]])
    # numbers that count the rows are quantities here, not left out
    line = TabularRegressor(**QUICK).fit(np.arange(50.0)[:, None], 3.0 * np.arange(50))
    assert line.predict([[20.0]])[0] == pytest.approx(60, abs=3)


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_a_file_a_pickle_and_a_clone(kind: str, tmp_path: Path) -> None:
    X, y = rows()
    target = [int(v > 80) for v in y] if kind == "classifier" else y
    own = clone(ESTIMATORS[kind]).set_params(random_state=3)
    model = own.fit(X, target)
    expected = model.predict(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), expected)
    again = clone(model).fit(X, target)
    np.testing.assert_array_equal(again.predict(X), expected)
    model.save(tmp_path / "model.safetensors")
    loaded = type(model).load(tmp_path / "model.safetensors")
    assert loaded.get_params() == model.get_params()
    found = loaded.predict(X)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
    assert isinstance(hy.recipes.load(tmp_path / "model.safetensors"), hy.recipes.TabularModel)
    other = TabularRegressor if kind == "classifier" else TabularClassifier
    with pytest.raises(ValueError, match=f"load it with Tabular{kind.capitalize()}"):
        other.load(tmp_path / "model.safetensors")
    with pytest.raises(NotFittedError):
        clone(model).save(tmp_path / "none.safetensors")


def test_a_model_of_the_library_becomes_an_estimator(tmp_path: Path) -> None:
    X, y = rows()
    whole = hy.tables.Table.of(np.array(X, object))
    table = hy.tables.Table({**whole.columns, "t": np.array(y)})
    trained = hy.recipes.fit_table(
        table, "t", task="regression", effort="quick", engine="numpy", verbose=0
    )
    trained.save(tmp_path / "model.safetensors")
    model = TabularRegressor.load(tmp_path / "model.safetensors")
    model.model_.use_engine("numpy")
    rows_only = table.select(model.feature_names_in_)
    np.testing.assert_array_equal(model.predict(rows_only), trained.predict(table))


@pytest.mark.filterwarnings("ignore::hyalite.errors.DataWarning")  # folds see what others do not
def test_it_stands_where_an_estimator_stands() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    y = (X[:, 0] > 0).astype(int)
    pipeline = make_pipeline(StandardScaler(), TabularClassifier(**QUICK)).fit(X, y)
    assert pipeline.score(X, y) > 0.8
    scores = cross_val_score(TabularClassifier(**QUICK), X, y, cv=3, scoring="neg_log_loss")
    assert scores.mean() > -0.6
    search = GridSearchCV(TabularClassifier(**QUICK), {"class_weight": [None, "balanced"]}, cv=2)
    assert search.fit(X, y).best_score_ > 0.7
    calibrated = CalibratedClassifierCV(TabularClassifier(**QUICK), cv=2).fit(X, y)
    assert calibrated.predict_proba(X).shape == (90, 2)
    found = permutation_importance(pipeline, X, y, n_repeats=1, random_state=0)
    assert found.importances_mean.argmax() == 0


def test_weights_are_as_many_equal_rows() -> None:
    X, y = rows(30)
    weight = np.arange(30) % 3
    one = TabularRegressor(**QUICK).fit(X, y, sample_weight=weight)
    many = TabularRegressor(**QUICK).fit(
        [row for row, count in zip(X, weight, strict=True) for _ in range(count)],
        np.repeat(y, weight),
    )
    np.testing.assert_array_equal(one.predict(X), many.predict(X))
    with pytest.raises(ValueError, match="zero"):
        TabularRegressor(**QUICK).fit(X, y, sample_weight=np.zeros(30))


def test_groups_are_handed_on() -> None:
    X, y = rows()
    with pytest.raises(ValueError, match="one group only"):
        TabularRegressor(**QUICK).fit(X, y, groups=["same"] * 90)
    with pytest.raises(ValueError, match="inconsistent"):
        TabularRegressor(**QUICK).fit(X, y, groups=[1, 2])
    TabularRegressor(**QUICK).fit(X, y, groups=np.arange(90) // 3)


def test_classes_that_are_written_alike() -> None:
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = np.where(X[:, 0] > 0, 1.5, 2.5).astype(object)
    model = TabularClassifier(**QUICK).fit(X, np.where(y == 1.5, "a", "b"))
    assert model.predict_log_proba(X).shape == (60, 2)
    with pytest.raises(ValueError, match="one class only"):
        TabularClassifier(**QUICK).fit(X, np.zeros(60))


def test_pandas_own_types_of_truths_and_whole_numbers_stay_what_they_are() -> None:
    pandas = pytest.importorskip("pandas", reason="a series of its own")
    X, y = rows(30)
    truths = np.array(y) > 60
    for made, dtype in (
        (pandas.Series(truths, dtype="boolean"), bool),
        (pandas.Series(truths, dtype=object), bool),
        (pandas.Series(truths.astype(int), dtype="Int64"), np.int64),
    ):
        found = TabularClassifier(**QUICK).fit(X, made)
        assert found.classes_.dtype == found.predict(X).dtype == dtype
    with pytest.raises(ValueError, match="NaN"):
        TabularClassifier(**QUICK).fit(X, pandas.Series([True, None] * 15, dtype="boolean"))


def test_groups_with_gaps_and_all_cores() -> None:
    X, y = rows(30)
    groups = np.array([None, "a", "b"] * 10, object)
    model = TabularRegressor(**QUICK, n_jobs=-1).fit(X, y, groups=groups)
    assert np.isfinite(model.predict(X)).all()
    with pytest.raises(ValueError, match="groups has one group only, '1'"):
        TabularRegressor(**QUICK).fit(X, y, groups=np.ones(30, int))

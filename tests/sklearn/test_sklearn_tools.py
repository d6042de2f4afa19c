"""The estimators inside scikit-learn's own tools: searches, ensembles, frames, routing."""

from __future__ import annotations

import io
import pickle
import warnings

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn", reason="the estimators need the extra 'sklearn'")

import joblib  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.calibration import CalibratedClassifierCV  # noqa: E402
from sklearn.compose import TransformedTargetRegressor, make_column_transformer  # noqa: E402
from sklearn.datasets import load_diabetes, load_wine  # noqa: E402
from sklearn.ensemble import (  # noqa: E402
    BaggingClassifier,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.feature_selection import SelectKBest  # noqa: E402
from sklearn.inspection import partial_dependence, permutation_importance  # noqa: E402
from sklearn.linear_model import LinearRegression, LogisticRegression  # noqa: E402
from sklearn.model_selection import (  # noqa: E402
    GridSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier  # noqa: E402
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import OneHotEncoder, StandardScaler  # noqa: E402

from hyalite.sklearn import MLPClassifier, MLPRegressor  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
OPTIONS = {"learning_rate_init": 0.02, "max_iter": 25, "random_state": 0, "batch_size": 32}


def classifier(**more) -> MLPClassifier:
    return MLPClassifier(16, **OPTIONS | more)


def regressor(**more) -> MLPRegressor:
    return MLPRegressor(hidden_layer_sizes=16, **OPTIONS | more)


@pytest.fixture(scope="module")
def wine():
    x, y = load_wine(return_X_y=True)
    return StandardScaler().fit_transform(x), y


@pytest.fixture(scope="module")
def diabetes():
    x, y = load_diabetes(return_X_y=True)
    return StandardScaler().fit_transform(x), (y - y.mean()) / y.std()


TOOLS = {
    "one against the rest": lambda: OneVsRestClassifier(classifier()),
    "one against one": lambda: OneVsOneClassifier(classifier()),
    "bagging": lambda: BaggingClassifier(classifier(), n_estimators=2, random_state=0),
    "vote": lambda: VotingClassifier(
        [("mlp", classifier()), ("lr", LogisticRegression())], voting="soft"
    ),
    "stack": lambda: StackingClassifier(
        [("mlp", classifier()), ("lr", LogisticRegression())], classifier(), cv=3
    ),
    "calibrated": lambda: CalibratedClassifierCV(classifier(), cv=3),
    "calibrated with isotonic": lambda: CalibratedClassifierCV(
        classifier(), cv=3, method="isotonic", ensemble=False
    ),
    "grid": lambda: GridSearchCV(classifier(), {"alpha": [1e-4, 0.1]}, cv=3),
    "random": lambda: RandomizedSearchCV(
        classifier(), {"dropout": [0.0, 0.1]}, n_iter=2, cv=3, random_state=0
    ),
    "selection": lambda: make_pipeline(SelectKBest(k=5), classifier()),
}


@pytest.mark.parametrize("name", TOOLS)
def test_of_classes(name, wine):
    x, y = wine
    made = TOOLS[name]().fit(x, y)
    assert made.score(x, y) > 0.9
    assert made.predict(x).shape == y.shape
    if hasattr(made, "predict_proba"):
        np.testing.assert_allclose(made.predict_proba(x).sum(axis=1), 1, atol=1e-6)
    assert (clone(made).fit(x, y).predict(x) == made.predict(x)).all()  # random_state is all


NUMBERS = {
    "vote": lambda: VotingRegressor([("mlp", regressor()), ("lr", LinearRegression())]),
    "stack": lambda: StackingRegressor([("mlp", regressor())], regressor(), cv=3),
    "target in another unit": lambda: TransformedTargetRegressor(
        regressor(), transformer=StandardScaler()
    ),
    "target by a function": lambda: TransformedTargetRegressor(
        regressor(), func=np.arcsinh, inverse_func=np.sinh
    ),
    "search by another loss": lambda: GridSearchCV(
        regressor(), {"loss": ["huber", "squared_error"]}, cv=3, scoring="r2"
    ),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_of_numbers(name, diabetes):
    x, y = diabetes
    made = NUMBERS[name]().fit(x, y)
    assert made.score(x, y) > 0.4
    assert made.predict(x).shape == y.shape


def test_several_outputs(wine, diabetes):
    x, y = wine
    both = np.column_stack([y, y[::-1] > 1])
    made = MultiOutputClassifier(classifier()).fit(x, both)
    assert (made.predict(x)[:, 0] == y).mean() > 0.9
    assert [p.shape for p in made.predict_proba(x)] == [(len(x), 3), (len(x), 2)]
    x, y = diabetes
    numbers = MultiOutputRegressor(regressor()).fit(x, np.column_stack([y, -y]))
    assert numbers.score(x, np.column_stack([y, -y])) > 0.4
    scaled = TransformedTargetRegressor(regressor(), transformer=StandardScaler())
    far = np.column_stack([y, 100 * y])
    assert scaled.fit(x, far).score(x, far) > 0.4


def test_searches_and_curves_in_two_processes(wine):
    x, y = wine
    pipeline = make_pipeline(StandardScaler(), classifier())
    grid = {"mlpclassifier__alpha": [1e-4, 1.0], "mlpclassifier__hidden_layer_sizes": [8, (8, 4)]}
    search = GridSearchCV(pipeline, grid, cv=3, n_jobs=2, scoring=["accuracy", "neg_log_loss"],
                          refit="neg_log_loss").fit(x, y)  # fmt: skip
    alone = GridSearchCV(pipeline, grid, cv=3, scoring="accuracy").fit(x, y)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_accuracy"], alone.cv_results_["mean_test_score"]
    )
    assert search.score(x, y) > -0.2
    assert cross_val_score(pipeline, x, y, cv=3, n_jobs=2).mean() > 0.9
    assert cross_val_predict(pipeline, x, y, cv=3, method="predict_proba").shape == (len(x), 3)
    sizes, train, test = learning_curve(
        pipeline, x, y, cv=3, train_sizes=[0.3, 1.0], n_jobs=2, shuffle=True, random_state=0
    )
    assert test.mean(axis=1)[1] > 0.9
    _, again, _ = learning_curve(
        classifier(), x, y, cv=3, train_sizes=[0.3, 1.0], exploit_incremental_learning=True,
        shuffle=True, random_state=0,
    )  # fmt: skip
    assert again.shape == train.shape == (len(sizes), 3)


def test_looking_inside(wine, diabetes):
    x, y = wine
    made = classifier().fit(x, y)
    found = permutation_importance(made, x, y, n_repeats=2, random_state=0)
    assert found.importances_mean.max() > 0.01
    number = regressor().fit(*diabetes)
    curve = partial_dependence(number, diabetes[0], [2], grid_resolution=5)
    assert curve["average"].shape == (1, 5)


def test_nested_parameters(wine):
    pipeline = make_pipeline(StandardScaler(), classifier(dropout=(0.1,)))
    assert pipeline.get_params()["mlpclassifier__dropout"] == (0.1,)
    pipeline.set_params(mlpclassifier__hidden_layer_sizes=(8, 4), mlpclassifier__dropout=0.0)
    assert [w.shape[1] for w in pipeline.fit(*wine)[-1].coefs_] == [8, 4, 3]
    with pytest.raises(ValueError, match="Invalid parameter 'nonsense'"):
        pipeline.set_params(mlpclassifier__nonsense=1)
    made = classifier()
    assert made.set_params(**made.get_params()) is made
    assert repr(MLPClassifier(5, alpha=1.0)) == "MLPClassifier(alpha=1.0, hidden_layer_sizes=5)"
    before = made.get_params()
    assert made.fit(*wine).get_params() == before


@pytest.mark.parametrize("kind", [classifier, regressor])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("store", ["pickle", "joblib", "compressed"])
def test_what_was_stored_goes_on_training_in_the_same_bytes(kind, solver, store, wine, tmp_path):
    x, y = wine
    made = kind(solver=solver, warm_start=True, max_iter=3).fit(x, y)
    if store == "pickle":
        again = pickle.loads(pickle.dumps(made))
    else:
        joblib.dump(made, tmp_path / "made", compress=3 * (store == "compressed"))
        again = joblib.load(tmp_path / "made")
    np.testing.assert_array_equal(again.predict(x), made.predict(x))
    for one in (made, again):
        one.fit(x, y)
        one.partial_fit(x, y)
    assert again.model_.theta.tobytes() == made.model_.theta.tobytes()
    assert np.shares_memory(again.coefs_[0], again.model_.theta)
    assert again.loss_curve_ == made.loss_curve_
    assert len(again.loss_curve_) == 7


def test_it_can_be_read_from_memory_that_only_reads(wine, tmp_path):
    x, y = wine
    joblib.dump(classifier().fit(x, y), tmp_path / "made")
    mapped = joblib.load(tmp_path / "made", mmap_mode="r")
    assert mapped.score(x, y) > 0.9


def test_html(wine):
    pipeline = make_pipeline(StandardScaler(), classifier(l1=0.5))
    assert "MLPClassifier" in pipeline._repr_html_()
    text = classifier(l1=0.5).fit(*wine)._repr_html_()
    assert "fitted" in text
    assert "0.5" in text
    assert "text/html" in classifier()._repr_mimebundle_()


# Frames ------------------------------------------------------------------------------------------

FRAMES = ["pandas", "polars"]


def frame_of(library, x):
    module = pytest.importorskip(library, reason=f"frames come from {library}")
    return module.DataFrame({f"column {i}": x[:, i] for i in range(x.shape[1])})


@pytest.mark.parametrize("library", FRAMES)
@pytest.mark.parametrize("kind", [classifier, regressor])
def test_frames(library, kind, wine):
    x, y = wine
    frame = frame_of(library, x)
    module = pytest.importorskip(library)
    made = kind().fit(frame, module.Series(y))
    assert made.feature_names_in_.tolist() == list(frame.columns)
    assert made.n_features_in_ == 13
    plain = kind().fit(x, y)
    assert made.model_.theta.tobytes() == plain.model_.theta.tobytes()
    assert not hasattr(plain, "feature_names_in_")
    np.testing.assert_array_equal(made.predict(frame), plain.predict(x))
    with pytest.raises(ValueError, match="Feature names must be in the same order"):
        made.predict(frame[list(frame.columns)[::-1]])
    renamed = frame.rename({"column 0": "other"}, **({"axis": 1} if library == "pandas" else {}))
    with pytest.raises(ValueError, match="Feature names unseen at fit time:\n- other"):
        made.predict(renamed)
    with pytest.raises(ValueError, match="Feature names seen at fit time, yet now missing"):
        made.partial_fit(frame[list(frame.columns)[1:]], y)
    with pytest.raises(ValueError, match=r"X has 12 features, but .* is expecting 13"):
        plain.predict(x[:, 1:])
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        made.predict(x)
    with pytest.warns(UserWarning, match="X has feature names, but"):
        plain.predict(frame)
    early = kind(early_stopping=True, max_iter=4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", sklearn.exceptions.ConvergenceWarning)
        early.fit(frame, y)


@pytest.mark.parametrize("library", FRAMES)
def test_frames_within_a_pipeline(library, wine):
    x, y = wine
    frame = frame_of(library, x)
    scaler = StandardScaler().set_output(transform=library)
    made = make_pipeline(scaler, classifier()).fit(frame, y)
    assert made[-1].feature_names_in_.tolist() == list(frame.columns)
    assert made.score(frame, y) > 0.9
    assert cross_val_score(made, frame, y, cv=3).mean() > 0.9


def test_columns_of_words_and_numbers(wine):
    pandas = pytest.importorskip("pandas", reason="frames come from pandas")
    x, y = wine
    frame = pandas.DataFrame({"a": x[:, 0], "b": x[:, 6], "c": np.where(x[:, 9] > 0, "up", "down")})
    columns = make_column_transformer((StandardScaler(), ["a", "b"]), (OneHotEncoder(), ["c"]))
    words = np.array(["red", "white", "rosé"])[y]
    made = make_pipeline(columns, classifier()).fit(frame, words)
    assert made.score(frame, words) > 0.8
    assert made.classes_.tolist() == ["red", "rosé", "white"]


# Routing of metadata ---------------------------------------------------------------------------


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("kind", [classifier, regressor])
def test_sample_weights_are_routed(kind, wine):
    x, y = wine
    weight = np.where(y == 0, 5.0, 0.2)
    made = kind(max_iter=5).set_fit_request(sample_weight=True)
    made = made.set_score_request(sample_weight=True)
    alone = kind(max_iter=5).fit(x, y, sample_weight=weight)
    plain = kind(max_iter=5).fit(x, y)
    grid = GridSearchCV(made, {"alpha": [1e-4]}, cv=3).fit(x, y, sample_weight=weight)
    assert grid.best_estimator_.model_.theta.tobytes() == alone.model_.theta.tobytes()
    assert grid.best_estimator_.model_.theta.tobytes() != plain.model_.theta.tobytes()
    weighted = cross_validate(made, x, y, cv=3, params={"sample_weight": weight})["test_score"]
    unscored = kind(max_iter=5).set_fit_request(sample_weight=True)
    unscored = unscored.set_score_request(sample_weight=False)
    scores = cross_validate(unscored, x, y, cv=3, params={"sample_weight": weight})["test_score"]
    assert (weighted != scores).any()
    pipeline = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), made)
    pipeline.fit(x, y, sample_weight=weight)
    again = make_pipeline(StandardScaler(), clone(plain)).fit(x, y)
    assert pipeline[-1].model_.theta.tobytes() != again[-1].model_.theta.tobytes()
    nested = GridSearchCV(pipeline, {f"{pipeline.steps[-1][0]}__alpha": [1e-4]}, cv=3)
    nested.fit(x, y, sample_weight=weight)
    assert nested.best_estimator_[-1].model_.theta.tobytes() == (
        pipeline[-1].model_.theta.tobytes()
    )
    asked = kind()
    with pytest.raises(sklearn.exceptions.UnsetMetadataPassedError, match="set_fit_request"):
        GridSearchCV(asked, {"alpha": [1e-4]}, cv=3).fit(x, y, sample_weight=weight)
    partial = kind().set_partial_fit_request(sample_weight=True)
    assert partial.get_metadata_routing() is not None


@pytest.mark.parametrize("kind", [classifier, regressor])
def test_where_nothing_is_set_weights_go_as_they_always_did(kind, wine):
    x, y = wine
    weight = np.where(y == 0, 5.0, 0.2)
    pipeline = make_pipeline(StandardScaler(), kind(max_iter=5))
    pipeline.fit(x, y, **{f"{pipeline.steps[-1][0]}__sample_weight": weight})
    by_hand = kind(max_iter=5).fit(StandardScaler().fit_transform(x), y, weight)
    assert pipeline[-1].model_.theta.tobytes() == by_hand.model_.theta.tobytes()


def test_a_stream_of_parts(wine):
    """What `partial_fit` is for: samples that come in parts, weights and all."""
    x, y = wine
    made, stored = classifier(batch_size="auto"), io.BytesIO()
    order = np.random.default_rng(0).permutation(len(x))
    for _ in range(20):
        for rows in np.array_split(order, 6):
            made.partial_fit(x[rows], y[rows], classes=[0, 1, 2], sample_weight=np.ones(len(rows)))
    joblib.dump(made, stored)
    stored.seek(0)
    assert joblib.load(stored).score(x, y) > 0.95

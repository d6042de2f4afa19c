"""The estimators beside scikit-learn's own: what it fits, they fit; what it trains, they train."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn", reason="the estimators need the extra 'sklearn'")

from sklearn.datasets import make_classification, make_regression  # noqa: E402
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning  # noqa: E402
from sklearn.neural_network import MLPClassifier as Theirs  # noqa: E402
from sklearn.neural_network import MLPRegressor as TheirRegressor  # noqa: E402

from hyalite.sklearn import MLPClassifier, MLPRegressor  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning"),
]

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "sklearn_own_tests.py"
NUMPY = {"engine": "numpy", "random_state": 0}


@pytest.fixture(scope="module")
def three():
    """Samples of three classes."""
    return make_classification(60, 6, n_informative=4, n_classes=3, random_state=0)


# scikit-learn's tests -----------------------------------------------------------------------------


@pytest.mark.long
def test_scikit_learns_own_tests_pass_but_for_those_with_a_reason():
    try:
        found = importlib.util.find_spec("sklearn.neural_network.tests.test_mlp")
    except ModuleNotFoundError:
        found = None
    if found is None:
        pytest.skip("this scikit-learn is installed without its tests")
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_worked_example_of_their_test_fit():
    x, y = np.array([[0.6, 0.8, 0.7]]), np.array([0])
    options = {"solver": "sgd", "learning_rate_init": 0.1, "alpha": 0.1, "momentum": 0}
    made = MLPClassifier(2, "logistic", **options, **NUMPY).partial_fit(x, y, classes=[0, 1])
    made.coefs_[0][...], made.coefs_[1][...] = [[0.1, 0.2], [0.3, 0.1], [0.5, 0]], [[0.1], [0.2]]
    made.intercepts_[0][...], made.intercepts_[1][...] = 0.1, 1.0
    made.partial_fit(x, y)
    right = [[0.098, 0.195756], [0.2956664, 0.096008], [0.4939998, -0.002244]]
    np.testing.assert_allclose(made.coefs_[0], right, atol=5e-4)
    np.testing.assert_allclose(made.coefs_[1], [[0.04706], [0.154089]], atol=5e-4)
    np.testing.assert_allclose(made.intercepts_[0], [0.098333, 0.09626], atol=5e-4)
    np.testing.assert_allclose(made.intercepts_[1], [0.9235], atol=5e-4)
    np.testing.assert_allclose(made.predict_proba(x)[0, 1], 0.739, atol=5e-4)


# The same training from the same weights ----------------------------------------------------------

RNG = np.random.default_rng(0)
X40 = RNG.standard_normal((40, 3))
TARGETS = {
    "two classes": RNG.integers(0, 2, 40),
    "three classes": RNG.integers(0, 3, 40),
    "three labels": RNG.integers(0, 2, (40, 3)),
    "numbers": RNG.standard_normal(40),
    "three numbers": RNG.standard_normal((40, 3)),
    "counts": RNG.integers(0, 5, 40),
    "three counts": RNG.integers(0, 5, (40, 3)),
}


@pytest.mark.parametrize("options", [{"solver": "sgd"}, {"solver": "adam"}], ids=str)
@pytest.mark.parametrize("target", TARGETS)
def test_a_training_is_scikit_learns_step_for_step(target, options):
    y = TARGETS[target]
    common = {"hidden_layer_sizes": 5, "activation": "tanh", "alpha": 0.3, "shuffle": False}
    common |= {"random_state": 0, "batch_size": 20, "warm_start": True}
    if "counts" in target:
        common["loss"] = "poisson"
    own, other = (MLPClassifier, Theirs) if y.dtype == TARGETS["two classes"].dtype else (None,) * 2
    if own is None or "counts" in target:
        own, other = MLPRegressor, TheirRegressor
    pair = [own(engine="numpy", **common), other(**common)]
    for made in pair:
        made.set_params(max_iter=1, learning_rate_init=1e-9).fit(X40, y)
    ours, theirs = pair
    for mine, its in zip(
        ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True
    ):
        mine[...] = its
    for made in pair:
        made.set_params(max_iter=30, learning_rate_init=0.05, **options).fit(X40, y)
    assert ours.n_iter_ == theirs.n_iter_
    near = 1e-12 if options["solver"] == "sgd" else 1e-3  # their Adam scales epsilon with the step
    for mine, its in zip(
        ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True
    ):
        np.testing.assert_allclose(mine, its, rtol=0, atol=near)
    if "class" in target or "labels" in target or target == "numbers":
        assert ours.loss_ == pytest.approx(theirs.loss_, abs=near)


def test_several_outputs_converge_by_sgd_where_scikit_learns_do():
    x, y = make_regression(n_samples=200, n_targets=5, random_state=11)  # of their tests
    made = MLPRegressor(solver="sgd", max_iter=200, **NUMPY)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        made.fit(x, y)
    assert made.score(x, y) > 0.999


def test_hidden_units_of_a_single_input_bend_in_different_places():
    x = np.linspace(0, 10, 50)[:, np.newaxis]
    made = MLPRegressor(hidden_layer_sizes=400, max_iter=1, learning_rate_init=1e-12, **NUMPY)
    made.fit(x, x[:, 0])
    limit = np.sqrt(6 / 401)  # of both layers, 1 by 400 and 400 by 1
    assert max(np.abs(biases).max() for biases in made.intercepts_) < limit + 1e-9
    first = made.intercepts_[0]
    assert first.std() == pytest.approx(limit / np.sqrt(3), rel=0.1)
    assert abs(np.corrcoef(first, made.coefs_[0][0])[0, 1]) < 0.2  # drawn apart from the weights


# One form of y ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (MLPClassifier, {}),
        (MLPClassifier, {"scoring": "loss"}),
        (MLPClassifier, {"scoring": "f1_macro"}),
        (MLPClassifier, {"class_weight": "balanced"}),
        (MLPRegressor, {}),
        (MLPRegressor, {"scoring": "loss"}),
        (MLPRegressor, {"scoring": "neg_mean_absolute_error"}),
    ],
)
def test_a_column_is_what_a_row_of_numbers_is(kind, options, three):
    pandas = pytest.importorskip("pandas", reason="frames come from pandas")
    x, y = three
    weight = np.linspace(0.5, 1.5, len(x))
    made = [
        kind(early_stopping=True, max_iter=30, **options, **NUMPY).fit(x, form, weight)
        for form in (y, y[:, np.newaxis], pandas.DataFrame({"y": y}), y[:, np.newaxis].tolist())
    ]
    for other in made[1:]:
        assert other.model_.theta.tobytes() == made[0].model_.theta.tobytes()
        assert other.validation_scores_ == made[0].validation_scores_
        assert other.predict(x).shape == (60,)
        assert other.score(x, y[:, np.newaxis]) == made[0].score(x, y)


def test_a_column_is_warned_of_as_there(three):
    x, y = three
    for kind in (MLPClassifier, MLPRegressor):
        with pytest.warns(DataConversionWarning, match="column-vector y"):
            kind(max_iter=1, **NUMPY).fit(x, y[:, np.newaxis])


def test_sparse_labels_are_dense_ones():
    sparse = pytest.importorskip("scipy.sparse", reason="sparse arrays come from SciPy")
    y = TARGETS["three labels"]
    dense, thin = (
        MLPClassifier(early_stopping=True, max_iter=5, **NUMPY).fit(X40, form)
        for form in (y, sparse.csr_array(y))
    )
    assert dense.validation_scores_ == thin.validation_scores_
    assert dense.model_.theta.tobytes() == thin.model_.theta.tobytes()


def labels(kind: str) -> np.ndarray:
    y = np.arange(60) % 3
    return {
        "truths": y > 0,
        "words": np.array(["a", "b", "c"])[y],
        "objects": np.array(["a", "b", "c"], object)[y],
        "two words": np.where(y > 0, "yes", "no"),
        "negative": y - 5,
        "minus one": np.where(y > 0, 1, -1),
        "floats": y.astype(float),
        "small numbers": y.astype(np.uint8),
        "large": y + 2**60,
        "one class": np.ones(60, int),
        "a class of one": np.where(np.arange(60) == 7, 2, y > 0),
        "a class each": np.arange(60),
        "pairs": np.arange(60) // 2,
        "dates": np.array(["2020-01-01", "2021-01-01", "2022-01-01"], "M8[D]")[y],
    }[kind]


ALL_LABELS = (
    "truths", "words", "objects", "two words", "negative", "minus one", "floats", "small numbers",
    "large", "one class", "a class of one", "a class each", "pairs", "dates",
)  # fmt: skip


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("kind", ALL_LABELS)
def test_labels_that_scikit_learn_takes(kind, early, three):
    x, y = three[0], labels(kind)
    options = {"early_stopping": early, "max_iter": 3, "random_state": 0}
    theirs = Theirs(**options).fit(x, y)
    ours = MLPClassifier(engine="numpy", **options).fit(x, y)
    assert ours.classes_.tolist() == theirs.classes_.tolist()
    assert ours.predict(x).dtype == theirs.predict(x).dtype
    assert ours.predict(x).shape == theirs.predict(x).shape
    assert set(ours.predict(x).tolist()) <= set(y.tolist())


def test_numbers_that_are_all_the_same_score_as_there():
    x = np.arange(20.0)[:, np.newaxis]
    made = MLPRegressor(max_iter=2, early_stopping=True, validation_fraction=0.5, **NUMPY)
    assert made.fit(x, np.ones(20)).validation_scores_ == [0.0, 0.0]
    for y in (np.ones(20), made.predict(x), np.column_stack([np.ones(20), x[:, 0]])):
        other = made if y.ndim == 1 else MLPRegressor(max_iter=2, **NUMPY).fit(x, y)
        assert other._score(x, y, None) == pytest.approx(other.score(x, y))


def test_dates_are_no_numbers(three):
    with pytest.raises(ValueError, match=r"y must be numbers, got datetime64\[D\]"):
        MLPRegressor(max_iter=1).fit(three[0], labels("dates"))


# Classes of partial_fit ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("y", "classes", "missing"),
    [
        (["a", "b", "c"] * 20, ["a", "c", "e"], r"\['b'\]"),
        ([0, 1, 5] * 20, [0, 5, 7], r"\[1\]"),
        ([0, 1, 9] * 20, [0, 1, 2], r"\[9\]"),
        (["a", "b", "c"] * 20, ["a", "c"], r"\['b'\]"),
        (["0", "1"] * 30, [0, 1], r"\['0', '1'\]"),
    ],
)
def test_labels_outside_the_classes_are_named_at_any_call(y, classes, missing, three):
    x, y = three[0], np.array(y)
    made = MLPClassifier(engine="numpy")
    for _ in range(2):  # the refused call leaves no trace: the next is the first again
        with pytest.raises(ValueError, match=rf"y has {missing}, which are not among"):
            made.partial_fit(x, y, classes=classes)
        assert not hasattr(made, "classes_")
    made.partial_fit(x, np.resize(classes, 60), classes=classes)
    with pytest.raises(ValueError, match=rf"y has {missing}, which are not among"):
        made.partial_fit(x, y)
    with pytest.raises(ValueError, match="classes must be those of the first call"):
        made.partial_fit(x, np.resize(classes, 60), classes=np.unique(y))


def test_forms_of_y_that_the_classes_do_not_have(three):
    x = three[0]
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        MLPClassifier().partial_fit(x, three[1])
    with pytest.raises(ValueError, match=r"y must be \(n, 3\) for the classes"):
        MLPClassifier().partial_fit(x, np.ones((60, 2), int), classes=[0, 1, 2])
    made = MLPClassifier(engine="numpy").partial_fit(x, three[1], classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"y must be \(n,\) for the classes .*got \(60, 3\)"):
        made.partial_fit(x, np.ones((60, 3), int))


def test_a_refused_fit_leaves_the_last_one(three):
    x, y = three
    made = MLPClassifier(max_iter=3, **NUMPY).fit(x, y)
    theta, before = made.model_.theta.copy(), dict(vars(made))
    for options, data, text in (
        ({"hidden_layer_sizes": 0}, (x, y > 0), "hidden_layer_sizes"),
        ({"early_stopping": True, "validation_fraction": 0.01}, (x[:, :2], y > 0), "too small"),
        ({"warm_start": True, "early_stopping": False}, (x, y > 0), "the same classes"),
    ):
        made.set_params(**options)
        with pytest.raises(ValueError, match=text):
            made.fit(*data)
        assert made.classes_.tolist() == [0, 1, 2]
        assert made.n_features_in_ == 6
        assert made.model_ is before["model_"]
        assert made.model_.theta.tobytes() == theta.tobytes()
        made.set_params(hidden_layer_sizes=(100,), warm_start=False)

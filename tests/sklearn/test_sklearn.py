"""The estimators, by scikit-learn's own checks and by what its users do with them."""

from __future__ import annotations

import inspect
import pickle
import tracemalloc
import warnings

import numpy as np
import pytest

import hyalite as hy

sklearn = pytest.importorskip("sklearn", reason="the estimators need the extra 'sklearn'")

from sklearn.calibration import CalibratedClassifierCV  # noqa: E402
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.inspection import permutation_importance  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split  # noqa: E402
from sklearn.neural_network import MLPClassifier as Theirs  # noqa: E402
from sklearn.neural_network import MLPRegressor as TheirRegressor  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import estimator_checks_generator  # noqa: E402

from hyalite.sklearn import MLPClassifier, MLPRegressor  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ESTIMATORS = {
    "classifier": MLPClassifier(max_iter=100),
    "regressor": MLPRegressor(max_iter=100),
    # a step of which takes several passes in Python, so of fewer units
    "classifier by lbfgs": MLPClassifier(hidden_layer_sizes=20, solver="lbfgs", max_iter=15),
    "regressor by lbfgs": MLPRegressor(hidden_layer_sizes=20, solver="lbfgs", max_iter=15),
}
CHECKS = [
    pytest.param(estimator, check, id=f"{name}: {getattr(check, 'func', check).__name__} {number}")
    for name, made in ESTIMATORS.items()
    for number, (estimator, check) in enumerate(estimator_checks_generator(made, legacy=True))
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_scikit_learns_own_check(estimator, check):
    try:
        check(estimator)
    except sklearn.exceptions.SkipTestWarning as skipped:
        raise AssertionError(f"no check may be skipped: {skipped}") from None


def test_there_are_as_many_checks_as_for_scikit_learns_own():
    theirs = len(list(estimator_checks_generator(Theirs(), legacy=True)))
    assert sum(str(check.id).startswith("classifier:") for check in CHECKS) >= theirs


def scores(data, theirs, ours):
    x, y = data(return_X_y=True)
    x = StandardScaler().fit_transform(x)
    x, x_test, y, y_test = train_test_split(x, y, random_state=0)
    return [made.fit(x, y).score(x_test, y_test) for made in (theirs, ours)]


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("data", [load_digits, load_breast_cancer, load_wine])
def test_scores_are_those_of_scikit_learn(data, solver):
    epochs = 60 if data is load_wine else 20  # of so many samples; the others have ten times more
    options = {"solver": solver, "max_iter": epochs, "random_state": 0, "learning_rate_init": 0.01}
    theirs, ours = scores(data, Theirs(**options), MLPClassifier(**options))
    assert ours > theirs - 0.04


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_scores_of_regression_are_those_of_scikit_learn(solver):
    options = {"solver": solver, "max_iter": 100, "random_state": 0, "learning_rate_init": 0.01}
    options |= {"alpha": 10.0, "hidden_layer_sizes": (20,)}
    theirs, ours = scores(load_diabetes, TheirRegressor(**options), MLPRegressor(**options))
    assert ours > theirs - 0.05


def test_the_same_parameters_with_the_same_defaults():
    for own, their in ((MLPClassifier, Theirs), (MLPRegressor, TheirRegressor)):
        mine, theirs = own().get_params(), their().get_params()
        assert {name: mine[name] for name in theirs} == theirs
        kinds = [
            [(name, p.kind) for name, p in inspect.signature(kind).parameters.items()]
            for kind in (own, their)
        ]
        assert kinds[0][: len(kinds[1])] == kinds[1]  # ours come behind theirs


def test_the_attributes_are_theirs():
    x, y = load_digits(return_X_y=True)
    for early in (False, True):
        options = {"max_iter": 3, "random_state": 0, "early_stopping": early}
        theirs, ours = Theirs(**options).fit(x, y), MLPClassifier(**options).fit(x, y)
        for name in vars(theirs):
            if name.endswith("_") and not name.startswith("_"):
                assert hasattr(ours, name), name
        for name in ("n_iter_", "n_layers_", "n_outputs_", "out_activation_", "t_"):
            assert getattr(ours, name) == getattr(theirs, name), name
        assert [w.shape for w in ours.coefs_] == [w.shape for w in theirs.coefs_]
        assert len(ours.loss_curve_) == len(theirs.loss_curve_)
        numbers = TheirRegressor(**options).fit(x, y), MLPRegressor(**options).fit(x, y)
        for name in vars(numbers[0]):
            assert name.startswith("_") or not name.endswith("_") or hasattr(numbers[1], name), name
        if early:
            assert len(ours.validation_scores_) == len(ours.validation_loss_curve_) == 3
            assert ours.best_loss_ is theirs.best_loss_ is None


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_epochs_one_by_one_are_those_of_a_fit(solver):
    x, y = load_wine(return_X_y=True)
    options = {"solver": solver, "random_state": 3, "batch_size": 20, "n_iter_no_change": 99}
    whole = MLPClassifier(max_iter=5, **options).fit(x, y)
    steps = MLPClassifier(**options)
    for _ in range(5):
        steps.partial_fit(x, y, classes=[0, 1, 2])
    assert steps.model_.theta.tobytes() == whole.model_.theta.tobytes()
    assert steps.loss_curve_ == whole.loss_curve_


def test_warm_start_goes_on():
    x, y = load_wine(return_X_y=True)
    x = StandardScaler().fit_transform(x)
    once = MLPClassifier(max_iter=5, random_state=0, warm_start=True).fit(x, y)
    first = once.loss_
    assert once.fit(x, y).loss_curve_[-1] < first
    once.set_params(learning_rate_init=0.5).fit(x, y)
    assert once.model_.optimizer.learning_rate == 0.5
    assert once.model_.optimizer.steps == 5  # a new one; its step is another
    with pytest.raises(
        ValueError, match="warm_start can only be used where `y` has the same classes"
    ):
        once.fit(x[:100], np.minimum(y[:100], 0))


@pytest.mark.parametrize(
    "options",
    [
        {"solver": "adam"},
        {"solver": "sgd", "learning_rate": "invscaling"},
        {"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": 1, "tol": 0.1},
        {"solver": "adamw", "dropout": 0.3, "batch_normalization": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_two_warm_fits_are_one_long_one(kind, options):
    x, y = load_wine(return_X_y=True)
    options = options | {"random_state": 3, "batch_size": 20}
    whole = kind(max_iter=10, **options).fit(x, y)
    parts = kind(max_iter=5, warm_start=True, **options).fit(x, y).fit(x, y)
    assert parts.model_.theta.tobytes() == whole.model_.theta.tobytes()
    assert parts.loss_curve_ == whole.loss_curve_
    assert parts.t_ == whole.t_


def test_a_warm_start_keeps_the_best_of_all_its_fits():
    x, y = load_wine(return_X_y=True)
    x = StandardScaler().fit_transform(x)
    options = {"early_stopping": True, "warm_start": True, "random_state": 0}
    made = MLPClassifier(max_iter=40, learning_rate_init=0.01, **options).fit(x, y)
    best, theta = made.best_validation_score_, made.model_.theta.copy()
    made.set_params(learning_rate_init=50.0, max_iter=3).fit(x, y)  # nothing good comes of it
    assert made.best_validation_score_ == best
    np.testing.assert_array_equal(made.model_.theta, theta)
    made.set_params(early_stopping=False, learning_rate_init=0.001).fit(x, y)
    assert made.validation_scores_ is None
    assert made.best_loss_ == min(made.loss_curve_[-3:])


def test_float32_stays_float32():
    x, y = load_wine(return_X_y=True)
    x = x.astype(np.float32)
    for solver in ("adam", "lbfgs"):
        options = {"solver": solver, "max_iter": 2, "random_state": 0}
        made = MLPClassifier(**options).fit(x, y, np.ones(len(x)))
        assert made.model_.theta.dtype == made.predict_proba(x).dtype == np.float32
        assert made.decision_function(x).dtype == made.predict_log_proba(x).dtype == np.float32
        assert {array.dtype for array in (*made.coefs_, *made.intercepts_)} == {np.dtype("f4")}
        number = MLPRegressor(**options).fit(x, y.astype(float))
        assert number.predict(x).dtype == np.float32
        counts = MLPRegressor("poisson", **options).fit(x, y)
        assert counts.predict(x).dtype == np.float32
    wide = MLPClassifier(dtype="float32", max_iter=2).fit(x.astype(float), y)
    assert wide.predict_proba(x.astype(float)).dtype == np.float32


@pytest.mark.parametrize(
    "scoring",
    ["f1_macro", "neg_log_loss", "roc_auc_ovr", lambda made, x, y: -len(made.loss_curve_)],
)
def test_early_stopping_by_any_scorer(scoring):
    pandas = pytest.importorskip("pandas", reason="frames come from pandas")
    data = load_wine(as_frame=True)
    x = pandas.DataFrame(StandardScaler().fit_transform(data.data), columns=data.data.columns)
    options = {"early_stopping": True, "max_iter": 30, "random_state": 0, "n_iter_no_change": 5}
    made = MLPClassifier(scoring=scoring, **options).fit(x, data.target)
    if callable(scoring):  # the first epoch is the best
        assert made.best_validation_score_ == -1
        assert made.n_iter_ == 7
    else:
        assert max(made.validation_scores_) == made.best_validation_score_
        other = MLPClassifier(**options).fit(x, data.target)
        assert made.validation_scores_ != other.validation_scores_
    assert len(made.validation_loss_curve_) == made.n_iter_
    weighted = MLPClassifier(scoring="f1_macro", **options)
    weighted.fit(x, data.target, np.linspace(0.1, 1, len(x)))
    number = MLPRegressor(scoring="neg_median_absolute_error", **options)
    assert number.fit(x, data.target).best_validation_score_ < 0


def test_callbacks_and_the_bar(capsys):
    class Count(hy.Callback):
        epochs = 0

        def on_epoch_end(self, model, epoch, figures):
            self.epochs += 1
            figures["seen"] = figures["loss"]
            model.stop_training = epoch == 4

    x, y = load_wine(return_X_y=True)
    count = Count()
    made = MLPClassifier(callbacks=[count], progress_bar=True, random_state=0).fit(x, y)
    assert count.epochs == made.n_iter_ == 4
    assert made.model_.history["seen"] == made.loss_curve_
    shown = capsys.readouterr()
    assert "epochs" in shown.err
    assert "loss" in shown.err
    assert shown.out == ""
    MLPClassifier(max_iter=2, verbose=True).fit(x, y)
    assert capsys.readouterr().out.startswith("Iteration 1, loss = ")
    slower = hy.callbacks.ReduceLearningRate("loss", patience=1)
    copy = sklearn.base.clone(MLPClassifier(callbacks=[slower]))
    assert copy.callbacks[0] is not slower


def test_the_weight_decay_of_adamw():
    x, y = load_wine(return_X_y=True)
    options = {"solver": "adamw", "max_iter": 20, "random_state": 0, "alpha": 0}
    light, heavy = (MLPClassifier(weight_decay=w, **options).fit(x, y) for w in (0, 10.0))
    assert np.square(heavy.model_.theta).sum() < 0.7 * np.square(light.model_.theta).sum()


@pytest.mark.parametrize(
    "options",
    [
        {"dropout": 0.2},
        {"dropout": (0.1, 0.0), "hidden_layer_sizes": (20, 10), "activation": ("gelu", "tanh")},
        {"batch_normalization": True, "l1": 1e-4},
        {"solver": "adamw"},
        {"solver": "rmsprop"},
        {"label_smoothing": 0.1, "class_weight": "balanced"},
        {"class_weight": {0: 1.0, 1: 2.0, 2: 1.0}},
        {"early_stopping": True, "scoring": "loss"},
        {"solver": "sgd", "learning_rate": "adaptive"},
        {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.5},
        {"dtype": "float32"},
        {"activation": "logistic"},
        {"activation": "identity"},
    ],
    ids=str,
)
def test_what_there_is_besides_learns(options):
    options = {"learning_rate_init": 0.01, "batch_size": 16, "max_iter": 60} | options
    _, ours = scores(load_wine, Theirs(), MLPClassifier(random_state=0, **options))
    assert ours > 0.9


@pytest.mark.parametrize("loss", ["absolute_error", "huber", "quantile", "squared_error"])
def test_losses_of_regression(loss):
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (400, 2))
    y = np.sin(3 * x[:, 0]) + x[:, 1] + rng.standard_normal(400) * 0.1
    made = MLPRegressor(loss, learning_rate_init=0.01, max_iter=150, random_state=0).fit(x, y)
    assert made.score(x, y) > 0.9


def test_counts_and_quantiles():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (2000, 1))
    y = rng.poisson(np.exp(1 + x[:, 0]))
    options = {"learning_rate_init": 0.01, "max_iter": 60, "random_state": 0}
    made = MLPRegressor("poisson", **options).fit(x, y)
    np.testing.assert_allclose(made.predict(x), np.exp(1 + x[:, 0]), rtol=0.15)
    assert made.out_activation_ == "exp"
    with pytest.raises(ValueError, match="counts"):
        MLPRegressor("poisson").fit(x, y - 5)
    high = MLPRegressor("quantile", quantile=0.9, **options).fit(x, y)
    assert 0.85 < (y <= high.predict(x)).mean() < 0.95


def test_several_outputs_and_labels():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 4))
    options = {"learning_rate_init": 0.02, "max_iter": 80, "random_state": 0}
    numbers = MLPRegressor(**options).fit(x, x[:, :2])
    assert numbers.predict(x).shape == (300, 2)
    assert numbers.score(x, x[:, :2]) > 0.95
    labels = (x[:, :3] > 0).astype(int)
    several = MLPClassifier(**options).fit(x, labels)
    assert several.predict_proba(x).shape == (300, 3)
    assert several.score(x, labels) > 0.9


def test_sparse_is_dense():
    sparse = pytest.importorskip("scipy.sparse", reason="sparse arrays come from SciPy")
    x, y = load_digits(return_X_y=True)
    options = {"max_iter": 3, "random_state": 0}
    dense = MLPClassifier(**options).fit(x, y)
    thin = MLPClassifier(**options).fit(sparse.csr_array(x), y)
    assert dense.model_.theta.tobytes() == thin.model_.theta.tobytes()
    assert (dense.predict(x) == thin.predict(sparse.csc_array(x))).all()
    for form in (sparse.csr_array, sparse.csc_array, sparse.csr_matrix, sparse.csc_matrix):
        more = form(x)
        step = MLPClassifier(random_state=0)
        flat = MLPClassifier(random_state=0)
        for _ in range(3):
            step.partial_fit(more, y, classes=range(10))
            flat.partial_fit(x, y, classes=range(10))
        assert step.model_.theta.tobytes() == flat.model_.theta.tobytes()
        np.testing.assert_array_equal(step.predict_proba(more), flat.predict_proba(x))
        number = MLPRegressor(max_iter=3, random_state=0, early_stopping=True).fit(more, y)
        same = MLPRegressor(max_iter=3, random_state=0, early_stopping=True).fit(x, y)
        np.testing.assert_array_equal(number.predict(more), same.predict(x))


def test_a_large_sparse_array_is_dense_some_rows_at_a_time():
    sparse = pytest.importorskip("scipy.sparse", reason="sparse arrays come from SciPy")
    x = sparse.random_array((5000, 20_000), density=1e-4, format="csr", rng=0, dtype=np.float32)
    made = MLPClassifier(2, random_state=0).partial_fit(x[:50], [0, 1] * 25, classes=[0, 1])
    tracemalloc.start()
    made.predict(x)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 250e6  # all of it is 400 MB


def test_it_works_where_scikit_learns_does():
    x, y = load_wine(return_X_y=True)
    pipeline = make_pipeline(
        StandardScaler(), MLPClassifier(20, max_iter=60, random_state=0, learning_rate_init=0.01)
    )
    assert cross_val_score(pipeline, x, y, cv=3).mean() > 0.9
    grid = GridSearchCV(pipeline, {"mlpclassifier__alpha": [1e-4, 1.0]}, cv=3).fit(x, y)
    assert grid.best_score_ > 0.9
    calibrated = CalibratedClassifierCV(pipeline, cv=3).fit(x, y)
    assert calibrated.predict_proba(x).shape == (len(x), 3)
    importance = permutation_importance(grid.best_estimator_, x, y, n_repeats=2, random_state=0)
    assert importance.importances_mean.max() > 0
    again = pickle.loads(pickle.dumps(grid.best_estimator_))
    assert (again.predict(x) == grid.predict(x)).all()
    assert "MLPClassifier" in pipeline._repr_html_()


def test_the_model_is_there_to_be_used(tmp_path):
    x, y = load_wine(return_X_y=True)
    made = MLPClassifier(max_iter=3, random_state=0).fit(x, y)
    made.model_.save(tmp_path / "wine.safetensors")
    p = hy.load(tmp_path / "wine.safetensors").predict(x)
    np.testing.assert_allclose(p, made.predict_proba(x))


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_gradient_is_that_of_the_loss_reported(outputs):
    """The loss is a mean over the outputs, and its penalty as many times smaller.

    scikit-learn reports the penalty whole, and follows the gradient of the sum (its issue 8349).
    """
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((40, 3)), rng.standard_normal((40, outputs))
    options = {"activation": "tanh", "alpha": 0.3, "max_iter": 1, "random_state": 0}
    flat = y[:, 0] if outputs == 1 else y
    made = MLPRegressor(hidden_layer_sizes=4, solver="lbfgs", **options).fit(x, flat)
    report = hy.gradcheck.check_model(made.model_, x, y)
    assert report.ok, str(report)
    theirs = TheirRegressor(hidden_layer_sizes=4, **options).fit(x, flat)
    for own, other in zip(made.coefs_, theirs.coefs_, strict=True):
        own[...] = other
    for layer, other in zip(made._dense(), theirs.intercepts_, strict=True):
        layer.b[...] = other
    error = theirs.predict(x).reshape(y.shape) - y
    penalty = 0.15 * sum(np.square(w).sum() for w in theirs.coefs_) / 40 / outputs
    loss = made.model_.evaluate(x, y)["loss"] + made.model_.network.penalty()
    assert loss == pytest.approx(np.square(error).mean() / 2 + penalty)


def test_what_is_wrong_is_said():
    x, y = load_wine(return_X_y=True)
    with pytest.raises(ValueError, match="leave out dropout"):
        MLPClassifier(solver="lbfgs", dropout=0.5).fit(x, y)
    with pytest.raises(ValueError, match="one value or 1"):
        MLPClassifier(dropout=(0.1, 0.2)).fit(x, y)
    with pytest.raises(AttributeError, match="partial_fit"):
        MLPClassifier(solver="lbfgs").partial_fit  # noqa: B018
    with pytest.raises(ValueError, match=r"'balanced' needs all samples.*compute_class_weight"):
        MLPClassifier(class_weight="balanced").partial_fit(x, y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="'scoring' parameter"):
        MLPClassifier(scoring="nonsense").fit(x, y)
    with pytest.raises(AttributeError, match="not fitted"):
        MLPClassifier().coefs_  # noqa: B018
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        with pytest.raises(ConvergenceWarning, match="max_iter"):
            MLPClassifier(max_iter=1).fit(x, y)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_score_of_early_stopping_is_scikit_learns(weighted):
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((60, 3)), rng.uniform(0, 1, 60) if weighted else None
    for y in (rng.integers(0, 3, 60), rng.integers(0, 2, (60, 3))):
        made = MLPClassifier(max_iter=2, random_state=0).fit(x, y)
        assert made._score(x, y, weight) == pytest.approx(made.score(x, y, weight))
    for y in (rng.standard_normal(60), rng.standard_normal((60, 2))):
        made = MLPRegressor(max_iter=2, random_state=0).fit(x, y)
        assert made._score(x, y, weight) == pytest.approx(made.score(x, y, weight))

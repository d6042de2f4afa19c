"""The classifier where y has several columns of classes: a softmax a column."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn", reason="the estimators need the extra 'sklearn'")

from sklearn.base import clone  # noqa: E402
from sklearn.ensemble import RandomForestClassifier  # noqa: E402
from sklearn.model_selection import cross_val_score  # noqa: E402
from sklearn.multioutput import MultiOutputClassifier  # noqa: E402

from hyalite import GroupedCrossentropy  # noqa: E402
from hyalite.sklearn import MLPClassifier  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
ROWS = 150
OPTIONS = {"learning_rate_init": 0.03, "max_iter": 30, "random_state": 0, "batch_size": 32}


def samples(kind: str = "numbers") -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((ROWS, 4))
    size, side = np.digitize(x[:, 0], [-0.7, 0, 0.7]), (x[:, 1] > 0).astype(int)
    if kind == "numbers":
        return x, np.column_stack([size + 5, side * 2, np.digitize(x[:, 2], [0.2, 1])])
    words = np.array(["tiny", "small", "large", "huge"])[size]
    if kind == "words":
        return x, np.column_stack([words, np.array(["left", "right"])[side]])
    mixed = np.empty((ROWS, 2), object)
    mixed[:, 0], mixed[:, 1] = words, side + 3
    return x, mixed


@pytest.mark.parametrize("kind", ["numbers", "words"])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_all_columns_are_learned_and_look_like_a_random_forests(kind, solver):
    x, y = samples(kind)
    made = MLPClassifier(solver=solver, **OPTIONS).fit(x, y)
    forest = RandomForestClassifier(3, random_state=0).fit(x, y)
    assert [c.tolist() for c in made.classes_] == [c.tolist() for c in forest.classes_]
    assert made.predict(x).shape == y.shape
    assert made.predict(x).dtype.kind == y.dtype.kind
    assert made.score(x, y) > 0.8
    assert made.out_activation_ == "softmax"
    assert made.n_outputs_ == sum(len(classes) for classes in made.classes_)
    theirs = forest.predict_proba(x)
    for name in ("predict_proba", "predict_log_proba", "decision_function"):
        found = getattr(made, name)(x)
        assert isinstance(found, list)
        assert [p.shape for p in found] == [p.shape for p in theirs]
    for column, p in enumerate(made.predict_proba(x)):
        np.testing.assert_allclose(p.sum(axis=1), 1)
        likeliest = made.classes_[column][p.argmax(axis=1)]
        assert (likeliest == made.predict(x)[:, column]).all()


def test_the_loss_is_the_mean_of_the_columns():
    x, y = samples()
    made = MLPClassifier(**OPTIONS).fit(x, y)
    logs = made.predict_log_proba(x)
    places = [np.searchsorted(c, column) for c, column in zip(made.classes_, y.T, strict=True)]
    each = [-log[np.arange(ROWS), place].mean() for log, place in zip(logs, places, strict=True)]
    found = made.model_.evaluate(x, np.column_stack(places))["loss"]
    assert found == pytest.approx(np.mean(each), rel=1e-6)
    assert isinstance(made.model_.loss, GroupedCrossentropy)


def test_a_matrix_of_0_and_1_stays_labels():
    x, y = samples()
    made = MLPClassifier(**OPTIONS).fit(x, (y > 2).astype(int))
    assert made.out_activation_ == "logistic"
    assert isinstance(made.predict_proba(x), np.ndarray)


def test_epochs_one_by_one_are_those_of_a_fit():
    x, y = samples("words")
    whole = MLPClassifier(**OPTIONS | {"max_iter": 5}).fit(x, y)
    steps, classes = MLPClassifier(**OPTIONS), [np.unique(column) for column in y.T]
    for _ in range(5):
        steps.partial_fit(x, y, classes=classes)
    assert steps.model_.theta.tobytes() == whole.model_.theta.tobytes()
    few = MLPClassifier(random_state=0).partial_fit(x[:3], y[:3], classes=classes)  # not all
    few.partial_fit(x[3:], y[3:])
    assert [c.tolist() for c in few.classes_] == [c.tolist() for c in whole.classes_]
    with pytest.raises(ValueError, match=r"classes must be those of the first call"):
        few.partial_fit(x, y, classes=[["a", "b"], ["left", "right"]])
    with pytest.raises(ValueError, match=r"y\[:, 0\] has \['vast'\], which are not among"):
        few.partial_fit(x[:1], [["vast", "left"]])
    with pytest.raises(ValueError, match="a column for each of the 2 lists of classes"):
        few.partial_fit(x, np.column_stack([y, y]))


def test_of_0_and_1_alone_with_classes_named_it_is_columns():
    x, y = samples()
    y = (y > 2).astype(int)
    made = MLPClassifier(**OPTIONS).partial_fit(x, y, classes=[[0, 1], [0, 1, 2], [0, 1]])
    assert [len(classes) for classes in made.classes_] == [2, 3, 2]


@pytest.mark.parametrize(
    "options",
    [
        {"early_stopping": True},
        {"early_stopping": True, "scoring": "loss"},
        {"warm_start": True},
        {"label_smoothing": 0.1},
        {"class_weight": "balanced"},
        {"class_weight": [{5: 2.0}, {0: 1.0, 2: 3.0}, {}]},
        {"dropout": 0.1, "batch_normalization": True},
    ],
    ids=str,
)
def test_the_rest_works_with_it(options):
    x, y = samples()
    made = MLPClassifier(**OPTIONS, **options).fit(x, y, sample_weight=np.linspace(0.5, 2, ROWS))
    if made.warm_start:
        made.fit(x, y)
    assert made.score(x, y, np.ones(ROWS)) > 0.7
    assert made._score(x, y, None) == pytest.approx(made.score(x, y))
    again = pickle.loads(pickle.dumps(made))
    assert (again.predict(x) == made.predict(x)).all()
    with pytest.raises(ValueError, match="not among"):
        made.set_params(warm_start=True, early_stopping=False).fit(x, y + 20)


def test_frames_searches_and_wrong_calls():
    pandas = pytest.importorskip("pandas", reason="frames come from pandas")
    x, y = samples("mixed")  # words and numbers: an array of objects
    frame = pandas.DataFrame({"size": y[:, 0], "side": y[:, 1].astype(int)})
    made = MLPClassifier(**OPTIONS)
    assert clone(made).fit(x, frame).score(x, frame) > 0.8
    assert made.fit(x, y).predict(x)[:, 1].tolist() == made.predict(x)[:, 1].astype(int).tolist()
    assert cross_val_score(made, x, samples("words")[1], cv=3).mean() > 0.6
    numbers = samples()[1]
    each = MultiOutputClassifier(MLPClassifier(**OPTIONS)).fit(x, numbers)
    assert each.score(x, numbers) > 0.7
    with pytest.raises(ValueError, match=r"Unknown label type|not supported"):
        MLPClassifier(**OPTIONS).fit(x, x[:, :2])


def test_one_class_in_a_column_is_certain():
    x, y = samples()
    y[:, 1] = 7
    made = MLPClassifier(**OPTIONS).fit(x, y)
    assert (made.predict_proba(x)[1] == 1).all()
    assert (made.predict(x)[:, 1] == 7).all()


@pytest.mark.compiled
def test_the_engines_agree():
    pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")
    x, y = samples()
    probabilities = [
        MLPClassifier(**OPTIONS, engine=engine).fit(x, y).predict_proba(x)
        for engine in ("numpy", "compiled")
    ]
    for one, other in zip(*probabilities, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)

"""Samples, targets and weights as users hand them in: bad ones are refused in words that help."""

from __future__ import annotations

import re

import numpy as np
import pytest

import hyalite as hy
from hyalite import metrics
from tests.inputs import (
    BAD_TARGETS,
    BAD_X,
    INF,
    LABELS,
    NAN,
    NUMBERS,
    RNG,
    YES_NO,
    X,
    classifier,
    counts,
    fitted,
    one_class,
    refused,
    regression,
    with_entry,
    yes_no,
)

# The samples --------------------------------------------------------------------------------------

# what a model that is not built yet cannot know to be wrong
SHAPE_ONLY = {"too few features", "one feature", "too many features", "transposed"}


@pytest.mark.parametrize("case", BAD_X)
@pytest.mark.parametrize("method", ["fit", "evaluate", "predict", "predict_classes"])
def test_bad_samples_are_refused_by_a_built_model(case, method):
    x, parts = BAD_X[case]
    model = fitted(classifier())
    call = {
        "fit": lambda: model.fit(x, LABELS, verbose=0),
        "evaluate": lambda: model.evaluate(x, LABELS),
        "predict": lambda: model.predict(x),
        "predict_classes": lambda: model.predict_classes(x),
    }[method]
    text = refused(call, *parts)
    assert re.match(r"x\b", text), f"x is not named first: {text}"


@pytest.mark.parametrize("case", [case for case in BAD_X if case not in SHAPE_ONLY])
def test_bad_samples_are_refused_at_the_first_fit(case):
    x, _ = BAD_X[case]
    model = classifier()
    refused(lambda: model.fit(x, LABELS, verbose=0))
    assert not model.built
    fitted(model)


@pytest.mark.parametrize("case", BAD_X)
def test_bad_validation_samples_are_refused_by_their_own_name(case):
    x, _ = BAD_X[case]
    text = refused(lambda: fitted(classifier(), validation_data=(x, LABELS)))
    assert text.startswith("validation_data[0]")


@pytest.mark.parametrize(
    ("options", "x", "y"),
    [
        ({}, X.T, LABELS),
        ({}, X, LABELS[:-1]),
        ({}, X, LABELS + 7),
        ({"sample_weight": np.ones(3)}, X, LABELS),
        ({"class_weight": {9: 1.0}}, X, LABELS),
        ({"validation_split": 0.999}, X, LABELS),
        ({"validation_data": (X[:, :2], LABELS)}, X, LABELS),
        ({"verbose": 7}, X, LABELS),
    ],
)
def test_a_refused_fit_leaves_the_model_as_it_was(options, x, y):
    model = classifier()
    refused(lambda: model.fit(x, y, seed=77, **({"verbose": 0} | options)), mend=False)
    assert not model.built, "built, for data that was refused"
    # so the next call is the same as a first one
    assert fitted(model).theta.tobytes() == fitted(classifier()).theta.tobytes()
    history, seed = model.history, model.network.clock.seed
    before = model.theta.tobytes()
    refused(lambda: model.fit(x, y, seed=77, **({"verbose": 0} | options)), mend=False)
    assert model.theta.tobytes() == before
    assert model.history is history
    assert model.network.clock.seed == seed


def test_one_image_instead_of_a_batch_is_told_what_to_do():
    model = hy.Sequential([hy.Flatten(), hy.Dense(3, "softmax")])
    model.build((5, 5), seed=0)
    refused(lambda: model.predict(np.zeros((5, 5))), "(samples, 5, 5)", "(5, 5)")
    text = refused(lambda: model.predict(np.zeros(25)), "(samples, 5, 5)", "(25,)")
    assert "reshape(1, -1)" not in text, "that would be refused again"


# The targets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", BAD_TARGETS)
@pytest.mark.parametrize("method", ["fit", "evaluate", "validation_data"])
def test_bad_targets_are_refused(case, method):
    make, y, parts = BAD_TARGETS[case]
    model = make()
    model.build(4, seed=0)
    good = {"regression": NUMBERS, "binary": YES_NO, "classes": LABELS}[model.loss.kind]
    if make is counts:
        good = YES_NO
    if make is one_class:
        good = np.zeros(12)
    if model.network.output_shape[0] > 1 and model.loss.kind != "classes":
        good = np.repeat(good[:, np.newaxis], model.network.output_shape[0], axis=1)
    before = model.theta.copy()
    call = {
        "fit": lambda: model.fit(X, y, verbose=0),
        "evaluate": lambda: model.evaluate(X, y),
        "validation_data": lambda: model.fit(X, good, validation_data=(X, y), verbose=0),
    }[method]
    text = refused(call, *parts)
    name = "validation_data[1]" if method == "validation_data" else "y"
    assert re.search(rf"(^|\W){re.escape(name)}(?!\w)", text), f"{name} is not named: {text}"
    np.testing.assert_array_equal(model.theta, before)


# Weights ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "parts"),
    [
        (np.ones(11), ["(12,)", "(11,)"]),
        (np.ones((12, 1)), ["(12,)", "(12, 1)"]),
        (np.ones((1, 12)), ["(12,)", "(1, 12)"]),
        (np.ones(1), ["(12,)", "(1,)"]),
        (2.0, ["(12,)", "()"]),
        (with_entry(np.ones(12), 3, -1), ["negative", "-1"]),
        (np.zeros(12), ["zero"]),
        (with_entry(np.ones(12), 3, NAN), ["finite", "[3]"]),
        (with_entry(np.ones(12), 3, INF), ["finite", "[3]"]),
        (with_entry(np.ones(12).astype(object), 3, None), ["object", "[3]"]),
        (np.ones(12).astype(complex), ["complex"]),
    ],
)
@pytest.mark.parametrize("method", ["fit", "evaluate", "validation_data", "loss", "metric"])
def test_bad_sample_weights_are_refused(weight, parts, method):
    model = fitted(classifier())
    p = model.predict(X)
    call = {
        "fit": lambda: model.fit(X, LABELS, sample_weight=weight, verbose=0),
        "evaluate": lambda: model.evaluate(X, LABELS, sample_weight=weight),
        "validation_data": lambda: model.fit(
            X, LABELS, validation_data=(X, LABELS, weight), verbose=0
        ),
        "loss": lambda: hy.CategoricalCrossentropy()(p, LABELS, weight),
        "metric": lambda: metrics.CategoricalAccuracy()(p, LABELS, weight),
    }[method]
    name = "validation_data[2]" if method == "validation_data" else "sample_weight"
    refused(call, name, *parts, mend=False)


def test_validation_rows_that_all_weigh_nothing_are_refused_in_words():
    model = classifier()
    weight = np.zeros(12)
    weight[0] = 1  # whichever rows are kept, in one of the seeds the heavy one is not among them
    for seed in range(4):
        try:
            model.fit(X, LABELS, sample_weight=weight, validation_split=0.25, verbose=0, seed=seed)
        except ValueError as error:
            assert "sample_weight" in str(error)  # noqa: PT017  # to refuse is one of two right answers


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ({3: 1.0}, ["3", "0 to 2"]),
        ({-1: 1.0}, ["-1", "0 to 2"]),
        ({"0": 1.0}, ["'0'", "0 to 2"]),
        ({0.5: 1.0}, ["0.5", "0 to 2"]),
        ({0: -1.0}, ["class_weight[0]", "-1"]),
        ({0: NAN}, ["class_weight[0]", "nan"]),
        ({0: INF}, ["class_weight[0]", "inf"]),
        ({0: "much"}, ["class_weight[0]", "much"]),
        ({0: 0, 1: 0, 2: 0}, ["zero"]),
        ("balance", ["'balanced'", "'balance'"]),
        ([1, 2, 3], ["dict", "[1, 2, 3]"]),
        (np.ones(3), ["dict", "array"]),
        (2.0, ["dict", "2.0"]),
    ],
)
def test_bad_class_weights_are_refused(value, parts):
    refused(lambda: fitted(classifier(), class_weight=value), "class_weight", *parts, mend=False)


@pytest.mark.parametrize(
    ("make", "y"), [(regression, NUMBERS), (lambda: yes_no(2), np.ones((12, 2)))]
)
@pytest.mark.parametrize("value", ["balanced", {0: 1.0}])
def test_class_weights_are_refused_where_there_are_no_classes(make, y, value):
    refused(lambda: fitted(make(), y=y, class_weight=value), "class_weight", "needs classes")


# Good input in odd forms ------------------------------------------------------------------------


@pytest.mark.parametrize("make", [classifier, yes_no, regression, counts])
@pytest.mark.parametrize("method", ["fit", "evaluate", "trace", "loss", "gradcheck"])
def test_a_missing_target_is_not_to_be_filled(make, method):
    model = make()
    model.build(4, seed=0)
    y = with_entry(YES_NO.astype(float), 6, NAN)
    prediction = model.predict(X).astype(float)
    text = refused(
        {
            "fit": lambda: model.fit(X, y, verbose=0),
            "evaluate": lambda: model.evaluate(X, y),
            "trace": lambda: model.trace(X, y),
            "loss": lambda: model.loss(prediction, y),
            "gradcheck": lambda: hy.gradcheck.check_loss(model.loss, prediction, y),
        }[method],
        "[6] is nan",
        "leave such samples out",
    )
    assert "nan_to_num" not in text


def test_raw_uint8_images_go_in():
    images = RNG.integers(0, 256, (12, 3, 3)).astype(np.uint8)
    results = []
    for x in (images, images.astype(np.float32)):
        model = hy.Sequential([hy.Flatten(), hy.Rescaling(1 / 255), hy.Dense(3, "softmax")])
        model.compile("categorical_crossentropy")
        results.append(fitted(model, x).theta.tobytes())
    assert results[0] == results[1]


def test_the_users_arrays_are_never_written(tmp_path):
    x, y, w = X.copy(), np.eye(3, dtype=np.float32)[LABELS], np.arange(12.0)
    kept = x.copy(), y.copy(), w.copy()
    model = hy.Sequential(
        [
            hy.Rescaling(2.0),
            hy.ReLU(),
            hy.BatchNormalization(),
            hy.Dropout(0.3),
            hy.Dense(3, "softmax"),
        ]
    )
    model.compile("categorical_crossentropy", metrics=["accuracy", "confusion_matrix"])
    for batch_size in (5, 12):
        fitted(model, x, y, sample_weight=w, class_weight="balanced", batch_size=batch_size)
    model.predict(x)
    model.evaluate(x, y, sample_weight=w)
    for array, before in zip((x, y, w), kept, strict=True):
        np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_soft_rows_of_every_dtype_are_taken(dtype):
    soft = RNG.dirichlet(np.ones(3), 12).astype(dtype)
    model = fitted(classifier(), y=soft, epochs=2)
    expected = -(soft.astype(float) * np.log(model.predict(X))).sum(axis=1).mean()
    assert model.evaluate(X, soft)["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("make", "y"),
    [
        (yes_no, YES_NO),
        (yes_no, YES_NO.astype(bool)),
        (yes_no, YES_NO.astype(np.uint8)),
        (yes_no, YES_NO.astype(np.float64)),
        (yes_no, YES_NO.tolist()),
        (regression, NUMBERS),
        (regression, NUMBERS.tolist()),
        (regression, (NUMBERS * 9).astype(np.int8)),
        (regression, np.repeat(NUMBERS, 2)[::2]),
    ],
)
def test_a_1d_target_is_one_column_where_the_model_has_one_output(make, y):
    options = {"epochs": 2, "validation_split": 0.25}
    one = fitted(make(), y=y, **options)
    two = fitted(make(), y=np.asarray(y, np.float32)[:, np.newaxis], **options)
    assert one.theta.tobytes() == two.theta.tobytes()
    assert one.history.history == two.history.history


# Hints ------------------------------------------------------------------------------------------


def test_a_model_that_rescales_says_so_where_samples_do_not_fit():
    model = hy.Sequential([hy.Flatten(), hy.Rescaling(1 / 255), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy")
    model.build((5, 5))
    for use in (
        lambda: model.predict(np.ones((2, 25))),
        lambda: model.evaluate(np.ones((2, 25)), [0, 1]),
    ):
        assert "give raw values, such as 0..255" in refused(use, "x")


def test_samples_that_look_transposed_are_asked_about():
    assert "X.T" in refused(lambda: classifier().fit(X.T, LABELS), "x").replace("x.T", "X.T")

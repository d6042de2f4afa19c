"""The model: what `compile`, `build`, `fit` and `set_weights` take and refuse."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import metrics
from tests.inputs import (
    LABELS,
    NAN,
    NUMBERS,
    YES_NO,
    X,
    classifier,
    fitted,
    refused,
    regression,
    yes_no,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", -1),
        ("epochs", 1.5),
        ("epochs", "3"),
        ("epochs", None),
        ("epochs", True),
        ("batch_size", 0),
        ("batch_size", -8),
        ("batch_size", 2.0),
        ("shards", 0),
        ("shards", 1.0),
        ("validation_split", -0.1),
        ("validation_split", 1),
        ("validation_split", 1.5),
        ("validation_split", NAN),
        ("validation_split", "a third"),
        ("validation_split", 1e-9),
        ("validation_data", X),
        ("validation_data", (X,)),
        ("validation_data", (X, LABELS, None, None)),
        ("validation_data", "both"),
        ("seed", -1),
        ("seed", 2**63),
        ("seed", 1.0),
        ("seed", "one"),
        ("verbose", 3),
        ("verbose", "loud"),
        ("verbose", None),
        ("callbacks", hy.EarlyStopping("loss")),
        ("callbacks", [hy.EarlyStopping]),
        ("callbacks", [print]),
    ],
)
def test_bad_arguments_of_fit_are_refused_by_name(name, value):
    model = classifier()
    with pytest.raises((ValueError, TypeError)) as caught:
        model.fit(X, LABELS, **({"verbose": 0} | {name: value}))
    text = str(caught.value)
    assert name in text
    if name not in ("callbacks", "validation_data"):
        assert repr(value) in text or str(value) in text


def test_validation_data_and_validation_split_exclude_each_other():
    refused(
        lambda: fitted(classifier(), validation_data=(X, LABELS), validation_split=0.2),
        "validation_data",
        "validation_split",
    )


@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_a_model_that_is_not_compiled_says_how(method):
    model = hy.Sequential([hy.Dense(3, "softmax")])
    refused(lambda: getattr(model, method)(X, LABELS), "compile", method)


@pytest.mark.parametrize(
    "use",
    [
        lambda m: m.predict(X),
        lambda m: m.evaluate(X, LABELS),
        lambda m: m.get_weights(),
        lambda m: m.theta,
        lambda m: m.save("/nonexistent/model.safetensors"),
    ],
)
def test_a_model_that_is_not_built_says_how(use):
    refused(lambda: use(classifier()), "not built", "build")


@pytest.mark.parametrize("size", [0, -3, 257.0, None, "many"])
@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_bad_batch_sizes_are_refused_when_using_a_model(method, size):
    model = fitted(classifier())
    data = (X,) if method == "predict" else (X, LABELS)
    refused(
        lambda: getattr(model, method)(*data, batch_size=size),
        "batch_size",
        repr(size),
        mend=False,
    )


def test_predictions_are_not_views_of_the_models_memory():
    model = fitted(classifier())
    first = model.predict(X)
    kept = first.copy()
    model.predict(X + 1)
    np.testing.assert_array_equal(first, kept)
    linear = hy.Sequential([hy.Linear()])
    linear.build(4)
    assert not np.shares_memory(linear.predict(X), X)


@pytest.mark.parametrize("dtype", ["float32", "float64", np.float32, float, np.dtype("f8")])
def test_results_have_the_models_dtype(dtype):
    model = fitted(classifier(dtype=dtype), X.astype(np.float64))
    assert model.theta.dtype == model.predict(X).dtype == np.dtype(dtype)


@pytest.mark.parametrize("metric", ["accuracy", metrics.F1()])
def test_metrics_that_are_not_a_list_are_told_the_list(metric):
    refused(
        lambda: classifier().compile("categorical_crossentropy", metrics=metric),
        "metrics",
        f"[{metric!r}]",
    )


def test_two_metrics_of_one_name_are_refused():
    refused(
        lambda: classifier().compile("categorical_crossentropy", metrics=["f1", metrics.F1()]),
        "f1",
        mend=False,
    )


@pytest.mark.parametrize(
    ("make", "metric", "kind"),
    [
        (classifier, "r2", "regression"),
        (classifier, "mean_squared_error", "regression"),
        (regression, "f1", "classes"),
        (regression, "top_k_accuracy", "classes"),
        (yes_no, "top_k_accuracy", "classes"),
    ],
)
def test_a_metric_that_has_no_meaning_for_the_target_is_refused(make, metric, kind):
    model = make()
    model.compile(model.loss, metrics=[metric])
    y = {"classifier": LABELS, "yes_no": YES_NO, "regression": NUMBERS}[make.__name__]
    name = metric.replace("_k_", "_5_")
    refused(lambda: model.fit(X, y, verbose=0), name, kind, mend=False)


def test_a_refused_compile_changes_nothing():
    model = classifier()
    kept = model.loss, model.optimizer, model.metrics
    refused(lambda: model.compile(hy.CategoricalCrossentropy(from_logits=True)))
    refused(lambda: model.compile("categorical_crossentropy", "nonsense"))
    assert (model.loss, model.optimizer, model.metrics) == kept


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (lambda w: w.pop("dense_2.b"), ["dense_2.b", "missing"]),
        (lambda w: w.update(extra=np.ones(3)), ["extra", "no place"]),
        (lambda w: w.update({"dense_1.b": np.ones(6)}), ["dense_1.b", "(5,)", "(6,)"]),
        (lambda w: w.update({"dense_1.b": np.ones((5, 1))}), ["dense_1.b", "(5,)", "(5, 1)"]),
        (lambda w: w.update({"dense_1.b": 1.0}), ["dense_1.b", "(5,)", "()"]),
        (lambda w: w.update({"dense_1.W": w["dense_1.W"].T}), ["dense_1.W", "(4, 5)", "(5, 4)"]),
        (lambda w: w.update({"dense_2.b": [0, NAN, 0]}), ["dense_2.b", "finite", "[1]"]),
        (lambda w: w.update({"dense_2.b": [0, 1j, 0]}), ["dense_2.b", "complex"]),
        (lambda w: w.update({"dense_2.b": [0, 1e300, 0]}), ["dense_2.b", "1e+300"]),
    ],
)
def test_weights_that_do_not_fit_are_refused_and_nothing_is_written(change, parts):
    model = fitted(classifier())
    before = model.theta.copy()
    weights = {name: array + 1 for name, array in model.get_weights().items()}
    change(weights)
    refused(lambda: model.set_weights(weights), *parts, mend=False)
    np.testing.assert_array_equal(model.theta, before)


def test_a_list_of_weights_of_the_wrong_length_is_refused():
    model = fitted(classifier())
    refused(lambda: model.set_weights([np.ones((4, 5))]), "4", "1", mend=False)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    model = classifier()
    model.build(4)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        model.save(tmp_path / "nowhere" / "model.safetensors")
    with pytest.raises(IsADirectoryError, match="a folder"):
        hy.load(tmp_path)


def test_a_metric_that_does_not_suit_leaves_the_model_unbuilt():
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mse", metrics=["f1"])
    refused(lambda: fitted(model, np.ones((4, 3)), np.ones(4)), "f1")
    assert not model.built


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_setting_that_is_changed_between_predictions_counts(engine: str) -> None:
    x = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    model = hy.Sequential([hy.Dense(4), hy.LeakyReLU(0.1), hy.Dense(2)])
    model.compile("mse", engine=engine)
    model.build(3, seed=0)
    for rows in (50, 2):
        model.layers[1].slope = 0.1
        before = model.predict(x[:rows])
        model.layers[1].slope = 0.7
        hidden = x[:rows] @ model.layers[0].W + model.layers[0].b
        expected = np.where(hidden > 0, hidden, 0.7 * hidden) @ model.layers[2].W
        np.testing.assert_allclose(model.predict(x[:rows]), expected, rtol=2e-4, atol=2e-6)
        assert not np.allclose(before, expected, rtol=1e-3)

"""Arrays, numbers and options out of range are refused by name."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import initializers, metrics
from hyalite.errors import NonFiniteError
from tests.inputs import INF, LABELS, NAN, X, classifier, fitted, refused, with_entry


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_samples_that_overflow_the_models_dtype_are_refused_and_not_turned_to_infinity(method):
    x = with_entry(X.astype(np.float64), (4, 2), 1e300)
    model = fitted(classifier())
    call = {
        "fit": lambda: model.fit(x, LABELS, verbose=0),
        "evaluate": lambda: model.evaluate(x, LABELS),
        "predict": lambda: model.predict(x),
    }[method]
    # fit may also say so when it meets the infinity: it must then name the x as the cause
    with pytest.raises((ValueError, NonFiniteError), match=r"\bx\b.*1e\+?300|float32"):
        call()


def test_large_samples_are_welcome_in_float64():
    x = with_entry(X.astype(np.float64), (4, 2), 1e300)
    model = hy.Sequential([hy.Dense(3, "softmax")], dtype="float64")
    model.build(4, seed=0)
    assert np.isfinite(model.predict(x)).all()


def test_a_not_finite_entry_is_found_anywhere_in_a_large_array(monkeypatch):
    monkeypatch.setattr(hy.model.checks, "_CHUNK", 16)
    x = np.tile(X, (10, 1))
    x[97, 2] = NAN
    refused(lambda: fitted(classifier(), x, np.tile(LABELS, 10)), "x[97, 2]", "nan")


def test_finite_entries_whose_sum_overflows_are_taken():
    x = np.full((12, 4), 3e38, np.float32)
    model = hy.Sequential([hy.Rescaling(1e-38), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy")
    assert np.isfinite(fitted(model, x).theta).all()


def test_numpy_numbers_are_as_good_as_pythons():
    model = hy.Sequential(
        [hy.Dense(np.int64(5), "relu", l2=np.float32(0.01)), hy.Dense(np.uint8(3), "softmax")]
    )
    model.compile("categorical_crossentropy", hy.Adam(np.float64(0.01)))
    model.build(np.int64(4), seed=np.int64(2))
    model.fit(
        X,
        LABELS,
        epochs=np.int32(2),
        batch_size=np.uint8(5),
        seed=np.uint64(7),
        class_weight={np.int64(1): np.float32(2)},
        verbose=0,
    )
    assert model.predict(X, batch_size=np.int8(3)).shape == (12, 3)


OPTIONS = [
    # (constructor, option, refused values)
    (hy.Dense, "units", [0, -1, 2.5, "64", None, True]),
    *[
        (lambda **o: hy.Dense(3, **o), name, [-0.1, NAN, INF, "a", None])
        for name in ("l1", "l2", "bias_l1", "bias_l2")
    ],
    (lambda **o: hy.Dense(3, **o), "name", ["", "a.b", 3]),
    (hy.Dropout, "rate", [-0.1, 1, 1.0, 1.5, NAN, "half", None]),
    (hy.LeakyReLU, "slope", [-0.1, NAN, INF]),
    (hy.BatchNormalization, "momentum", [-0.1, 1, NAN]),
    (hy.BatchNormalization, "epsilon", [0, -1e-5, NAN]),
    (hy.LayerNormalization, "epsilon", [0, -1e-5, NAN]),
    (hy.Rescaling, "scale", [NAN, INF, "a"]),
    (lambda **o: hy.Rescaling(1, **o), "offset", [NAN, INF]),
    (hy.GaussianNoise, "stddev", [-0.1, NAN, INF, "a", None]),
    (hy.RandomAffine, "shift", [-1, 1e7, NAN, INF, (1, 2), None]),
    (hy.RandomAffine, "rotation", [-1, 181, NAN, (-10, 10)]),
    (hy.RandomAffine, "zoom", [-0.1, 1, NAN, (0.9, 1.1)]),
    (hy.RandomAffine, "fill", [NAN, INF, "constant"]),
    (lambda **o: hy.Conv2D(**({"filters": 1, "kernel_size": 3} | o)), "filters", [0, 1.5, None]),
    *[
        (lambda **o: hy.Conv2D(**({"filters": 1, "kernel_size": 3} | o)), name, values)
        for name, values in [
            ("kernel_size", [0, -1, 2.5, True, "3", None, (3,), (3, 0), (3, 3, 3), (3, 1.5)]),
            ("strides", [0, "x", (1, True), (1, 2, 3)]),
            ("padding", [-1, 1.5, True, "full", "Same", None, (1, 1)]),
        ]
    ],
    (lambda **o: hy.DepthwiseConv2D(**({"kernel_size": 3} | o)), "kernel_size", [0, None, (3,)]),
    (lambda **o: hy.DepthwiseConv2D(3, **o), "depth_multiplier", [0, 1.5, (1, 1)]),
    (hy.ZeroPadding2D, "padding", [-1, "same", None, (1,), ((1, 1), (1,)), ((1, -1), (0, 0))]),
    (hy.MaxPooling2D, "pool_size", [0, "2", None, (2,), (2, 0)]),
    (hy.MaxPooling2D, "strides", [0, "2", (2,), (2, 0)]),
    (hy.MaxPooling2D, "padding", [-1, "full", 2]),
    (hy.RandomFlip, "mode", ["both", "HORIZONTAL", None, ["horizontal"]]),
    (hy.Huber, "delta", [0, -1, NAN, INF]),
    (hy.Quantile, "q", [0, 1, -1, NAN, INF]),
    (hy.BinaryCrossentropy, "label_smoothing", [-0.1, 1, NAN]),
    (hy.CategoricalCrossentropy, "label_smoothing", [-0.1, 1, NAN]),
    *[
        (kind, name, values)
        for kind in (hy.SGD, hy.Adagrad, hy.RMSprop, hy.Adam, hy.AdamW)
        for name, values in [
            ("learning_rate", [-0.1, NAN, INF, "fast", None]),
            ("decay", [-0.1, NAN, INF]),
            ("clip_norm", [0, -1, NAN]),
            ("clip_value", [0, -1, NAN]),
        ]
    ],
    (hy.SGD, "momentum", [-0.1, 1, NAN]),
    (hy.Adagrad, "epsilon", [0, -1]),
    (hy.RMSprop, "rho", [-0.1, 1]),
    (hy.RMSprop, "epsilon", [0, -1]),
    *[
        (kind, name, values)
        for kind in (hy.Adam, hy.AdamW)
        for name, values in [
            ("beta_1", [-0.1, 1, NAN]),
            ("beta_2", [-0.1, 1, NAN]),
            ("epsilon", [0, -1]),
        ]
    ],
    (hy.AdamW, "weight_decay", [-0.1, NAN, INF]),
    (lambda **o: hy.InverseTimeDecay(**({"learning_rate": 1, "decay": 1} | o)), "decay", [-1, NAN]),
    (lambda **o: hy.ExponentialDecay(0.1, **({"rate": 1, "steps": 1} | o)), "rate", [0, -1, NAN]),
    (lambda **o: hy.ExponentialDecay(0.1, **({"rate": 1, "steps": 1} | o)), "steps", [0, 1.5]),
    (lambda **o: hy.StepDecay(0.1, **({"factor": 1, "steps": 1} | o)), "factor", [0, -1, NAN]),
    (lambda **o: hy.StepDecay(0.1, **({"factor": 1, "steps": 1} | o)), "steps", [0, 1.5]),
    (lambda **o: hy.CosineDecay(0.1, **({"steps": 9} | o)), "steps", [0, -1, 1.5]),
    (lambda **o: hy.CosineDecay(0.1, **({"steps": 9} | o)), "warmup", [-1, 9, 10, 1.5]),
    (lambda **o: hy.CosineDecay(0.1, **({"steps": 9} | o)), "final", [-1, NAN]),
    (initializers.ScaledNormal, "scale", [-1, NAN, "a"]),
    (metrics.TopKAccuracy, "k", [0, -1, 1.5]),
    (metrics.RegressionAccuracy, "precision", [-1, NAN]),
    (metrics.Precision, "average", ["weighted", 3]),
    (metrics.Recall, "positive", [-1, 0.5]),
    (hy.EarlyStopping, "patience", [-1, 1.5, None]),
    (hy.EarlyStopping, "min_delta", [-1, NAN]),
    (hy.EarlyStopping, "mode", ["up", None]),
    (hy.EarlyStopping, "prefer", ["best", None]),
    (hy.EarlyStopping, "patience_growth", [-1, NAN]),
    (
        lambda **o: hy.Sequential([], **o),
        "dtype",
        ["float16", "int32", "nonsense", 3, object, None],
    ),
]


@pytest.mark.parametrize(
    ("make", "option", "value"),
    [
        pytest.param(make, option, value, id=f"{getattr(make, '__name__', '')} {option}={value!r}")
        for make, option, values in OPTIONS
        for value in values
    ],
)
def test_options_out_of_range_are_refused_by_name(make, option, value):
    refused(lambda: make(**{option: value}), option, repr(value), mend=False)


def test_options_that_contradict_each_other_are_refused():
    refused(lambda: hy.SGD(nesterov=True), "nesterov", "momentum", "momentum=0.9")
    schedule = hy.StepDecay(0.1, 0.5, 10)
    refused(lambda: hy.Adam(schedule, decay=0.1), "decay", "schedule", mend=False)


@pytest.mark.parametrize("shape", [None, 4.0, "4", (), (0,), (-4,), (4.0,), "abc", (None, 4)])
@pytest.mark.parametrize("make", [classifier, lambda: hy.Dense(3)], ids=["model", "layer"])
def test_bad_input_shapes_are_refused_by_name(make, shape):
    refused(lambda: make().build(shape), "input_shape", mend=False)

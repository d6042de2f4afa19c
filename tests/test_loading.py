"""Models from files: all that went in comes out; what makes no model is refused, safely."""

from __future__ import annotations

import json
import pickle
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import hyalite as hy
import hyalite.loading
from hyalite import initializers, metrics, schedules
from hyalite.files.pickles import convolution_arrays
from tests.files.helpers import LABELS, RNG, X, load_damaged, parts, put, round_trip, small


@pytest.fixture
def saved(tmp_path) -> Path:
    small().save(tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


# There and back -----------------------------------------------------------------------------------


def described(model: hy.Sequential):
    """All that the constructors' arguments say."""
    return {
        "layers": [repr(layer) for layer in model.layers],
        "names": model.network.names,
        "shapes": model.network.shapes,
        "loss": repr(model.loss),
        "optimizer": repr(model.optimizer),
        "schedule": repr(model.optimizer.learning_rate),
        "metrics": repr(model.metrics),
        "dtype": model.network.dtype,
        "metadata": model.metadata,
    }


LAYERS = [
    hy.Dense(
        3,
        "tanh",
        initializer=initializers.ScaledNormal(0.07),
        bias_initializer="he_normal",
        l1=1e-4,
        l2=2e-4,
        bias_l1=3e-4,
        bias_l2=4e-4,
        name="d",
    ),
    hy.Dense(3, hy.LeakyReLU(0.3, name="inner"), initializer="he_uniform", name="d"),
    hy.Dense(2, use_bias=False, initializer="glorot_normal", name="no bias, with spaces/ä"),
    hy.Linear(name="a"),
    hy.ReLU(name="a"),
    hy.LeakyReLU(0.2, name="a"),
    hy.Sigmoid(name="a"),
    hy.Tanh(name="a"),
    hy.GELU(name="a"),
    hy.Softmax(name="a"),
    hy.Dropout(0.37, name="a"),
    hy.BatchNormalization(momentum=0.7, epsilon=2e-3, name="a"),
    hy.LayerNormalization(epsilon=2e-3, name="a"),
    hy.Flatten(name="a"),
    hy.Rescaling(1 / 255, -0.3, name="a"),
    hy.Embedding((3, 2), 4, "he_normal", name="a"),
    hy.GaussianNoise(0.2, name="a"),
    hy.RandomAffine(1.5, 20, 0.1, fill=-0.5, name="a"),
    hy.SELU(name="a"),
    hy.Mish(name="a"),
    hy.SiLU(name="a"),
    hy.ParametricActivation(hy.LeakyReLU(0.3, name="inner"), 0.6, name="a"),
    hy.SmoothClip(2.5, (2, 0), name="a"),
    hy.Scale((1, 3), name="a"),
    hy.Embedding(2, 4, name="a", columns=[1]),
    hy.PeriodicEmbedding([2, 0], 5, 3, 0.2, name="a"),
    hy.PiecewiseLinearEmbedding([(-1, 0.1, 2), (0, 3)], 3, columns=[2, 0], name="a"),
    hy.Conv2D(2, (1, 2), (2, 1), "same", "relu", l2=0.1, name="a"),
    hy.DepthwiseConv2D(2, 1, 1, 3, hy.LeakyReLU(0.3, name="inner"), use_bias=False, name="a"),
    hy.MaxPooling2D((1, 2), 1, padding="same", name="a"),
    hy.AveragePooling2D(2, (1, 2), padding=1, name="a"),
    hy.GlobalAveragePooling2D(name="a"),
    hy.ZeroPadding2D(((0, 1), (2, 3)), name="a"),
    hy.RandomFlip("vertical", name="a"),
    hy.Residual(
        [
            hy.Dense(5, hy.LeakyReLU(0.3), l2=1e-3),
            hy.Residual([hy.BatchNormalization(0.7), hy.Dropout(0.2)], name="b, with spaces"),
            hy.Dense(4, name="last"),
        ],
        name="a",
    ),
]
PICTURES = (
    hy.RandomAffine,
    hy.RandomFlip,
    hy.Conv2D,
    hy.DepthwiseConv2D,
    hy.MaxPooling2D,
    hy.AveragePooling2D,
    hy.GlobalAveragePooling2D,
    hy.ZeroPadding2D,
)


def test_the_table_has_every_layer():
    assert {type(layer) for layer in LAYERS} == set(hy.layers.LAYERS.values())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_every_layer_comes_back(layer, dtype, tmp_path):
    layers = [pickle.loads(pickle.dumps(layer)), hy.Dense(3, "softmax", name="z")]
    x = np.abs(X.round()) % 2 if isinstance(layer, hy.Embedding) else X
    if isinstance(layer, PICTURES):
        x = X.reshape(-1, 2, 2)
        layers.insert(1, hy.Flatten(name="f"))
    model = hy.Sequential(layers, dtype=dtype)
    model.compile("categorical_crossentropy", hy.SGD(0.1))
    model.fit(x, LABELS, seed=0, verbose=0)
    other = round_trip(model, tmp_path)
    assert described(other) == described(model)
    assert [vars(layer)[name] for layer in other.layers for name in ("name", "input_shape")] == [
        vars(layer)[name] for layer in model.layers for name in ("name", "input_shape")
    ]
    assert other.theta.tobytes() == model.theta.tobytes()
    assert other.state.tobytes() == model.state.tobytes()
    assert other.predict(x).tobytes() == model.predict(x).tobytes()


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
@pytest.mark.parametrize("size", [1 << 20, 1 << 40, 10**30, 10**4000])
def test_a_shape_that_is_only_declared_takes_no_memory(layer, size, tmp_path):
    pictures = isinstance(layer, PICTURES)
    model = hy.Sequential([pickle.loads(pickle.dumps(layer))])
    model.build((2, 2) if pictures else 4, seed=0)
    model.save(tmp_path / "m")
    settings, arrays = parts(tmp_path / "m")
    settings["input_shape"] = [size, 2] if pictures else [size]
    put(tmp_path / "m", settings, arrays)
    tracemalloc.start()
    try:
        loaded = load_damaged(tmp_path / "m")
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    if loaded is not None:
        assert str(size) in str(loaded)


def test_layers_without_names_come_back_without(tmp_path):
    """So that what is printed of a model does not depend on whether it has been in a file."""
    model = hy.Sequential([hy.Dense(2, "relu"), hy.Dropout(0.2), hy.Dense(3, "softmax")])
    model.build(4, seed=0)
    other = round_trip(model, tmp_path)
    assert repr(other) == repr(model)
    assert str(other) == str(model)
    assert list(other.get_weights()) == list(model.get_weights())


LOSSES = [
    (hy.CategoricalCrossentropy(0.13), "softmax"),
    (hy.CategoricalCrossentropy(0.2, from_logits=True), None),
    (hy.BinaryCrossentropy(0.05), "sigmoid"),
    (hy.BinaryCrossentropy(from_logits=True), None),
    (hy.MeanSquaredError(), None),
    (hy.MeanAbsoluteError(), None),
    (hy.Huber(0.3), None),
]


@pytest.mark.parametrize(("loss", "ending"), LOSSES, ids=repr)
def test_every_loss_comes_back(loss, ending, tmp_path):
    model = hy.Sequential([hy.Dense(3, ending)])
    model.compile(loss, metrics=["accuracy"])
    y = LABELS if loss.kind == "classes" else RNG.integers(0, 2, (20, 3))
    model.fit(X, y, seed=0, verbose=0)
    other = round_trip(model, tmp_path)
    assert repr(other.loss) == repr(loss)
    assert described(other)["metrics"] == described(model)["metrics"]
    assert other.evaluate(X, y) == model.evaluate(X, y)
    assert (
        other.predict_classes(X).tolist() == model.predict_classes(X).tolist()
        if (loss.kind != "regression")
        else True
    )


CLIPS = {"clip_norm": 0.7, "clip_value": 0.3}
OPTIMIZERS = [
    hy.SGD(0.3, momentum=0.8, nesterov=True, decay=1e-3, **CLIPS),
    hy.Adagrad(0.3, epsilon=1e-4, decay=1e-3, **CLIPS),
    hy.RMSprop(0.3, rho=0.7, epsilon=1e-4, decay=1e-3, **CLIPS),
    hy.Adam(0.3, beta_1=0.7, beta_2=0.8, epsilon=1e-4, decay=1e-3, **CLIPS),
    hy.AdamW(0.3, weight_decay=0.2, beta_1=0.7, beta_2=0.8, epsilon=1e-4, decay=1e-3, **CLIPS),
    hy.SGD(hy.InverseTimeDecay(0.3, 0.02)),
    hy.Adam(hy.ExponentialDecay(0.3, 0.9, 7)),
    hy.AdamW(hy.StepDecay(0.3, 0.5, 7)),
    hy.RMSprop(hy.CosineDecay(0.3, 50, warmup=4, final=0.01)),
    hy.SGD(hy.LogCosineCycles(0.3, 50, cycles=3)),
    hy.AdamW(hy.FlatCosine(0.3, 5), weight_decay=hy.FlatCosine(0.2, 6)),
]


def test_the_table_has_every_optimizer_and_schedule():
    assert {type(o) for o in OPTIMIZERS} == set(hy.optimizers.OPTIMIZERS.values())
    rates = {type(o.learning_rate) for o in OPTIMIZERS} - {float}
    assert rates == set(schedules.SCHEDULES.values())


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_every_optimizer_and_schedule_comes_back(optimizer, tmp_path):
    model = hy.Sequential([hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", optimizer)
    model.build(4, seed=0)
    other = round_trip(model, tmp_path)
    assert repr(other.optimizer) == repr(optimizer)
    assert other.optimizer.get_config().keys() == optimizer.get_config().keys()
    for one in (model, other):
        one.fit(X, LABELS, batch_size=5, epochs=3, seed=1, verbose=0)
    assert other.theta.tobytes() == model.theta.tobytes()
    assert other.history.history == model.history.history


METRICS = [
    ("categorical_crossentropy", "softmax", metrics.CategoricalAccuracy()),
    ("categorical_crossentropy", "softmax", metrics.TopKAccuracy(2)),
    ("categorical_crossentropy", "softmax", metrics.ConfusionMatrix()),
    ("categorical_crossentropy", "softmax", metrics.Precision("micro")),
    ("categorical_crossentropy", "softmax", metrics.Recall("none")),
    ("categorical_crossentropy", "softmax", metrics.F1(positive=2)),
    ("categorical_crossentropy", "softmax", metrics.LossMetric(hy.CategoricalCrossentropy(0.3))),
    ("binary_crossentropy", "sigmoid", metrics.BinaryAccuracy()),
    ("mean_squared_error", None, metrics.R2()),
    ("mean_squared_error", None, metrics.RegressionAccuracy(0.4)),
    ("mean_squared_error", None, metrics.RegressionAccuracy()),
    ("mean_squared_error", None, metrics.LossMetric(hy.Huber(0.2))),
]


def test_the_table_has_every_metric():
    assert {type(m) for *_, m in METRICS} == set(metrics.METRIC_CLASSES.values())


@pytest.mark.parametrize(("loss", "ending", "metric"), METRICS, ids=repr)
def test_every_metric_comes_back(loss, ending, metric, tmp_path):
    model = hy.Sequential([hy.Dense(3, ending)])
    model.compile(loss, metrics=[metric])
    y = LABELS if ending == "softmax" else RNG.integers(0, 2, (20, 3))
    model.fit(X, y, seed=0, verbose=0)
    other = round_trip(model, tmp_path)
    assert repr(other.metrics) == repr(model.metrics)
    assert other.evaluate(X, y) == model.evaluate(X, y)


def test_a_model_that_was_not_compiled_comes_back_so(tmp_path):
    model = hy.Sequential([hy.Dense(3)])
    model.build(4, seed=0)
    other = round_trip(model, tmp_path)
    assert not other.compiled
    assert other.predict(X).tobytes() == model.predict(X).tobytes()


def test_a_model_without_parameters_comes_back(tmp_path):
    model = hy.Sequential([hy.Rescaling(0.5), hy.ReLU()])
    model.build((2, 3))
    other = round_trip(model, tmp_path)
    x = RNG.standard_normal((5, 2, 3))
    np.testing.assert_array_equal(other.predict(x), model.predict(x))


def test_a_model_built_with_numpys_numbers_is_saved(tmp_path):
    model = hy.Sequential([hy.Dense(3)])
    model.build((np.int64(4),), seed=0)
    assert round_trip(model, tmp_path).network.input_shape == (4,)


def test_metadata_comes_back(tmp_path):
    model = small()
    model.metadata = {
        "classes": ["a", "ä", "中文", "\U0001f600"],
        "nested": {"type": "Dense", "units": -1, "list": [1, 2.5, None, True]},
        "mean": np.float64(0.5),
        "empty": {},
    }
    other = round_trip(model, tmp_path)
    assert other.metadata == model.metadata
    other.metadata["classes"].append("new")
    assert len(model.metadata["classes"]) == 4


@pytest.mark.parametrize(
    "value", [{"f": print}, {"a": np.ones(3)}, {"s": {1, 2}}, {"n": float("nan")}, {"b": b"x"}]
)
def test_metadata_that_is_no_json_is_refused_and_nothing_is_written(value, saved):
    before = saved.read_bytes()
    model = small()
    model.metadata = value
    with pytest.raises((TypeError, ValueError), match=r"metadata|cannot be stored|JSON"):
        model.save(saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_users_initializer_is_not_in_the_file_but_its_values_are(tmp_path):
    model = hy.Sequential([hy.Dense(3, initializer=lambda shape, stream: np.full(shape, 0.25))])
    model.build(4)
    other = round_trip(model, tmp_path)
    assert (other.layers[0].W == 0.25).all()
    with pytest.raises(ValueError, match="initializer"):
        other.layers[0].initialize(np.random.default_rng())
    again = round_trip(other, tmp_path)
    assert (again.layers[0].W == 0.25).all()


class Scaled(hy.Layer):
    """A user's layer with parameters, state and settings."""

    def __init__(self, factor: float, name: str | None = None) -> None:
        super().__init__(name)
        self.factor = factor

    def parameter_shapes(self, input_shape):
        return {"a": input_shape}

    def state_shapes(self, input_shape):
        return {"seen": (1,)}

    def initialize(self, stream):
        self.values["a"][...] = stream.standard_normal(self.input_shape)

    def forward(self, x, training=False):
        self.x = self.receive(x)
        if training:
            self.state["seen"] += len(x)
        return self.x * self.values["a"] * self.factor

    def backward(self, dy):
        self.gradients["a"][...] = (dy * self.x * self.factor).sum(axis=0)
        return dy * self.values["a"] * self.factor


class Halved(hy.Layer):
    """A user's layer whose constructor takes no name."""

    def __init__(self, factor: float = 0.5) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x, training=False):
        return self.receive(x) * self.factor

    def backward(self, dy):
        return dy * self.factor


def test_a_users_layer_comes_back_where_its_class_is_given(tmp_path):
    model = hy.Sequential([Scaled(0.5), hy.Dense(3)])
    model.compile("mse")
    model.fit(X, X[:, :3], seed=0, verbose=0)
    other = round_trip(model, tmp_path, layers=[Scaled])
    assert other.layers[0].factor == 0.5
    assert other.layers[0].state["seen"] == 20
    assert other.predict(X).tobytes() == model.predict(X).tobytes()
    with pytest.raises(hy.FileFormatError, match=r"Scaled.*known: .*Dense") as caught:
        hy.load(tmp_path / "model.safetensors")
    assert "layers=[" in str(caught.value), "does not say how to load it"


def test_a_users_layer_whose_constructor_takes_no_name_comes_back(tmp_path):
    model = hy.Sequential([Halved(0.25), hy.Dense(3)])
    model.build(4, seed=0)
    other = round_trip(model, tmp_path, layers=[Halved])
    assert other.layers[0].factor == 0.25
    assert list(other.get_weights()) == list(model.get_weights())


def test_the_library_is_not_changed_by_a_users_layer(tmp_path):
    before = dict(hyalite.loading.REGISTRY)
    model = hy.Sequential([Scaled(0.5)])
    model.build(4, seed=0)
    round_trip(model, tmp_path, layers=[Scaled])
    assert before == hyalite.loading.REGISTRY


@pytest.mark.parametrize("kind", [str, Path])
def test_paths_are_texts_or_path_objects(kind, tmp_path):
    path = kind(tmp_path / "a model.bin")
    small().save(path)
    hy.load(path)
    small().save_weights(path)
    small().load_weights(path)


# Weights alone ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["save", "save_weights"])
def test_weights_are_read_into_a_model_of_the_same_shape(how, tmp_path):
    model, other = small(), small()
    model.theta[...] += 1
    model.state[...] += 2
    getattr(model, how)(tmp_path / "w")
    view = other.layers[0].W
    other.load_weights(tmp_path / "w")
    assert other.theta.tobytes() == model.theta.tobytes()
    assert other.state.tobytes() == model.state.tobytes()
    assert other.layers[0].W is view
    assert np.shares_memory(view, other.theta)


def test_a_file_of_weights_alone_is_not_a_model_and_says_what_to_do(tmp_path):
    small().save_weights(tmp_path / "w")
    with pytest.raises(hy.FileFormatError, match="load_weights"):
        hy.load(tmp_path / "w")


def test_a_foreign_safetensors_file_is_not_a_model(tmp_path):
    safetensors.numpy.save_file({"a": np.ones(3)}, tmp_path / "w")
    with pytest.raises(hy.FileFormatError):
        hy.load(tmp_path / "w")
    with pytest.raises(hy.FileFormatError, match=r"in\.W"):
        small().load_weights(tmp_path / "w")


CHANGES = {
    "missing": (lambda a: a.pop("dense_2.b"), ["dense_2.b", "(3,)"]),
    "missing state": (
        lambda a: a.pop("batch_normalization_1.mean"),
        ["batch_normalization_1.mean", "(2,)"],
    ),
    "left over": (lambda a: a.update(more=np.ones(2, "f4")), ["more", "no place"]),
    "renamed": (lambda a: a.update({"in.w": a.pop("in.W")}), ["in.W"]),
    "transposed": (lambda a: a.update({"in.W": a["in.W"].T.copy()}), ["in.W", "(2, 4)", "(4, 2)"]),
    "flat": (lambda a: a.update({"in.W": a["in.W"].ravel()}), ["in.W", "(8,)", "(4, 2)"]),
    "a column": (lambda a: a.update({"in.b": a["in.b"][:, None]}), ["in.b", "(2, 1)", "(2,)"]),
    "float64": (
        lambda a: a.update({"in.b": a["in.b"].astype("f8")}),
        ["in.b", "float64", "float32"],
    ),
    "float16": (lambda a: a.update({"in.b": a["in.b"].astype("f2")}), ["in.b", "F16", "float32"]),
    "whole numbers": (lambda a: a.update({"in.b": np.ones(2, "i4")}), ["in.b", "I32", "float32"]),
    "empty": (lambda a: a.update({"in.b": np.ones(0, "f4")}), ["in.b", "(0,)"]),
    "not finite": (lambda a: a["in.b"].fill(np.nan), ["in.b", "finite"]),
}


@pytest.mark.parametrize("method", ["load", "load_weights"])
@pytest.mark.parametrize("case", CHANGES)
def test_the_first_array_that_differs_is_named_and_nothing_is_changed(case, method, saved):
    change, expected = CHANGES[case]
    settings, arrays = parts(saved)
    arrays = {name: array + 1 for name, array in arrays.items()}
    change(arrays)
    put(saved, settings, arrays)
    model = small()
    before = model.theta.copy(), model.state.copy()
    with pytest.raises(hy.FileFormatError) as caught:
        hy.load(saved) if method == "load" else model.load_weights(saved)
    for part in (saved.name, *expected):
        assert part in str(caught.value)
    np.testing.assert_array_equal(model.theta, before[0])
    np.testing.assert_array_equal(model.state, before[1])


def test_weights_of_the_other_dtype_are_refused(tmp_path):
    small("float64").save(tmp_path / "m")
    assert hy.load(tmp_path / "m").theta.dtype == np.float64
    with pytest.raises(hy.FileFormatError, match="float64"):
        small().load_weights(tmp_path / "m")


# Hostile files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [10, 100, 400, 600, 900, 970, 1000, 5000, 200_000])
@pytest.mark.parametrize("place", ["layers", "training", "metadata", "dtype", "input_shape"])
@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")], ids=["lists", "dicts"])
def test_deeply_nested_settings_are_refused_or_kept(place, depth, left, right, saved):
    settings, arrays = parts(saved)
    settings[place] = "HERE"
    text = json.dumps(settings).replace('"HERE"', left * depth + "0" + right * depth)
    other = load_damaged(put(saved, text, arrays))
    assert other is None or place == "metadata"


@pytest.mark.parametrize("where", ["activation", "initializer", "learning_rate"])
def test_parts_within_parts_within_parts_are_refused(where, saved):
    settings, arrays = parts(saved)
    for depth in (2, 150, 450):
        text = json.dumps(settings | {"layers": ["HERE"]})
        inner = f'{{"type":"Dense","units":3,"{where}":'
        text = text.replace('"HERE"', inner * depth + "null" + "}" * depth)
        assert load_damaged(put(saved, text, arrays)) is None


def test_blocks_within_blocks_are_read_three_deep_and_refused_beyond(saved):
    settings, _ = parts(saved)
    del settings["training"]
    for depth in (1, 2, 3, 4, 150, 450):
        text = json.dumps(settings | {"layers": ["HERE"], "names": ["residual_1"]})
        block = '{"type":"Residual","layers":['
        text = text.replace('"HERE"', block * depth + '{"type":"Tanh"}' + "]}" * depth)
        other = load_damaged(put(saved, text, {}))
        assert (other is not None) == (depth <= 3)


WRONG = [
    None,
    True,
    0,
    -1,
    1.5,
    1e400,
    10**400,
    "",
    "text",
    "__class__",
    [],
    [1],
    ["float32"],
    [["a", 1]],
    {},
    {"a": 1},
    {"type": "Dense"},
    {"type": "Dense", "units": 3},
    {"type": None},
    {"type": ["Dense"]},
    {"type": {}},
    {"type": "object"},
    {"type": "Sequential"},
]


def _places(settings, path=()):
    """Paths to every entry of the JSON."""
    if isinstance(settings, dict):
        for key, value in settings.items():
            yield (*path, key)
            yield from _places(value, (*path, key))
    elif isinstance(settings, list):
        for index, value in enumerate(settings):
            yield (*path, index)
            yield from _places(value, (*path, index))


def test_wrong_types_at_every_place_are_refused_or_harmless(saved):
    settings, arrays = parts(saved)
    settings["metadata"] = {"a": [1]}
    text = json.dumps(settings)
    names = list(arrays)
    loaded = 0
    for path in list(_places(settings)):
        for value in WRONG:
            changed = json.loads(text)
            target = changed
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = value
            try:
                other = load_damaged(put(saved, changed, arrays))
            except Exception as error:
                raise AssertionError(f"{path} = {value!r}: {error!r}") from error
            if other is not None:
                loaded += 1
                assert sorted(other.get_weights()) == sorted(names), f"{path} = {value!r}"
                other.predict(X)
                repr(other)
                str(other)
    assert loaded


def test_entries_taken_away_are_refused_or_have_a_default(saved):
    settings, arrays = parts(saved)
    text = json.dumps(settings)
    for path in list(_places(settings)):
        changed = target = json.loads(text)
        for key in path[:-1]:
            target = target[key]
        del target[path[-1]]
        try:
            load_damaged(put(saved, changed, arrays))
        except Exception as error:
            raise AssertionError(f"without {path}: {error!r}") from error


@pytest.mark.parametrize("key", ["version", "dtype", "layers", "input_shape", "format", "metadata"])
def test_entries_nobody_needs_are_no_reason_to_fail_and_others_are_named(key, saved):
    settings, arrays = parts(saved)
    del settings[key]
    other = None
    try:
        other = hy.load(put(saved, settings, arrays))
    except hy.FileFormatError as error:
        assert key in str(error)  # noqa: PT017  # to refuse is one of two right answers
    assert (other is not None) == (key == "version") or key == "metadata"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda s: s["layers"][0].update(type="Nonsense"), "Nonsense"),
        (lambda s: s["layers"][0].update(type="Layer"), "Layer"),
        (lambda s: s["layers"][0].update(type="os.system"), "os.system"),
        (lambda s: s["layers"][0].update(type="Adam"), "Adam"),
        (lambda s: s["layers"][0].update(name="a.b"), "a.b"),
        (lambda s: s["names"].__setitem__(0, s["names"][1]), "different"),
        (lambda s: s["layers"][0].update(rate=0.5), "rate"),
        (lambda s: s["layers"][0].update(units="2"), "units"),
        (lambda s: s["layers"][0].update(l2=-1), "l2"),
        (lambda s: s["layers"][0].update(activation="nonsense"), "nonsense"),
        (lambda s: s["layers"].append(s["layers"][0]), "in"),
        (lambda s: s["layers"].clear(), "the model has no"),
        (lambda s: s["layers"][2].update(layers=[]), "at least one layer"),
        (lambda s: s["layers"][2].update(layers=s["layers"][0]), "must be a list"),
        (lambda s: s["layers"][2].update(layers=["Dense"]), "made of layers"),
        (lambda s: s["layers"][2]["layers"][0].update(units=3), "adds what its layers give"),
        (lambda s: s["layers"][2]["layers"][0].update(name="another"), "residual_1.another.W"),
        (lambda s: s["layers"][2]["layers"][0].update(type="Nonsense"), "Nonsense"),
        (lambda s: s.update(dtype="float16"), "float16"),
        (lambda s: s.update(dtype="object"), "object"),
        (lambda s: s.update(input_shape=[0]), "shape"),
        (lambda s: s.update(input_shape=[-4]), "-4"),
        (lambda s: s.update(input_shape=[]), "()"),
        (lambda s: s.update(input_shape="4"), "4"),
        (lambda s: s.update(format=2), "2"),
        (lambda s: s.update(format="1"), "'1'"),
        (lambda s: s["training"]["loss"].update(type="Dense"), "Dense"),
        (lambda s: s["training"]["loss"].update(type="MeanSquaredErrors"), "MeanSquaredErrors"),
        (lambda s: s["training"]["optimizer"].update(learning_rate=-1), "learning_rate"),
        (lambda s: s["training"].update(surprise=1), "surprise"),
        (lambda s: s["training"].pop("loss"), "loss"),
        (lambda s: s["training"].update(metrics=["nonsense"]), "nonsense"),
    ],
)
def test_settings_that_make_no_model_are_refused_by_name(change, part, saved):
    settings, arrays = parts(saved)
    change(settings)
    with pytest.raises(hy.FileFormatError) as caught:
        hy.load(put(saved, settings, arrays))
    text = str(caught.value)
    assert part in text
    assert saved.name in text, f"the file is not named: {text}"


def test_what_is_loaded_can_be_saved_again(saved):
    """JSON that only Python reads (NaN) must not come in by a file's metadata."""
    settings, arrays = parts(saved)
    settings["metadata"] = {"a": "HERE"}
    other = load_damaged(put(saved, json.dumps(settings).replace('"HERE"', "NaN"), arrays))
    if other is not None:
        other.save(saved)


# Of the book's networks ---------------------------------------------------------------------------

# the padding of each convolution in the book's programs, and whether pooling follows
SIMPLE = [(0, True)]
DEEP = [(1, False), (1, True), (1, False), (2, True), (1, False), (1, True)]


def book_arrays(order: list[tuple[int, bool]], *, side: int, kernel: int) -> dict[str, np.ndarray]:
    """Random weights of a network of the book, with 3, 4, 5, ... filters, 6 units and 10."""
    rng, channels, arrays = np.random.default_rng(0), 1, {}
    for number, (padding, pooled) in enumerate(order, 1):
        arrays[f"W{number}"] = rng.normal(0, 0.4, (2 + number, channels, kernel, kernel))
        channels, side = 2 + number, (side + 2 * padding - kernel + 1) // (1 + pooled)
    for number, shape in enumerate([(channels * side**2, 6), (6, 10)], len(order) + 1):
        arrays[f"W{number}"] = rng.normal(0, 0.4, shape)
    return arrays | {f"b{name[1:]}": rng.normal(0, 0.3, _units(W)) for name, W in arrays.items()}


def _units(W: np.ndarray) -> int:
    return len(W) if W.ndim == 4 else W.shape[1]


def by_the_book(
    arrays: dict[str, np.ndarray], order: list[tuple[int, bool]], x: np.ndarray
) -> np.ndarray:
    """What the book's program makes of pictures (n, 1, height, width): probabilities."""
    for number, (padding, pooled) in enumerate(order, 1):
        x = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
        W = arrays[f"W{number}"]
        windows = np.lib.stride_tricks.sliding_window_view(x, W.shape[2:], axis=(2, 3))
        x = np.einsum("nchwij,fcij->nfhw", windows, W) + arrays[f"b{number}"][:, None, None]
        x = np.maximum(x, 0)
        if pooled:
            n, channels, height, width = x.shape
            x = x.reshape(n, channels, height // 2, 2, width // 2, 2).max(axis=(3, 5))
    half = 0.5 if len(order) > 1 else 1  # what its dropout does at prediction
    x = x.reshape(len(x), -1)
    hidden, last = len(order) + 1, len(order) + 2
    x = half * np.maximum(x @ arrays[f"W{hidden}"] + arrays[f"b{hidden}"], 0)
    x = np.exp(half * (x @ arrays[f"W{last}"] + arrays[f"b{last}"]))
    return x / x.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("order", "side", "kernel"), [(SIMPLE, 28, 5), (SIMPLE, 10, 3), (DEEP, 28, 3), (DEEP, 20, 3)]
)
def test_the_books_networks_predict_what_its_programs_do(order, side, kernel):
    arrays = book_arrays(order, side=side, kernel=kernel)
    model = hyalite.loading.from_book_arrays(*convolution_arrays(arrays))
    assert model.network.input_shape == (side, side)
    model.engine = "numpy"
    x = np.random.default_rng(1).random((5, side, side))
    want = by_the_book(arrays, order, x[:, None])
    np.testing.assert_allclose(model.predict(x), want, rtol=1e-4, atol=1e-6)


def test_weights_of_another_network_with_convolutions_are_refused():
    arrays = book_arrays(SIMPLE * 2, side=28, kernel=5)
    with pytest.raises(
        ValueError, match=r"2 convolutions and 2 dense layers are neither .*set_wei"
    ):
        hyalite.loading.from_book_arrays(*convolution_arrays(arrays))

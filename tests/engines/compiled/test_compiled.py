"""The compiled engine against the reference: same numbers, same random draws, same errors."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from tests import parts
from tests.engines.compiled.helpers import WIDE, classifier, frozen, unaligned

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")

from hyalite.engines.compiled.lowering.support import supported

pytestmark = pytest.mark.compiled


def both(model: hy.Sequential) -> tuple[hy.Sequential, hy.Sequential]:
    """The model twice: for the reference and for the compiled engine."""
    pair = copy.deepcopy(model), copy.deepcopy(model)
    pair[0].engine, pair[1].engine = "numpy", "compiled"
    return pair


def assert_same(a: hy.Sequential, b: hy.Sequential, tolerance: float) -> None:
    """Parameters, states and slots alike, relative to the largest of each vector."""
    vectors = [(a.theta, b.theta), (a.state, b.state)]
    vectors += [(a.optimizer.slots[name], b.optimizer.slots[name]) for name in a.optimizer.slots]
    for one, other in vectors:
        scale = np.abs(one).max(initial=1e-3)
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance * scale)
    assert a.optimizer.steps == b.optimizer.steps
    assert a.network.clock.step == b.network.clock.step
    assert a.optimizer.last_learning_rate == b.optimizer.last_learning_rate


def tolerance_for(model: hy.Sequential, rows: int) -> float:
    """1e-12, but more where gradients are 0 but for rounding, of which some optimizers make steps.

    That of a bias before a batch normalization is so; and where a shard has two rows, which are
    always brought to +1 and -1, those of all parameters before it are. Such a step is a rounding
    divided by an epsilon of 1e-7, and how NumPy's products round depends on the processor: with
    AVX-512 all models of more rows stay below 1e-9, with AVX2 one comes to 1.2e-9.
    """
    if hy.BatchNormalization not in [type(layer) for layer in model.network.all_layers()]:
        return 1e-12
    return 2e-9 if rows > 2 else 1e-8


MODELS, OF_PICTURES = 720, 320  # the last ones begin with layers for pictures
PAIRS = list(itertools.product(parts.LOSSES, parts.OPTIMIZERS))


@pytest.mark.filterwarnings("ignore:overflow")  # of models that move away without end
@pytest.mark.parametrize("first", range(0, MODELS, 10))
def test_random_models_agree_with_the_reference(first: int) -> None:
    for seed in range(first, first + 10):
        model, x, y, weight, setting = drawn(seed)
        a, b = both(model)
        results = []
        for one in (a, b):
            try:
                history = one.fit(x, y, sample_weight=weight, verbose=0, **setting)
                results.append(history["loss"])
            except hy.NonFiniteError as error:
                results.append(str(error))
        assert a.optimizer.steps == 5 or isinstance(results[0], str)
        if isinstance(results[0], str):
            assert results[0] == results[1]
        batch = min(setting["batch_size"] or len(x), len(x))
        tolerance = tolerance_for(model, batch // setting["shards"])
        assert_same(a, b, tolerance)
        if not isinstance(results[0], str):
            np.testing.assert_allclose(results[0], results[1], rtol=tolerance)
        # no nearer than the parameters are
        near = {"rtol": 1e-8, "atol": max(tolerance, 1e-10)}
        np.testing.assert_allclose(a.predict(x), b.predict(x), **near)
        figures = (one.evaluate(x, y, sample_weight=weight) for one in (a, b))
        np.testing.assert_allclose(*(figure["loss"] for figure in figures), rtol=1e-8)


def drawn(seed: int) -> tuple[hy.Sequential, Any, Any, Any, dict[str, Any]]:
    """Model number `seed`: `MODELS` of them go through every pair of loss and optimizer."""
    loss, optimizer = PAIRS[seed % len(PAIRS)]
    rng = np.random.default_rng(seed)
    pictures = seed >= MODELS - OF_PICTURES
    model, x, y, weight = parts.random_model(rng, pictures=pictures, loss=loss, optimizer=optimizer)
    if seed % 4 == 1:
        model.optimizer.clip_norm = 0.1
    elif seed % 4 == 2:
        model.optimizer.clip_value = 0.01
    model.optimizer.decay = 0.01 * (seed % 3)
    steps = [(-(-len(x) // size), size) for size in range(1, len(x) + 1)]
    size = next((size for count, size in steps if count == 5), None) if seed % 2 else None
    setting = {
        "batch_size": size,
        "epochs": 1 if size else 5,
        "seed": seed,
        "shards": 1 + seed % 3,
    }
    return model, x, y, weight, setting


def test_the_models_cover_every_pair_of_parts() -> None:
    pairs = set()
    for seed in range(MODELS):
        model, *_ = drawn(seed)
        layers = [stage for layer in model.network.all_layers() for stage in layer.stages()]
        stages = {type(stage).__name__ for stage in layers}
        loss, optimizer = PAIRS[seed % len(PAIRS)]
        pairs |= {(loss, optimizer)} | set(itertools.product(stages, (loss, optimizer)))
    layers = [parts.LAYERS[name]() for name in (*parts.EVERYWHERE, *parts.SHAPES)]
    kinds = {type(layer).__name__ for layer in layers if supported(layer)}
    wanted = set(PAIRS) | set(itertools.product(kinds, (*parts.LOSSES, *parts.OPTIMIZERS)))
    # a softmax within a network is no use, and behind it only at a categorical loss
    assert {pair for pair in wanted - pairs if pair[0] != "Softmax"} == set()


@pytest.mark.parametrize("batch_size", [25, 64, 100, 300, None])
@pytest.mark.parametrize("name", WIDE)
def test_large_layers_agree_with_the_reference(
    name: str, batch_size: int | None, data: tuple[np.ndarray, np.ndarray]
) -> None:
    x, y = data
    model = classifier(*WIDE[name](), dtype="float64", metrics=["accuracy"])
    model.optimizer.clip_norm = 0.5
    a, b = both(model)
    histories = [
        one.fit(x, y, batch_size=batch_size, epochs=2, seed=3, shards=2, verbose=0)
        for one in (a, b)
    ]
    # rounding of gradients near 0, of which Adam makes whole steps; in a net of seven layers, too
    assert_same(a, b, 1e-8 if "normalizations" in name or name == "elementwise" else 1e-10)
    for figure in ("loss", "accuracy", "learning_rate"):
        np.testing.assert_allclose(histories[0][figure], histories[1][figure], rtol=1e-9)
    np.testing.assert_allclose(a.predict(x), b.predict(x), rtol=1e-7)
    np.testing.assert_allclose(
        list(a.evaluate(x, y).values()), list(b.evaluate(x, y).values()), rtol=1e-9
    )


def test_single_precision_agrees_to_some_of_its_digits(data: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = data
    a, b = both(classifier(*WIDE["tiles"]()))
    for one in (a, b):
        one.fit(x, y, batch_size=100, epochs=1, seed=3, verbose=0)
    assert_same(a, b, 2e-5)


@pytest.mark.parametrize("width", [1, 15, 16, 17, 40])
def test_the_dropout_masks_are_the_references_bit_for_bit(width: int) -> None:
    x = np.ones((9, width), np.float32)
    kept = []
    for model in both(classifier(hy.Dropout(0.37), optimizer=hy.SGD(0.1))):
        masks = []
        for _ in range(6):  # one row a batch: dW shows its mask
            model.fit(x[:1], [1], batch_size=1, seed=11, verbose=0)
            masks.append(model.layers[1].dW[:, 1] != 0)
        kept.append(np.array(masks))
    np.testing.assert_array_equal(*kept)
    assert 0 < kept[0].mean() < 1


FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "uint8": lambda x: x.astype(np.uint8),
    "bool": lambda x: x > 100,
    "int16": lambda x: x.astype(np.int16) - 100,
    "int64": lambda x: x.astype(np.int64),
    "float16": lambda x: x.astype(np.float16),
    "float32": lambda x: x.astype(np.float32),
    "float64": lambda x: x,
    "big-endian": lambda x: x.astype(">f4"),
    "transposed": lambda x: np.asfortranarray(x),
    "every second": lambda x: np.repeat(x, 2, axis=0)[::2],
    "read-only": lambda x: frozen(x.astype(np.float32)),
    "unaligned": lambda x: unaligned(x.astype(np.float32)),
}


@pytest.mark.parametrize("form", FORMS)
def test_samples_of_any_kind(form: str) -> None:
    rng = np.random.default_rng(0)
    x = FORMS[form](rng.integers(0, 256, (50, 4, 5)).astype(np.float64))
    y = frozen(rng.integers(0, 3, 50))
    weight = frozen(rng.uniform(0.5, 2, 50))
    a, b = both(classifier(hy.Flatten(), hy.Rescaling(1 / 255), hy.Dense(9, "tanh")))
    for one in (a, b):
        one.fit(x, y, epochs=2, seed=1, validation_split=0.2, sample_weight=weight, verbose=0)
    assert_same(a, b, 2e-5)
    np.testing.assert_allclose(a.predict(x), b.predict(x), atol=1e-5)


PICTURES: dict[str, Callable[[], list[hy.Layer]]] = {
    "flatten": lambda: [],
    "rescaling": lambda: [hy.Rescaling(1 / 127.5, -1)],
    "rescaling within": lambda: [hy.Tanh(), hy.Rescaling(2.0, 0.5)],
    "dropout": lambda: [hy.Dropout(0.3)],
    "gaussian noise": lambda: [hy.GaussianNoise(0.2)],
    "random affine": lambda: [hy.RandomAffine(1, 20, 0.1, fill=3)],
    "random flip": lambda: [hy.RandomFlip("horizontal_and_vertical")],
    "batch normalization": lambda: [hy.BatchNormalization()],
    "each behind weights": lambda: [
        hy.BatchNormalization(),
        hy.RandomFlip("vertical"),
        hy.Dropout(0.2),
        hy.GaussianNoise(0.1),
        hy.RandomAffine(1, 20),
        hy.Rescaling(0.5),
        hy.Residual([hy.BatchNormalization(), hy.ReLU()]),
    ],
}


@pytest.mark.parametrize("form", ["uint8", "float32"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", PICTURES)
def test_pictures_with_channels(name: str, channels: int, form: str) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 9, (60, 6, 5, channels)).astype(form), rng.integers(0, 3, 60)
    model = classifier(*PICTURES[name](), hy.Flatten(), hy.Dense(8, "tanh"), dtype="float64")
    a, b = both(model)
    for one in (a, b):
        one.fit(x, y, epochs=2, seed=1, shards=2, verbose=0)
    assert_same(a, b, 1e-10)
    np.testing.assert_allclose(a.predict(x), b.predict(x), rtol=1e-9)
    np.testing.assert_allclose(a.predict(x[:1]), b.predict(x[:1]), rtol=1e-9)


def test_samples_mapped_from_a_file(tmp_path: Path, data: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = data
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    models = [classifier(hy.Dense(9, "tanh")) for _ in range(2)]
    for model, samples in zip(models, (x, mapped), strict=True):
        model.fit(samples, y, seed=1, verbose=0)
    np.testing.assert_array_equal(models[0].theta, models[1].theta)


METRICS = {
    "classes": (3, ["accuracy", hy.metrics.TopKAccuracy(2), hy.metrics.ConfusionMatrix()]),
    "binary": (2, ["accuracy", hy.metrics.F1(), hy.metrics.LossMetric("binary_crossentropy")]),
    "regression": (2, ["accuracy", hy.metrics.R2(), hy.metrics.LossMetric("mae")]),
    "groups": (5, [hy.metrics.LossMetric(hy.GroupedCrossentropy((3, 2)))]),
}  # fmt: skip


@pytest.mark.parametrize("kind", METRICS)
@pytest.mark.parametrize("weighted", [False, True])
def test_all_metrics(kind: str, weighted: bool) -> None:
    outputs, metrics = METRICS[kind]
    loss = next(make() for make in parts.LOSSES.values() if make().kind == kind)
    rng = np.random.default_rng(2)
    x = rng.standard_normal((60, 4))
    y = parts.target_for(loss, rng, 60, outputs)
    if kind == "classes":
        y = rng.integers(0, 3, 60)
    model = hy.Sequential(
        [hy.Dense(5, "tanh"), hy.Dense(outputs, parts.ending_for(loss))], dtype="f8"
    )
    model.compile(loss, "adam", metrics)
    a, b = both(model)
    options = {"sample_weight": rng.uniform(0.1, 2, 60) if weighted else None}
    for split in (0.25, 0):  # with a validation epochs are trained one by one, else together
        setting = {"validation_split": split, "batch_size": 8, "epochs": 4, "seed": 4}
        histories = [one.fit(x, y, **options, **setting, verbose=0) for one in (a, b)]
        assert list(histories[0]) == list(histories[1])
        for name in histories[0]:
            np.testing.assert_allclose(histories[0][name], histories[1][name], rtol=1e-10)
    results = [one.evaluate(x, y, **options) for one in (a, b)]
    for name in results[0]:
        np.testing.assert_allclose(results[0][name], results[1][name], rtol=1e-10)


def test_class_weights(data: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = data
    a, b = both(classifier(hy.Dense(9, "tanh"), dtype="float64", metrics=["accuracy"]))
    histories = [
        one.fit(x, y, class_weight={0: 3.0, 2: 0.5}, epochs=2, seed=1, verbose=0) for one in (a, b)
    ]
    assert_same(a, b, 1e-12)
    assert histories[0]["accuracy"] == histories[1]["accuracy"]


SCHEDULES = [
    hy.CosineDecay(0.1, steps=9, warmup=3),
    hy.ExponentialDecay(0.1, rate=0.5, steps=4),
    hy.StepDecay(0.1, factor=0.5, steps=3),
    hy.InverseTimeDecay(0.1, decay=0.1),
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
def test_schedules(schedule: hy.schedules.Schedule, data: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = data
    a, b = both(classifier(dtype="float64", optimizer=hy.SGD(schedule, momentum=0.5)))
    histories = [one.fit(x, y, batch_size=100, epochs=3, seed=1, verbose=0) for one in (a, b)]
    assert_same(a, b, 1e-12)
    assert histories[0]["learning_rate"] == histories[1]["learning_rate"]


def test_many_epochs_at_once_give_the_bytes_of_one_by_one() -> None:
    x, y = hy.datasets.spiral(40, 3)
    models = [classifier(hy.Dense(16, "relu"), hy.Dropout(0.2)) for _ in range(3)]
    models[0].fit(x, y, batch_size=50, epochs=30, seed=1, verbose=0)
    for _ in range(30):
        models[1].fit(x, y, batch_size=50, epochs=1, seed=1, verbose=0)
    models[2].fit(x, y, batch_size=50, epochs=30, seed=1, validation_data=(x[:9], y[:9]), verbose=0)
    assert models[0].theta.tobytes() == models[1].theta.tobytes() == models[2].theta.tobytes()
    assert models[0].history["loss"] == models[2].history["loss"]
    assert len(models[0].history["loss"]) == 30


class Tamper(hy.Callback):
    """Changes settings between epochs."""

    def on_epoch_end(self, model: Any, epoch: int, figures: dict[str, Any]) -> None:
        model.optimizer.learning_rate *= 0.5
        model.layers[0].l2 = 0.1 * epoch
        model.layers[1].rate = 0.1 * epoch
        model.layers[0].W[0, 0] = 0.25


def test_callbacks_may_change_settings_between_epochs(data: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = data
    a, b = both(classifier(hy.Dense(8, "relu", l2=1e-3), hy.Dropout(0.4), dtype="float64"))
    for one in (a, b):
        one.fit(x, y, epochs=4, seed=1, callbacks=[Tamper()], verbose=0)
    assert_same(a, b, 1e-11)


def test_early_stopping_ends_at_the_references_epoch(data: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = data
    a, b = both(classifier(hy.Dense(30, "relu"), optimizer=hy.Adam(0.03)))
    stops = [hy.EarlyStopping("val_loss", patience=2) for _ in range(2)]
    for one, stop in zip((a, b), stops, strict=True):
        one.fit(x, y, epochs=60, seed=1, validation_split=0.3, callbacks=[stop], verbose=0)
    assert stops[0].stopped_epoch == stops[1].stopped_epoch is not None


@pytest.mark.parametrize("epochs", [1, 40])
def test_a_number_that_is_not_finite_undoes_its_epoch(epochs: int) -> None:
    x, y = hy.datasets.sine(64)
    model = hy.Sequential([hy.Dense(4), hy.BatchNormalization(), hy.Dense(1)], dtype="float64")
    model.compile("mse", hy.SGD(1.0 if epochs == 40 else 1e200, momentum=0.9))
    model.build(1, seed=0)
    a, b = both(model)
    texts = []
    for one in (a, b):
        with pytest.raises(hy.NonFiniteError) as caught:
            one.fit(x, y, batch_size=16, epochs=200, seed=0, shuffle=False, verbose=0)
        texts.append(str(caught.value))
    assert texts[0] == texts[1]
    assert a.network.epochs == b.network.epochs
    assert (a.network.epochs > 0) == (epochs > 1)
    assert len(a.history) == len(b.history) == a.network.epochs
    assert np.isfinite(b.theta).all()
    assert_same(a, b, 1e-4)


def test_parameters_that_are_not_finite_at_the_end() -> None:
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mse", hy.SGD(1e38))
    a, b = both(model)
    for one in (a, b):
        with pytest.raises(hy.NonFiniteError, match="last batch; layer dense_1"):
            one.fit(np.full((4, 1), 100.0), np.full(4, -100.0), batch_size=4, seed=0, verbose=0)
        assert np.isfinite(one.theta).all()

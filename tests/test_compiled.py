"""The compiled engine against the reference: same numbers, same random draws, same errors."""

from __future__ import annotations

import copy
import hashlib
import itertools
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite import messages
from hyalite.engines import choice
from tests import compiling, parts

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")
from hyalite.engines.compiled.lowering.support import supported

pytestmark = pytest.mark.compiled
Fit = Callable[[hy.Sequential], Any]


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
    always brought to +1 and -1, those of all parameters before it are.
    """
    if hy.BatchNormalization not in [type(stage) for stage in model.network.stages()]:
        return 1e-12
    return 1e-9 if rows > 2 else 1e-8


MODELS = 400


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
        np.testing.assert_allclose(a.predict(x), b.predict(x), rtol=1e-8, atol=1e-10)
        figures = (one.evaluate(x, y, sample_weight=weight) for one in (a, b))
        np.testing.assert_allclose(*(figure["loss"] for figure in figures), rtol=1e-8)


def drawn(seed: int) -> tuple[hy.Sequential, Any, Any, Any, dict[str, Any]]:
    """Model number `seed`: `MODELS` of them go through every pair of loss and optimizer."""
    loss = parts.COMPILED[seed % len(parts.COMPILED)]
    optimizer = list(parts.OPTIMIZERS)[seed % len(parts.OPTIMIZERS)]
    rng = np.random.default_rng(seed)
    model, x, y, weight = parts.random_model(
        rng, augmentation=False, loss=loss, optimizer=optimizer
    )
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
        stages = {type(stage).__name__ for stage in model.network.stages()}
        loss = parts.COMPILED[seed % len(parts.COMPILED)]
        optimizer = list(parts.OPTIMIZERS)[seed % len(parts.OPTIMIZERS)]
        pairs |= {(loss, optimizer)} | set(itertools.product(stages, (loss, optimizer)))
    layers = [parts.LAYERS[name]() for name in parts.EVERYWHERE]
    kinds = {type(layer).__name__ for layer in layers if supported(layer)}
    wanted = set(itertools.product(parts.COMPILED, parts.OPTIMIZERS))
    wanted |= set(itertools.product(kinds, (*parts.COMPILED, *parts.OPTIMIZERS)))
    # a softmax within a network is no use, and behind it only at a categorical loss
    assert {pair for pair in wanted - pairs if pair[0] != "Softmax"} == set()


def classifier(*hidden: hy.Layer, dtype: str = "float32", **options: Any) -> hy.Sequential:
    model = hy.Sequential([*hidden, hy.Dense(3, "softmax")], dtype=dtype)
    settings = {"loss": "categorical_crossentropy", "optimizer": hy.Adam(0.01), **options}
    model.compile(**settings, engine="compiled")
    return model


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    y = rng.integers(0, 3, 500)
    x = rng.standard_normal((500, 40)) + np.eye(3)[y] @ rng.standard_normal((3, 40))
    return x.astype(np.float32), y


WIDE = {
    "tiles": lambda: [hy.Dense(600, "relu"), hy.Dropout(0.3), hy.Dense(90, "gelu")],
    "tiles behind other layers": lambda: [
        hy.Rescaling(0.5, 0.1),
        hy.Dropout(0.1),
        hy.Dense(200, "tanh"),
        hy.Dropout(0.2),
        hy.Rescaling(0.9),
        hy.Dense(300, "relu", l2=1e-3, bias_l1=1e-3),
        hy.LayerNormalization(),
        hy.Tanh(),
        hy.Dense(250),
        hy.Sigmoid(),
        hy.Dense(2, "leaky_relu"),
    ],
    "several normalizations": lambda: [
        hy.BatchNormalization(),
        hy.Dense(220, "relu", use_bias=False),
        hy.BatchNormalization(),
        hy.ReLU(),
        hy.Dense(180),
        hy.LayerNormalization(),
    ],
    "activations one behind the other": lambda: [
        hy.Tanh(),
        hy.Dense(30, "sigmoid"),
        hy.Tanh(),
        hy.ReLU(),
        hy.Dropout(0.5),
        hy.Dropout(0.2),
        hy.GELU(),
        hy.Softmax(),
        hy.LeakyReLU(0.3),
        hy.Rescaling(2, -1),
    ],
}


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
    assert_same(a, b, 1e-8 if "normalizations" in name else 1e-10)
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


def frozen(x: np.ndarray) -> np.ndarray:
    x.setflags(write=False)
    return x


def unaligned(x: np.ndarray) -> np.ndarray:
    return np.frombuffer(b"." + x.tobytes(), np.uint8)[1:].view(x.dtype).reshape(x.shape)


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


class Doubling(hy.Layer):
    """A user's own layer."""

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        return 2 * self.receive(x)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return 2 * self.receive_dy(dy)


class OwnLoss(hy.MeanSquaredError):
    """A user's own loss."""


class OwnRule(hy.SGD):
    """A user's own optimizer."""


FOREIGN = {
    "the layer Doubling": ([Doubling()], "mse", "sgd"),
    "the loss OwnLoss": ([], OwnLoss(), "sgd"),
    "the optimizer OwnRule": ([], "mse", OwnRule()),
}


@pytest.mark.parametrize("reason", FOREIGN)
def test_what_is_not_known_runs_on_the_reference_and_says_so_once(
    reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    messages.say_once.cache_clear()
    layers, loss, optimizer = copy.deepcopy(FOREIGN[reason])
    x, y = hy.datasets.sine(8)
    model = hy.Sequential([*layers, hy.Dense(1)])
    model.compile(loss, optimizer)
    model.fit(x, y, verbose=2)
    model.fit(x, y, verbose=2)
    assert caplog.messages == [f"the NumPy engine, since {reason} has no compiled form"]
    model.compile(loss, optimizer, engine="compiled")
    with pytest.raises(ValueError, match=f"engine='compiled' cannot run this model: {reason}"):
        model.fit(x, y, verbose=0)


@pytest.mark.parametrize("layer", [hy.RandomAffine(), hy.GaussianNoise(0.1)], ids=repr)
def test_augmentation_runs_on_the_reference_and_says_so_once(
    layer: hy.Layer, caplog: pytest.LogCaptureFixture
) -> None:
    messages.say_once.cache_clear()
    x, y = np.arange(96, dtype=np.uint8).reshape(6, 4, 4), np.arange(6) % 3
    models = []
    for engine in ("auto", "numpy"):
        model = hy.Sequential([copy.deepcopy(layer), hy.Flatten(), hy.Dense(3, "softmax")])
        model.compile("categorical_crossentropy", engine=engine)
        for _ in range(2):
            model.fit(x, y, seed=3, verbose=2)
        models.append(model)
    kind = type(layer).__name__
    assert caplog.messages == [f"the NumPy engine, since the layer {kind} has no compiled form"]
    assert models[0].theta.tobytes() == models[1].theta.tobytes()
    assert models[0].predict(x).tobytes() == models[1].predict(x).tobytes()
    model.compile("categorical_crossentropy", engine="compiled")
    with pytest.raises(ValueError, match=f"cannot run this model: the layer {kind} has no"):
        model.fit(x, y, verbose=0)


def test_without_numba(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    messages.say_once.cache_clear()
    monkeypatch.setattr(choice, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "numba", None)
    x, y = hy.datasets.sine(8)
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mse")
    model.fit(x, y, verbose=2)
    assert "pip install 'hyalite[fast]'" in caplog.text
    model.compile("mse", engine="compiled")
    with pytest.raises(hy.MissingExtra, match=r"pip install 'hyalite\[fast\]'"):
        model.fit(x, y)


def test_predictions_of_many_rows_and_threads(data: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = data
    model = classifier(*WIDE["several normalizations"]())
    model.fit(x, y, seed=0, verbose=0)
    many = np.tile(x, (7, 1))
    one = model.predict(many)
    before = hy.get_num_threads()
    try:
        for threads in (1, 3):
            hy.set_num_threads(threads)
            assert model.predict(many).tobytes() == one.tobytes()
    finally:
        hy.set_num_threads(None)
    assert hy.get_num_threads() == before
    model.engine = "numpy"
    np.testing.assert_allclose(one, model.predict(many), rtol=1e-4)


NOTICE = (
    r"hyalite: compiling the fast engine, once for this machine and dtype \.\.\.\n"
    r"hyalite: compiled in \d+ s\n"
)


@pytest.mark.slow
def test_any_number_of_threads_gives_the_same_bytes_in_fresh_processes(
    first_use: dict[str, list[str]],
) -> None:
    results = [compiling.run(threads) for threads in (None, 1, 2, 3, 8)]
    # the first process may have been the one that compiled the engine, and then has said so
    output, said = first_use["float32"]
    assert {result.stdout for result in results} == {output}
    assert re.sub(NOTICE, "", said) == ""
    assert len(results[0].stdout) == 65
    assert [result.stderr for result in results] == [""] * 5  # nothing was compiled again


def test_a_change_of_the_kernels_source_is_a_change_of_the_entries() -> None:
    from hyalite.engines.compiled.kernels import entry_points

    cells = entry_points.train.__closure__
    assert entry_points._fingerprint() in [cell.cell_contents for cell in cells]
    folder = Path(entry_points.__file__).parents[1]
    digest = hashlib.sha256(b"".join(p.read_bytes() for p in sorted(folder.rglob("*.py"))))
    assert entry_points._fingerprint() == int.from_bytes(digest.digest()[:8], "little")


def test_the_table_says_shapes_and_sizes_of_every_instruction() -> None:
    from hyalite.engines.compiled.lowering.program import Lowering
    from hyalite.engines.compiled.structs import Column, OperationKind

    model = hy.Sequential(
        [
            hy.Rescaling(0.5),
            hy.Tanh(),
            hy.Flatten(),
            hy.Dense(5, "relu", use_bias=False),
            hy.BatchNormalization(),
            hy.Dense(3),
        ]
    )
    model.build((4, 2), seed=0)
    lowering = Lowering(model.network, None, 10)
    table = lowering.program().network.instructions
    kinds = [OperationKind(kind).name for kind in table[:, Column.OPERATION]]
    assert kinds == ["ACTIVATION", "DENSE", "BATCH_NORMALIZATION", "DENSE"]
    shapes = [table[:, column : column + 3] for column in (Column.INPUT_SHAPE, Column.OUTPUT_SHAPE)]
    assert shapes[0].tolist() == [[1, 4, 2], [1, 1, 8], [1, 1, 5], [1, 1, 5]]
    assert shapes[1].tolist() == [[1, 4, 2], [1, 1, 5], [1, 1, 5], [1, 1, 3]]
    assert shapes[0].prod(axis=1).tolist() == table[:, Column.INPUTS].tolist()
    assert shapes[1].prod(axis=1).tolist() == table[:, Column.OUTPUTS].tolist()
    assert table[:, Column.WEIGHT_SIZE].tolist() == [0, 40, 5, 15]
    assert table[:, Column.BIAS_SIZE].tolist() == [0, 0, 5, 3]
    assert table[:, Column.COST].sum() == model.theta.size == lowering.instructions.cost


def test_every_kind_of_operation_has_its_file_and_its_branch_in_the_passes() -> None:
    import inspect

    from hyalite.engines.compiled.kernels import passes
    from hyalite.engines.compiled.kernels.operations import OPERATIONS
    from hyalite.engines.compiled.structs import OperationKind

    assert sorted(operation.kind for operation in OPERATIONS) == list(OperationKind)
    text = inspect.getsource(passes)
    for kind in OperationKind:
        assert text.count(f"operation == {kind.name}:") == 2
        assert getattr(passes, kind.name) == kind


def test_a_few_rows_are_predicted_without_ado() -> None:
    model = classifier(hy.Flatten(), hy.Rescaling(0.1), hy.Dense(9, hy.LeakyReLU(0.2)), hy.Tanh())
    model.build((4, 5), seed=0)
    x = np.random.default_rng(0).standard_normal((3, 4, 5)).astype(np.float32)
    reference = copy.deepcopy(model)
    reference.engine = "numpy"

    def agree(samples: Any = x) -> None:
        for _ in range(3):
            np.testing.assert_allclose(
                model.predict(samples), reference.predict(samples), rtol=1e-5
            )

    agree()
    assert model._predictor(x) is not None
    for rows in (x[:1], x[:2], np.repeat(x, 9, axis=0), x.tolist(), x.astype(np.float64)):
        agree(rows)
    for rows in (frozen(x.copy()), unaligned(x), np.asfortranarray(x), x[:, ::-1], x[:0:-1]):
        agree(rows)
    for one in (model, reference):  # what it was prepared from may change
        one.layers[2].activation.slope = 0.7
        one.layers[1].scale = 0.3
        one.layers[2].W[...] *= 2
    assert model._predictor(x) is None
    agree()
    assert model._predictor(x) is not None
    model, reference = copy.deepcopy(model), reference
    assert model._predictor is None
    agree()
    with pytest.raises(ValueError, match="must be finite"):
        model.predict(np.full((1, 4, 5), np.nan, np.float32))
    with pytest.raises(ValueError, match=r"must have shape \(samples, 4, 5\)"):
        model.predict(x[:, :3])
    model.engine = "numpy"
    agree()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_vector_exponentials_are_exact_to_a_few_units(dtype: str) -> None:
    from numba import njit

    from hyalite.engines.compiled.kernels import exponential

    exp, tanh = exponential.exp_of_negative, exponential.tanh

    @njit
    def run(x: Any, e: Any, t: Any) -> None:
        for i in range(x.size):
            e[i] = exp(-abs(x[i]))
            t[i] = tanh(x[i])

    rng = np.random.default_rng(0)
    x = (rng.standard_normal(100_000) * rng.choice([0.01, 1, 30], 100_000)).astype(dtype)
    x[:8] = [0, -0.0, 86.9, 0.625, -0.625, np.inf, -np.inf, 1e-30]
    e, t = np.empty_like(x), np.empty_like(x)
    run(x, e, t)
    wide = x.astype(np.longdouble)
    normal = np.abs(x) < 87
    for found, true in ((e[normal], np.exp(-np.abs(wide[normal]))), (t, np.tanh(wide))):
        assert np.max(np.abs(found - true) / np.spacing(np.abs(true).astype(dtype))) < 2.5
    assert (e[np.abs(x) > 110] == 0).all() or dtype == "float64"
    run(np.array([np.nan], dtype), e, t)
    assert np.isnan([e[0], t[0]]).all()

"""The layers' arrays stay views of the model's vectors, whatever is done to a model.

A model whose layers hold copies looks right and silently stops learning. So each way of copying,
storing and restoring is followed by more training, held against the original going on.
"""

from __future__ import annotations

import copy
import gc
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import hyalite as hy
from hyalite.training.callbacks import Callback

RNG = np.random.default_rng(5)
X = RNG.standard_normal((40, 6)).astype(np.float32)
Y = RNG.integers(0, 3, 40)


def fresh(dtype: str = "float32") -> hy.Sequential:
    model = hy.Sequential(
        [
            hy.Dense(8, "relu", l2=1e-3, name="first"),
            hy.BatchNormalization(),
            hy.Dropout(0.3),
            hy.Dense(5, use_bias=False),
            hy.LayerNormalization(),
            hy.Residual(
                [
                    hy.Dense(4, "tanh", l1=1e-4),
                    hy.Residual([hy.BatchNormalization()]),
                    hy.Dropout(0.2),
                    hy.Dense(5),
                ]
            ),
            hy.Tanh(),
            hy.Dense(3, "softmax", bias_l1=1e-3),
        ],
        dtype=dtype,
    )
    model.compile(
        "categorical_crossentropy",
        hy.Adam(hy.CosineDecay(0.01, 200, warmup=5), clip_norm=1.0),
        metrics=["accuracy", "f1"],
    )
    return model


def trained(dtype: str = "float32") -> hy.Sequential:
    model = fresh(dtype)
    model.fit(X, Y, epochs=2, batch_size=7, seed=11, verbose=0)
    return model


def go_on(model: hy.Sequential, **options) -> hy.Sequential:
    model.fit(X, Y, **({"epochs": 3, "batch_size": 7, "verbose": 0} | options))
    return model


def assert_shared(model: hy.Sequential) -> None:
    """Every array of every layer is a view of the right place of the right vector."""
    parameters = model.network.parameters
    seen = 0
    for layer, name, *_ in model.network.walk():
        block = layer.chain is not None
        for arrays, vector, layout in (
            (layer.values, model.theta, parameters.layout),
            (layer.gradients, model.grad, parameters.layout),
            (layer.state, model.state, parameters.state_layout),
        ):
            for key, array in arrays.items():
                slot = next(slot for slot in layout.slots if slot.name == f"{name}.{key}")
                place = vector[slot.offset : slot.offset + slot.size]
                assert np.shares_memory(array, vector), f"{slot.name} is a copy"
                assert array.ctypes.data == place.ctypes.data, f"{slot.name} is at another place"
                assert array.shape == slot.shape
                assert array.flags.writeable
                seen += 0 if block or arrays is layer.gradients else array.size
        for key in () if block else layer.values:
            assert getattr(layer, key) is layer.values[key]
            assert getattr(layer, f"d{key}") is layer.gradients[key]
    assert seen == model.theta.size + model.state.size
    assert model.theta.size == model.grad.size
    for vector in (model.theta, model.grad, model.state):
        assert vector.flags.c_contiguous
        assert vector.flags.writeable
        assert vector.dtype == model.network.dtype
        assert not isinstance(vector, np.memmap)


def assert_learns(model: hy.Sequential) -> None:
    """More training changes the layers' own views, and predictions follow them."""
    assert_shared(model)
    before = [[a.copy() for a in layer.values.values()] for layer in model.layers]
    states = [[a.copy() for a in layer.state.values()] for layer in model.layers]
    views = [list(layer.values.values()) for layer in model.layers]
    prediction = model.predict(X)
    go_on(model)
    for layer, old, kept in zip(model.layers, before, views, strict=True):
        for now, then, view in zip(layer.values.values(), old, kept, strict=True):
            assert now is view, f"{layer!r}: training rebound an array"
            assert not np.array_equal(now, then), f"{layer!r} did not learn"
    for layer, old in zip(model.layers, states, strict=True):
        for now, then in zip(layer.state.values(), old, strict=True):
            assert not np.array_equal(now, then)
    assert not np.array_equal(model.predict(X), prediction)
    # what the engine computes with is what the layers show
    assert_shared(model)
    model.layers[-1].W[...] = 0
    model.layers[-1].b[...] = [5, 0, 0]
    assert (model.predict(X).argmax(axis=1) == 0).all()
    model.theta[...] = 0
    assert not model.layers[0].W.any()


def _pickled(protocol: int):
    return lambda model, path: pickle.loads(pickle.dumps(model, protocol))


def _joblib(mmap_mode: str | None, compress: int = 0):
    def through(model, path):
        joblib = pytest.importorskip("joblib")
        joblib.dump(model, path / "model.joblib", compress=compress)
        return joblib.load(path / "model.joblib", mmap_mode=mmap_mode)

    return through


def _saved(model, path):
    model.save(path / "model.safetensors")
    return hy.load(path / "model.safetensors")


def _weights_set(model, path):
    other = fresh(model.network.dtype.name)
    other.build(6, seed=99)
    other.predict(X)  # so that an engine has its stages already
    other.set_weights(model.get_weights())
    return other


def _weights_loaded(model, path):
    other = fresh(model.network.dtype.name)
    other.build(6, seed=99)
    other.predict(X)
    model.save_weights(path / "weights.safetensors")
    other.load_weights(path / "weights.safetensors")
    return other


# the optimizer's running averages and the clock travel, too
COMPLETE = {
    **{f"pickle protocol {p}": _pickled(p) for p in range(2, pickle.HIGHEST_PROTOCOL + 1)},
    "deepcopy": lambda model, path: copy.deepcopy(model),
    "joblib": _joblib(None),
    "joblib compressed": _joblib(None, 3),
    "joblib mapped read-only": _joblib("r"),
    "joblib mapped copy-on-write": _joblib("c"),
    "joblib mapped read-write": _joblib("r+"),
    "pickle twice": lambda model, path: _pickled(5)(_pickled(4)(model, path), path),
    "pickle of a deepcopy": lambda model, path: _pickled(5)(copy.deepcopy(model), path),
    "pickle with out-of-band buffers": lambda model, path: _out_of_band(model),
}
WEIGHTS = {"save and load": _saved, "set_weights": _weights_set, "load_weights": _weights_loaded}


def _out_of_band(model):
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(model, 5, buffer_callback=buffers.append)
    return pickle.loads(data, buffers=[bytes(buffer.raw()) for buffer in buffers])


def test_after_build_all_is_shared():
    model = fresh()
    model.build(6, seed=0)
    assert_learns(model)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_after_fit_all_is_shared(dtype):
    model = fresh(dtype)
    for _ in range(3):
        go_on(model)
        assert_shared(model)
    assert_learns(model)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("way", COMPLETE | WEIGHTS)
def test_a_copy_learns_and_leaves_the_original_alone(way, dtype, tmp_path):
    original = trained(dtype)
    other = (COMPLETE | WEIGHTS)[way](original, tmp_path)
    assert other.theta.tobytes() == original.theta.tobytes()
    assert other.state.tobytes() == original.state.tobytes()
    assert other.predict(X).tobytes() == original.predict(X).tobytes()
    for one in (original.theta, original.grad, original.state):
        for two in (other.theta, other.grad, other.state):
            assert not np.shares_memory(one, two)
    kept = original.theta.copy(), original.state.copy(), original.predict(X)
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert_learns(other)
    assert files == {path: path.read_bytes() for path in tmp_path.iterdir()}, "written to its file"
    np.testing.assert_array_equal(original.theta, kept[0])
    np.testing.assert_array_equal(original.state, kept[1])
    np.testing.assert_array_equal(original.predict(X), kept[2])
    assert_learns(original)


@pytest.mark.parametrize("way", COMPLETE)
def test_a_copy_goes_on_to_the_same_bytes(way, tmp_path):
    original = trained()
    other = COMPLETE[way](original, tmp_path)
    go_on(original)
    go_on(other)
    assert other.theta.tobytes() == original.theta.tobytes()
    assert other.state.tobytes() == original.state.tobytes()
    assert other.history.history == original.history.history
    assert other.history.epochs == original.history.epochs == [3, 4, 5]


@pytest.mark.parametrize("way", COMPLETE)
@pytest.mark.parametrize("stage", ["before build", "after build"])
def test_a_copy_made_before_training_trains_to_the_same_bytes(way, stage, tmp_path):
    original = fresh()
    if stage == "after build":
        original.build(6, seed=3)
    other = COMPLETE[way](original, tmp_path)
    assert other.built == original.built
    options = {"seed": 4} if stage == "before build" else {"seed": None}
    go_on(original, **options)
    go_on(other, **options)
    assert_shared(other)
    assert other.theta.tobytes() == original.theta.tobytes()
    assert_learns(other)
    assert_learns(original)


@pytest.mark.parametrize("epoch", [1, 3])
@pytest.mark.parametrize("way", ["pickle protocol 5", "deepcopy", "joblib mapped read-only"])
def test_a_copy_made_by_a_callback_ends_where_the_run_itself_does(way, epoch, tmp_path):
    class Keep(Callback):
        def on_epoch_end(self, model, number, figures):
            if number == epoch:
                self.model = COMPLETE[way](model, tmp_path)

    keep, model = Keep(), fresh()
    go_on(model, epochs=5, seed=4, callbacks=[keep])
    go_on(keep.model, epochs=5 - epoch)
    assert keep.model.theta.tobytes() == model.theta.tobytes()
    assert keep.model.state.tobytes() == model.state.tobytes()
    assert_learns(keep.model)


def test_after_restoring_the_best_weights_training_goes_on_in_the_same_arrays():
    class Figure(Callback):
        def on_epoch_end(self, model, epoch, figures):
            figures["made_up"] = abs(epoch - 2)  # so epoch 2 is the best

    model = fresh()
    model.build(6, seed=1)
    vectors = model.theta, model.grad, model.state
    go_on(model, epochs=5, callbacks=[Figure(), hy.EarlyStopping("made_up", patience=9)])
    assert model.history.best_epoch == 2
    assert all(a is b for a, b in zip(vectors, (model.theta, model.grad, model.state), strict=True))
    assert_learns(model)


def test_after_a_run_that_failed_training_goes_on_in_the_same_arrays():
    model = fresh()
    model.build(6, seed=1)
    vectors = model.theta, model.grad, model.state
    rate = model.optimizer.learning_rate
    model.optimizer.learning_rate = 1e38
    model.optimizer.clip_norm = None
    with pytest.raises(hy.NonFiniteError):
        go_on(model)
    model.optimizer.learning_rate = rate
    assert all(a is b for a, b in zip(vectors, (model.theta, model.grad, model.state), strict=True))
    assert_learns(model)


def test_a_pickle_holds_each_number_once():
    """The layers' views are made anew, so they do not travel beside the vectors."""
    model = hy.Sequential([hy.Dense(200), hy.Dense(100)])
    model.compile("mse", "sgd")
    model.build(100, seed=0)
    model.predict(np.zeros((1000, 100)))
    assert len(pickle.dumps(model)) < 2 * model.theta.nbytes + 20_000  # theta and grad


def test_getting_weights_gives_copies():
    model = trained()
    weights = model.get_weights()
    assert sum(array.size for array in weights.values()) == model.theta.size + model.state.size
    kept = {name: array.copy() for name, array in weights.items()}
    go_on(model)
    for name, array in weights.items():
        assert not np.shares_memory(array, model.theta)
        assert not np.shares_memory(array, model.state)
        np.testing.assert_array_equal(array, kept[name])


def test_setting_weights_takes_copies():
    model = trained()
    given = {name: array + 1 for name, array in model.get_weights().items()}
    kept = {name: array.copy() for name, array in given.items()}
    model.set_weights(given)
    go_on(model)
    for name, array in given.items():
        np.testing.assert_array_equal(array, kept[name])


def test_setting_weights_as_a_list_is_the_same():
    model, other = trained(), trained()
    go_on(other)
    model.set_weights(list(other.get_weights().values()))
    assert model.theta.tobytes() == other.theta.tobytes()
    assert model.state.tobytes() == other.state.tobytes()
    assert_learns(model)


# Rebinding --------------------------------------------------------------------------------------


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "in a model"])
@pytest.mark.parametrize(
    ("place", "name"),
    [
        (0, "W"),
        (0, "b"),
        (0, "dW"),
        (0, "db"),
        (1, "gamma"),
        (1, "dbeta"),
        (1, "mean"),
        (1, "variance"),
        (4, "beta"),
    ],
)
def test_rebinding_an_array_is_refused_with_the_mend(place, name, alone):
    if alone:
        layer = fresh().layers[place]
        layer.forward(X, training=True)
    else:
        layer = trained().layers[place]
    array = getattr(layer, name)
    kept = array.copy()
    with pytest.raises(AttributeError, match=rf"{name}\[\.\.\.\] = ") as caught:
        setattr(layer, name, np.zeros_like(array))
    assert "view" in str(caught.value)
    assert getattr(layer, name) is array
    np.testing.assert_array_equal(array, kept)
    array[...] = 3
    assert (getattr(layer, name) == 3).all()


@pytest.mark.parametrize("name", ["theta", "grad", "state"])
def test_rebinding_a_vector_of_the_model_is_refused_with_the_mend(name):
    model = trained()
    vector = getattr(model, name)
    with pytest.raises(AttributeError, match=rf"{name}\[\.\.\.\] = "):
        setattr(model, name, vector.copy())
    assert getattr(model, name) is vector


def test_an_array_is_updated_in_place_as_the_chapters_write_it():
    """``layer.W -= rate * layer.dW`` rebinds nothing: Python assigns the same array again."""
    layer = hy.Dense(3)
    layer.forward(X)
    layer.backward(np.ones((40, 3)))
    view, expected = layer.W, layer.W - np.float32(0.1) * layer.dW
    layer.W -= np.float32(0.1) * layer.dW
    assert layer.W is view
    np.testing.assert_array_equal(layer.W, expected)
    model = trained()
    model.layers[0].W += 1
    assert_learns(model)


def test_arrays_that_do_not_exist_say_why():
    with pytest.raises(AttributeError, match="not built"):
        hy.Dense(3).W  # noqa: B018
    built = hy.Dense(3, use_bias=False)
    built.forward(X)
    with pytest.raises(AttributeError, match="has none"):
        built.b  # noqa: B018


# Layers taken out -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "take", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))], ids=["copy", "pickle"]
)
def test_a_layer_copied_out_of_a_model_works_alone(take):
    model = trained()
    x = X
    for layer, stage in zip(model.layers, model.layers, strict=True):
        alone = take(layer)
        expected = stage.forward(x)
        y = alone.forward(x)
        np.testing.assert_array_equal(y, expected)
        for key, array in alone.values.items():
            assert not np.shares_memory(array, model.theta)
            *blocks, own = key.split(".")
            part = alone
            for block in blocks:
                part = part.layers[part.chain.names.index(block)]
            assert getattr(part, own) is array
        before = model.theta.copy(), model.grad.copy(), model.state.copy()
        alone.forward(x, training=True)
        alone.backward(np.ones_like(y))
        for array in alone.values.values():
            array += 1
        for vector, kept in zip((model.theta, model.grad, model.state), before, strict=True):
            np.testing.assert_array_equal(vector, kept)
        x = expected
    assert_learns(model)


def test_looking_at_a_layer_between_two_fits_changes_nothing_of_the_next():
    """As a teacher does: layers of a model are called alone, to look at their outputs."""
    plain, looked_at = trained(), trained()
    x = X
    for layer in looked_at.layers:
        x = layer.forward(x)
    dropout = looked_at.layers[2]
    dropout.forward(np.ones((4, 8), np.float32), training=True)
    go_on(plain)
    go_on(looked_at)
    assert looked_at.theta.tobytes() == plain.theta.tobytes()


def test_a_models_memory_is_freed():
    """No array lives on in a cycle or in a global table."""
    import weakref

    model = trained()
    model.predict(X)
    reference = weakref.ref(model.network.parameters)
    del model
    gc.collect()
    assert reference() is None


# Sharing between models and threads -------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.01, hy.ExponentialDecay(0.01, 0.9, 10)])
def test_two_models_from_one_optimizer_do_not_disturb_each_other(rate):
    def make(optimizer):
        model = fresh()
        model.compile("categorical_crossentropy", optimizer)
        return model

    expected = go_on(make(hy.Adam(rate)), seed=1).theta.tobytes()
    optimizer = hy.Adam(rate)
    one, two = make(optimizer), make(optimizer)
    for _ in range(3):
        go_on(one, seed=1, epochs=1)
        go_on(two, seed=1, epochs=1)
    assert one.theta.tobytes() == two.theta.tobytes() == expected
    assert optimizer.steps == 0
    assert not optimizer.slots
    one.optimizer.learning_rate = 0.5
    assert two.optimizer.learning_rate is not one.optimizer.learning_rate
    assert repr(optimizer) == repr(hy.Adam(rate))


def test_an_optimizer_that_has_been_used_starts_anew_in_a_model():
    optimizer = hy.Adam(0.01)
    optimizer.step(np.ones(3, np.float32), np.ones(3, np.float32))
    model = fresh()
    model.compile("categorical_crossentropy", optimizer)
    assert model.optimizer.steps == 0
    go_on(model)


@pytest.mark.parametrize("shuffled", [False, True])
def test_sixteen_threads_predict_the_same_bits_as_one(shuffled):
    model = trained()
    x = RNG.standard_normal((300, 6)).astype(np.float32)
    sizes = [1, 2, 3, 7, 16, 64, 100, 299, 300, 1024]
    if shuffled:
        sizes = [300] * 10
    expected = {size: model.predict(x, batch_size=size) for size in sizes}
    barrier = threading.Barrier(16)

    def work(number: int) -> list[str]:
        barrier.wait()
        wrong = []
        for turn in range(30):
            size = sizes[(number * 7 + turn * 3) % len(sizes)]
            part = slice(number * 3, None) if shuffled else slice(None)
            result = model.predict(x[part], batch_size=size)
            if shuffled:
                # other rows in each thread: a shared buffer would show
                if not np.allclose(result, expected[size][part], atol=1e-6):
                    wrong.append(f"thread {number}, turn {turn}")
            elif not np.array_equal(result, expected[size]):
                wrong.append(f"thread {number}, turn {turn}, size {size}")
        return wrong

    with ThreadPoolExecutor(16) as pool:
        assert [text for texts in pool.map(work, range(16)) for text in texts] == []


def test_threads_may_predict_at_once_with_a_model_that_never_predicted_before(tmp_path):
    trained().save(tmp_path / "m.safetensors")
    expected = trained().predict(X)
    for _ in range(5):
        model = hy.load(tmp_path / "m.safetensors")
        barrier = threading.Barrier(16)

        def work(_, model=model, barrier=barrier):
            barrier.wait()
            return np.array_equal(model.predict(X), expected)

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(work, range(16)))


def test_predicting_leaves_gradients_state_and_clock_alone():
    model = trained()
    before = model.grad.copy(), model.state.copy(), copy.copy(model.network.clock)
    model.predict(X, batch_size=3)
    model.evaluate(X, Y, batch_size=3)
    np.testing.assert_array_equal(model.grad, before[0])
    np.testing.assert_array_equal(model.state, before[1])
    assert model.network.clock == before[2]

"""The optimizers against PyTorch, or against what was recorded from it; and their own rules."""

from __future__ import annotations

import copy
import importlib.util
import inspect
import json
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.optimizers.base import STRETCH_SIZE
from hyalite.parameters import Layout
from tests import parts
from tests import torch_optimizers as peer
from tests.inputs import NAN, classifier


@pytest.fixture(scope="module")
def recorded() -> dict:
    return json.loads(peer.RECORD.read_text())["steps"]


def our_steps(case: str, option: str) -> list[np.ndarray]:
    name, arguments, _, _ = peer.CASES[case]
    chosen = dict(peer.OPTIONS[option])
    if "schedule" in chosen:
        schedule, given = chosen.pop("schedule")
        rate = getattr(hy, schedule)(arguments["learning_rate"], **given)
        arguments = arguments | {"learning_rate": rate}
    optimizer = getattr(hy, name)(**arguments, **chosen)
    theta, result = peer.start(), []
    for grad in peer.gradients():
        optimizer.step(theta, grad.copy())
        result.append(theta.copy())
    return result


@pytest.mark.parametrize("option", peer.OPTIONS)
@pytest.mark.parametrize("case", peer.CASES)
def test_ten_steps_agree_with_pytorch(case: str, option: str, recorded: dict) -> None:
    expected = recorded[f"{case}|{option}"]
    if importlib.util.find_spec("torch"):
        live = peer.torch_steps(case, option)
        np.testing.assert_allclose(live, expected, rtol=0, atol=1e-12)
        expected = live
    np.testing.assert_allclose(our_steps(case, option), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", parts.OPTIMIZERS)
def test_a_long_vector_is_stepped_like_its_parts(name: str) -> None:
    rng = np.random.default_rng(0)
    size = 2 * STRETCH_SIZE + 5
    theta, grads = rng.normal(size=size), rng.normal(size=(3, size))
    whole, optimizer = theta.copy(), parts.OPTIMIZERS[name]()
    for grad in grads:
        optimizer.step(whole, grad)
    for piece in (slice(0, 10), slice(STRETCH_SIZE - 3, STRETCH_SIZE + 3), slice(size - 7, size)):
        alone, optimizer = theta[piece].copy(), parts.OPTIMIZERS[name]()
        for grad in grads:
            optimizer.step(alone, grad[piece].copy())
        np.testing.assert_array_equal(alone, whole[piece])


@pytest.mark.parametrize("name", parts.OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps_are_in_place_and_keep_the_dtype(name: str, dtype: str) -> None:
    theta = np.linspace(-1, 1, 5, dtype=dtype)
    address, grad = theta.ctypes.data, np.ones(5, dtype)
    optimizer = parts.OPTIMIZERS[name]()
    optimizer.step(theta, grad)
    assert theta.ctypes.data == address
    assert (grad == 1).all(), "an unclipped gradient is left alone"
    assert all(slot.dtype == dtype for slot in optimizer.slots.values())
    assert (theta < np.linspace(-1, 1, 5)).all()


@pytest.mark.parametrize("name", parts.OPTIMIZERS)
def test_every_optimizer_finds_the_minimum_of_a_bowl(name: str) -> None:
    theta, optimizer = np.array([3.0, -2.0]), parts.OPTIMIZERS[name]()
    optimizer.learning_rate = hy.CosineDecay(0.1, steps=3000)
    for _ in range(3000):
        optimizer.step(theta, 2 * theta)
    assert np.abs(theta).max() < (1.0 if name == "adagrad" else 1e-2)


def test_an_optimizer_serves_vectors_of_one_size() -> None:
    optimizer = hy.Adam()
    optimizer.step(np.zeros(3), np.ones(3))
    for theta, grad in ((np.zeros(4), np.ones(4)), (np.zeros(3), np.ones(1))):
        with pytest.raises(ValueError, match="of one size"):
            optimizer.step(theta, grad)


def test_a_gradient_whose_squares_overflow_is_clipped_all_the_same() -> None:
    theta, grad = np.zeros(2, np.float32), np.array([3e30, 4e30], np.float32)
    hy.SGD(1.0, clip_norm=5.0).step(theta, grad)
    np.testing.assert_allclose(theta, [-3, -4], rtol=1e-6)


def test_a_signature_names_what_is_passed_on() -> None:
    common = {"decay", "clip_norm", "clip_value", "learning_rate_factors"}
    for kind in hy.optimizers.OPTIMIZERS.values():
        parameters = inspect.signature(kind).parameters
        assert common < set(parameters)
        assert set(kind().get_config()) == set(parameters)

    class Mine(hy.Adam):
        def __init__(self, learning_rate: float = 0.5, **options: float) -> None:
            super().__init__(learning_rate, **options)

    assert list(inspect.signature(Mine).parameters)[:3] == ["learning_rate", "beta_1", "beta_2"]
    assert repr(Mine(beta_2=0.9, decay=0.1)) == "Mine(beta_2=0.9, decay=0.1)"
    with pytest.raises(TypeError, match="clip_nrom"):
        hy.Adam(clip_nrom=1.0)


FORMER = {
    hy.SGD: (0.3, 0.8, True),
    hy.Adagrad: (0.3, 1e-4),
    hy.RMSprop: (0.3, 0.7, 1e-4),
    hy.Adam: (0.3, 0.7, 0.8, 1e-4),
    hy.AdamW: (0.3, 0.2, 0.7, 0.8, 1e-4),
}


@pytest.mark.parametrize("kind", FORMER)
def test_options_by_position_are_taken_with_a_warning(kind: type[hy.optimizers.Optimizer]) -> None:
    own = FORMER[kind]
    options = {"decay": 1e-3, "clip_norm": 0.7, "clip_value": 0.3}
    for count in (1, 2, 3):
        some = dict(list(options.items())[:count])
        text = f"{kind.__name__} takes .* by name: decay=0.001"
        with pytest.warns(DeprecationWarning, match=text) as caught:
            former = kind(*own, *some.values())
        assert caught[0].filename == __file__
        assert repr(former) == repr(kind(*own, **some))
    with pytest.raises(TypeError, match="positional argument"):
        kind(*own, 0.1, 0.2, 0.3, 0.4)
    with pytest.warns(DeprecationWarning, match=text), pytest.raises(TypeError, match="decay"):
        kind(*own, 1e-3, decay=0.2)


class TestFactors:
    """Learning rates and weight decays of some parameters alone."""

    X = np.random.default_rng(1).normal(size=(40, 3))
    Y = np.arange(40) % 2

    def model(self, optimizer: hy.optimizers.Optimizer) -> hy.Sequential:
        made = hy.Sequential(
            [hy.Dense(5, "tanh"), hy.BatchNormalization(), hy.Dense(2, "softmax")], dtype="float64"
        )
        made.compile("categorical_crossentropy", optimizer, engine="numpy")
        return made

    def trained(self, optimizer: hy.optimizers.Optimizer, epochs: int = 3) -> hy.Sequential:
        made = self.model(optimizer)
        made.fit(self.X, self.Y, batch_size=8, epochs=epochs, seed=0, verbose=0)
        return made

    @pytest.mark.parametrize("name", parts.OPTIMIZERS)
    def test_one_everywhere_changes_no_byte(self, name: str) -> None:
        plain, ones = parts.OPTIMIZERS[name](), parts.OPTIMIZERS[name]()
        ones.learning_rate_factors = {"*": 0.0, "*.?*": 1.0}
        assert self.trained(ones).theta.tobytes() == self.trained(plain).theta.tobytes()

    @pytest.mark.parametrize("name", parts.OPTIMIZERS)
    def test_zero_freezes_a_layer_and_the_rest_learns(self, name: str) -> None:
        optimizer = parts.OPTIMIZERS[name]()
        optimizer.learning_rate_factors = {"dense_1.*": 0.0}
        before, after = self.model("sgd"), self.trained(optimizer)
        before.build(3, seed=0)
        for ours, theirs in zip(before.layers, after.layers, strict=True):
            same = [np.array_equal(ours.values[key], theirs.values[key]) for key in ours.values]
            assert all(same) if ours is before.layers[0] else not any(same)

    def test_all_but_one_layer_are_frozen_by_two_patterns(self) -> None:
        before = self.model("sgd")
        before.build(3, seed=0)
        after = self.trained(hy.Adam(0.1, learning_rate_factors={"*": 0, "dense_2.*": 1}))
        moved = {
            name
            for name, values in after.network.ready.layout.views(after.theta).items()
            if not np.array_equal(values, before.network.ready.named()[name])
        }
        assert moved == {"dense_2.W", "dense_2.b"}

    def test_two_is_twice_the_rate(self) -> None:
        twice = self.trained(hy.SGD(0.05, learning_rate_factors={"*": 2}))
        assert twice.theta.tobytes() == self.trained(hy.SGD(0.1)).theta.tobytes()

    def test_segments_are_the_layout_with_equal_neighbours_joined(self) -> None:
        optimizer = hy.AdamW(
            learning_rate_factors={"dense_1.*": 3, "*.b": 0.5},
            weight_decay_factors={"*": 0, "*.W": 1},
        )
        layout = self.model("sgd").network.layout((3,))
        optimizer.bind(layout)
        # W 15, b 5; gamma 5, beta 5; W 10, b 2
        assert [tuple(segment) for segment in optimizer.segments or ()] == [
            (0, 15, 3.0, 1.0),
            (15, 20, 0.5, 0.0),
            (20, 30, 1.0, 0.0),
            (30, 40, 1.0, 1.0),
            (40, 42, 0.5, 0.0),
        ]

    def test_weight_decay_on_weights_alone_is_that_of_a_loop_by_hand(self) -> None:
        rate, decay, epsilon = 0.02, 0.3, 1e-7
        factors = {"*": 0.0, "*.W": 1.0}
        fast = {"dense_2.*": 4.0}
        made = self.model(
            hy.AdamW(rate, decay, learning_rate_factors=fast, weight_decay_factors=factors)
        )
        made.build(3, seed=0)
        expected = {name: array.copy() for name, array in made.network.ready.named().items()}
        mean = dict.fromkeys(expected, 0.0)
        square = dict.fromkeys(expected, 0.0)
        for step in range(1, 6):
            made.fit(self.X, self.Y, batch_size=None, shuffle=False, verbose=0)
            layout = made.network.ready.layout
            for name, grad in layout.views(made.grad).items():
                own = rate * (4.0 if name.startswith("dense_2") else 1.0)
                theta = expected[name]
                if name.endswith(".W"):
                    theta -= own * decay * theta
                mean[name] = 0.9 * mean[name] + 0.1 * grad
                square[name] = 0.999 * square[name] + 0.001 * grad**2
                root = np.sqrt(square[name] / (1 - 0.999**step))
                theta -= own * mean[name] / (1 - 0.9**step) / (root + epsilon)
                np.testing.assert_allclose(
                    layout.views(made.theta)[name], theta, rtol=1e-9, atol=1e-12
                )

    def test_without_weight_decay_on_biases_they_do_not_shrink(self) -> None:
        layer = hy.Dense(2).build(3, seed=0, dtype="float64")
        theta = layer.theta
        theta[...] = 1.0
        optimizer = hy.AdamW(0.1, 0.5, weight_decay_factors={"*b": 0})
        with pytest.raises(ValueError, match=r"call optimizer\.bind\(layer\.vectors\.layout\)"):
            optimizer.step(theta, np.zeros(8))
        optimizer.bind(layer.vectors.layout)
        optimizer.step(theta, np.zeros(8))
        np.testing.assert_allclose(layer.W, 0.95)
        np.testing.assert_array_equal(layer.b, 1.0)
        with pytest.raises(ValueError, match="a vector of 9 numbers"):
            optimizer.step(np.zeros(9), np.zeros(9))

    def test_long_segments_are_stepped_in_stretches(self) -> None:
        size = 2 * STRETCH_SIZE + 7
        layout = Layout({"a.W": (size,), "a.b": (STRETCH_SIZE + 1,)})
        theta = np.ones(layout.size)
        optimizer = hy.SGD(1.0, learning_rate_factors={"a.b": 0.5})
        optimizer.bind(layout)
        optimizer.step(theta, np.ones(layout.size))
        np.testing.assert_array_equal(theta, np.repeat([0.0, 0.5], [size, STRETCH_SIZE + 1]))

    def test_save_clone_pickle_and_resume_keep_them(self, tmp_path: Path) -> None:
        def made() -> hy.AdamW:
            return hy.AdamW(
                hy.StepDecay(0.05, 0.5, 7),
                learning_rate_factors={"dense_1.*": 0.25, "*.b": 2},
                weight_decay_factors={"*": 0, "*.W": 3},
            )

        whole = self.trained(made(), epochs=4)
        whole.save(tmp_path / "model.safetensors")
        for other in (
            hy.load(tmp_path / "model.safetensors"),
            copy.deepcopy(whole),
            pickle.loads(pickle.dumps(whole)),
        ):
            assert repr(other.optimizer) == repr(whole.optimizer) == repr(made())
            other.compile("categorical_crossentropy", other.optimizer, engine="numpy")
            again = copy.deepcopy(whole)
            again.compile("categorical_crossentropy", made(), engine="numpy")
            for one in (other, again):
                one.fit(self.X, self.Y, epochs=2, seed=3, verbose=0)
            assert other.theta.tobytes() == again.theta.tobytes()
        for epochs in (2, 4):
            resumed = self.model(made())
            resumed.fit(
                self.X, self.Y, batch_size=8, epochs=epochs, seed=0, verbose=0,
                checkpoint=hy.Checkpoint(tmp_path / "run", resume=True),
            )  # fmt: skip
        assert resumed.theta.tobytes() == whole.theta.tobytes()
        another = made()
        another.weight_decay_factors = {"*": 0.0, "*.W": 2.0}
        resumed = self.model(another)
        with pytest.raises(ValueError, match=r"weight_decay_factors\.\*\.W"):
            resumed.fit(
                self.X, self.Y, batch_size=8, epochs=5, seed=0, verbose=0,
                checkpoint=hy.Checkpoint(tmp_path / "run", resume=True),
            )  # fmt: skip

    def test_they_may_be_changed_between_fits(self) -> None:
        made = self.trained(hy.SGD(0.1))
        before = made.layers[0].W.copy()
        made.optimizer.learning_rate_factors = {"dense_1.*": 0.0}
        made.fit(self.X, self.Y, verbose=0)
        np.testing.assert_array_equal(made.layers[0].W, before)
        made.optimizer.learning_rate_factors = None
        made.fit(self.X, self.Y, verbose=0)
        assert not np.array_equal(made.layers[0].W, before)

    @pytest.mark.parametrize(
        ("factors", "message"),
        [
            ({"*": -1}, r"learning_rate_factors\['\*'\] must be a number in \[0, inf\), got -1"),
            ({1: 1}, "must be a dict from patterns of parameter names to factors"),
            (0.5, r"such as {'\*\.b': 0\.5}, got 0\.5"),
        ],
    )
    def test_what_are_no_factors_is_refused(self, factors: object, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            hy.SGD(0.1, learning_rate_factors=factors)

    @pytest.mark.parametrize("pattern", ["dense_3.*", "dense_1", "W"])
    def test_a_pattern_for_nothing_is_refused_before_anything_is_built(self, pattern: str) -> None:
        made = self.model(hy.AdamW(weight_decay_factors={"*.b": 0, pattern: 0}))
        message = f"weight_decay_factors has {pattern!r}, which matches no parameter; there are: "
        with pytest.raises(ValueError, match=re.escape(message) + r"dense_1\.W, dense_1\.b, "):
            made.fit(self.X, self.Y, verbose=0)
        assert not made.built

    @pytest.mark.compiled
    @pytest.mark.parametrize("name", parts.OPTIMIZERS)
    @pytest.mark.parametrize("units", [5, 700])  # 700: weights of more than one tile
    def test_both_engines_agree(self, name: str, units: int) -> None:
        found = []
        rng = np.random.default_rng(1)
        x, y = rng.normal(size=(40, 150)), rng.integers(0, 2, 40)
        for engine in ("numpy", "compiled"):
            optimizer = parts.OPTIMIZERS[name]()
            optimizer.learning_rate_factors = {"dense_1.*": 0.25, "*.b": 2.0, "dense_3.W": 0}
            if name == "adamw":
                optimizer.weight_decay_factors = {"*": 0, "*.W": 3}
            made = hy.Sequential(
                [hy.Dense(units, "tanh", l2=1e-3), hy.Dense(4, "tanh"), hy.Dense(2, "softmax")],
                dtype="float64",
            )
            made.compile("categorical_crossentropy", optimizer, engine=engine)
            made.fit(x, y, batch_size=8, epochs=3, seed=0, verbose=0)
            found.append(made.theta)
        np.testing.assert_allclose(found[1], found[0], rtol=1e-8, atol=1e-10)


def test_the_learning_rate_is_checked_when_it_is_set_later():
    model = classifier()
    for value in (-1, NAN, "slow", None):
        with pytest.raises(ValueError, match="learning_rate"):
            model.optimizer.learning_rate = value


def test_a_decay_with_a_schedule_is_refused_when_the_schedule_is_set_later():
    optimizer = hy.SGD(0.1, decay=0.5)
    with pytest.raises(ValueError, match="decay"):
        optimizer.learning_rate = hy.StepDecay(0.1, 0.5, 10)

"""The layers alone, as the chapters use them: values known by hand, shapes, memory."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest

import hyalite as hy
from hyalite import initializers
from hyalite.network import Network
from hyalite.random import Clock, lanes
from tests import parts

X = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])


def test_dense_gives_the_weighted_sum_and_its_derivatives() -> None:
    dense = hy.Dense(2).build(3, dtype="float64")
    dense.W[...] = [[1, 2], [3, 4], [5, 6]]
    dense.b[...] = [0.5, -0.5]
    np.testing.assert_array_equal(dense.forward(X), [[-2.0, -3.5], [4.5, 5.5]])
    dy = np.array([[1.0, 0.0], [2.0, -1.0]])
    np.testing.assert_array_equal(dense.backward(dy), [[1, 3, 5], [0, 2, 4]])
    np.testing.assert_array_equal(dense.dW, [[1, 0], [4, -3], [-1.5, 1]])
    np.testing.assert_array_equal(dense.db, [3, -1])


def test_dense_penalties_follow_the_sources() -> None:
    dense = hy.Dense(1, l1=0.1, l2=0.01, bias_l1=0.2, bias_l2=0.02).build(3, dtype="float64")
    dense.W[...] = [[1], [-2], [0]]
    dense.b[...] = [-3]
    assert dense.penalty() == pytest.approx(0.1 * 3 + 0.01 * 5 + 0.2 * 3 + 0.02 * 9)
    dense.add_penalty_gradient()
    np.testing.assert_allclose(dense.dW, [[0.1 + 0.02], [-0.1 - 0.04], [0]])
    np.testing.assert_allclose(dense.db, [-0.2 - 0.12])


def test_relu_has_derivative_zero_at_zero() -> None:
    relu = hy.ReLU()
    np.testing.assert_array_equal(relu.forward([[-1.0, 0.0, 2.0]]), [[0, 0, 2]])
    np.testing.assert_array_equal(relu.backward([[5.0, 5.0, 5.0]]), [[0, 0, 5]])


def test_activations_have_their_known_values() -> None:
    x = np.array([[-1.0, 0.0, 2.0]])
    np.testing.assert_allclose(hy.LeakyReLU(0.1).forward(x), [[-0.1, 0, 2]])
    np.testing.assert_allclose(hy.Sigmoid().forward(x), [[0.2689414214, 0.5, 0.8807970780]])
    np.testing.assert_allclose(hy.Tanh().forward(x), [[-0.7615941560, 0, 0.9640275801]])
    np.testing.assert_allclose(hy.Linear().forward(x), x)
    exact = [v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in x[0]]
    np.testing.assert_allclose(hy.GELU().forward(x)[0], exact, atol=5e-4)
    np.testing.assert_allclose(hy.Softmax().forward(x).sum(axis=1), 1)
    np.testing.assert_allclose(
        hy.Softmax().forward([[1.0, 2.0, 3.0]]), [[0.09003057, 0.24472847, 0.66524096]]
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_inputs_overflow_nowhere(dtype: str) -> None:
    x = np.array([[-1e4, 0, 1e4], [1e4, 1e4, -1e4]], dtype)
    for layer in (hy.Sigmoid(), hy.Softmax(), hy.Tanh(), hy.GELU(), hy.LayerNormalization()):
        y = layer.forward(x)
        assert y.dtype == dtype
        assert np.isfinite(y).all()
        assert np.isfinite(layer.backward(np.ones_like(x))).all()
    small = hy.Sigmoid().forward(np.array([[-80.0]], dtype))
    assert small[0, 0] == pytest.approx(math.exp(-80), rel=1e-5), "tiny values keep their digits"


@pytest.mark.parametrize("name", parts.LAYERS)
def test_a_layer_alone_returns_new_arrays_and_changes_no_argument(name: str) -> None:
    layer = parts.LAYERS[name]()
    x = parts.samples(name, np.random.default_rng(0), 4)
    kept = x.copy()
    first = layer.forward(x, training=True)
    copy = first.copy()
    dy = np.ones_like(first)
    layer.backward(dy)
    layer.forward(x[::-1], training=True)
    np.testing.assert_array_equal(first, copy)
    np.testing.assert_array_equal(x, kept)
    np.testing.assert_array_equal(dy, 1)


@pytest.mark.parametrize("name", parts.LAYERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtypes_and_shapes_are_kept(name: str, dtype: str) -> None:
    layer = parts.LAYERS[name]()
    x = parts.samples(name, np.random.default_rng(0), 4).astype(dtype)
    y = layer.forward(x, training=True)
    assert (y.dtype, y.shape) == (dtype, (4, *layer.output_shape(x.shape[1:])))
    dx = layer.backward(np.ones_like(y))
    assert (dx.dtype, dx.shape) == (dtype, x.shape)
    for key, values in layer.values.items():
        assert layer.gradients[key].shape == values.shape
        assert layer.gradients[key].dtype == values.dtype == dtype


def test_integers_and_lists_become_floats() -> None:
    assert hy.ReLU().forward([[-1, 2]]).dtype == np.float32
    assert hy.Rescaling(1 / 255).forward(np.array([[0, 255]], np.uint8)).tolist() == [[0, 1]]


def test_flatten_goes_there_and_back() -> None:
    flatten, x = hy.Flatten(), np.arange(24.0).reshape(2, 3, 4)
    assert flatten.forward(x).shape == (2, 12)
    np.testing.assert_array_equal(flatten.backward(flatten.forward(x)), x)


class TestEmbedding:
    def test_numbers_pass_and_each_category_becomes_its_row(self) -> None:
        layer = hy.Embedding((2, 3), 2).build(3, dtype="float64")
        layer.E[...] = [[1, 2], [3, 4], [10, 20], [30, 40], [50, 60]]
        y = layer.forward([[0.5, 1, 0], [0.7, 0, 2], [0.9, 1, 2]])
        np.testing.assert_array_equal(
            y, [[0.5, 3, 4, 10, 20], [0.7, 1, 2, 50, 60], [0.9, 3, 4, 50, 60]]
        )
        dy = np.arange(15.0).reshape(3, 5)
        np.testing.assert_array_equal(layer.backward(dy), [[0, 0, 0], [5, 0, 0], [10, 0, 0]])
        np.testing.assert_array_equal(layer.dE, [[6, 7], [12, 14], [3, 4], [0, 0], [21, 23]])

    def test_it_is_one_hot_columns_and_a_dense_layer(self) -> None:
        codes = np.array([[2], [0], [1], [2]])
        layer, dense = hy.Embedding(3, 4).build(1, seed=1), hy.Dense(4, use_bias=False).build(3)
        dense.W[...] = layer.E
        one_hot = np.eye(3)[codes.ravel()]
        np.testing.assert_array_equal(layer.forward(codes), dense.forward(one_hot))
        dy = np.random.default_rng(0).normal(size=(4, 4))
        layer.backward(dy), dense.backward(dy)
        np.testing.assert_allclose(layer.dE, dense.dW, rtol=1e-6)

    def test_it_is_never_run_on_what_is_no_category(self) -> None:
        layer = hy.Embedding((2, 3)).build(3)
        for wrong in (-1, 3, 1e9):
            with pytest.raises(ValueError, match=r"from 0 to 2 in its column -1, got .* in row 1"):
                layer.forward([[0.5, 1, 0], [0.5, 1, wrong]])
        with pytest.raises(ValueError, match=r"categories from the last 2 columns of x, .* has 1"):
            hy.Embedding((2, 3)).build(1)
        with pytest.raises(ValueError, match="at least one column"):
            hy.Embedding(())

    def test_a_model_learns_with_it(self) -> None:
        rng = np.random.default_rng(0)
        x = np.column_stack([rng.normal(size=300), rng.integers(0, 40, 300)])
        y = x[:, 0] + np.sin(x[:, 1])  # of a category as a number a line knows nothing
        model = hy.Sequential([hy.Embedding(40, 3), hy.Dense(16, "tanh"), hy.Dense(1)])
        model.compile("mean_squared_error", hy.Adam(0.02))
        history = model.fit(x, y, epochs=60, seed=0, verbose=0)
        assert history["loss"][-1] < 0.01


class TestDropout:
    def test_it_scales_what_it_keeps(self) -> None:
        layer = hy.Dropout(0.25).build(1000, seed=1)
        y = layer.forward(np.ones((100, 1000)), training=True)
        assert set(np.unique(y).round(6)) == {0, np.float32(4 / 3).round(6)}
        assert (y == 0).mean() == pytest.approx(0.25, abs=0.005)
        assert y.mean() == pytest.approx(1, abs=0.005)

    def test_it_does_nothing_at_prediction(self) -> None:
        layer = hy.Dropout(0.9)
        np.testing.assert_array_equal(layer.forward(X), X)
        np.testing.assert_array_equal(layer.backward(X), X)

    def test_backward_uses_the_mask_of_forward(self) -> None:
        layer = hy.Dropout(0.5)
        x = np.ones((5, 7))
        np.testing.assert_array_equal(layer.forward(x, training=True), layer.backward(x))

    def test_each_training_pass_draws_another_mask(self) -> None:
        layer, x = hy.Dropout(0.5), np.ones((5, 7))
        assert (layer.forward(x, training=True) != layer.forward(x, training=True)).any()

    def test_a_seed_repeats_the_masks(self) -> None:
        masks = [
            hy.Dropout(0.5).build(7, seed=3).forward(np.ones((5, 7)), training=True)
            for _ in range(2)
        ]
        np.testing.assert_array_equal(*masks)

    def test_a_rate_next_to_one_keeps_finite_numbers(self) -> None:
        y = hy.Dropout(1 - 1e-9).forward(np.ones((50, 400)), training=True)
        assert np.isfinite(y).all()


class TestLanes:
    def test_rows_do_not_depend_on_how_the_batch_is_cut(self) -> None:
        whole = lanes(Clock(5, 9), 2, 12, 21)
        for cut in range(1, 12):
            part = lanes(Clock(5, 9, row=cut), 2, 12 - cut, 21)
            np.testing.assert_array_equal(part, whole[cut:])

    def test_seed_step_and_layer_each_change_them(self) -> None:
        base = lanes(Clock(5, 9), 2, 4, 16)
        for other in (
            lanes(Clock(6, 9), 2, 4, 16),
            lanes(Clock(5, 8), 2, 4, 16),
            lanes(Clock(5, 9), 3, 4, 16),
        ):
            assert (base == other).mean() < 0.1

    def test_they_are_uniform(self) -> None:
        numbers = lanes(Clock(1), 0, 1000, 160)
        counts = np.bincount(numbers.ravel() >> 12, minlength=16)
        expected = numbers.size / 16
        assert ((counts - expected) ** 2 / expected).sum() < 50  # 15 degrees of freedom

    def test_the_first_numbers_are_these(self) -> None:
        # Philox-4x64-10 with key (1, 2) and counter (1, 0, 0, 0), cut into 16-bit lanes: every
        # engine must draw the same
        assert lanes(Clock(seed=1), 0, 1, 4).tolist() == FIRST


FIRST = [[27401, 46419, 17171, 20271]]


class TestNormalization:
    def test_batch_normalization_brings_features_to_mean_0_and_variance_1(self) -> None:
        x = np.random.default_rng(0).normal(5, 3, (200, 4))
        y = hy.BatchNormalization(epsilon=1e-12).forward(x, training=True)
        np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(y.var(axis=0), 1)

    def test_its_running_values_follow_the_formula(self) -> None:
        layer = hy.BatchNormalization(momentum=0.6)
        x = np.random.default_rng(0).normal(5, 3, (10, 2))
        layer.forward(x, training=True)
        np.testing.assert_allclose(layer.mean, 0.4 * x.mean(axis=0))
        np.testing.assert_allclose(layer.variance, 0.6 + 0.4 * x.var(axis=0))
        y = layer.forward(x)
        np.testing.assert_allclose(y, (x - layer.mean) / np.sqrt(layer.variance + 1e-5))

    def test_one_row_gives_the_shift(self) -> None:
        layer = hy.BatchNormalization()
        y = layer.forward(np.array([[3.0, 4.0]]), training=True)
        np.testing.assert_array_equal(y, [[0, 0]])
        assert np.isfinite(layer.backward(np.ones((1, 2)))).all()

    def test_layer_normalization_works_row_by_row(self) -> None:
        x = np.random.default_rng(0).normal(5, 3, (3, 50))
        y = hy.LayerNormalization(epsilon=1e-12).forward(x)
        np.testing.assert_allclose(y.mean(axis=1), 0, atol=1e-12)
        np.testing.assert_allclose(y.var(axis=1), 1)

    def test_constant_columns_stay_finite(self) -> None:
        for layer in (hy.BatchNormalization(), hy.LayerNormalization()):
            y = layer.forward(np.full((6, 4), 7.0), training=True)
            np.testing.assert_array_equal(y, 0)
            assert np.isfinite(layer.backward(np.ones((6, 4)))).all()


@pytest.mark.parametrize(
    ("name", "deviation"),
    [
        ("glorot_normal", math.sqrt(2 / 700)),
        ("glorot_uniform", math.sqrt(2 / 700)),
        ("he_normal", math.sqrt(2 / 300)),
        ("he_uniform", math.sqrt(2 / 300)),
        ("scaled_normal", 0.01),
        ("zeros", 0),
    ],
)
def test_initial_weights_have_the_stated_spread(name: str, deviation: float) -> None:
    W = hy.Dense(400, initializer=name).build(300, seed=0, dtype="float64").W
    assert W.mean() == pytest.approx(0, abs=1e-3)
    assert W.std() == pytest.approx(deviation, rel=0.01)
    if "uniform" in name:
        assert np.abs(W).max() <= deviation * math.sqrt(3)


def test_an_initializer_may_be_a_function() -> None:
    dense = hy.Dense(2, initializer=lambda shape, stream: np.full(shape, 7)).build(3)
    assert (dense.W == 7).all()
    with pytest.raises(ValueError, match=r"must return shape \(3, 2\), got \(2,\)"):
        hy.Dense(2, initializer=lambda shape, stream: np.zeros(2)).build(3)


def test_layers_of_a_model_draw_from_streams_of_their_own() -> None:
    network = Network([hy.Dense(5), hy.Dense(5), hy.Dense(5)])
    network.build((5,), seed=1)
    W = [layer.W for layer in network.layers]
    assert (W[0] != W[1]).all()
    assert (W[1] != W[2]).all()
    alone = hy.Dense(5).build(5, seed=1)
    np.testing.assert_array_equal(alone.W, W[0])


def test_a_parameter_cannot_be_rebound() -> None:
    dense = hy.Dense(2).build(3)
    with pytest.raises(AttributeError, match=r"layer\.W\[\.\.\.\] = values"):
        dense.W = np.zeros((3, 2))
    with pytest.raises(AttributeError, match="not built"):
        hy.Dense(2).W  # noqa: B018
    with pytest.raises(AttributeError, match="has none"):
        hy.Dense(2, use_bias=False).build(3).b  # noqa: B018


def test_the_repr_shows_what_differs_from_the_defaults() -> None:
    assert repr(hy.Dense(3, "relu", l2=0.1, initializer=initializers.HeNormal)) == (
        "Dense(units=3, activation=ReLU(), initializer=HeNormal(), l2=0.1)"
    )
    assert repr(hy.Dropout(0.1)) == "Dropout(rate=0.1)"


def test_a_layer_alone_has_its_parameters_in_one_vector_for_an_optimizer() -> None:
    dense = hy.Dense(2).build(3, seed=0)
    for layer in (dense, copy.deepcopy(dense), pickle.loads(pickle.dumps(dense))):
        W, b = layer.W.copy(), layer.b.copy()
        layer.forward(np.ones((4, 3)))
        layer.backward(np.ones((4, 2)))
        hy.SGD(0.1).step(layer.theta, layer.grad)
        np.testing.assert_allclose(layer.W, W - 0.1 * layer.dW, rtol=1e-6)
        np.testing.assert_allclose(layer.b, b - 0.1 * layer.db, rtol=1e-6)
        with pytest.raises(ValueError, match=r"step\(layer\.theta, layer\.grad\)"):
            hy.SGD(0.1).step(layer.W, layer.dW)
    with pytest.raises(AttributeError, match="not built"):
        hy.Dense(2).theta  # noqa: B018
    model = hy.Sequential([hy.Dense(2)])
    model.build(3)
    with pytest.raises(AttributeError, match=r"model\.theta"):
        model.layers[0].grad  # noqa: B018

"""Residual blocks: sums worked out by hand, names, what a block draws, and what it refuses."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import hyalite as hy
from hyalite.random import lanes
from tests.inputs import refused

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 4))


def block(**options) -> hy.Residual:
    """One of several kinds of layers, with another within, on four numbers."""
    inner = hy.Residual([hy.Dense(6, "tanh", l1=0.02), hy.Dropout(0.4)], name="inner")
    layers = [hy.Dense(6, "relu", l2=0.1), hy.BatchNormalization(), inner, hy.Dropout(0.3)]
    return hy.Residual([*layers, hy.Dense(4)], **options)


def classifier(*layers: hy.Layer, engine: str = "numpy") -> hy.Sequential:
    model = hy.Sequential([*layers, hy.Dense(3, "softmax")], dtype="float64")
    model.compile("categorical_crossentropy", hy.SGD(0.1), engine=engine)
    model.build(4, seed=1)
    return model


def test_it_adds_what_came_in_there_and_back() -> None:
    residual = hy.Residual([hy.Dense(2, use_bias=False)]).build(2)
    residual.layers[0].W[...] = [[1, 2], [0, 3]]
    np.testing.assert_array_equal(residual.forward([[1.0, 10.0]]), [[2, 42]])
    np.testing.assert_array_equal(residual.backward([[1.0, 1.0]]), [[4, 4]])  # 1 + 1 + 2, 1 + 3
    np.testing.assert_array_equal(residual.layers[0].dW, [[1, 1], [10, 10]])
    np.testing.assert_array_equal(residual.grad, [1, 1, 10, 10])


def test_where_nothing_is_learned_x_passes_and_so_does_dy() -> None:
    residual = block().build(4, dtype="float64")
    residual.theta[...] = 0
    np.testing.assert_array_equal(residual.forward(X, training=True), X)
    np.testing.assert_array_equal(residual.backward(X), X)


def test_arrays_go_by_the_names_of_blocks_and_layers() -> None:
    model = classifier(hy.Dense(4), block(), block(name="named"))
    names = list(model.get_weights())
    for name in (
        "residual_1.dense_1.W",
        "residual_1.batch_normalization_1.gamma",
        "residual_1.inner.dense_1.b",
        "named.dense_2.W",
        "named.batch_normalization_1.variance",
    ):
        assert name in names
    assert "residual_2.dense_1.W" not in names
    W = model.layers[1].layers[2].layers[0].W
    np.testing.assert_array_equal(W, model.get_weights()["residual_1.inner.dense_1.W"])
    assert np.shares_memory(W, model.theta)
    assert np.shares_memory(W, model.layers[1].values["inner.dense_1.W"])


def test_rates_go_by_those_names_too() -> None:
    model = classifier(block(), block())
    factors = {"residual_1.*": 0.0, "*.inner.dense_1.b": 0.0}
    model.compile("categorical_crossentropy", hy.SGD(0.1, learning_rate_factors=factors))
    before = model.get_weights()
    model.fit(X, np.arange(12) % 3, seed=0, verbose=0)
    trained = [name for name, array in model.get_weights().items() if (array != before[name]).any()]
    trained = [name for name in trained if not name.endswith(("mean", "variance"))]
    assert [name for name in trained if name.startswith("residual_1")] == []
    assert "residual_2.inner.dense_1.W" in trained
    assert "residual_2.inner.dense_1.b" not in trained


def test_what_is_in_a_block_changes_no_draws_outside_it() -> None:
    """Those behind it depend on how many layers come before, not on what these are made of."""

    def masks(*within: hy.Layer) -> list[np.ndarray]:
        model = classifier(hy.Dropout(0.5), hy.Residual([*within]), hy.Dropout(0.5))
        stages = model.network.stages()
        for stage in stages:
            stage.forward(np.ones((50, 4)), training=True)
        return [stages[0].kept, stages[2].kept]

    for one, other in zip(masks(hy.Dropout(0.5)), masks(hy.Dense(9), hy.Dense(4)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_layer_within_draws_numbers_of_its_own() -> None:
    def noises(depth: int) -> list[hy.Layer]:
        inner = [hy.Residual(noises(depth - 1))] if depth else []
        return [hy.GaussianNoise(1), hy.GaussianNoise(1), *inner]

    model = classifier(*noises(3))
    layers = [layer for layer in model.network.all_layers() if layer.chain is None]
    drawn = [lanes(model.network.clock, layer.index, 2, 16).tobytes() for layer in layers]
    assert len(set(drawn)) == len(layers) == 9
    # and alone, where the block is the first layer of all
    alone = hy.Residual(noises(2)).build(4)
    assert len({layer.index for layer in alone.chain.all_layers()}) == 8


def test_a_pass_alone_is_one_step_whatever_is_within() -> None:
    residual = block().build(4, seed=3)
    first, second = (residual.forward(X, training=True) for _ in range(2))
    assert residual.clock.step == 2
    assert (first != second).any()
    residual.forward(X)
    assert residual.clock.step == 2
    again = block().build(4, seed=3)
    again.clock.step = 1
    np.testing.assert_array_equal(again.forward(X, training=True), second)


def test_initial_values_come_from_the_seed() -> None:
    one, other = (block().build(4, seed=seed) for seed in (1, 1))
    np.testing.assert_array_equal(one.theta, other.theta)
    assert (one.layers[0].W != block().build(4, seed=2).layers[0].W).any()
    model = classifier(block(), block())
    assert (model.layers[0].layers[0].W != model.layers[1].layers[0].W).any()


@pytest.mark.parametrize(
    "take", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))], ids=["copy", "pickle"]
)
def test_a_copy_of_a_block_alone_learns(take) -> None:
    residual = block().build(4, seed=1, dtype="float64")
    residual.forward(X, training=True)
    other = take(residual)
    np.testing.assert_array_equal(other.forward(X), residual.forward(X))
    for place in other.chain.walk():
        for array in place.layer.values.values():
            assert np.shares_memory(array, other.theta)
            assert not np.shares_memory(array, residual.theta)
    y = other.forward(X, training=True)
    other.backward(np.ones_like(y))
    hy.SGD(0.1).step(other.theta, other.grad)
    assert (other.forward(X) != residual.forward(X)).any()


def test_penalties_within_count() -> None:
    model = classifier(block())
    dense, inner = model.layers[0].layers[0], model.layers[0].layers[2].layers[0]
    expected = 0.1 * (dense.W**2).sum() + 0.02 * np.abs(inner.W).sum()
    assert model.network.penalty() == pytest.approx(expected)
    model.grad[...] = 0
    model.network.add_penalty_gradient()
    np.testing.assert_allclose(dense.dW, 0.2 * dense.W)
    np.testing.assert_allclose(inner.dW, 0.02 * np.sign(inner.W))
    assert not hy.Residual([hy.Dense(4)]).has_penalty
    assert hy.gradcheck.check_model(model, X, np.arange(12) % 3).ok


def test_a_check_leaves_a_built_block_alone() -> None:
    residual = block().build(4, seed=1, dtype="float64")
    before = residual.theta.copy()
    assert hy.gradcheck.check_layer(residual, X).ok
    assert hy.gradcheck.check_layer(residual, X, training=False).ok
    np.testing.assert_array_equal(residual.theta, before)
    assert np.shares_memory(residual.layers[0].W, residual.theta)


def test_a_block_that_comes_first_makes_no_derivative_by_the_samples() -> None:
    model = classifier(hy.Residual([hy.Tanh(), hy.Dense(6), hy.Dense(4)]))
    first, last = model.network.stages()[0], model.network.stages()[1]
    assert [stage.needs_dx for stage in first.within] == [False, False, True]
    assert last.needs_dx
    y = first.forward(X, training=True)
    assert first.backward(np.ones_like(y)) is None
    assert first.within[1].dW.any()


def test_a_layer_of_the_users_works_within_one() -> None:
    class Halving(hy.Layer):
        def forward(self, x, training=False):
            return self.receive(x) / 2

        def backward(self, dy):
            return self.receive_dy(dy) / 2

    np.testing.assert_array_equal(hy.Residual([Halving()]).forward(X), 1.5 * X)
    model = classifier(hy.Dense(4), hy.Residual([Halving()]))
    assert hy.gradcheck.check_model(model, X, np.arange(12) % 3).ok
    pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")
    model.engine = "compiled"
    with pytest.raises(ValueError, match="the layer Halving has no compiled form"):
        model.predict(X)


def test_a_subclass_computes_what_it_says() -> None:
    class Weaker(hy.Residual):
        """x + f(x)/2."""

        def forward(self, x, training=False):
            return (super().forward(x, training) + self.receive(x)) / 2

        def backward(self, dy):
            dy = self.receive_dy(dy) / 2
            return super().backward(dy) + dy

    model = classifier(hy.Dense(4), Weaker([hy.Dense(4, "tanh")]))
    assert hy.gradcheck.check_model(model, X, np.arange(12) % 3).ok
    assert hy.gradcheck.check_layer(Weaker([hy.Dense(4, "tanh")]), X).ok


def test_an_output_that_is_not_finite_is_named() -> None:
    model = classifier(hy.Dense(4), hy.Residual([hy.Dense(4), hy.Residual([hy.Dense(4)])]))
    model.layers[1].layers[1].layers[0].W[...] = 1e308
    with pytest.raises(hy.NonFiniteError, match=r"layer residual_1\.residual_1\.dense_1"):
        model.fit(1e3 * X, np.arange(12) % 3, verbose=0)


def test_another_output_than_input_is_refused_with_the_mend() -> None:
    def narrow() -> hy.Residual:
        return hy.Residual([hy.Dense(8, "relu"), hy.Dense(3)])

    refused(lambda: narrow().build(4), "(3,)", "(4,)", "Dense(4)")
    refused(lambda: hy.Sequential([narrow()]).build(4), "(3,)", "(4,)", "Dense(4)")
    refused(lambda: hy.Residual([hy.Flatten()]).build((2, 3)), "(6,)", "(2, 3)", mend=False)
    with pytest.raises(ValueError, match=r"layer residual_1: layer dense_1: .*Flatten"):
        hy.Sequential([hy.Residual([hy.Dense(4)])]).build((2, 3))


def test_what_is_no_list_of_layers_is_refused() -> None:
    with pytest.raises(TypeError, match=r"write Residual\(\[\.\.\.\]\)"):
        hy.Residual(hy.Dense(4))
    with pytest.raises(TypeError, match=r"made of layers.*call it"):
        hy.Residual([hy.ReLU])
    with pytest.raises(ValueError, match="at least one layer"):
        hy.Residual([])
    with pytest.raises(ValueError, match="two layers are named 'a'"):
        hy.Residual([hy.ReLU(name="a"), hy.Tanh(name="a")])


def test_blocks_lie_three_deep_at_most() -> None:
    deep = hy.Residual([hy.Residual([hy.Residual([hy.Dense(4)])])])
    np.testing.assert_array_equal(deep.forward(X).shape, X.shape)
    with pytest.raises(ValueError, match="at most 3 blocks"):
        hy.Residual([hy.Residual([hy.Residual([hy.Residual([hy.Dense(4)])])])])


def test_a_layer_is_in_one_place() -> None:
    dense = hy.Dense(4)
    refused(lambda: hy.Residual([dense, dense]), "twice", "two")
    refused(lambda: hy.Sequential([hy.Residual([dense]), dense]), "twice", "two")
    refused(lambda: hy.Sequential([dense, hy.Residual([hy.ReLU(), dense])]), "twice", "two")
    built = hy.Dense(4).build(4)
    refused(lambda: hy.Residual([built]), "built already", "new one")
    model, other = hy.Sequential([hy.Residual([dense])]), hy.Sequential([hy.Residual([dense])])
    model.build(4)
    refused(lambda: other.build(4), "Dense(units=4)", "another model")


def test_a_block_without_arrays_can_follow_a_trained_model() -> None:
    model = classifier(hy.Dense(4))
    before = model.predict(X)
    model.add(hy.Residual([hy.Rescaling(2.0)]))
    np.testing.assert_allclose(model.predict(X), 3 * before)
    with pytest.raises(ValueError, match="no room for the arrays"):
        model.add(hy.Residual([hy.Dense(3)]))

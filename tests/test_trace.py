"""The trace shows what training computes, and changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite.config import snake_case
from tests import parts


@pytest.mark.parametrize("seed", range(40))
def test_the_traced_gradients_are_those_of_a_training_step(seed: int) -> None:
    model, x, y, weight = parts.random_model(np.random.default_rng(seed), pictures=seed % 4 == 3)
    state, theta = model.state.copy(), model.theta.copy()
    trace = model.trace(x, y, sample_weight=weight)
    np.testing.assert_array_equal(model.state, state)
    np.testing.assert_array_equal(model.theta, theta)
    assert not model.grad.any(), "no step was made"
    loss = trace["loss"] + trace.get("penalty", 0)
    model.compile(model.loss, hy.SGD(0.0))
    history = model.fit(x, y, batch_size=100, sample_weight=weight, verbose=0, seed=0)
    drawn = (hy.Dropout, hy.GaussianNoise, hy.RandomAffine, hy.RandomFlip)
    if any(isinstance(layer, drawn) for layer in model.network.all_layers()):
        return  # another seed, other masks
    assert history["loss"][0] == pytest.approx(float(loss), rel=1e-12)
    for slot in model.network.parameters.layout.slots:
        layer, _, key = slot.name.rpartition(".")
        name = f"{layer}.d{key}"
        traced = trace.get(f"{name} with penalty", trace[name])
        made = model.grad[slot.offset : slot.offset + slot.size].reshape(slot.shape)
        np.testing.assert_allclose(traced, made, rtol=1e-10, atol=1e-13, err_msg=name)


def test_every_layer_and_loss_says_its_formulas() -> None:
    for name, make in parts.LAYERS.items():
        layer = make().build(parts.SHAPES.get(name, 5), seed=0)
        assert {"y", "dx"} <= set(layer.formulas)
        if layer.chain is None:
            assert {f"d{key}" for key in layer.values} <= set(layer.formulas)
    for make in parts.LOSSES.values():
        loss = make()
        wanted = {"values", "gradient"}
        if loss.kind not in ("regression", "groups"):
            wanted |= {f"fused {name}" for name in wanted}
        assert wanted == set(loss.formulas)


def test_it_reads_like_a_worked_example() -> None:
    model = hy.Sequential([hy.Dense(2, "relu", l2=0.5), hy.Dense(1)], dtype="float64")
    model.compile("mean_squared_error")
    model.build(2)
    model.set_weights(
        {
            "dense_1.W": [[1, -1], [2, 1]],
            "dense_1.b": [0, 1],
            "dense_2.W": [[1], [3]],
            "dense_2.b": [0.5],
        }
    )
    text = str(model.trace([[1.0, 2.0]], [10.0]))
    for line in (
        "FORWARD",
        "dense_1.y = x·W + b   (1, 2)\n    [[5. 2.]]",
        "dense_1.relu.y = max(0, x)   (1, 2)",
        "dense_2.y = x·W + b   (1, 1)\n    [[11.5]]",
        "loss = mean of losses\n    2.25",
        "penalty = Σ λ1·|w| + λ2·w²\n    3.5",
        "dense_2.dy = 2·(p - t) / d / n   (1, 1)\n    [[3.]]",
        "dense_2.dx = dy·Wᵀ   (1, 2)\n    [[3. 9.]]",
        "dense_1.relu.dy = dense_2.dx   (1, 2)\ndense_1.relu.dx",
        "dense_1.dW = xᵀ·dy   (2, 2)\n    [[ 3.  9.]\n     [ 6. 18.]]",
        "dense_1.dW with penalty = dense_1.dW + λ1·sign(W) + 2·λ2·W   (2, 2)\n    [[ 4.  8.]",
    ):
        assert line in text, f"{line!r} is not in\n{text}"
    assert "db with penalty" not in text


def test_the_penalty_of_a_convolution_is_told_as_that_of_a_dense_layer() -> None:
    layers = [hy.Conv2D(1, 2, l1=0.5), hy.DepthwiseConv2D(1, l2=0.5), hy.Flatten(), hy.Dense(1)]
    model = hy.Sequential(layers)
    model.compile("mean_squared_error")
    model.build((2, 2), seed=0)
    text = str(model.trace(np.ones((1, 2, 2)), [1.0]))
    assert "penalty = Σ λ1·|w| + λ2·w²" in text
    for name in ("conv2d_1", "depthwise_conv2d_1"):
        assert f"{name}.dW with penalty = {name}.dW + λ1·sign(W) + 2·λ2·W" in text


def test_what_is_within_a_block_is_shown_too() -> None:
    block = hy.Residual([hy.Dense(2, "relu", use_bias=False, l2=0.5), hy.Residual([hy.Linear()])])
    model = hy.Sequential([block, hy.Dense(1, use_bias=False)], dtype="float64")
    model.compile("mean_squared_error")
    model.build(2)
    model.set_weights({"residual_1.dense_1.W": [[1, -1], [2, 1]], "dense_1.W": [[1], [2]]})
    text = str(model.trace([[1.0, 2.0]], [10.0]))
    for line in (
        "residual_1.dense_1.relu.y = max(0, x)   (1, 2)\n    [[5. 1.]]",
        "residual_1.residual_1.y = x + f(x)   (1, 2)\n    [[10.  2.]]",
        "residual_1.y = x + f(x)   (1, 2)\n    [[11.  4.]]",
        "penalty = Σ λ1·|w| + λ2·w²\n    3.5",
        "residual_1.dy = dense_1.dx   (1, 2)\n"
        "residual_1.residual_1.dy = residual_1.dy   (1, 2)\n"
        "residual_1.residual_1.linear_1.dy = residual_1.residual_1.dy   (1, 2)\n",
        "residual_1.residual_1.dx = dy + f'(x)ᵀ·dy   (1, 2)\n    [[36. 72.]]",
        "residual_1.dense_1.dW = xᵀ·dy   (2, 2)\n    [[ 36.  72.]\n     [ 72. 144.]]",
        "residual_1.dx = dy + f'(x)ᵀ·dy   (1, 2)\n    [[-18. 180.]]",
        "residual_1.dense_1.dW with penalty = residual_1.dense_1.dW + λ1·sign(W) + 2·λ2·W",
    ):
        assert line in text, f"{line!r} is not in\n{text}"


def test_names_are_told_where_one_is_wrong() -> None:
    model = hy.Sequential([hy.Dense(2, "softmax")])
    model.compile("categorical_crossentropy")
    with pytest.raises(ValueError, match="not built"):
        model.trace([[1.0]], [0])
    model.build(1)
    trace = model.trace([[1.0], [2.0]], [0, 1])
    with pytest.raises(KeyError, match=r"dense_1\.dW"):
        trace["nonsense"]
    assert list(trace)[:3] == ["x", "dense_1.W", "dense_1.b"]
    assert len(trace) == len(list(trace))
    assert snake_case(hy.Softmax) in str(trace)

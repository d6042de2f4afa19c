"""Every derivative against central differences and against an independent differentiation."""

from __future__ import annotations

import importlib.util
import json
from statistics import NormalDist

import numpy as np
import pytest

import hyalite as hy
from hyalite import gradcheck
from hyalite.layers.chain import backward, forward
from hyalite.random import lanes
from hyalite.training.inputs import InputSpec
from tests import parts, torch_pictures
from tests.extras import optional

oracle = optional("tests.oracle", "dev")
MODELS = 200
FEW_PARAMETERS = 60
# the standard deviation of the normal distribution's quantiles at (i + ½)/65,536
WIDTH = 0.9999898592748739


@pytest.mark.parametrize("name", parts.LAYERS)
@pytest.mark.parametrize("training", [False, True])
def test_every_layer_alone_has_the_right_gradient(name: str, training: bool) -> None:
    rng = np.random.default_rng(1)
    x = parts.samples(name, rng, 7)
    layer = parts.LAYERS[name]().build(x.shape[1:], seed=1, dtype="float64")
    move(layer.theta, rng)
    report = gradcheck.check_layer(layer, x, training=training)
    assert report.ok, str(report)


def move(theta: np.ndarray, rng: np.random.Generator) -> None:
    """Away from initial values of 0 and 1, at which a factor that is missing does not show."""
    theta += rng.uniform(-0.3, 0.3, theta.shape)


@pytest.mark.parametrize("name", parts.LOSSES)
@pytest.mark.parametrize("weighted", [False, True])
def test_every_loss_alone_has_the_right_gradient(name: str, weighted: bool) -> None:
    rng = np.random.default_rng(2)
    loss = parts.LOSSES[name]()
    for _ in range(3):  # labels, one-hot and soft rows
        outputs = parts.outputs_for(loss, 4)
        z = rng.normal(size=(9, outputs))
        prediction = z if loss.from_logits or loss.kind == "regression" else hy.Softmax().forward(z)
        target = parts.target_for(loss, rng, 9, outputs)
        weight = rng.uniform(0, 2, 9) if weighted else None
        report = gradcheck.check_loss(loss, prediction, target, sample_weight=weight)
        assert report.ok, str(report)


@pytest.mark.parametrize("penalty", ["l1", "l2", "bias_l1", "bias_l2"])
def test_every_penalty_has_the_right_gradient(penalty: str) -> None:
    rng = np.random.default_rng(3)
    layer = hy.Dense(3, "tanh", bias_initializer=parts.noise, **{penalty: 0.3})
    model = hy.Sequential([layer])
    model.compile("mean_squared_error")
    report = gradcheck.check_model(model, rng.normal(size=(6, 4)), rng.normal(size=(6, 3)))
    assert report.ok, str(report)


@pytest.mark.parametrize("seed", range(MODELS))
def test_random_models_have_the_right_gradient(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model, x, y, weight = parts.random_model(rng, pictures=seed % 4 == 3)
    move(model.theta, rng)
    # each of many parameters by itself is compared below; a direction has all of them at once
    directions = None if model.theta.size <= FEW_PARAMETERS else 20
    report = gradcheck.check_model(model, x, y, sample_weight=weight, directions=directions)
    assert report.ok, f"{report}\n{model}"


@pytest.mark.parametrize("seed", range(MODELS))
def test_random_models_agree_with_automatic_differentiation(seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    model, x, y, weight = parts.random_model(rng, pictures=seed % 4 == 3)
    move(model.theta, rng)
    value, gradient, masks = value_and_gradient(model, x, y, weight)
    true_value, true_gradient = oracle.loss_and_gradient(model, x, y, weight, masks)
    assert value == pytest.approx(true_value, rel=1e-10, abs=1e-10)
    for name, array in gradient.items():
        np.testing.assert_allclose(array, true_gradient[name], rtol=1e-10, atol=1e-10, err_msg=name)


@pytest.fixture(scope="module")
def recorded() -> list[dict[str, float]]:
    return json.loads(torch_pictures.RECORD.read_text())["models"]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("seed", range(torch_pictures.MODELS))
def test_models_of_pictures_agree_with_pytorch(seed: int, recorded: list) -> None:
    """Kernels, strides, paddings, odd sizes; from PyTorch itself, or what was recorded of it."""
    made = our_run(seed)
    if importlib.util.find_spec("torch"):
        for name, array in torch_pictures.torch_run(seed).items():
            np.testing.assert_allclose(made[name], array, rtol=1e-9, atol=1e-11, err_msg=name)
    assert torch_pictures.digest(made) == pytest.approx(recorded[seed], rel=1e-9, abs=1e-9)


def our_run(seed: int) -> dict[str, np.ndarray]:
    """What `torch_pictures.torch_run` gives."""
    model, x, y = torch_pictures.drawn(seed)
    objective = model.network.objective(model.loss)
    stages = model.network.stages(objective)
    for stage in stages:
        stage.needs_dx = True
    output, _, dy = objective(forward(stages, x, training=True), y, None, float(len(x)))
    dx = backward(stages, dy)
    model.network.add_penalty_gradient()
    gradient = model.grad.copy()
    model.fit(x, y, batch_size=None, epochs=torch_pictures.STEPS, verbose=0)
    return {"output": output, "dx": dx, "gradient": gradient, "theta": model.theta}


def test_the_random_models_have_every_layer_for_pictures() -> None:
    kinds = {
        type(layer)
        for seed in range(3, MODELS, 4)
        for layer in parts.random_model(np.random.default_rng(seed), pictures=True)[0].layers
    }
    windowed = (hy.Conv2D, hy.DepthwiseConv2D, hy.MaxPooling2D, hy.AveragePooling2D)
    assert {*windowed, hy.GlobalAveragePooling2D, hy.ZeroPadding2D} <= kinds


def value_and_gradient(model, x, y, weight):
    """What one training step computes, and what its random layers drew."""
    x, y, weight = InputSpec.of(model.network, model.loss, x.shape[1:]).data(x, y, weight)
    y = y if y.ndim == 1 else y.astype(np.float64)
    objective = model.network.objective(model.loss)
    stages = model.network.stages(objective)
    total = len(x) if weight is None else weight.sum()
    output = forward(stages, x.astype(np.float64), training=True)
    _, values, dy = objective(output, y, weight, total)
    backward(stages, dy)
    model.network.add_penalty_gradient()
    value = (values.sum() if weight is None else values @ weight) / total
    masks = {
        stage.name: stage.kept * stage.scale if stage.active else 1.0
        for stage in all_stages(stages)
        if isinstance(stage, hy.Dropout)
    }
    clock = model.network.clock
    for layer, name, shape, _ in model.network.walk():
        if isinstance(layer, hy.GaussianNoise):
            numbers = lanes(clock, layer.index, len(x), int(np.prod(shape)))
            quantiles = np.vectorize(NormalDist().inv_cdf)((numbers + 0.5) / 65536)
            single = (quantiles.reshape(-1, *shape) / WIDTH).astype(np.float32)
            masks[name] = layer.stddev * single.astype(np.float64)
        elif isinstance(layer, hy.RandomAffine):
            drawn = (lanes(clock, layer.index, len(x), 4) + 0.5) / 32768 - 1
            masks[name] = oracle.affine(layer, drawn, *shape[:2])
        elif isinstance(layer, hy.RandomFlip):
            drawn = lanes(clock, layer.index, len(x), 2) < 32768
            drawn &= [part in layer.mode for part in ("vertical", "horizontal")]
            masks[name] = [tuple(slice(None, None, 1 - 2 * flip) for flip in row) for row in drawn]
    return value + model.network.penalty(), model.network.parameters.layout.views(model.grad), masks


def all_stages(stages):
    """Those within blocks, too."""
    for stage in stages:
        yield stage
        yield from all_stages(stage.within)


def test_fused_and_separate_gradients_are_the_same() -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(size=(8, 3))
    pairs = [
        (hy.Softmax(), hy.CategoricalCrossentropy, rng.integers(0, 3, 8)),
        (hy.Sigmoid(), hy.BinaryCrossentropy, rng.integers(0, 2, (8, 3))),
    ]
    for activation, loss, target in pairs:
        p = activation.forward(z)
        separate = activation.backward(loss().backward(p, target))
        np.testing.assert_allclose(loss(from_logits=True).backward(z, target), separate, atol=1e-15)
        assert loss(from_logits=True)(z, target) == pytest.approx(loss()(p, target), rel=1e-12)

"""docs/book-words.md line by line: our meaning always, each peer's where it is installed.

The test of a line is named after its section and who it is about: the line "PyTorch" of
``adam-epsilon`` is held by `test_adam_epsilon_torch`. Lines about the books have none.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import re
import warnings
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyalite as hy

PAGE = Path(__file__).resolve().parents[2] / "docs" / "book-words.md"
TEXT = PAGE.read_text(encoding="utf-8")
PEERS = {"here": "here", "PyTorch": "torch", "Keras": "keras", "scikit-learn": "sklearn"}


def peer(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name, reason=f"{name} cannot be imported", exc_type=ImportError)


@pytest.fixture(scope="module")
def torch() -> Any:
    return peer("torch")


@pytest.fixture(scope="module")
def keras(tmp_path_factory: pytest.TempPathFactory) -> Any:
    os.environ.setdefault("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))
    if importlib.util.find_spec("torch"):
        os.environ.setdefault("KERAS_BACKEND", "torch")
    return peer("keras")


@pytest.fixture(scope="module")
def sklearn() -> Any:
    return peer("sklearn.neural_network")


def test_every_line_has_its_test() -> None:
    expected = set()
    for part in TEXT.split("\n### ")[1:]:
        name = re.match(r"`([a-z0-9-]+)`", part)[1].replace("-", "_")
        lines = re.findall(r"^\| (\w\S*) \|", part, re.M)
        assert lines[0] == "here"
        expected |= {f"test_{name}_{PEERS[who]}" for who in lines if who in PEERS}
    there = {
        name for name in globals() if re.match(rf"test_.*_({'|'.join(PEERS.values())})$", name)
    }
    assert there == expected


def test_names_on_our_side_exist() -> None:
    names = set(re.findall(r"`hy\.([\w.]+)", TEXT))
    assert len(names) > 40
    for name in names:
        attrgetter(name)(hy)
    members = re.findall(r"((?:`\w+`,? )+)of `hy\.([\w.]+)`", TEXT)
    assert len(members) > 10
    for listed, name in members:
        owner = attrgetter(name)(hy)
        known = {*inspect.signature(owner).parameters, *dir(owner)}
        assert set(re.findall(r"\w+", listed)) <= known, (listed, name)


def test_every_name_of_the_sources_is_real(shared: Path) -> None:
    files = [path for path in (shared / "sources").rglob("*") if path.suffix in (".md", ".txt")]
    words = "\n".join(path.read_text(encoding="utf-8") for path in files)
    words += "\n".join(p.read_text(encoding="utf-8") for p in (shared / "sources").rglob("*.py"))
    tables = TEXT.split("# The same word")[0]
    # of the books, not the summaries
    book_only = {"vertical_data", "Momentum", "AdaGrad", "lr"}
    book_only |= {"Convolution", "Pooling", "stride", "pad", "pool_h", "pool_w", "im2col", "col2im"}
    book_only |= {"BatchNormalization", "gamma", "beta", "pre_node_nums"}
    for cell in re.findall(r"^\| (.*?) \|", tables, re.M):
        for code in re.findall(r"`([^`]+)`", cell):
            for word in re.findall(r"[A-Za-z]\w+", code):
                assert word in words or word in book_only, word


# What the tests share ----------------------------------------------------------------------------


def our_steps(optimizer: hy.optimizers.Optimizer, gradients: list[float]) -> list[float]:
    theta = np.zeros(1)
    for gradient in gradients:
        optimizer.step(theta, np.array([gradient]))
    return theta.tolist()


def torch_steps(torch: Any, kind: str, gradients: list[float], **options: Any) -> list[float]:
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, kind)([theta], **options)
    for gradient in gradients:
        theta.grad = torch.full_like(theta, gradient)
        optimizer.step()
    return theta.tolist()


def keras_steps(keras: Any, optimizer: Any, gradients: list[float], start: float = 0.0) -> float:
    theta = keras.Variable(np.full(1, start), dtype="float64")
    optimizer.build([theta])
    for gradient in gradients:
        optimizer.apply([keras.ops.array([gradient], dtype="float64")], [theta])
    return float(as_numpy(keras, theta)[0])


def as_numpy(keras: Any, value: Any) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's __array__
        return keras.ops.convert_to_numpy(value)


def defaults(function: Any) -> dict[str, Any]:
    return {name: p.default for name, p in inspect.signature(function).parameters.items()}


def fit_sklearn(kind: Any, x: np.ndarray, y: np.ndarray, *, weight: Any = None, **options: Any):
    """A network of scikit-learn after `max_iter` epochs, one unless given, at a tiny step."""
    options = {"max_iter": 1, "learning_rate_init": 1e-12, "random_state": 0, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not converged
        return kind(**options).fit(x, y, **({} if weight is None else {"sample_weight": weight}))


RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((20, 3)), RNG.standard_normal(20)


# l2-factor, l1-at-zero ---------------------------------------------------------------------------


def test_l2_factor_here() -> None:
    dense = hy.Dense(2, l2=0.1, bias_l2=0.2).build(3, seed=0)
    dense.b[...] = 1
    dense.dW[...], dense.db[...] = 0, 0
    dense.add_penalty_gradient()
    assert dense.penalty() == pytest.approx(0.1 * (dense.W**2).sum() + 0.4)
    np.testing.assert_allclose(dense.dW, 0.2 * dense.W)
    np.testing.assert_allclose(dense.db, 0.4)


def test_l2_factor_keras(keras: Any) -> None:
    w = np.array([[1.0, 2.0]], np.float32)
    assert float(keras.regularizers.L2(0.1)(keras.ops.array(w))) == pytest.approx(0.5)


def test_l2_factor_torch(torch: Any) -> None:
    w = torch.full((1,), 3.0, requires_grad=True)
    w.grad = torch.zeros(1)
    torch.optim.SGD([w], lr=1.0, weight_decay=0.2).step()  # our l2=0.1
    assert w.item() == pytest.approx(3 - 0.2 * 3)


def test_l2_factor_sklearn(sklearn: Any) -> None:
    with_alpha, without = (
        fit_sklearn(sklearn.MLPRegressor, X, Y, alpha=alpha, hidden_layer_sizes=(4,))
        for alpha in (0.5, 0.0)
    )
    squares = sum(float((w**2).sum()) for w in without.coefs_)
    difference = with_alpha.loss_curve_[0] - without.loss_curve_[0]
    assert difference == pytest.approx(0.5 / 2 * squares / len(X))


def test_l1_at_zero_here() -> None:
    dense = hy.Dense(1, l1=0.1).build(3)
    dense.W[...] = [[-2], [0], [2]]
    dense.dW[...] = 0
    dense.add_penalty_gradient()
    np.testing.assert_allclose(dense.dW.ravel(), [-0.1, 0, 0.1], rtol=1e-6)


def test_l1_at_zero_torch(torch: Any) -> None:
    w = torch.zeros(1, requires_grad=True)
    w.abs().sum().backward()
    assert w.grad.item() == 0


# Layers ------------------------------------------------------------------------------------------


def test_dropout_scaling_here() -> None:
    dropout = hy.Dropout(0.25).build(1000, seed=0)
    y = dropout.forward(np.ones((20, 1000)), training=True)
    assert set(y.ravel().round(4)) == {0, np.float32(1.3333)}
    assert (y == 0).mean() == pytest.approx(0.25, abs=0.02)
    assert (dropout.forward(np.ones((1, 1000))) == 1).all()


def test_dropout_scaling_keras(keras: Any) -> None:
    y = as_numpy(keras, keras.layers.Dropout(0.25)(np.ones((20, 1000), "float32"), training=True))
    assert set(y.ravel().round(4)) == {0, np.float32(1.3333)}
    assert (y == 0).mean() == pytest.approx(0.25, abs=0.02)


def test_dropout_scaling_torch(torch: Any) -> None:
    y = torch.nn.Dropout(p=0.25)(torch.ones(20, 1000)).numpy()
    assert set(y.ravel().round(4)) == {0, np.float32(1.3333)}
    assert (y == 0).mean() == pytest.approx(0.25, abs=0.02)


def test_relu_at_zero_here() -> None:
    relu = hy.ReLU()
    relu.forward(np.array([[-1.0, 0, 1]]))
    assert relu.backward(np.ones((1, 3))).tolist() == [[0, 0, 1]]


def test_relu_at_zero_torch(torch: Any) -> None:
    x = torch.zeros(1, requires_grad=True)
    torch.relu(x).sum().backward()
    assert x.grad.item() == 0


def test_relu_at_zero_keras(keras: Any) -> None:
    if keras.backend.backend() != "torch":
        pytest.skip("a derivative needs Keras on torch here")
    x = keras.ops.zeros((1,)).requires_grad_()
    keras.activations.relu(x).sum().backward()
    assert x.grad.item() == 0


def test_leaky_slope_here() -> None:
    assert hy.LeakyReLU().forward([[-1.0]])[0, 0] == pytest.approx(-0.01)


def test_leaky_slope_keras(keras: Any) -> None:
    assert keras.layers.LeakyReLU().negative_slope == 0.3


def test_leaky_slope_torch(torch: Any) -> None:
    assert torch.nn.LeakyReLU().negative_slope == 0.01


def test_gelu_form_here() -> None:
    assert hy.GELU().forward([[1.0]])[0, 0] == pytest.approx(0.84119, abs=1e-5)


def test_gelu_form_keras(keras: Any) -> None:
    one = keras.ops.ones((1,))
    found = [float(keras.activations.gelu(one, **o)[0]) for o in ({}, {"approximate": True})]
    assert found == pytest.approx([0.84134, 0.84119], abs=1e-5)


def test_gelu_form_torch(torch: Any) -> None:
    gelu = torch.nn.functional.gelu
    found = [gelu(torch.ones(1)).item(), gelu(torch.ones(1), approximate="tanh").item()]
    assert found == pytest.approx([0.84134, 0.84119], abs=1e-5)


def test_batch_normalization_here() -> None:
    layer = hy.BatchNormalization()
    layer.forward([[1.0], [3.0]], training=True)
    assert (layer.momentum, layer.epsilon) == (0.9, 1e-5)
    assert (layer.mean.item(), layer.variance.item()) == pytest.approx((0.2, 1.0))


def test_batch_normalization_keras(keras: Any) -> None:
    layer = keras.layers.BatchNormalization()
    layer(np.array([[1.0], [5.0]], "float32"), training=True)
    assert (layer.momentum, layer.epsilon) == (0.99, 1e-3)
    assert float(as_numpy(keras, layer.moving_variance)[0]) == pytest.approx(0.99 + 0.01 * 4)


def test_batch_normalization_torch(torch: Any) -> None:
    layer = torch.nn.BatchNorm1d(1)
    layer(torch.tensor([[1.0], [3.0]]))
    assert (layer.momentum, layer.eps) == (0.1, 1e-5)
    found = (layer.running_mean.item(), layer.running_var.item())
    assert found == pytest.approx((0.2, 0.9 + 0.1 * 2))


def test_layer_normalization_here() -> None:
    assert hy.LayerNormalization().epsilon == 1e-5


def test_layer_normalization_keras(keras: Any) -> None:
    assert keras.layers.LayerNormalization().epsilon == 1e-3


def test_layer_normalization_torch(torch: Any) -> None:
    assert torch.nn.LayerNorm(1).eps == 1e-5


def test_weight_shapes_here() -> None:
    dense = hy.Dense(3).build(2)
    assert (dense.W.shape, dense.b.shape) == ((2, 3), (3,))


def test_weight_shapes_keras(keras: Any) -> None:
    dense = keras.layers.Dense(3)
    dense.build((None, 2))
    assert (tuple(dense.kernel.shape), tuple(dense.bias.shape)) == ((2, 3), (3,))


def test_weight_shapes_torch(torch: Any) -> None:
    assert tuple(torch.nn.Linear(2, 3).weight.shape) == (3, 2)


def test_weight_shapes_sklearn(sklearn: Any) -> None:
    model = fit_sklearn(sklearn.MLPRegressor, X, Y, hidden_layer_sizes=(4,))
    assert [w.shape for w in model.coefs_] == [(3, 4), (4, 1)]
    assert [b.shape for b in model.intercepts_] == [(4,), (1,)]


def assert_uniform(values: np.ndarray, bound: float) -> None:
    assert 0.95 * bound < np.abs(values).max() <= bound * 1.000001
    assert values.std() == pytest.approx(bound / np.sqrt(3), rel=0.05)


def test_initial_values_here() -> None:
    dense = hy.Dense(100).build(50, seed=0)
    assert_uniform(dense.W, np.sqrt(6 / 150))
    assert not dense.b.any()


def test_initial_values_keras(keras: Any) -> None:
    dense = keras.layers.Dense(100)
    dense.build((None, 50))
    assert_uniform(as_numpy(keras, dense.kernel), np.sqrt(6 / 150))
    assert not as_numpy(keras, dense.bias).any()


def test_initial_values_torch(torch: Any) -> None:
    layer = torch.nn.Linear(50, 400)
    assert_uniform(layer.weight.detach().numpy(), 1 / np.sqrt(50))
    assert_uniform(layer.bias.detach().numpy(), 1 / np.sqrt(50))


def test_initial_values_sklearn(sklearn: Any) -> None:
    for activation, factor in (("relu", 6), ("logistic", 2)):
        model = fit_sklearn(
            sklearn.MLPRegressor, X, Y, hidden_layer_sizes=(500,), activation=activation
        )
        bound = np.sqrt(factor / 503)
        assert_uniform(model.coefs_[0], bound)
        assert_uniform(model.intercepts_[0], bound)


# Optimizers --------------------------------------------------------------------------------------

RAW = 1 / (1 + 1 / np.sqrt(0.001))  # a first step with ε = 1 on the uncorrected root: 0.0307


def test_convolution_axes_here() -> None:
    conv = hy.Conv2D(5, (2, 3)).build((7, 8, 4))
    assert conv.W.shape == (2, 3, 4, 5)
    assert conv.forward(np.ones((1, 7, 8, 4))).shape == (1, 6, 6, 5)
    assert hy.Conv2D(5, 2).build((7, 8)).W.shape == (2, 2, 1, 5)


def test_convolution_axes_keras(keras: Any) -> None:
    conv = keras.layers.Conv2D(5, (2, 3))
    assert tuple(conv(np.ones((1, 7, 8, 4), "f4")).shape) == (1, 6, 6, 5)
    assert tuple(conv.kernel.shape) == (2, 3, 4, 5)
    with pytest.raises(ValueError, match="ndim"):
        keras.layers.Conv2D(5, 2)(np.ones((1, 7, 8), "f4"))


def test_convolution_axes_torch(torch: Any) -> None:
    conv = torch.nn.Conv2d(4, 5, (2, 3))
    assert tuple(conv.weight.shape) == (5, 4, 2, 3)
    assert tuple(conv(torch.ones(1, 4, 7, 8)).shape) == (1, 5, 6, 6)


# 28 pixels, each with its place; a kernel that shows the first of three pixels
LINE, FIRST = np.arange(28, dtype=np.float32), np.array([1, 0, 0], np.float32)
BY_SAME, BY_ONE = list(range(0, 28, 2)), [0, *range(1, 27, 2)]  # what it shows with stride 2


def test_padding_same_here() -> None:
    for padding, shown in [("same", BY_SAME), (1, BY_ONE)]:
        conv = hy.Conv2D(1, 3, 2, padding).build((28, 28))
        conv.W[1, :, 0, 0] = FIRST
        conv.W[[0, 2]] = 0
        made = conv.forward(np.tile(LINE, (1, 28, 1)))
        assert made[0, 3, :, 0].tolist() == shown


def test_padding_same_keras(keras: Any) -> None:
    conv = keras.layers.Conv2D(1, (1, 3), (1, 2), padding="same", use_bias=False)
    conv.build((None, 1, 28, 1))
    conv.set_weights([FIRST[None, :, None, None]])
    made = as_numpy(keras, conv(LINE[None, None, :, None]))
    assert made.ravel().tolist() == BY_SAME
    with pytest.raises((AttributeError, ValueError)):
        keras.layers.Conv2D(1, 3, padding=1)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_padding_same_torch(torch: Any) -> None:
    weight, line = torch.tensor(FIRST)[None, None], torch.tensor(LINE)[None, None]
    made = torch.nn.functional.conv1d(line, weight, stride=2, padding=1)
    assert made.ravel().tolist() == BY_ONE
    with pytest.raises(RuntimeError, match="strided"):
        torch.nn.functional.conv1d(line, weight, stride=2, padding="same")
    pair = torch.tensor([[[1.0, 10.0]]])
    made = torch.nn.functional.conv1d(torch.tensor([[[1.0, 2.0, 3.0]]]), pair, padding="same")
    assert made.ravel().tolist() == [21, 32, 3]


BELOW = np.full((1, 4, 4, 1), -1, np.float32)


def test_pooling_border_here() -> None:
    for pool in (hy.MaxPooling2D, hy.AveragePooling2D):
        for padding in ("same", 1):
            assert (pool(3, 1, padding).forward(BELOW) == -1).all()


def test_pooling_border_keras(keras: Any) -> None:
    for pool in (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D):
        made = as_numpy(keras, pool(3, 1, padding="same")(BELOW))
        np.testing.assert_allclose(made, -1, rtol=1e-6)


def test_pooling_border_torch(torch: Any) -> None:
    x = torch.tensor(BELOW.reshape(1, 1, 4, 4))
    assert (torch.nn.MaxPool2d(3, 1, 1)(x) == -1).all()
    assert torch.nn.AvgPool2d(3, 1, 1)(x)[0, 0, 0, 0].item() == pytest.approx(-4 / 9)
    made = torch.nn.AvgPool2d(3, 1, 1, count_include_pad=False)(x)
    np.testing.assert_allclose(made.numpy(), -1, rtol=1e-6)


def test_depthwise_start_here() -> None:
    W = hy.DepthwiseConv2D(5, initializer="he_normal").build((9, 9, 400), seed=0).W
    assert W.var() == pytest.approx(2 / 25, rel=0.05)


def test_depthwise_start_keras(keras: Any) -> None:
    start = keras.initializers.HeNormal(seed=0)
    for channels in (8, 40):
        conv = keras.layers.DepthwiseConv2D(5, depth_multiplier=50, depthwise_initializer=start)
        conv.build((None, 9, 9, channels))
        W = as_numpy(keras, conv.kernel)
        assert W.var() == pytest.approx(2 / 25 / channels, rel=0.1)


def test_depthwise_start_torch(torch: Any) -> None:
    torch.manual_seed(0)
    weight = torch.nn.Conv2d(400, 400, 5, groups=400).weight
    assert weight.abs().max().item() == pytest.approx(1 / 5, rel=0.01)


def test_adam_epsilon_here() -> None:
    assert hy.Adam().epsilon == 1e-7
    assert our_steps(hy.Adam(1.0, epsilon=1.0), [1.0]) == pytest.approx([-0.5])


def test_adam_epsilon_torch(torch: Any) -> None:
    assert defaults(torch.optim.Adam)["eps"] == 1e-8
    assert torch_steps(torch, "Adam", [1.0], lr=1.0, eps=1.0) == pytest.approx([-0.5])


def test_adam_epsilon_keras(keras: Any) -> None:
    assert keras.optimizers.Adam().epsilon == 1e-7
    step = keras_steps(keras, keras.optimizers.Adam(1.0, epsilon=1.0), [1.0])
    assert step == pytest.approx(-RAW, rel=1e-5)


def test_adam_epsilon_sklearn(sklearn: Any) -> None:
    assert defaults(sklearn.MLPClassifier)["epsilon"] == 1e-8
    optimizers = peer("sklearn.neural_network._stochastic_optimizers")
    theta = [np.zeros(1)]
    optimizers.AdamOptimizer(theta, 1.0, epsilon=1.0).update_params(theta, [np.ones(1)])
    assert theta[0] == pytest.approx(-RAW)


SMALL = 1e-5  # a gradient that the place of ε decides on


def test_rmsprop_epsilon_here() -> None:
    assert (hy.RMSprop().rho, hy.RMSprop().epsilon) == (0.9, 1e-7)
    step = -SMALL / (np.sqrt(0.1) * SMALL + 1e-7)
    assert step == pytest.approx(-3.06, abs=0.01)
    assert our_steps(hy.RMSprop(1.0), [SMALL]) == pytest.approx([step])


def test_rmsprop_epsilon_keras(keras: Any) -> None:
    optimizer = keras.optimizers.RMSprop(1.0)
    assert (optimizer.rho, optimizer.epsilon) == (0.9, 1e-7)
    step = keras_steps(keras, optimizer, [SMALL])
    assert step == pytest.approx(-SMALL / np.sqrt(0.1 * SMALL**2 + 1e-7), rel=1e-4)
    assert step == pytest.approx(-0.0316, abs=1e-4)


def test_rmsprop_epsilon_torch(torch: Any) -> None:
    found = defaults(torch.optim.RMSprop)
    assert (found["alpha"], found["eps"]) == (0.99, 1e-8)
    step = torch_steps(torch, "RMSprop", [SMALL], lr=1.0, alpha=0.9, eps=1e-7)
    assert step == pytest.approx(our_steps(hy.RMSprop(1.0), [SMALL]))


def test_adagrad_start_here() -> None:
    assert hy.Adagrad().epsilon == 1e-7
    assert our_steps(hy.Adagrad(1.0, epsilon=1.0), [1.0]) == pytest.approx([-0.5])


def test_adagrad_start_keras(keras: Any) -> None:
    assert keras.optimizers.Adagrad().initial_accumulator_value == 0.1
    step = keras_steps(keras, keras.optimizers.Adagrad(1.0, epsilon=1.0), [1.0])
    assert step == pytest.approx(-1 / np.sqrt(1.1 + 1), rel=1e-5)


def test_adagrad_start_torch(torch: Any) -> None:
    found = defaults(torch.optim.Adagrad)
    assert (found["initial_accumulator_value"], found["eps"]) == (0, 1e-10)
    assert torch_steps(torch, "Adagrad", [1.0], lr=1.0, eps=1.0) == pytest.approx([-0.5])


def test_default_learning_rates_here() -> None:
    rates = [kind().learning_rate for kind in (hy.SGD, hy.Adagrad, hy.RMSprop, hy.Adam)]
    assert rates == [0.01, 0.01, 0.001, 0.001]


def test_default_learning_rates_keras(keras: Any) -> None:
    kinds = [getattr(keras.optimizers, name) for name in ("SGD", "Adagrad", "RMSprop", "Adam")]
    assert [defaults(kind)["learning_rate"] for kind in kinds] == [0.01, 0.001, 0.001, 0.001]


def test_default_learning_rates_torch(torch: Any) -> None:
    kinds = [getattr(torch.optim, name) for name in ("SGD", "Adagrad", "RMSprop", "Adam")]
    assert [defaults(kind)["lr"] for kind in kinds] == [0.001, 0.01, 0.01, 0.001]


def test_default_learning_rates_sklearn(sklearn: Any) -> None:
    assert defaults(sklearn.MLPClassifier)["learning_rate_init"] == 0.001


def test_learning_rate_decay_here() -> None:
    for optimizer in (hy.SGD(0.5, decay=0.1), hy.SGD(hy.InverseTimeDecay(0.5, 0.1))):
        assert our_steps(optimizer, [1.0] * 3) == pytest.approx([-0.5 * (1 + 1 / 1.1 + 1 / 1.2)])


def test_learning_rate_decay_keras(keras: Any) -> None:
    schedule = keras.optimizers.schedules.InverseTimeDecay(0.5, 1, 0.1)
    found = [float(schedule(step)) for step in range(3)]
    assert found == pytest.approx([0.5 / (1 + 0.1 * step) for step in range(3)])
    with pytest.warns(UserWarning, match="decay.*ignored"):
        keras.optimizers.Adam(decay=0.1)


def test_learning_rate_decay_torch(torch: Any) -> None:
    found = torch_steps(torch, "Adagrad", [1.0] * 3, lr=0.5, lr_decay=0.1)
    assert found == pytest.approx(our_steps(hy.Adagrad(0.5, decay=0.1), [1.0] * 3))


def test_learning_rate_decay_sklearn(sklearn: Any) -> None:
    model = fit_sklearn(
        sklearn.MLPRegressor,
        X,
        Y,
        solver="sgd",
        learning_rate="invscaling",
        learning_rate_init=0.01,
        power_t=0.5,
        max_iter=3,
    )
    assert model.t_ == 3 * len(X)
    rate = model._optimizer.learning_rate
    assert rate == pytest.approx(0.01 / (3 * len(X) + 1) ** 0.5)


def test_momentum_form_here() -> None:
    optimizer, theta = hy.SGD(1.0, momentum=0.9), np.zeros(1)
    for rate in (1.0, 0.1):
        optimizer.learning_rate = rate
        optimizer.step(theta, np.ones(1))
    assert theta == pytest.approx(-(1 + 0.1 * 1.9))


def test_momentum_form_torch(torch: Any) -> None:
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=1.0, momentum=0.9)
    for rate in (1.0, 0.1):
        optimizer.param_groups[0]["lr"] = rate
        theta.grad = torch.ones_like(theta)
        optimizer.step()
    assert theta.item() == pytest.approx(-(1 + 0.1 * 1.9))


def test_momentum_form_keras(keras: Any) -> None:
    optimizer, theta = keras.optimizers.SGD(1.0, momentum=0.9), keras.Variable(np.zeros(1))
    optimizer.build([theta])
    for rate in (1.0, 0.1):
        optimizer.learning_rate = rate
        optimizer.apply([keras.ops.ones((1,))], [theta])
    assert float(as_numpy(keras, theta)[0]) == pytest.approx(-(1 + 0.9 + 0.1))


def test_momentum_form_sklearn(sklearn: Any) -> None:
    assert defaults(sklearn.MLPClassifier)["nesterovs_momentum"] is True
    optimizers = peer("sklearn.neural_network._stochastic_optimizers")
    theta = [np.zeros(1)]
    optimizer = optimizers.SGDOptimizer(theta, 1.0, momentum=0.9, nesterov=False)
    for rate in (1.0, 0.1):
        optimizer.learning_rate = rate
        optimizer.update_params(theta, [np.ones(1)])
    assert theta[0] == pytest.approx(-(1 + 0.9 + 0.1))


def test_adamw_decay_here() -> None:
    assert hy.AdamW().weight_decay == 0.01
    theta = np.ones(2)
    hy.AdamW(0.1).step(theta, np.zeros(2))
    assert theta == pytest.approx(1 - 0.1 * 0.01)


def test_adamw_decay_keras(keras: Any) -> None:
    assert keras.optimizers.AdamW().weight_decay == 0.004
    assert keras_steps(keras, keras.optimizers.AdamW(0.1), [0.0], 1.0) == pytest.approx(1 - 4e-4)


def test_adamw_decay_torch(torch: Any) -> None:
    assert defaults(torch.optim.AdamW)["weight_decay"] == 0.01


def test_clipping_norm_here() -> None:
    theta = np.zeros(2)
    hy.SGD(1.0, clip_norm=1.0).step(theta, np.array([3.0, 4]))
    np.testing.assert_allclose(-theta, [0.6, 0.8])


def test_clipping_norm_keras(keras: Any) -> None:
    for option, expected in (("clipnorm", [1, 1]), ("global_clipnorm", [0.6, 0.8])):
        thetas = [keras.Variable(np.zeros(1)) for _ in range(2)]
        optimizer = keras.optimizers.SGD(1.0, **{option: 1.0})
        optimizer.build(thetas)
        optimizer.apply([keras.ops.array([3.0]), keras.ops.array([4.0])], thetas)
        found = [-float(as_numpy(keras, theta)[0]) for theta in thetas]
        assert found == pytest.approx(expected, rel=1e-5)


def test_clipping_norm_torch(torch: Any) -> None:
    parts = [torch.zeros(1, requires_grad=True) for _ in range(2)]
    for part, gradient in zip(parts, (3.0, 4.0), strict=True):
        part.grad = torch.full((1,), gradient)
    torch.nn.utils.clip_grad_norm_(parts, 1.0)
    assert [part.grad.item() for part in parts] == pytest.approx([0.6, 0.8], rel=1e-5)


# Losses ------------------------------------------------------------------------------------------

ONE, ZERO = np.full((4, 3), 2.0, np.float32), np.zeros((4, 3), np.float32)  # every error is 2


def test_squared_error_factor_here() -> None:
    assert hy.MeanSquaredError()(ONE, ZERO) == 4


def test_squared_error_factor_keras(keras: Any) -> None:
    assert float(keras.losses.MeanSquaredError()(ZERO, ONE)) == 4


def test_squared_error_factor_torch(torch: Any) -> None:
    assert torch.nn.MSELoss()(torch.tensor(ONE), torch.tensor(ZERO)).item() == 4


def test_squared_error_factor_sklearn(sklearn: Any) -> None:
    model = fit_sklearn(sklearn.MLPRegressor, X, Y, alpha=0.0)
    assert model.loss_curve_[0] == pytest.approx(((model.predict(X) - Y) ** 2).mean() / 2)


def test_crossentropy_clipping_here() -> None:
    assert hy.CategoricalCrossentropy()([[0.0, 1]], [0]) == pytest.approx(-np.log(1e-7))
    assert hy.BinaryCrossentropy()([[0.0]], [1]) == pytest.approx(-np.log(1e-7))
    model = hy.Sequential([hy.Dense(2, "softmax")])
    model.compile("categorical_crossentropy")
    model.build(1)
    model.layers[0].W[...] = [[0, 50]]
    assert model.evaluate([[1.0]], [0])["loss"] == pytest.approx(50)


def test_crossentropy_clipping_keras(keras: Any) -> None:
    loss, target = keras.losses.CategoricalCrossentropy(), np.array([[1.0, 0]], "float32")
    assert float(loss(target, np.array([[0.0, 1]], "float32"))) == pytest.approx(16.118, abs=1e-3)
    unequal = np.array([[0.5, 1.5]], "float32")  # taken as 0.25 and 0.75
    assert float(loss(target, unequal)) == pytest.approx(np.log(4), abs=1e-4)
    logits = keras.losses.CategoricalCrossentropy(from_logits=True)
    assert float(logits(target, np.array([[0.0, 50]], "float32"))) == pytest.approx(50)


def test_crossentropy_clipping_torch(torch: Any) -> None:
    loss = torch.nn.CrossEntropyLoss()
    assert loss(torch.tensor([[0.0, 50]]), torch.tensor([0])).item() == pytest.approx(50)
    assert torch.nn.BCELoss()(torch.tensor([0.0]), torch.tensor([1.0])).item() == 100


def test_crossentropy_clipping_sklearn(sklearn: Any) -> None:
    log_loss = peer("sklearn.neural_network._base").log_loss
    found = log_loss(np.array([[1.0, 0]]), np.array([[0.0, 1]]))
    assert found == pytest.approx(36.04, abs=0.01)


# Training ----------------------------------------------------------------------------------------


def model_of_one_number(start: float = 0.0) -> hy.Sequential:
    """y = w, whatever x; the loss is the mean of (y - w)²."""
    model = hy.Sequential([hy.Dense(1, use_bias=False)], dtype="float64")
    model.compile("mse", hy.SGD(0.1), ["accuracy"])
    model.build(1)
    model.theta[...] = start
    return model


def test_validation_split_here() -> None:
    y = np.arange(100.0)
    model = model_of_one_number()
    model.compile("mse", hy.SGD(0.0))
    found = model.fit(np.ones((100, 1)), y, validation_split=0.2, seed=0, verbose=0)
    assert 1000 < found["val_loss"][0] < 5000  # the last twenty would give 8,043
    labels = np.repeat([0, 1], [80, 20])
    classes = hy.Sequential([hy.Dense(2, "softmax")])
    classes.compile("categorical_crossentropy", hy.SGD(0.0), ["confusion_matrix"])
    history = classes.fit(np.ones((100, 1)), labels, validation_split=0.2, seed=0, verbose=0)
    assert np.sum(history["val_confusion_matrix"][0], axis=1).tolist() == [16, 4]


def constant_keras(keras: Any) -> Any:
    if keras.backend.backend() == "numpy":
        pytest.skip("Keras on NumPy cannot fit")
    dense = keras.layers.Dense(1, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), dense])
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=["accuracy"])
    return model


def test_validation_split_keras(keras: Any) -> None:
    x, y = np.ones((10, 1), "float32"), np.arange(10, dtype="float32").reshape(-1, 1)
    history = constant_keras(keras).fit(x, y, validation_split=0.2, verbose=0).history
    assert history["val_loss"][0] == pytest.approx((8**2 + 9**2) / 2)


def test_validation_split_sklearn(sklearn: Any) -> None:
    found = defaults(sklearn.MLPClassifier)
    assert (found["early_stopping"], found["validation_fraction"]) == (False, 0.1)
    y = np.repeat([0, 1], 50)  # the last tenth of the rows is of one class
    options = {"early_stopping": True, "max_iter": 2}
    model = fit_sklearn(sklearn.MLPClassifier, np.zeros((100, 1)), y, **options)
    assert model.validation_scores_ == [0.5, 0.5]  # one answer for all: right for half of them


def test_early_stopping_here() -> None:
    model = model_of_one_number(start=1.0)  # best at once: the validation target is 1
    stop = hy.EarlyStopping(patience=2)
    assert stop.monitor == "val_loss"
    data = (np.ones((2, 1)), np.ones(2))
    history = model.fit(
        np.ones((4, 1)), np.zeros(4), epochs=9, validation_data=data, callbacks=[stop], verbose=0
    )
    assert (len(history), stop.best_epoch) == (3, 1)
    assert model.theta == pytest.approx(0.8)  # after one step; three gave 0.512


def test_early_stopping_keras(keras: Any) -> None:
    found = defaults(keras.callbacks.EarlyStopping)
    assert (found["monitor"], found["restore_best_weights"]) == ("val_loss", False)


def test_early_stopping_sklearn(sklearn: Any) -> None:
    y = (Y > 0).astype(int)
    options = {"early_stopping": True, "learning_rate_init": 0.1, "validation_fraction": 0.4}
    long = fit_sklearn(sklearn.MLPClassifier, X, y, max_iter=30, **options)
    best = int(np.argmax(long.validation_scores_)) + 1
    assert best < long.n_iter_
    short = fit_sklearn(sklearn.MLPClassifier, X, y, max_iter=best, **options)
    np.testing.assert_array_equal(long.coefs_[0], short.coefs_[0])


def test_sample_weights_here() -> None:
    x, y = np.ones((4, 1)), np.arange(4.0)
    thetas = []
    for weight in (np.array([1.0, 2, 3, 4]), np.array([10.0, 20, 30, 40])):
        model = model_of_one_number()
        model.fit(x, y, sample_weight=weight, verbose=0)
        thetas.append(float(model.theta[0]))
    assert thetas[0] == pytest.approx(thetas[1])
    assert thetas[0] == pytest.approx(0.1 * 2 * np.average(y, weights=[1, 2, 3, 4]))
    loss = model_of_one_number().evaluate(x, y, sample_weight=[1, 2, 3, 4])["loss"]
    assert loss == pytest.approx(np.average(y**2, weights=[1, 2, 3, 4]))


def test_sample_weights_keras(keras: Any) -> None:
    loss = keras.losses.MeanSquaredError()
    assert float(loss(ZERO, ONE, sample_weight=np.full(4, 2.0, "float32"))) == 8


def test_sample_weights_torch(torch: Any) -> None:
    logits, labels = torch.tensor([[0.0, 1], [0, 3]]), torch.tensor([0, 1])
    plain = torch.nn.CrossEntropyLoss(reduction="none")(logits, labels).numpy()
    found = torch.nn.CrossEntropyLoss(weight=torch.tensor([1.0, 3]))(logits, labels).item()
    assert found == pytest.approx(np.average(plain, weights=[1, 3]))


def test_sample_weights_sklearn(sklearn: Any) -> None:
    losses = [
        fit_sklearn(sklearn.MLPRegressor, X, Y, alpha=0.0, weight=weight).loss_curve_[0]
        for weight in (None, np.full(20, 2.0))
    ]
    assert losses[0] == pytest.approx(losses[1])


def test_class_weights_here() -> None:
    y = np.repeat([0, 1], [3, 1])

    def trained(**weights: Any) -> tuple[bytes, float]:
        model = hy.Sequential([hy.Dense(2, "softmax")], dtype="float64")
        model.compile("categorical_crossentropy", hy.SGD(0.1), ["accuracy"])
        history = model.fit(np.ones((4, 1)), y, seed=0, verbose=0, **weights)
        return model.theta.copy(), history["accuracy"][0]

    balanced, by_hand, plain = (
        trained(class_weight="balanced"),
        trained(class_weight={0: 4 / (2 * 3), 1: 4 / (2 * 1)}),
        trained(),
    )
    np.testing.assert_allclose(balanced[0], by_hand[0])
    assert not np.allclose(balanced[0], plain[0])
    assert balanced[1] == plain[1]


def test_class_weights_keras(keras: Any) -> None:
    x, y = np.ones((4, 1), "float32"), np.array([0, 0, 0, 1], "float32").reshape(-1, 1)
    history = constant_keras(keras).fit(x, y, class_weight={0: 1.0, 1: 6.0}, verbose=0).history
    assert history["loss"][0] == pytest.approx(6 / 4)  # Σ w·l / n


def test_class_weights_sklearn(sklearn: Any) -> None:
    assert "class_weight" not in defaults(sklearn.MLPClassifier)
    weights = peer("sklearn.utils.class_weight").compute_class_weight
    found = weights("balanced", classes=np.array([0, 1]), y=np.array([0, 0, 0, 1]))
    np.testing.assert_allclose(found, [4 / (2 * 3), 4 / (2 * 1)])


def test_regression_accuracy_here() -> None:
    y = np.arange(100.0)
    band = y.std() / 250
    near = y + np.where(y < 40, 0.9, 1.1) * band
    metric = hy.metrics.RegressionAccuracy()
    assert metric(near.reshape(-1, 1), y) == 0.4
    model = model_of_one_number()
    model.fit(np.ones((100, 1)), y, batch_size=10, verbose=0)
    assert model.metrics[0].precision == pytest.approx(band)


def test_regression_accuracy_keras(keras: Any) -> None:
    x, y = np.ones((4, 1), "float32"), np.array([[0], [1e-6], [1], [2]], "float32")
    history = constant_keras(keras).fit(x, y, verbose=0).history  # it predicts 0
    assert history["accuracy"][0] == 0.25


def test_regression_accuracy_sklearn(sklearn: Any) -> None:
    model = fit_sklearn(sklearn.MLPRegressor, X, Y)
    rest = ((Y - model.predict(X)) ** 2).sum() / ((Y - Y.mean()) ** 2).sum()
    assert model.score(X, Y) == pytest.approx(1 - rest)


def test_shuffling_here() -> None:
    assert defaults(hy.Sequential.fit)["shuffle"] is True
    x, y = np.ones((8, 1)), np.arange(8.0)
    thetas = []
    for options in ({}, {"shuffle": False}):
        model = model_of_one_number()
        model.fit(x, y, batch_size=1, seed=0, verbose=0, **options)
        thetas.append(float(model.theta[0]))
    in_order = 0.0
    for target in y:
        in_order += 0.1 * 2 * (target - in_order)
    assert thetas[1] == pytest.approx(in_order)
    assert thetas[0] != pytest.approx(in_order)


def test_shuffling_keras(keras: Any) -> None:
    assert defaults(keras.Model.fit)["shuffle"] is True


def test_shuffling_torch(torch: Any) -> None:
    rows = torch.utils.data.DataLoader(torch.arange(100), batch_size=100)
    assert next(iter(rows)).tolist() == list(range(100))


def test_shuffling_sklearn(sklearn: Any) -> None:
    assert defaults(sklearn.MLPClassifier)["shuffle"] is True


PROBABILITY = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], np.float32)


def test_label_formats_here() -> None:
    loss = hy.CategoricalCrossentropy()
    expected = -np.log([0.7, 0.6]).mean()
    for labels in ([0, 2], np.array([0, 2], np.uint8), np.eye(3)[[0, 2]]):
        assert loss(PROBABILITY, labels) == pytest.approx(expected, rel=1e-6)
    assert loss(PROBABILITY, np.full((2, 3), 1 / 3)) > expected


def test_label_formats_keras(keras: Any) -> None:
    expected = -np.log([0.7, 0.6]).mean()
    rows = keras.losses.CategoricalCrossentropy()(np.eye(3, dtype="float32")[[0, 2]], PROBABILITY)
    labels = keras.losses.SparseCategoricalCrossentropy()(np.array([0, 2]), PROBABILITY)
    assert [float(rows), float(labels)] == pytest.approx([expected] * 2, rel=1e-5)


def test_label_formats_torch(torch: Any) -> None:
    loss, logits = torch.nn.CrossEntropyLoss(), torch.tensor(np.log(PROBABILITY))
    labels = torch.tensor([0, 2])
    assert labels.dtype == torch.int64
    rows = torch.eye(3)[labels]
    assert loss(logits, labels).item() == pytest.approx(loss(logits, rows).item())


def test_label_formats_sklearn(sklearn: Any) -> None:
    model = fit_sklearn(sklearn.MLPClassifier, X, np.where(Y > 0, "yes", "no"))
    assert model.classes_.tolist() == ["no", "yes"]

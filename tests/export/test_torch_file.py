"""The weights for PyTorch: they load strictly, and compute what the model computes."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors import safe_open
from safetensors.numpy import load_file

import hyalite as hy
from hyalite import cli
from hyalite.export import to_torch, torch_modules
from hyalite.export.steps import of_pictures
from tests import parts
from tests.export.helpers import PICTURES, digit_classifier, random_pictures

SEEDS = range(25)


def random_model(seed: int, shape: tuple[int, ...]) -> tuple[hy.Sequential, np.ndarray]:
    """Layers of every kind, with weights and running values off their beginnings, and samples."""
    rng = np.random.default_rng(seed)
    kinds = [name for name in parts.EVERYWHERE if name != "softmax"]
    layers: list[hy.Layer] = [[hy.Rescaling(0.1, 0.2), hy.Flatten()], [hy.Flatten()]][seed % 2]
    for _ in range(rng.integers(1, 5)):
        layers.append(hy.Dense(int(rng.integers(1, 20)), use_bias=bool(rng.integers(2))))
        layers.append(parts.LAYERS[kinds[rng.integers(len(kinds))]]())
    layers.append(hy.Dense(4, [None, "softmax", "sigmoid"][rng.integers(3)]))
    model = hy.Sequential(layers, dtype=["float32", "float64"][rng.integers(2)])
    model.build(shape, seed=seed)
    model.theta += 0.2 * rng.standard_normal(model.theta.shape).astype(model.theta.dtype)
    model.state[...] = rng.uniform(0.5, 2, model.state.shape)
    model.engine = "numpy"
    return model, rng.standard_normal((7, *shape)).astype(np.float32)


def in_torch(model: hy.Sequential, path):
    """The modules with the weights of the file, as a user would paste and load them."""
    torch = pytest.importorskip("torch", reason="needs PyTorch, the extra 'torch'")
    from safetensors.torch import load_file as load_tensors

    with safe_open(path, framework="np") as file:
        text = file.metadata()["torch.nn.Sequential"]
    assert text == torch_modules(model)
    net = eval(text, {"torch": torch})
    net.load_state_dict(load_tensors(path), strict=True)
    return net.eval()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_outputs_agree(seed, tmp_path):
    torch = pytest.importorskip("torch", reason="needs PyTorch, the extra 'torch'")
    model, x = random_model(seed, (3, 5) if seed % 3 else (6,))
    to_torch(model, tmp_path / "made.safetensors")
    net = in_torch(model, tmp_path / "made.safetensors")
    with torch.no_grad():
        y = net(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(y, model.predict(x), rtol=1e-5, atol=1e-5)


def channels_first(x):
    """Pictures as PyTorch has them."""
    return np.ascontiguousarray(np.moveaxis(x.reshape(*x.shape[:3], -1), -1, 1))


def channels_last(y, shape):
    """The way back, to outputs of this shape."""
    return np.moveaxis(y, 1, -1).reshape(shape) if y.ndim == 4 else y


@pytest.mark.parametrize("seed", PICTURES)
def test_pictures_agree_with_their_channels_first(seed, tmp_path):
    torch = pytest.importorskip("torch", reason="needs PyTorch, the extra 'torch'")
    model, x = random_pictures(seed)
    to_torch(model, tmp_path / "made.safetensors")
    net, want = in_torch(model, tmp_path / "made.safetensors"), model.predict(x)
    with torch.no_grad():
        y = net(torch.from_numpy(channels_first(x))).numpy()
    np.testing.assert_allclose(channels_last(y, want.shape), want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", parts.LAYERS)
def test_every_layer_agrees(name, tmp_path):
    torch = pytest.importorskip("torch", reason="needs PyTorch, the extra 'torch'")
    model = hy.Sequential([parts.LAYERS[name]()])
    model.build(parts.SHAPES.get(name, (5,)), seed=0)
    rng = np.random.default_rng(0)
    model.theta += 0.2 * rng.standard_normal(model.theta.shape).astype("f4")
    model.state[...] = rng.uniform(0.5, 2, model.state.shape)
    to_torch(model, tmp_path / "made.safetensors")
    x = parts.samples(name, rng, 9).astype(np.float32)
    want = model.predict(x)
    with torch.no_grad():
        net = in_torch(model, tmp_path / "made.safetensors")
        y = net(torch.from_numpy(channels_first(x) if of_pictures(model) else x)).numpy()
    y = channels_last(y, want.shape) if of_pictures(model) else y
    np.testing.assert_allclose(y, want, rtol=1e-5, atol=1e-6)


def test_training_goes_on_alike(tmp_path):
    """One step of plain descent in both: penalties aside, the same numbers."""
    torch = pytest.importorskip("torch", reason="needs PyTorch, the extra 'torch'")
    layers = [hy.Rescaling(0.5, 0.1), hy.Dense(6), hy.BatchNormalization(momentum=0.8)]
    model = hy.Sequential([*layers, hy.GELU(), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", hy.SGD(0.1), engine="numpy")
    model.build(4, seed=0)
    to_torch(model, tmp_path / "made.safetensors")
    net = in_torch(model, tmp_path / "made.safetensors").train()
    net[3].requires_grad_(requires_grad=False)  # the rescaling's two numbers
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((32, 4)).astype(np.float32), rng.integers(0, 3, 32)
    descent = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], 0.1)
    loss = torch.nn.functional.nll_loss(torch.log(net(torch.from_numpy(x))), torch.from_numpy(y))
    loss.backward()
    descent.step()
    model.fit(x, y, batch_size=None, verbose=0)
    to_torch(model, tmp_path / "after.safetensors")
    after, found = load_file(tmp_path / "after.safetensors"), net.state_dict()
    for name, array in after.items():
        if "num" not in name and "var" not in name:  # PyTorch's running variance is unbiased
            np.testing.assert_allclose(found[name].numpy(), array, rtol=1e-4, atol=1e-6)


def test_a_dropout_by_schedule_has_the_rate_that_training_has_come_to():
    model = hy.Sequential([hy.Dropout(hy.FlatCosine(0.5, 20)), hy.Dense(2)])
    model.compile("mse", engine="numpy")
    model.fit(np.ones((8, 3)), np.ones((8, 2)), batch_size=1, epochs=2, verbose=0)  # 16 steps
    assert f"torch.nn.Dropout({hy.FlatCosine(0.5, 20)(16)!r})" in torch_modules(model)


def test_keys_shapes_and_modules():
    layers = [hy.Rescaling(1 / 255), hy.Flatten(), hy.Dense(6, "leaky_relu", use_bias=False)]
    layers += [hy.BatchNormalization(momentum=0.9), hy.Dropout(0.25), hy.Dense(3, "softmax")]
    model = hy.Sequential([*layers])
    model.build((2, 4), seed=0)
    assert torch_modules(model) == (
        "torch.nn.Sequential(\n"
        "    torch.nn.Flatten(),\n"
        "    torch.nn.Unflatten(1, (1, 8)),\n"
        "    torch.nn.Conv1d(1, 1, 1),\n"
        "    torch.nn.Flatten(),\n"
        "    torch.nn.Unflatten(1, (2, 4)),\n"
        "    torch.nn.Flatten(),\n"
        "    torch.nn.Linear(8, 6, bias=False),\n"
        "    torch.nn.LeakyReLU(0.01),\n"
        "    torch.nn.BatchNorm1d(6, eps=1e-05, momentum=0.1),\n"
        "    torch.nn.Dropout(0.25),\n"
        "    torch.nn.Linear(6, 3),\n"
        "    torch.nn.Softmax(dim=1),\n"
        ")"
    )


def test_modules_of_pictures_are_those_one_would_write():
    layers = [hy.Conv2D(30, 5, activation="relu"), hy.MaxPooling2D(), hy.Dropout(0.2)]
    layers += [hy.DepthwiseConv2D((3, 2), 2, 1), hy.AveragePooling2D(3, 1, "same")]
    layers += [hy.MaxPooling2D((3, 2), 2, "same"), hy.Conv2D(4, 2, padding="same", use_bias=False)]
    model = hy.Sequential([*layers, hy.Flatten(), hy.Dense(10)])
    model.build((28, 28), seed=0)
    assert torch_modules(model) == (
        "torch.nn.Sequential(\n"
        "    torch.nn.Conv2d(1, 30, 5),\n"
        "    torch.nn.ReLU(),\n"
        "    torch.nn.MaxPool2d(2),\n"
        "    torch.nn.Dropout(0.2),\n"
        "    torch.nn.Conv2d(30, 30, (3, 2), groups=30, stride=2, padding=1),\n"
        "    torch.nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False),\n"
        "    torch.nn.ConstantPad2d((0, 1, 0, 1), float('-inf')),\n"
        "    torch.nn.MaxPool2d((3, 2), stride=2),\n"
        "    torch.nn.ZeroPad2d((0, 1, 0, 1)),\n"
        "    torch.nn.Conv2d(30, 4, 2, bias=False),\n"
        "    torch.nn.Flatten(),\n"
        "    torch.nn.Linear(48, 10),\n"
        ")"
    )


def test_the_rows_behind_flatten_are_in_the_order_of_channels(tmp_path):
    model = hy.Sequential([hy.MaxPooling2D(1), hy.Flatten(), hy.ReLU(), hy.Dense(2)])
    model.build((3, 4, 5), seed=0)
    to_torch(model, tmp_path / "made")
    rows = model.layers[-1].W.reshape(3, 4, 5, 2)
    found = load_file(tmp_path / "made")["3.weight"]
    np.testing.assert_array_equal(found[:, 1 * 12 + 2 * 4 + 3], rows[2, 3, 1])


def test_the_file(tmp_path):
    model = hy.Sequential([hy.Dense(6, "relu"), hy.BatchNormalization(), hy.Dense(3)], dtype="f8")
    model.build(4, seed=0)
    for name in "ab":
        to_torch(model, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    found = load_file(tmp_path / "a")
    assert {name: (array.shape, array.dtype.name) for name, array in found.items()} == {
        "0.weight": ((6, 4), "float32"),
        "0.bias": ((6,), "float32"),
        "2.weight": ((6,), "float32"),
        "2.bias": ((6,), "float32"),
        "2.running_mean": ((6,), "float32"),
        "2.running_var": ((6,), "float32"),
        "2.num_batches_tracked": ((), "int64"),
        "3.weight": ((3, 6), "float32"),
        "3.bias": ((3,), "float32"),
    }
    np.testing.assert_array_equal(found["0.weight"], model.layers[0].W.T.astype("f4"))


def test_what_has_no_module_is_refused(tmp_path):
    class Own(hy.Layer):
        def forward(self, x, training=False):
            return x

    model = hy.Sequential([Own(), hy.Dense(2)])
    model.build(3)
    with pytest.raises(ValueError, match="Own is not one of the library's"):
        to_torch(model, tmp_path / "made")
    with pytest.raises(ValueError, match="build"):
        torch_modules(hy.Sequential([hy.Dense(2)]))
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_how_pictures_go_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    digit_classifier().save("model.safetensors")
    words = ["export", "model.safetensors", "--torch", "net.safetensors"]
    run = CliRunner().invoke(cli.commands, words)
    assert run.exit_code == 0, run.output
    assert "It takes pictures with the channels first: (n, channels, height, width)." in run.output


def test_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model, _ = random_model(1, (3, 5))
    model.save("model.safetensors")
    words = ["export", "model.safetensors", "--torch", "net.safetensors"]
    run = CliRunner().invoke(cli.commands, words)
    assert run.exit_code == 0, run.output
    assert run.output.startswith("net.safetensors written.\nIn PyTorch:\n\nimport torch\n")
    assert f"net = {torch_modules(model)}\nnet.load_state_dict(load_file(" in run.output
    torch = pytest.importorskip("torch", reason="needs PyTorch, the extra 'torch'")
    names: dict[str, object] = {}
    exec(run.output.partition("In PyTorch:")[2], names)
    assert names["net"](torch.zeros(2, 3, 5)).shape == (2, 4)

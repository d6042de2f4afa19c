"""Random models of pictures by PyTorch: forward, backward, and ten steps of an optimizer.

Run as a program it records them: ``python -m tests.torch_pictures`` writes
``tests/recorded/pictures.json``, which the tests use where PyTorch is not installed.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

import hyalite as hy
from tests import parts

RECORD = Path(__file__).parent / "recorded" / "pictures.json"
MODELS, ROWS, CLASSES, STEPS, RATE = 200, 4, 3, 10, 0.01
# our class, our arguments, PyTorch's class, PyTorch's arguments; the models take them in turns
OPTIMIZERS: list[tuple[str, dict, str, dict]] = [
    ("SGD", {"momentum": 0.9}, "SGD", {"momentum": 0.9}),
    ("Adam", {}, "Adam", {"eps": 1e-7}),
]


def drawn(seed: int) -> tuple[hy.Sequential, np.ndarray, np.ndarray]:
    """Model number `seed` in float64, with samples and labels."""
    rng = np.random.default_rng(seed)
    layers, shape, _ = parts.picture_layers(rng)
    model = hy.Sequential(
        [*layers, hy.Dense(CLASSES, "softmax", bias_initializer=parts.noise)], dtype="float64"
    )
    name, arguments, _, _ = OPTIMIZERS[seed % 2]
    optimizer = getattr(hy, name)(RATE, **arguments)
    model.compile("categorical_crossentropy", optimizer, engine="numpy")
    model.build(shape, seed=seed)
    return model, rng.standard_normal((ROWS, *shape)), rng.integers(0, CLASSES, ROWS)


def digest(results: dict[str, np.ndarray]) -> dict[str, float]:
    """Of each array its product with random numbers: any entry that differs changes it."""
    rng = np.random.default_rng(0)
    return {
        name: round(float(np.vdot(array, rng.standard_normal(array.shape))), 12)
        for name, array in results.items()
    }


def torch_run(seed: int) -> dict[str, np.ndarray]:
    """By PyTorch: probabilities, derivatives by samples and parameters, the latter steps later."""
    import torch

    model, x, y = drawn(seed)
    pictures = torch.tensor(x, requires_grad=True)
    theta = torch.tensor(model.theta, requires_grad=True)
    slots = model.network.ready.layout.slots

    def logits_and_loss() -> tuple[Any, Any]:
        values = {
            slot.name: theta[slot.offset : slot.offset + slot.size].reshape(slot.shape)
            for slot in slots
        }
        z, penalty = pictures.reshape(*x.shape[:3], -1).permute(0, 3, 1, 2), 0.0
        for layer, name in zip(model.layers, model.network.names, strict=True):
            z = layer_by_torch(layer, values.get(f"{name}.W"), values.get(f"{name}.b"), z)
            for key, l1, l2 in layer.penalties():
                value = values[f"{name}.{key}"]
                penalty = penalty + l1 * value.abs().sum() + l2 * value.square().sum()
        return z, torch.nn.functional.cross_entropy(z, torch.tensor(y)) + penalty

    _, _, name, arguments = OPTIMIZERS[seed % 2]
    optimizer = getattr(torch.optim, name)([theta], lr=RATE, **arguments)
    z, loss = logits_and_loss()
    loss.backward()
    found = {"output": torch.softmax(z, 1), "dx": pictures.grad, "gradient": theta.grad}
    results = {key: tensor.detach().numpy().copy() for key, tensor in found.items()}
    for _ in range(STEPS):
        optimizer.zero_grad()
        logits_and_loss()[1].backward()
        optimizer.step()
    return results | {"theta": theta.detach().numpy()}


def layer_by_torch(layer: Any, W: Any, b: Any, x: Any) -> Any:
    """One layer by PyTorch's functions; pictures are (n, channels, height, width)."""
    import torch
    from torch.nn import functional

    kind = type(layer).__name__
    if kind == "Dense":
        return x @ W + b  # the softmax is in PyTorch's cross-entropy
    if kind == "Flatten":
        return x.permute(0, 2, 3, 1).flatten(1)  # in our order
    if kind == "GlobalAveragePooling2D":
        return x.mean((2, 3))
    if kind == "ZeroPadding2D":
        (top, bottom), (left, right) = layer.padding
        return functional.pad(x, (left, right, top, bottom))
    if kind.endswith("Pooling2D"):
        return pooling(kind, layer.pool_size, layer.strides or layer.pool_size, layer.padding, x)
    if kind == "Conv2D":
        y = convolution(layer, W.permute(3, 2, 0, 1), b, x, groups=1)
    else:
        assert kind == "DepthwiseConv2D"
        W = W.permute(2, 3, 0, 1).flatten(0, 1)[:, None]
        y = convolution(layer, W, b, x, groups=x.shape[1])
    if layer.activation is None:
        return y
    return getattr(torch, type(layer.activation).__name__.lower())(y)


def convolution(layer: Any, W: Any, b: Any, x: Any, groups: int) -> Any:
    """With PyTorch's own padding, but for "same" with strides, which it does not have."""
    from torch.nn import functional

    padding = 0 if layer.padding == "valid" else layer.padding
    if padding == "same" and layer.strides != (1, 1):
        x, padding = functional.pad(x, same(x, layer.kernel_size, layer.strides)), 0
    return functional.conv2d(x, W.contiguous(), b, layer.strides, padding, groups=groups)


def pooling(kind: str, size: Any, strides: Any, padding: Any, x: Any) -> Any:
    """With PyTorch's own padding where it has that: a number up to half a window."""
    import torch
    from torch.nn import functional

    padding = 0 if padding == "valid" else padding
    if padding != "same" and padding <= min(size) // 2:
        if kind == "MaxPooling2D":
            return functional.max_pool2d(x, size, strides, padding)
        return functional.avg_pool2d(x, size, strides, padding, count_include_pad=False)
    border = same(x, size, strides) if padding == "same" else (padding,) * 4
    if kind == "MaxPooling2D":
        return functional.max_pool2d(functional.pad(x, border, value=-math.inf), size, strides)
    total, count = (
        functional.avg_pool2d(functional.pad(pixels, border), size, strides)
        for pixels in (x, torch.ones_like(x))
    )
    return total / count


def same(x: Any, size: Any, strides: Any) -> tuple[int, ...]:
    """The border (left, right, top, bottom) of Keras's padding "same"."""
    border: list[int] = []
    for length, window, stride in reversed(list(zip(x.shape[2:], size, strides, strict=True))):
        total = max((math.ceil(length / stride) - 1) * stride + window - length, 0)
        border += [total // 2, total - total // 2]
    return tuple(border)


if __name__ == "__main__":
    import torch

    runs = [digest(torch_run(seed)) for seed in range(MODELS)]
    RECORD.write_text(json.dumps({"torch": torch.__version__, "models": runs}) + "\n")
    print(f"{MODELS} models recorded with PyTorch {torch.__version__} in {RECORD}")

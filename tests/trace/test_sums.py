"""A number taken apart gives the number again."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite.layers import Term
from hyalite.trace.products import products
from hyalite.trace.recording import Passage
from hyalite.trace.sums import worked
from tests import parts

SUMS = [
    "dense", "dense without bias", "flatten", "embedding", "embedding of some columns",
    "convolution", "convolution of one channel", "depthwise convolution", "max pooling",
    "max pooling with overlap", "average pooling", "average pooling with overlap",
    "global average pooling", "zero padding", "random flip",
]  # fmt: skip


def passage(name: str) -> Passage:
    rng = np.random.default_rng(0)
    layer = parts.LAYERS[name]().build(parts.SHAPES.get(name, 5), seed=0, dtype="float64")
    x = parts.samples(name, rng, 3)
    y = layer.forward(x, training=True)
    dy = rng.normal(size=y.shape)
    dx = layer.backward(dy)
    gradients = {f"d{key}": array for key, array in layer.gradients.items()}
    arrays = {"x": x, "y": y, "dy": dy, "dx": dx, **layer.values, **gradients}
    return Passage(layer, "layer", "x", arrays)


@pytest.mark.parametrize("name", parts.LAYERS)
def test_the_products_of_a_layer_are_what_it_computes(name: str) -> None:
    taken = passage(name)
    found = set()
    for key in ("y", "dx", *(key for key in taken.arrays if key[0] == "d")):
        for place in np.ndindex(taken.arrays[key].shape):
            sum_ = products(taken, key, place)
            if sum_ is None:
                continue
            found.add(key)
            assert sum_.values.sum() == pytest.approx(taken.arrays[key][place], abs=1e-12), key
    assert ("y" in found) == (name in SUMS)
    if name in ("dense", "convolution", "depthwise convolution"):
        assert found >= {"y", "dx", "dW", "db"}
    if "pooling" in name or "padding" in name:
        assert found == {"y", "dx"}


def test_a_line_has_letters_and_numbers() -> None:
    taken = passage("dense")
    taken.arrays["x"], taken.arrays["y"] = np.array([[2.0, -1.0]]), np.array([[4.5]])
    taken.arrays["W"], taken.arrays["b"] = np.array([[3.0], [2.0]]), np.array([0.5])
    line = worked(taken, "y", (0, 0))
    assert line.formula == "x[0]·W[0, 0] + x[1]·W[1, 0] + b[0]"
    assert line.filled == "2·3 + (-1)·2 + 0.5"
    assert line.value == "4.5"


def test_of_many_terms_the_largest_are_shown_and_the_others_summed() -> None:
    rng = np.random.default_rng(0)
    dense = hy.Dense(1, initializer="he_normal", bias_initializer=parts.noise).build(50, seed=1)
    x = rng.normal(size=(1, 50)).astype(np.float32)
    arrays = {"x": x, "y": dense.forward(x), **dense.values}
    shown = worked(Passage(dense, "layer", "x", arrays), "y", (0, 0), follow=True)
    order = np.argsort(-np.abs(x[0] * dense.W[:, 0]))
    letters = [summand.letters for summand in shown.summands]
    assert letters == [*(f"x[{i}]·W[{i}, 0]" for i in order[:5]), "45 others", "b[0]"]
    assert [summand.followed for summand in shown.summands] == [True, *[False] * 6]
    others = x[0, order[5:]] @ dense.W[order[5:], 0]
    assert float(shown.summands[5].value) == pytest.approx(others, abs=2e-4)


class Average(hy.Layer):
    """A user's layer that says how its outputs are made."""

    def forward(self, x, training=False):
        self.x = self.receive(x)
        return self.x.mean(axis=1, keepdims=True)

    def backward(self, dy):
        return np.broadcast_to(self.receive_dy(dy) / self.x.shape[1], self.x.shape)

    def output_shape(self, input_shape):
        return (1,)

    def terms(self, name, place, arrays):
        count = arrays["x"].shape[1]
        return [Term((("x", (place[0], i)),), 1 / count) for i in range(count)]


def test_a_users_layer_may_say_its_own() -> None:
    layer = Average().build(2)
    x = np.array([[1.0, 5.0]])
    line = worked(Passage(layer, "average_1", "x", {"x": x, "y": layer.forward(x)}), "y", (0, 0))
    assert (line.formula, line.filled, line.value) == ("0.5·x[0] + 0.5·x[1]", "0.5·1 + 0.5·5", "3")


class Twice(hy.Dense):
    """A user's class: the terms of its base are not its own."""

    def forward(self, x, training=False):
        return 2 * super().forward(x, training)


def test_terms_are_not_inherited() -> None:
    layer = Twice(1).build(2)
    x = np.array([[1.0, 5.0]], np.float32)
    taken = Passage(layer, "twice_1", "x", {"x": x, "y": layer.forward(x), **layer.values})
    assert products(taken, "y", (0, 0)) is None
    assert worked(taken, "y", (0, 0)).formula == ""

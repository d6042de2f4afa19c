"""Layers alone: what they take and refuse, dtypes, shapes, memory, parameters."""

from __future__ import annotations

import copy
import pickle
import re

import numpy as np
import pytest

import hyalite as hy
from hyalite import initializers
from tests import parts
from tests.inputs import BAD_X, X, refused


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


ALL_LAYERS = {
    "Dense": lambda: hy.Dense(3),
    "Dense with relu": lambda: hy.Dense(3, "relu"),
    "Linear": hy.Linear,
    "ReLU": hy.ReLU,
    "LeakyReLU": hy.LeakyReLU,
    "Sigmoid": hy.Sigmoid,
    "Tanh": hy.Tanh,
    "GELU": hy.GELU,
    "Softmax": hy.Softmax,
    "Dropout": lambda: hy.Dropout(0.5),
    "BatchNormalization": hy.BatchNormalization,
    "LayerNormalization": hy.LayerNormalization,
    "Flatten": hy.Flatten,
    "Rescaling": lambda: hy.Rescaling(0.5),
    "GaussianNoise": lambda: hy.GaussianNoise(0.1),
    "SELU": hy.SELU,
    "Mish": hy.Mish,
    "SiLU": hy.SiLU,
    "ParametricActivation": lambda: hy.ParametricActivation("mish"),
    "SmoothClip": hy.SmoothClip,
    "Scale": hy.Scale,
    "Residual": lambda: hy.Residual([hy.Dense(4, "tanh")]),
}
OF_PICTURES = {
    "Conv2D": lambda: hy.Conv2D(3, 1),
    "DepthwiseConv2D": lambda: hy.DepthwiseConv2D(1),
    "MaxPooling2D": hy.MaxPooling2D,
    "AveragePooling2D": hy.AveragePooling2D,
    "GlobalAveragePooling2D": hy.GlobalAveragePooling2D,
    "ZeroPadding2D": hy.ZeroPadding2D,
}
FLAT = ["Dense", "Dense with relu", "Softmax", "BatchNormalization", "LayerNormalization"]


@pytest.mark.parametrize("layer", ALL_LAYERS | OF_PICTURES)
@pytest.mark.parametrize(
    "case", ["NaN", "infinity", "objects", "complex", "text", "ragged", "None"]
)
def test_a_layer_alone_refuses_what_are_not_finite_real_numbers(layer, case):
    x, parts = BAD_X[case]
    text = refused(lambda: (ALL_LAYERS | OF_PICTURES)[layer]().forward(x), *parts)
    assert re.match(r"x\b", text)


@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 1), (2, 2, 3)])
@pytest.mark.parametrize(
    "layer", ["Dropout", "GaussianNoise", "Rescaling", "ReLU", "Tanh", "GELU", "Linear"]
)
def test_a_layer_that_works_number_by_number_takes_pictures_too(layer, shape):
    """The same numbers, and the same draws, as of flat samples."""
    x = np.random.default_rng(0).normal(size=(5, *shape))
    pictures, flat = (ALL_LAYERS[layer]().build(s, seed=1, dtype="f8") for s in (shape, 12))
    y = pictures.forward(x, training=True)
    assert y.shape == x.shape
    np.testing.assert_array_equal(y.reshape(5, 12), flat.forward(x.reshape(5, 12), training=True))
    dx = pictures.backward(x)
    np.testing.assert_array_equal(dx.reshape(5, 12), flat.backward(x.reshape(5, 12)))


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("before", [False, True], ids=["fresh", "used before"])
@pytest.mark.parametrize("shape", [(4,), (), (12, 2, 2)])
@pytest.mark.parametrize("layer", FLAT)
def test_a_layer_for_flat_samples_refuses_others(layer, shape, before, training):
    layer = ALL_LAYERS[layer]()
    if before:
        layer.forward(X, training=True)
    state = {name: array.copy() for name, array in layer.state.items()}
    # "samples" and the shape that came, not NumPy's words about operands and axes
    refused(lambda: layer.forward(np.ones(shape), training=training), "samples")
    for name, array in state.items():
        np.testing.assert_array_equal(layer.state[name], array)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("features", [1, 3, 5, 12])
@pytest.mark.parametrize(
    "layer", ["Dense", "Dense with relu", "BatchNormalization", "LayerNormalization", "Residual"]
)
def test_a_layer_with_parameters_refuses_another_feature_count(layer, features, training):
    layer = ALL_LAYERS[layer]()
    layer.forward(X, training=True)
    state = {name: array.copy() for name, array in layer.state.items()}
    refused(
        lambda: layer.forward(np.ones((12, features)), training=training),
        "x",
        "(samples, 4)",
        f"(12, {features})",
        mend=False,
    )
    for name, array in state.items():
        np.testing.assert_array_equal(layer.state[name], array, err_msg="written before refusing")


def _other_shapes(layer: str):
    d = 3 if layer.startswith("Dense") else 4
    for rows in (1, 12):
        for shape in ((1, d), (rows, 1), (d,), (2 * rows, d), (), (rows, d + 1)):
            if shape != (rows, d):
                yield pytest.param(layer, rows, shape, id=f"{layer} {shape} for {(rows, d)}")


@pytest.mark.parametrize(
    ("layer", "rows", "shape"), [case for layer in ALL_LAYERS for case in _other_shapes(layer)]
)
def test_backward_of_a_layer_alone_never_broadcasts(layer, rows, shape):
    layer = ALL_LAYERS[layer]()
    y = layer.forward(X[:rows], training=True)
    refused(lambda: layer.backward(np.ones(shape)), "dy", str(shape), str(y.shape), mend=False)


@pytest.mark.parametrize("layer", OF_PICTURES)
@pytest.mark.parametrize("shape", [(4,), (12, 5), (12, 2, 2, 3, 1)])
def test_a_layer_for_pictures_refuses_other_samples(layer, shape):
    refused(lambda: OF_PICTURES[layer]().forward(np.ones(shape)), "pictures", "channels")


@pytest.mark.parametrize("layer", OF_PICTURES)
@pytest.mark.parametrize("channels", [(), (2,)])
def test_backward_of_a_layer_for_pictures_never_broadcasts(layer, channels):
    layer = OF_PICTURES[layer]()
    y = layer.forward(np.ones((3, 4, 6, *channels)))
    for shape in (y.shape[1:], (1, *y.shape[1:]), (*y.shape[:-1], 1), (*y.shape, 1), ()):
        if shape != y.shape:
            refused(
                lambda s=shape: layer.backward(np.ones(s)),
                "dy",
                str(shape),
                str(y.shape),
                mend=False,
            )


@pytest.mark.parametrize("layer", sorted(set(ALL_LAYERS | OF_PICTURES) - {"Linear", "Rescaling"}))
def test_backward_before_forward_says_so(layer):
    with pytest.raises((ValueError, AttributeError, RuntimeError), match="forward"):
        (ALL_LAYERS | OF_PICTURES)[layer]().backward(np.ones((12, 3)))

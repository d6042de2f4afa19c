"""Convolution: numbers worked out by hand, and windows looped over one by one."""

from __future__ import annotations

import copy
import itertools

import numpy as np
import pytest

import hyalite as hy
from hyalite import gradcheck
from hyalite.layers import windows
from tests.parts import noise

KERNELS = [1, 2, 3, (2, 3), (4, 1)]
STRIDES = [1, 2, 3, (1, 2)]
PADDINGS = ["valid", "same", 1, 2]
SETTINGS = list(itertools.product(KERNELS, STRIDES, PADDINGS))
SHAPES = [(6, 7, 2), (5, 4, 3), (7, 7)]


def by_pixel(layer, x, dy):
    """y, dW, db and dx of a convolution without activation, one product at a time."""
    where = layer.windows(x.shape[1:])
    (top, _), (left, _) = where.border
    pixels = x.reshape(*x.shape[:3], -1)
    n, height, width, channels = pixels.shape
    y = np.zeros((n, *where.output, layer.filters)) + layer.b
    dW, dx = np.zeros(layer.W.shape), np.zeros(pixels.shape)
    for row, column in np.ndindex(where.output):
        for i, j in np.ndindex(layer.kernel_size):
            h, w = row * layer.strides[0] + i - top, column * layer.strides[1] + j - left
            if 0 <= h < height and 0 <= w < width:
                for sample, c, f in np.ndindex(n, channels, layer.filters):
                    y[sample, row, column, f] += pixels[sample, h, w, c] * layer.W[i, j, c, f]
                    dW[i, j, c, f] += pixels[sample, h, w, c] * dy[sample, row, column, f]
                    dx[sample, h, w, c] += dy[sample, row, column, f] * layer.W[i, j, c, f]
    return y, dW, dy.sum(axis=(0, 1, 2)), dx.reshape(x.shape)


def test_the_books_example():
    """*Deep Learning from Scratch*, chapter 7: a kernel on 4 by 4 pixels, a bias, a border."""
    x = np.array([[[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]])
    kernel = [[2, 0, 1], [0, 1, 2], [1, 0, 2]]
    conv = hy.Conv2D(1, 3).build((4, 4))
    conv.W[:, :, 0, 0] = kernel
    assert conv.forward(x)[0, :, :, 0].tolist() == [[15, 16], [6, 15]]
    conv.b[...] = 3
    assert conv.forward(x)[0, :, :, 0].tolist() == [[18, 19], [9, 18]]
    for padding in (1, "same"):
        conv = hy.Conv2D(1, 3, padding=padding).build((4, 4))
        conv.W[:, :, 0, 0] = kernel
        made = conv.forward(x)[0, :, :, 0].tolist()
        assert made == [[7, 12, 10, 2], [4, 15, 16, 10], [10, 6, 15, 6], [8, 10, 4, 3]]


@pytest.mark.parametrize(("kernel", "strides", "padding"), SETTINGS)
def test_it_is_what_loops_over_pixels_give(kernel, strides, padding):
    rng = np.random.default_rng(0)
    for shape in SHAPES:
        layer = hy.Conv2D(2, kernel, strides, padding, bias_initializer=noise)
        layer.build(shape, seed=3, dtype="float64")
        x = rng.normal(size=(2, *shape))
        y = layer.forward(x)
        dy = rng.normal(size=y.shape)
        dx = layer.backward(dy)
        expected = by_pixel(layer, x, dy)
        for made, wanted in zip((y, layer.dW, layer.db, dx), expected, strict=True):
            np.testing.assert_allclose(made, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("kernel", "strides", "padding"), SETTINGS[::7])  # without one, above
def test_gradients_are_right_with_an_activation(kernel, strides, padding):
    rng = np.random.default_rng(1)
    layer = hy.Conv2D(2, kernel, strides, padding, "tanh", bias_initializer=noise)
    report = gradcheck.check_layer(layer, rng.normal(size=(2, 5, 6, 2)))
    assert report.ok, str(report)
    assert report.skipped == 0


def test_a_kernel_as_large_as_the_picture_is_a_dense_layer():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(5, 4, 3, 2))
    conv = hy.Conv2D(6, (4, 3), activation="relu").build((4, 3, 2), seed=0, dtype="float64")
    dense = hy.Dense(6, "relu").build(24, seed=0, dtype="float64")
    dense.theta[...] = conv.theta
    y = conv.forward(x)
    np.testing.assert_allclose(y[:, 0, 0], dense.forward(x.reshape(5, 24)), rtol=1e-12)
    dy = rng.normal(size=y.shape)
    dx = dense.backward(dy[:, 0, 0])
    np.testing.assert_allclose(conv.backward(dy), dx.reshape(x.shape), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(conv.grad, dense.grad, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_many_windows_are_taken_in_blocks(monkeypatch, dtype):
    """So that memory does not grow with the batch; the sums are the same."""
    x = np.random.default_rng(3).normal(size=(9, 8, 8, 3)).astype(dtype)
    layer = hy.Conv2D(4, 3, padding="same").build(x.shape[1:], seed=0, dtype=dtype)
    results = []
    for size in (windows.BLOCK_BYTES, 5000):
        monkeypatch.setattr(windows, "BLOCK_BYTES", size)
        y = layer.forward(x)
        results.append((y, layer.backward(np.sin(y)), layer.dW.copy()))
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    for one, other in zip(*results, strict=True):
        assert one.dtype == dtype
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


def test_in_a_model_memory_is_used_again_for_batches_of_any_size():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(11, 9, 8, 2)), rng.normal(size=(11, 3))
    layers = [hy.Conv2D(4, 3, padding="same", activation="tanh"), hy.MaxPooling2D(3, 2, "same")]
    layers += [
        hy.ZeroPadding2D(),
        hy.DepthwiseConv2D(2, 1, 1, 2),
        hy.AveragePooling2D(2, 1, "same"),
    ]
    model = hy.Sequential([*layers, hy.Flatten(), hy.Dense(3)], dtype="float64")
    model.compile("mean_squared_error", hy.SGD(0.01), engine="numpy")
    model.build((9, 8, 2), seed=0)
    whole = model.predict(x)
    np.testing.assert_allclose(model.predict(x, batch_size=4), whole, rtol=1e-12)
    twin = copy.deepcopy(model)
    model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    for _ in range(2):
        for start in range(0, 11, 4):  # a fit of one batch has memory of its own
            some = slice(start, start + 4)
            twin.fit(x[some], y[some], batch_size=None, verbose=0)
    np.testing.assert_allclose(model.theta, twin.theta, rtol=1e-12)


def test_initial_weights_have_the_variance_of_their_fans():
    """Counted by hand: a filter has 5·5·8 inputs, a pixel goes into 5·5·30 outputs."""
    for initializer, variance in [
        ("he_normal", 2 / 200),
        ("he_uniform", 2 / 200),
        ("lecun_normal", 1 / 200),
        ("glorot_uniform", 2 / (200 + 750)),
        ("glorot_normal", 2 / (200 + 750)),
    ]:
        W = hy.Conv2D(30, 5, initializer=initializer).build((9, 9, 8), seed=1).W
        assert W.shape == (5, 5, 8, 30)
        assert W.var() == pytest.approx(variance, rel=0.05)
        assert abs(W.mean()) < 0.01


def test_digits_are_learned_without_an_axis_of_channels():
    (x, y), (x_test, y_test) = hy.datasets.mnist(flatten=False)
    layers = [hy.Conv2D(8, 5, activation="relu"), hy.MaxPooling2D(), hy.Flatten()]
    model = hy.Sequential([*layers, hy.Dense(10, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.003), metrics=["accuracy"], engine="numpy")
    model.fit(x[:2000], y[:2000], batch_size=50, epochs=2, seed=0, verbose=0)
    assert model.network.shapes[:3] == [(24, 24, 8), (12, 12, 8), (1152,)]
    assert model.evaluate(x_test[:1000], y_test[:1000])["accuracy"] > 0.85
    with pytest.raises(ValueError, match=r"x\.reshape\(-1, 28, 28\)"):
        hy.Sequential([hy.Conv2D(8, 5)]).build(784)


def test_a_dense_layer_behind_it_asks_for_flatten():
    with pytest.raises(ValueError, match=r"dense_1: .*put a Flatten\(\) before it"):
        hy.Sequential([hy.Conv2D(3, 3), hy.Dense(2)]).build((5, 5))


@pytest.mark.parametrize("m", [1, 3])
@pytest.mark.parametrize(("kernel", "strides", "padding"), SETTINGS)
def test_depthwise_is_a_convolution_whose_channels_do_not_mix(kernel, strides, padding, m):
    rng = np.random.default_rng(4)
    for shape in SHAPES:
        own = hy.DepthwiseConv2D(kernel, strides, padding, m, "tanh", bias_initializer=noise)
        own.build(shape, seed=3, dtype="float64")
        channels = own.W.shape[2]
        assert own.output_shape(shape)[2] == channels * m
        full = hy.Conv2D(channels * m, kernel, strides, padding, "tanh")
        full.build(shape, seed=3, dtype="float64")
        full.W[...] = 0
        for c, d in np.ndindex(channels, m):  # Keras's order of the output channels
            full.W[:, :, c, c * m + d] = own.W[:, :, c, d]
        full.b[...] = own.b
        x = rng.normal(size=(2, *shape))
        y = own.forward(x)
        np.testing.assert_allclose(y, full.forward(x), atol=1e-13)
        dy = rng.normal(size=y.shape)
        np.testing.assert_allclose(own.backward(dy), full.backward(dy), atol=1e-13)
        np.testing.assert_allclose(own.db, full.db, atol=1e-12)
        for c, d in np.ndindex(channels, m):
            np.testing.assert_allclose(own.dW[:, :, c, d], full.dW[:, :, c, c * m + d], atol=1e-12)


def test_depthwise_weights_have_the_variance_of_the_inputs_that_an_output_has():
    """5·5 inputs for each output, and 5·5·2 outputs for each input, whatever the channels."""
    for initializer, variance in [("he_normal", 2 / 25), ("glorot_uniform", 2 / (25 + 50))]:
        layer = hy.DepthwiseConv2D(5, depth_multiplier=2, initializer=initializer)
        W = layer.build((9, 9, 200), seed=1).W
        assert W.shape == (5, 5, 200, 2)
        assert W.var() == pytest.approx(variance, rel=0.05)
        assert layer.b.shape == (400,)
    shapes = []

    def constant(shape, stream):
        shapes.append(shape)
        return np.full(shape, float(len(shapes)))

    W = hy.DepthwiseConv2D((2, 3), initializer=constant).build((4, 4, 3), seed=0).W
    assert shapes == [(2, 3, 1, 1)] * 3
    assert W[1, 2].tolist() == [[1], [2], [3]]

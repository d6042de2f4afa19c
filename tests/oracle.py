"""The same models once more, for HIPS autograd: plain formulas, no derivative written by hand.

Nothing here is shared with the library but the parameters' values, the masks of dropout and the
random numbers of the augmentation.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import autograd.numpy as np
import numpy
from autograd import value_and_grad

import hyalite as hy
from hyalite.layers.chain import Chain


def activation(layer: hy.Layer | None, x: Any) -> Any:
    kind = type(layer).__name__
    if kind == "ReLU":
        return np.where(x > 0, x, 0.0)
    if kind == "LeakyReLU":
        return np.where(x > 0, x, layer.slope * x)
    if kind == "Sigmoid":
        return 1 / (1 + np.exp(-x))
    if kind == "Tanh":
        return np.tanh(x)
    if kind == "GELU":
        return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    if kind == "SELU":
        negative = 1.6732632423543772 * (np.exp(np.where(x > 0, 0.0, x)) - 1)
        return 1.0507009873554805 * np.where(x > 0, x, negative)
    if kind == "Mish":
        return x * np.tanh(np.log(1 + np.exp(x)))
    if kind == "SiLU":
        return x / (1 + np.exp(-x))
    if kind == "Softmax":
        e = np.exp(x)
        return e / np.sum(e, axis=1, keepdims=True)
    assert layer is None or kind == "Linear"
    return x


def forward(
    chain: Chain, values: dict[str, Any], x: Any, masks: dict[str, Any], prefix: str = ""
) -> Any:
    for layer, own_name in zip(chain.layers, chain.names, strict=True):
        kind, name = type(layer).__name__, prefix + own_name
        if kind == "Dense":
            x = np.dot(x, values[f"{name}.W"])
            if layer.use_bias:
                x = x + values[f"{name}.b"]
            if layer.activation is not None:
                x = activation(layer.activation, x)
        elif kind in ("BatchNormalization", "LayerNormalization"):
            axis = tuple(range(x.ndim - 1)) if kind == "BatchNormalization" else 1
            mean = np.mean(x, axis=axis, keepdims=True)
            variance = np.mean((x - mean) ** 2, axis=axis, keepdims=True)
            x = (x - mean) / np.sqrt(variance + layer.epsilon)
            x = x * values[f"{name}.gamma"] + values[f"{name}.beta"]
        elif kind == "Dropout":
            x = x * masks[name]
        elif kind == "GaussianNoise":
            x = x + masks[name]
        elif kind == "RandomAffine":
            matrix, added = masks[name]
            flat = np.reshape(x, (*added.shape, -1))  # a column for each channel
            moved = np.einsum("npq,nqc->npc", matrix, flat) + added[:, :, None]
            x = np.reshape(moved, x.shape)
        elif kind == "Conv2D":
            x = activation(layer.activation, convolution(layer, name, values, x))
        elif kind == "MaxPooling2D":
            x = pooled(layer, x, lambda pixels: np.max(pixels, axis=(1, 2)))
        elif kind == "DepthwiseConv2D":
            x = activation(layer.activation, depthwise(layer, name, values, x))
        elif kind == "AveragePooling2D":
            x = pooled(layer, x, lambda pixels: np.mean(pixels, axis=(1, 2)))
        elif kind == "GlobalAveragePooling2D":
            x = np.mean(np.reshape(x, (*x.shape[:3], -1)), axis=(1, 2))
        elif kind == "ZeroPadding2D":
            sides = ((0, 0), *layer.padding, *[(0, 0)] * (len(x.shape) - 3))
            x = np.pad(x, sides, "constant")
        elif kind == "RandomFlip":
            x = np.stack([sample[flip] for sample, flip in zip(x, masks[name], strict=True)])
        elif kind == "Residual":
            x = x + forward(layer.chain, values, x, masks, f"{name}.")
        elif kind == "Flatten":
            x = np.reshape(x, (len(x), -1))
        elif kind == "Rescaling":
            x = x * layer.scale + layer.offset
        elif kind == "ParametricActivation":
            a = values[f"{name}.a"]
            x = (1 - a) * x + a * activation(layer.activation, x)
        elif kind in ("SmoothClip", "Scale"):
            # a matrix that picks the columns takes the place of an index
            pick = numpy.eye(x.shape[1])
            if layer.columns is not None:
                pick = pick[numpy.array(layer.columns)]
            part = np.dot(x, pick.T)
            if kind == "Scale":
                changed = part * values[f"{name}.s"]
            else:
                changed = part / np.sqrt(1 + (part / layer.limit) ** 2)
            x = x + np.dot(changed - part, pick)
        elif kind in EMBEDDINGS:
            width = x.shape[1]
            default = range(width - len(layer.categories), width) if kind == "Embedding" else None
            chosen = layer.columns or default or range(width)
            parts = [x[:, j : j + 1] for j in range(width) if j not in chosen]
            embed = EMBEDDINGS[kind]
            parts += [embed(layer, name, values, i, x[:, j]) for i, j in enumerate(chosen)]
            x = np.concatenate(parts, axis=1)
        else:
            x = activation(layer, x)
    return x


def convolution(layer: hy.Conv2D, name: str, values: Any, x: Any) -> Any:
    """Window by window, each with what of the kernel lies on the picture."""
    W = values[f"{name}.W"]
    b = values[f"{name}.b"] if layer.use_bias else 0.0
    x = np.reshape(x, (*x.shape[:3], -1))
    return by_windows(
        layer.kernel_size,
        layer.strides,
        layer.padding,
        x,
        lambda pixels, part: np.tensordot(pixels, W[part], axes=3) + b,
    )


def depthwise(layer: hy.DepthwiseConv2D, name: str, values: Any, x: Any) -> Any:
    """A sum over each window for every channel, and every filter of it."""
    W = values[f"{name}.W"]
    b = values[f"{name}.b"] if layer.use_bias else 0.0
    x = np.reshape(x, (*x.shape[:3], -1))

    def one(pixels: Any, part: Any) -> Any:
        each = np.einsum("nijc,ijcm->ncm", pixels, W[part])
        return np.reshape(each, (len(pixels), -1)) + b

    return by_windows(layer.kernel_size, layer.strides, layer.padding, x, one)


def pooled(layer: Any, x: Any, one: Any) -> Any:
    """Window by window, each only as far as it lies on the picture."""
    strides = layer.strides or layer.pool_size
    pixels = np.reshape(x, (*x.shape[:3], -1))
    y = by_windows(layer.pool_size, strides, layer.padding, pixels, lambda some, _: one(some))
    return y if len(x.shape) == 4 else np.reshape(y, y.shape[:3])


def by_windows(size: Any, strides: Any, padding: Any, x: Any, one: Any) -> Any:
    """`one` of the pixels in each window and of their places in it."""
    axes = [
        [along(start, count, length) for start in starts(count, stride, padding, length)]
        for count, stride, length in zip(size, strides, x.shape[1:3], strict=True)
    ]
    rows = [
        np.stack([one(x[:, row, column], (part, piece)) for column, piece in axes[1]], axis=1)
        for row, part in axes[0]
    ]
    return np.stack(rows, axis=1)


def starts(size: int, stride: int, padding: Any, length: int) -> range:
    """The first pixel of each window, as Keras and PyTorch place them."""
    if padding == "same":
        count = math.ceil(length / stride)
        first = -(max((count - 1) * stride + size - length, 0) // 2)
        return range(first, first + count * stride, stride)
    border = 0 if padding == "valid" else padding
    return range(-border, length + border - size + 1, stride)


def along(start: int, size: int, length: int) -> tuple[slice, slice]:
    """The pixels from `start` on that there are, and their places in the window."""
    low, high = max(start, 0), min(start + size, length)
    return slice(low, high), slice(low - start, high - start)


def category(layer: hy.Embedding, name: str, values: Any, i: int, x: Any) -> Any:
    return values[f"{name}.E"][sum(layer.categories[:i]) + numpy.round(x).astype(int)]


def waves(layer: hy.PeriodicEmbedding, name: str, values: Any, i: int, x: Any) -> Any:
    w1, b1, W2, b2 = (values[f"{name}.{key}"][i] for key in ("w1", "b1", "W2", "b2"))
    cosines = np.cos(2 * np.pi * np.outer(x, w1) + b1)
    return np.concatenate([np.reshape(x, (-1, 1)), np.dot(cosines, W2) + b2], axis=1)


def bent_line(layer: hy.PiecewiseLinearEmbedding, name: str, values: Any, i: int, x: Any) -> Any:
    y = np.outer(x, values[f"{name}.w0"][i]) + values[f"{name}.b0"][i]
    first = sum(len(edges) - 1 for edges in layer.bins[:i])
    for q, (low, high) in enumerate(itertools.pairwise(layer.bins[i])):
        t = (x - low) / (high - low)
        t = np.where(t < 0, 0.0, t) if q else t
        t = np.where(t > 1, 1.0, t) if high < layer.bins[i][-1] else t
        y = y + np.outer(t, values[f"{name}.V"][first + q])
    return y


EMBEDDINGS = {
    "Embedding": category,
    "PeriodicEmbedding": waves,
    "PiecewiseLinearEmbedding": bent_line,
}


def sample_losses(loss: hy.losses.Loss, output: Any, target: Any) -> Any:
    kind = type(loss).__name__
    if kind == "MeanSquaredError":
        return np.mean((output - target) ** 2, axis=1)
    if kind == "HalfSquaredError":
        return np.mean((output - target) ** 2, axis=1) / 2
    if kind == "Poisson":
        return np.mean(np.exp(output) - target * output, axis=1)
    if kind == "Quantile":
        error = target - output
        return np.mean(np.where(error > 0, loss.q * error, (loss.q - 1) * error), axis=1)
    if kind == "MeanAbsoluteError":
        return np.mean(np.abs(output - target), axis=1)
    if kind == "Huber":
        error = np.abs(output - target)
        small = 0.5 * error**2
        return np.mean(
            np.where(error <= loss.delta, small, loss.delta * error - 0.5 * loss.delta**2), axis=1
        )
    if kind == "BinaryCrossentropy":
        p = 1 / (1 + np.exp(-output)) if loss.from_logits else output
        t = target * (1 - loss.label_smoothing) + loss.label_smoothing / 2
        return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p), axis=1)
    if kind == "GroupedCrossentropy":
        one = hy.CategoricalCrossentropy(loss.label_smoothing, from_logits=True)
        ends = numpy.cumsum(loss.classes)
        each = [
            sample_losses(one, output[:, end - count : end], target[:, g].astype(int))
            for g, (end, count) in enumerate(zip(ends, loss.classes, strict=True))
        ]
        return sum(each) / len(each)
    assert kind == "CategoricalCrossentropy"
    p = output
    if loss.from_logits:
        e = np.exp(output)
        p = e / np.sum(e, axis=1, keepdims=True)
    classes = output.shape[1]
    t = numpy.eye(classes)[target] if target.ndim == 1 else target
    t = t * (1 - loss.label_smoothing) + loss.label_smoothing / classes
    return -np.sum(t * np.log(p), axis=1)


def loss_and_gradient(
    model: hy.Sequential, x: Any, y: Any, weight: Any, masks: dict[str, Any]
) -> tuple[float, dict[str, Any]]:
    """The training loss with its penalties, and its gradient by every parameter."""

    def loss(values: dict[str, Any]) -> Any:
        each = sample_losses(model.loss, forward(model.network, values, x, masks), y)
        total = np.mean(each) if weight is None else np.sum(each * weight) / np.sum(weight)
        for layer, name, *_ in model.network.walk():
            if isinstance(layer, hy.layers.Weighted):
                W = values[f"{name}.W"]
                total = total + layer.l1 * np.sum(np.abs(W)) + layer.l2 * np.sum(W**2)
                if layer.use_bias:
                    b = values[f"{name}.b"]
                    total = total + layer.bias_l1 * np.sum(np.abs(b)) + layer.bias_l2 * np.sum(b**2)
        return total

    values = model.network.parameters.layout.views(model.theta.copy())
    return value_and_grad(loss)(values) if values else (float(loss(values)), {})


def affine(layer: hy.RandomAffine, drawn: Any, height: int, width: int) -> tuple[Any, Any]:
    """What RandomAffine does to pictures, as a matrix and what is added, from its formula.

    drawn: (n, 4) in -1..1: angle, scale, shift of rows and of columns.
    (n, height·width, height·width) and (n, height·width).
    """
    matrix = numpy.zeros((len(drawn), height * width, height * width))
    added = numpy.zeros((len(drawn), height * width))
    centre = numpy.array([(height - 1) / 2, (width - 1) / 2])
    for sample, (turn, size, *shift) in enumerate(drawn):
        angle = numpy.pi * layer.rotation * turn / 180
        scale = 1 + layer.zoom * size
        back = numpy.array(
            [[numpy.cos(angle), numpy.sin(angle)], [-numpy.sin(angle), numpy.cos(angle)]]
        )
        for place in numpy.ndindex(height, width):
            p = place[0] * width + place[1]
            q = centre + back @ (place - centre - layer.shift * numpy.array(shift)) / scale
            for corner in numpy.ndindex(2, 2):
                row, column = numpy.floor(q).astype(int) + corner
                weight = numpy.prod(1 - numpy.abs(q - (row, column)))
                if 0 <= row < height and 0 <= column < width:
                    matrix[sample, p, row * width + column] += weight
                else:
                    added[sample, p] += weight * layer.fill
    return matrix, added

"""Every layer, loss and optimizer once: the tables that the generic tests run over."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import hyalite as hy

LAYERS: dict[str, Callable[[], hy.Layer]] = {
    "dense": lambda: hy.Dense(3, initializer="glorot_normal", bias_initializer=noise),
    "dense without bias": lambda: hy.Dense(3, use_bias=False),
    "dense with relu": lambda: hy.Dense(4, "relu", initializer="he_normal"),
    "dense with softmax": lambda: hy.Dense(4, "softmax", initializer="he_uniform"),
    "linear": hy.Linear,
    "relu": hy.ReLU,
    "leaky relu": lambda: hy.LeakyReLU(0.2),
    "sigmoid": hy.Sigmoid,
    "tanh": hy.Tanh,
    "gelu": hy.GELU,
    "softmax": hy.Softmax,
    "dropout": lambda: hy.Dropout(0.4),
    "batch normalization": lambda: hy.BatchNormalization(momentum=0.7, epsilon=1e-3),
    "layer normalization": lambda: hy.LayerNormalization(epsilon=1e-3),
    "flatten": hy.Flatten,
    "rescaling": lambda: hy.Rescaling(0.3, -1),
    "embedding": lambda: hy.Embedding((4, 3), 2),
    "gaussian noise": lambda: hy.GaussianNoise(0.3),
    "random affine": lambda: hy.RandomAffine(1.5, 30, 0.3, fill=0.4),
    "random flip": lambda: hy.RandomFlip("horizontal_and_vertical"),
    "batch normalization of pictures": lambda: hy.BatchNormalization(epsilon=1e-3),
    "residual": lambda: hy.Residual(
        [hy.LayerNormalization(epsilon=1e-3), hy.GELU(), hy.Dropout(0.3)]
    ),
    "residual of five": lambda: hy.Residual(
        [
            hy.Dense(4, "relu", bias_initializer=noise),
            hy.Residual([hy.BatchNormalization(epsilon=1e-3), hy.GaussianNoise(0.2)]),
            hy.Dropout(0.3),
            hy.Dense(5, "tanh"),
        ]
    ),
    "selu": hy.SELU,
    "mish": hy.Mish,
    "silu": hy.SiLU,
    "parametric activation": lambda: hy.ParametricActivation("mish", 0.7),
    "parametric relu": lambda: hy.ParametricActivation("relu"),
    "smooth clip": lambda: hy.SmoothClip(0.8),
    "smooth clip of some": lambda: hy.SmoothClip(1.5, (4, 0, 1)),
    "scale": hy.Scale,
    "scale of some": lambda: hy.Scale((1, 4, 2)),
    "embedding of some columns": lambda: hy.Embedding((4, 3), 2, columns=[3, 1]),
    "periodic embedding": lambda: hy.PeriodicEmbedding(frequencies=3, dimension=3, sigma=0.4),
    "periodic embedding of some columns": lambda: hy.PeriodicEmbedding([4, 1], 2, 2),
    "piecewise-linear embedding of all columns": lambda: hy.PiecewiseLinearEmbedding(
        [EDGES] * 5, 3
    ),
    "piecewise-linear embedding of some columns": lambda: hy.PiecewiseLinearEmbedding(
        [EDGES, (-1, 1)], 2, columns=[4, 1]
    ),
    "convolution": lambda: hy.Conv2D(3, 3, bias_initializer=noise),
    "convolution with strides": lambda: hy.Conv2D(2, (3, 2), (2, 1), "same", "tanh"),
    "convolution of one channel": lambda: hy.Conv2D(2, 2, padding=1, use_bias=False),
    "depthwise convolution": lambda: hy.DepthwiseConv2D(2, bias_initializer=noise),
    "depthwise convolution with strides": lambda: hy.DepthwiseConv2D(3, 2, "same", 2, "tanh"),
    "max pooling": hy.MaxPooling2D,
    "max pooling with overlap": lambda: hy.MaxPooling2D((3, 2), 2, "same"),
    "average pooling": hy.AveragePooling2D,
    "average pooling with overlap": lambda: hy.AveragePooling2D((3, 2), 2, "same"),
    "global average pooling": hy.GlobalAveragePooling2D,
    "zero padding": lambda: hy.ZeroPadding2D(((1, 0), (2, 1))),
}
EDGES = (-1, -0.3, 0.1, 1.2)
SHAPES = {  # of a sample, where it is not some numbers in a row
    "random affine": (3, 4),
    "convolution": (4, 5, 2),
    "convolution with strides": (5, 4, 2),
    "convolution of one channel": (3, 4),
    "depthwise convolution": (4, 4, 3),
    "depthwise convolution with strides": (5, 4, 2),
    "max pooling": (4, 5, 2),
    "max pooling with overlap": (5, 5),
    "average pooling": (4, 5, 2),
    "average pooling with overlap": (5, 5),
    "global average pooling": (3, 4, 2),
    "zero padding": (3, 2, 2),
    "random flip": (3, 4, 2),
    "batch normalization of pictures": (3, 4, 2),
}
CATEGORIES = {"embedding": [3, 4], "embedding of some columns": [3, 1]}  # where x has any
# take five numbers of any kind
NUMBERS = [name for name in LAYERS if name not in (*CATEGORIES, *SHAPES)]
# take any numbers
EVERYWHERE = [name for name in NUMBERS if not name.endswith(("of some", "columns", "of five"))]


def samples(name: str, rng: np.random.Generator, rows: int) -> np.ndarray:
    """Samples, (rows, 5) for most, that a layer of the table can take."""
    x = rng.normal(size=(rows, *SHAPES.get(name, (5,))))
    if name in CATEGORIES:
        x[:, CATEGORIES[name]] = rng.integers(0, (4, 3), (rows, 2))
    return x


LOSSES: dict[str, Callable[[], hy.losses.Loss]] = {
    "categorical": hy.CategoricalCrossentropy,
    "categorical smoothed": lambda: hy.CategoricalCrossentropy(label_smoothing=0.1),
    "categorical from logits": lambda: hy.CategoricalCrossentropy(from_logits=True),
    "categorical smoothed from logits": lambda: hy.CategoricalCrossentropy(0.2, from_logits=True),
    "binary": hy.BinaryCrossentropy,
    "binary smoothed": lambda: hy.BinaryCrossentropy(label_smoothing=0.1),
    "binary from logits": lambda: hy.BinaryCrossentropy(from_logits=True),
    "mean squared": hy.MeanSquaredError,
    "mean absolute": hy.MeanAbsoluteError,
    "huber": lambda: hy.Huber(0.7),
    "half squared": hy.HalfSquaredError,
    "poisson": hy.Poisson,
    "quantile": lambda: hy.Quantile(0.3),
    "grouped": lambda: hy.GroupedCrossentropy((3, 2), 0.1),
}
NUMBER_BY_NUMBER = [name for name in hy.layers.ACTIVATIONS if name != "softmax"]

OPTIMIZERS: dict[str, Callable[[], hy.optimizers.Optimizer]] = {
    "sgd": lambda: hy.SGD(0.1),
    "momentum": lambda: hy.SGD(0.1, momentum=0.9),
    "nesterov": lambda: hy.SGD(0.1, momentum=0.8, nesterov=True),
    "adagrad": lambda: hy.Adagrad(0.1, epsilon=1e-6),
    "rmsprop": lambda: hy.RMSprop(0.02, rho=0.8, epsilon=1e-6),
    "adam": lambda: hy.Adam(0.05, beta_1=0.8, beta_2=0.99, epsilon=1e-6),
    "adamw": lambda: hy.AdamW(0.05, weight_decay=0.1, beta_1=0.85, beta_2=0.98),
}


def noise(shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray:
    """An initializer of the user's: biases off zero, so that a test sees them."""
    return 0.3 * stream.standard_normal(shape)


def target_for(
    loss: hy.losses.Loss, rng: np.random.Generator, rows: int, outputs: int
) -> np.ndarray:
    """Random targets of the loss's kind; classes come as labels, one-hot or soft rows."""
    if loss.kind == "groups":
        return rng.integers(0, loss.classes, (rows, len(loss.classes)))
    if loss.kind == "classes":
        form = rng.integers(3)
        labels = rng.integers(0, outputs, rows)
        if form == 0:
            return labels
        if form == 1:
            return np.eye(outputs)[labels]
        return rng.dirichlet(np.ones(outputs), rows)
    if loss.kind == "binary":
        return rng.integers(0, 2, (rows, outputs))
    numbers = rng.standard_normal((rows, outputs))
    return np.abs(numbers) if isinstance(loss, hy.Poisson) else numbers


def outputs_for(loss: hy.losses.Loss, wanted: int) -> int:
    """How many outputs a model with this loss has, where `wanted` are asked for."""
    return sum(loss.classes) if loss.kind == "groups" else wanted


def ending_for(loss: hy.losses.Loss) -> str | None:
    """The activation a model with this loss ends with."""
    if loss.from_logits or loss.kind == "regression":
        return None
    return "softmax" if loss.kind == "classes" else "sigmoid"


def random_model(
    rng: np.random.Generator,
    *,
    dtype: str = "float64",
    dropout: bool = True,
    augmentation: bool = True,
    pictures: bool = False,
    loss: str | None = None,
    optimizer: str | None = None,
) -> tuple[hy.Sequential, np.ndarray, np.ndarray, np.ndarray | None]:
    """A compiled model of randomly drawn parts, with samples, targets and perhaps weights.

    With `pictures` it begins with layers for these, see `picture_layers`.
    """
    rows = int(rng.integers(2, 12))
    # so that without augmentation the models are the same
    more, elementwise, own, special = rng.spawn(4)
    layers: list[hy.Layer] = []
    shape = tuple(int(n) for n in rng.integers(1, 4, rng.integers(1, 3)))
    width = math.prod(shape)
    if pictures:
        layers, shape, (*_, width) = picture_layers(special)
    elif len(shape) > 1 and special.random() < 0.5:
        shape = (*shape, int(special.integers(1, 4)))
        width = math.prod(shape)
        layers += _of_pictures(special, augmentation)
    if not pictures and augmentation and len(shape) > 1 and more.random() < 0.5:
        layers.append(hy.RandomAffine(*more.uniform(0, (2, 90, 0.9, 1))))
    if len(shape) > 1 or rng.random() < 0.2:
        layers.append(hy.Flatten())
    if rng.random() < 0.3:
        layers.append(hy.Rescaling(float(rng.uniform(0.3, 2)), float(rng.uniform(-1, 1))))
    layers += _elementwise(elementwise, 2, width)
    if not pictures:
        layers += _residual(special, width, dropout, augmentation)
    if own.random() < 0.5:
        layers.append(_of_numbers(own))
    for _ in range(rng.integers(0, 4)):
        if own.random() < 0.2:
            layers.append(_of_numbers(own))
        layers.append(_hidden(rng))
        units = layers[-1].units
        layers += _elementwise(elementwise, 1, units)
        if not pictures:
            layers += _residual(special, units, dropout, augmentation)
        kind = rng.integers(6)
        if kind == 0:
            layers.append(hy.BatchNormalization(epsilon=1e-3))
        elif kind == 1:
            layers.append(hy.LayerNormalization(epsilon=1e-3))
        elif kind == 2 and dropout:
            layers.append(hy.Dropout(float(rng.uniform(0, 0.6))))
        elif kind == 3 and augmentation and more.random() < 0.5:
            layers.append(hy.GaussianNoise(float(more.uniform(0, 0.5))))
        elif kind == 3:
            layers.append([hy.ReLU, hy.Tanh, hy.GELU, hy.Sigmoid, hy.LeakyReLU][rng.integers(5)]())
    chosen = LOSSES[loss or list(LOSSES)[rng.integers(len(LOSSES))]]()
    outputs = int(rng.integers(2, 5)) if chosen.kind == "classes" else int(rng.integers(1, 4))
    outputs = outputs_for(chosen, outputs)
    layers.append(_dense(rng, outputs, ending_for(chosen)))
    model = hy.Sequential(layers, dtype=dtype)
    model.compile(
        chosen, OPTIMIZERS[optimizer or list(OPTIMIZERS)[rng.integers(len(OPTIMIZERS))]]()
    )
    model.build(shape, seed=int(rng.integers(1 << 30)))
    x = rng.standard_normal((rows, *shape))
    y = target_for(chosen, rng, rows, outputs)
    weight = rng.uniform(0.1, 2, rows) if rng.random() < 0.4 else None
    return model, x, y, weight


def _of_pictures(rng: np.random.Generator, augmentation: bool) -> list[hy.Layer]:
    """Layers of pictures with channels, alone and in a block."""
    modes = ["horizontal", "vertical", "horizontal_and_vertical"]
    made = [hy.RandomFlip(modes[rng.integers(3)])] if augmentation else []
    made.append(hy.BatchNormalization(epsilon=1e-3))
    made.append(hy.Residual([hy.BatchNormalization(epsilon=1e-3), hy.Tanh()]))
    return [made[place] for place in rng.permutation(len(made))[: rng.integers(1, len(made) + 1)]]


def _residual(
    rng: np.random.Generator, units: int, dropout: bool, augmentation: bool, depth: int = 1
) -> list[hy.Layer]:
    """Perhaps a block, which may hold another, of layers that take and give so many numbers."""
    if rng.random() < 0.6:
        return []
    layers: list[hy.Layer] = []
    for _ in range(rng.integers(1, 4)):
        kind = rng.integers(7)
        if kind < 2:
            layers += [_hidden(rng), _dense(rng, units, [None, "tanh", "relu"][rng.integers(3)])]
        elif kind == 2:
            layers.append(hy.BatchNormalization(epsilon=1e-3))
        elif kind == 3 and dropout:
            layers.append(hy.Dropout(float(rng.uniform(0, 0.6))))
        elif kind == 4 and augmentation:
            layers.append(hy.GaussianNoise(float(rng.uniform(0, 0.5))))
        elif kind == 5 and depth < 3:
            layers += _residual(rng, units, dropout, augmentation, depth + 1)
        else:
            layers += _elementwise(rng, 1, units)
    return [hy.Residual(layers)] if layers else []


def _elementwise(rng: np.random.Generator, most: int, width: int) -> list[hy.Layer]:
    """Layers that work number by number, on samples of `width` features."""
    some = [None, rng.permutation(width)[: rng.integers(1, width + 1)]][rng.integers(2)]
    made = [
        hy.SELU(),
        hy.Mish(),
        hy.SiLU(),
        hy.ParametricActivation(NUMBER_BY_NUMBER[rng.integers(len(NUMBER_BY_NUMBER))], 0.8),
        hy.SmoothClip(float(rng.uniform(0.3, 3)), some),
        hy.Scale(some),
    ]
    return [made[place] for place in rng.permutation(len(made))[: rng.integers(most + 1)]]


def picture_layers(
    rng: np.random.Generator,
) -> tuple[list[hy.Layer], tuple[int, ...], tuple[int, ...]]:
    """One to three layers for pictures that make flat samples of them, and both shapes."""
    pictures = tuple(int(n) for n in rng.integers(3, 8, 2)) + ((2,) if rng.random() < 0.7 else ())
    layers, shape = [], pictures
    for _ in range(rng.integers(1, 4)):
        layers.append(_over_windows(rng, shape))
        shape = layers[-1].output_shape(shape)
    layers.append(hy.GlobalAveragePooling2D() if rng.random() < 0.2 else hy.Flatten())
    return layers, pictures, layers[-1].output_shape(shape)


def _over_windows(rng: np.random.Generator, shape: tuple[int, ...]) -> hy.Layer:
    size = tuple(int(rng.integers(1, 1 + min(3, length))) for length in shape[:2])
    strides = tuple(int(stride) for stride in rng.integers(1, 3, 2))
    padding = ["valid", "same", int(rng.integers(0, min(size)))][rng.integers(3)]
    activation = ["relu", "tanh", None][rng.integers(3)]
    kind = rng.integers(5)
    if kind == 0:
        filters = int(rng.integers(1, 4))
        return hy.Conv2D(filters, size, strides, padding, activation, **_options(rng))
    if kind == 1:
        m = int(rng.integers(1, 3))
        return hy.DepthwiseConv2D(size, strides, padding, m, activation, **_options(rng))
    if kind == 2:
        return hy.ZeroPadding2D(rng.integers(0, 3, (2, 2)).tolist())
    pooling = [hy.MaxPooling2D, hy.AveragePooling2D][kind - 3]
    return pooling(size, [None, strides][rng.integers(2)], padding)


def _of_numbers(rng: np.random.Generator) -> hy.Layer:
    if rng.random() < 0.5:
        columns = [None, [0]][rng.integers(2)]
        return hy.PeriodicEmbedding(columns, int(rng.integers(1, 4)), int(rng.integers(2, 4)))
    return hy.PiecewiseLinearEmbedding([EDGES], int(rng.integers(1, 4)), columns=[0])


def _hidden(rng: np.random.Generator) -> hy.Dense:
    activation = ["relu", "leaky_relu", "sigmoid", "tanh", "gelu", "linear", None][rng.integers(7)]
    return _dense(rng, int(rng.integers(1, 6)), activation)


def _dense(rng: np.random.Generator, units: int, activation: str | None) -> hy.Dense:
    return hy.Dense(units, activation, **_options(rng))


def _options(rng: np.random.Generator) -> dict[str, Any]:
    penalties = {
        name: float(rng.uniform(1e-3, 1e-1))
        for name in ("l1", "l2", "bias_l1", "bias_l2")
        if rng.random() < 0.25
    }
    return {
        "use_bias": bool(rng.random() < 0.9),
        "initializer": ["glorot_uniform", "he_normal", "glorot_normal"][rng.integers(3)],
        "bias_initializer": noise,
        **penalties,
    }

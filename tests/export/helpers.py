"""Random models to be exported, of rows and of pictures."""

from __future__ import annotations

import numpy as np

import hyalite as hy
from tests import parts

SEEDS = range(25)
PICTURES = range(60)


def random_model(seed: int) -> tuple[hy.Sequential, np.ndarray]:
    """Some layers, with weights and running values off their beginnings, and samples."""
    rng = np.random.default_rng(seed)
    kinds = [name for name in parts.EVERYWHERE if name != "softmax"]
    layers: list[hy.Layer] = [hy.Flatten(), hy.Rescaling(0.1, 0.2)]
    x = rng.standard_normal((7, 3, 5)).astype(np.float32)
    if seed % 3 == 0:
        layers.insert(1, hy.Embedding((4, 9), 3))
        x[:, -1, -2:] = rng.integers(0, (4, 9), (7, 2))
    if seed % 2:
        layers.insert(0, hy.RandomAffine())
    if seed % 4 == 1:
        x[0, 0, :3] = 1e25, -1e4, 80  # of which the squares are too large for single precision
        layers += [hy.SmoothClip(0.5, (3, 0, 7)), hy.Scale((1, 0))]
    if seed % 3 == 1:
        bins = [(-1, 0, 0.5), (-2, -1, 1, 2), (-0.5, 0.5)]
        layers.append(hy.PiecewiseLinearEmbedding(bins, 2, columns=(4, 0, 2)))
    if seed % 6 == 2:
        layers += [hy.PeriodicEmbedding([7, 3], 5, 3), hy.Embedding(1, 2, columns=[2])]
    for _ in range(rng.integers(1, 5)):
        layers.append(hy.Dense(int(rng.integers(1, 20)), use_bias=bool(rng.integers(2))))
        layers.append(parts.LAYERS[kinds[rng.integers(len(kinds))]]())
    layers.append(hy.Dense(4, [None, "softmax", "sigmoid"][rng.integers(3)]))
    return built(layers, (3, 5), rng), x


def random_pictures(seed: int) -> tuple[hy.Sequential, np.ndarray]:
    """The same of pictures: kernels, strides, borders and sizes of every kind; most end with dense
    layers, some with pictures, or with what stood behind the last of them.
    """
    rng = np.random.default_rng(seed)
    layers, shape, _ = parts.picture_layers(rng)
    if seed % 4 == 0:  # what pooling leaves in place, the wider steps behind it must not overwrite
        layers[:0] = [hy.Conv2D(3, 2), hy.MaxPooling2D(2, 1), hy.Conv2D(5, 1)]
        layers[3:3] = [hy.AveragePooling2D(1), hy.Conv2D(7, 1)]
        shape = (shape[0] + 2, shape[1] + 2, *shape[2:])
    if len(shape) == 2:
        layers.insert(0, hy.Residual([hy.AveragePooling2D(3, 1, "same"), hy.Tanh()]))
    else:
        block = [hy.BatchNormalization(), hy.Conv2D(shape[2], 3, padding="same"), hy.Dropout(0.2)]
        within = hy.Residual([hy.DepthwiseConv2D(2, padding="same"), hy.RandomFlip()])
        layers[:0] = [hy.BatchNormalization(), hy.Residual([*block, within, hy.ReLU()])]
    if seed % 3 == 0:
        layers = [hy.Rescaling(0.3, 0.2), hy.RandomAffine(), *layers]
    layers.insert(-1, [hy.Dropout(0.3), hy.Tanh(), hy.LeakyReLU(0.2)][rng.integers(3)])
    if seed % 5 == 0:
        layers = layers[:-1]
    elif seed % 5 > 1:
        between = [hy.ReLU(), hy.BatchNormalization(), hy.LayerNormalization(), hy.Softmax()]
        layers += between[: rng.integers(4)][-1:]
        layers += [hy.Dense(5, "tanh"), hy.BatchNormalization(), hy.Dense(4, "softmax")]
    model = built(layers, shape, rng)
    return model, rng.standard_normal((7, *shape)).astype(np.float32)


def digit_classifier(channels: int = 1) -> hy.Sequential:
    """A network of 15,466 parameters, for 28 x 28 pixels of one channel."""
    layers: list[hy.Layer] = []
    for filters in (8, 16, 32):
        layers += [hy.Conv2D(filters, 3, padding="same", activation="relu"), hy.MaxPooling2D()]
    layers += [hy.Flatten(), hy.Dense(32, "relu"), hy.Dropout(0.4), hy.Dense(10, "softmax")]
    shape = (28, 28) if channels == 1 else (28, 28, channels)
    return built(layers, shape, np.random.default_rng(0))


def built(
    layers: list[hy.Layer], shape: tuple[int, ...], rng: np.random.Generator
) -> hy.Sequential:
    """A model with weights and running values off their beginnings."""
    model = hy.Sequential(layers, dtype=["float32", "float64"][rng.integers(2)])
    model.build(shape, seed=int(rng.integers(1 << 30)))
    model.theta += 0.2 * rng.standard_normal(model.theta.shape).astype(model.theta.dtype)
    model.state[...] = rng.uniform(0.5, 2, model.state.shape)
    model.engine = "numpy"
    return model

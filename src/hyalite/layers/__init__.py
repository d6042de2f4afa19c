"""The layers, one concept a file; `LAYERS` is the closed list that model files may name."""

from hyalite.layers.activations import (
    ACTIVATIONS,
    GELU,
    Activation,
    LeakyReLU,
    Linear,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from hyalite.layers.augmentation import GaussianNoise, RandomAffine
from hyalite.layers.base import Layer
from hyalite.layers.dense import Dense
from hyalite.layers.dropout import Dropout
from hyalite.layers.embedding import Embedding
from hyalite.layers.normalization import BatchNormalization, LayerNormalization
from hyalite.layers.periodic_embedding import PeriodicEmbedding
from hyalite.layers.piecewise_linear_embedding import PiecewiseLinearEmbedding
from hyalite.layers.shaping import Flatten, Rescaling
from hyalite.layers.weighted import Weighted

_KINDS: tuple[type[Layer], ...] = (
    Dense,
    *ACTIVATIONS.values(),
    Dropout,
    BatchNormalization,
    LayerNormalization,
    Flatten,
    Rescaling,
    Embedding,
    GaussianNoise,
    RandomAffine,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
)
LAYERS = {kind.__name__: kind for kind in _KINDS}

__all__ = [
    "ACTIVATIONS",
    "GELU",
    "LAYERS",
    "Activation",
    "BatchNormalization",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianNoise",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Linear",
    "PeriodicEmbedding",
    "PiecewiseLinearEmbedding",
    "RandomAffine",
    "ReLU",
    "Rescaling",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "Weighted",
]

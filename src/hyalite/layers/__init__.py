"""The layers, one concept a file; `LAYERS` is the closed list that model files may name."""

from hyalite.layers.activations import (
    ACTIVATIONS,
    GELU,
    SELU,
    Activation,
    LeakyReLU,
    Linear,
    Mish,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from hyalite.layers.augmentation import GaussianNoise, RandomAffine
from hyalite.layers.base import Layer, Term
from hyalite.layers.dense import Dense
from hyalite.layers.dropout import Dropout
from hyalite.layers.embedding import Embedding
from hyalite.layers.normalization import BatchNormalization, LayerNormalization
from hyalite.layers.parametric_activation import ParametricActivation
from hyalite.layers.periodic_embedding import PeriodicEmbedding
from hyalite.layers.piecewise_linear_embedding import PiecewiseLinearEmbedding
from hyalite.layers.scale import Scale
from hyalite.layers.shaping import Flatten, Rescaling
from hyalite.layers.smooth_clip import SmoothClip
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
    ParametricActivation,
    SmoothClip,
    Scale,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
)
LAYERS = {kind.__name__: kind for kind in _KINDS}

__all__ = [
    "ACTIVATIONS",
    "GELU",
    "LAYERS",
    "SELU",
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
    "Mish",
    "ParametricActivation",
    "PeriodicEmbedding",
    "PiecewiseLinearEmbedding",
    "RandomAffine",
    "ReLU",
    "Rescaling",
    "Scale",
    "SiLU",
    "Sigmoid",
    "SmoothClip",
    "Softmax",
    "Tanh",
    "Term",
    "Weighted",
]

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
from hyalite.layers.augmentation import GaussianNoise, RandomAffine, RandomFlip
from hyalite.layers.base import Layer, Term
from hyalite.layers.convolution import Conv2D, DepthwiseConv2D
from hyalite.layers.dense import Dense
from hyalite.layers.dropout import Dropout
from hyalite.layers.embedding import Embedding
from hyalite.layers.normalization import BatchNormalization, LayerNormalization
from hyalite.layers.padding import ZeroPadding2D
from hyalite.layers.parametric_activation import ParametricActivation
from hyalite.layers.periodic_embedding import PeriodicEmbedding
from hyalite.layers.piecewise_linear_embedding import PiecewiseLinearEmbedding
from hyalite.layers.pooling import AveragePooling2D, GlobalAveragePooling2D, MaxPooling2D
from hyalite.layers.residual import Residual
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
    RandomFlip,
    ParametricActivation,
    SmoothClip,
    Scale,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Conv2D,
    DepthwiseConv2D,
    MaxPooling2D,
    AveragePooling2D,
    GlobalAveragePooling2D,
    ZeroPadding2D,
    Residual,
)
LAYERS = {kind.__name__: kind for kind in _KINDS}

__all__ = [
    "ACTIVATIONS",
    "GELU",
    "LAYERS",
    "SELU",
    "Activation",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv2D",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianNoise",
    "GlobalAveragePooling2D",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Linear",
    "MaxPooling2D",
    "Mish",
    "ParametricActivation",
    "PeriodicEmbedding",
    "PiecewiseLinearEmbedding",
    "RandomAffine",
    "RandomFlip",
    "ReLU",
    "Rescaling",
    "Residual",
    "Scale",
    "SiLU",
    "Sigmoid",
    "SmoothClip",
    "Softmax",
    "Tanh",
    "Term",
    "Weighted",
    "ZeroPadding2D",
]

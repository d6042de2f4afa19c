"""Hyalite: feed-forward neural networks you can see through.

``import hyalite as hy``; the names below are loaded when they are first used. The examples in the
docstrings need that line and ``import numpy as np``; all of them are run as tests.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hyalite.version import __version__ as __version__

if TYPE_CHECKING:
    from hyalite import gradcheck as gradcheck
    from hyalite import initializers as initializers
    from hyalite import layers as layers
    from hyalite import losses as losses
    from hyalite import metrics as metrics
    from hyalite import optimizers as optimizers
    from hyalite import plots as plots
    from hyalite import recipes as recipes
    from hyalite import schedules as schedules
    from hyalite import workers as workers
    from hyalite.data import datasets as datasets
    from hyalite.data import tables as tables
    from hyalite.data.block_order import BlockShuffle as BlockShuffle
    from hyalite.data_dependent import initialize_from_data as initialize_from_data
    from hyalite.engines.threads import get_num_threads as get_num_threads
    from hyalite.engines.threads import set_num_threads as set_num_threads
    from hyalite.errors import FileFormatError as FileFormatError
    from hyalite.errors import LostWorker as LostWorker
    from hyalite.errors import MissingExtra as MissingExtra
    from hyalite.errors import NonFiniteError as NonFiniteError
    from hyalite.importance import Importance as Importance
    from hyalite.importance import permutation_importance as permutation_importance
    from hyalite.layers import GELU as GELU
    from hyalite.layers import SELU as SELU
    from hyalite.layers import AveragePooling2D as AveragePooling2D
    from hyalite.layers import BatchNormalization as BatchNormalization
    from hyalite.layers import Conv2D as Conv2D
    from hyalite.layers import Dense as Dense
    from hyalite.layers import DepthwiseConv2D as DepthwiseConv2D
    from hyalite.layers import Dropout as Dropout
    from hyalite.layers import Embedding as Embedding
    from hyalite.layers import Flatten as Flatten
    from hyalite.layers import GaussianNoise as GaussianNoise
    from hyalite.layers import GlobalAveragePooling2D as GlobalAveragePooling2D
    from hyalite.layers import Layer as Layer
    from hyalite.layers import LayerNormalization as LayerNormalization
    from hyalite.layers import LeakyReLU as LeakyReLU
    from hyalite.layers import Linear as Linear
    from hyalite.layers import MaxPooling2D as MaxPooling2D
    from hyalite.layers import Mish as Mish
    from hyalite.layers import ParametricActivation as ParametricActivation
    from hyalite.layers import PeriodicEmbedding as PeriodicEmbedding
    from hyalite.layers import PiecewiseLinearEmbedding as PiecewiseLinearEmbedding
    from hyalite.layers import RandomAffine as RandomAffine
    from hyalite.layers import RandomFlip as RandomFlip
    from hyalite.layers import ReLU as ReLU
    from hyalite.layers import Rescaling as Rescaling
    from hyalite.layers import Residual as Residual
    from hyalite.layers import Scale as Scale
    from hyalite.layers import Sigmoid as Sigmoid
    from hyalite.layers import SiLU as SiLU
    from hyalite.layers import SmoothClip as SmoothClip
    from hyalite.layers import Softmax as Softmax
    from hyalite.layers import Tanh as Tanh
    from hyalite.layers import ZeroPadding2D as ZeroPadding2D
    from hyalite.loading import load as load
    from hyalite.losses import BinaryCrossentropy as BinaryCrossentropy
    from hyalite.losses import CategoricalCrossentropy as CategoricalCrossentropy
    from hyalite.losses import GroupedCrossentropy as GroupedCrossentropy
    from hyalite.losses import HalfSquaredError as HalfSquaredError
    from hyalite.losses import Huber as Huber
    from hyalite.losses import MeanAbsoluteError as MeanAbsoluteError
    from hyalite.losses import MeanSquaredError as MeanSquaredError
    from hyalite.losses import Poisson as Poisson
    from hyalite.losses import Quantile as Quantile
    from hyalite.model import Sequential as Sequential
    from hyalite.optimizers import SGD as SGD
    from hyalite.optimizers import Adagrad as Adagrad
    from hyalite.optimizers import Adam as Adam
    from hyalite.optimizers import AdamW as AdamW
    from hyalite.optimizers import RMSprop as RMSprop
    from hyalite.rate_finder import RateCurve as RateCurve
    from hyalite.rate_finder import find_learning_rate as find_learning_rate
    from hyalite.schedules import CosineDecay as CosineDecay
    from hyalite.schedules import ExponentialDecay as ExponentialDecay
    from hyalite.schedules import FlatCosine as FlatCosine
    from hyalite.schedules import InverseTimeDecay as InverseTimeDecay
    from hyalite.schedules import LogCosineCycles as LogCosineCycles
    from hyalite.schedules import StepDecay as StepDecay
    from hyalite.training import callbacks as callbacks
    from hyalite.training.callbacks import Callback as Callback
    from hyalite.training.callbacks import EarlyStopping as EarlyStopping
    from hyalite.training.checkpoint import Checkpoint as Checkpoint
    from hyalite.training.history import History as History

# where each public name lives
_HOMES = {
    "hyalite.data.block_order": ("BlockShuffle",),
    "hyalite.data_dependent": ("initialize_from_data",),
    "hyalite.engines.threads": ("get_num_threads", "set_num_threads"),
    "hyalite.errors": ("FileFormatError", "LostWorker", "MissingExtra", "NonFiniteError"),
    "hyalite.importance": ("Importance", "permutation_importance"),
    "hyalite.layers": (
        "AveragePooling2D",
        "BatchNormalization",
        "Conv2D",
        "Dense",
        "DepthwiseConv2D",
        "Dropout",
        "Embedding",
        "Flatten",
        "GELU",
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
        "SELU",
        "Scale",
        "SiLU",
        "Sigmoid",
        "SmoothClip",
        "Softmax",
        "Tanh",
        "ZeroPadding2D",
    ),
    "hyalite.losses": (
        "BinaryCrossentropy",
        "CategoricalCrossentropy",
        "GroupedCrossentropy",
        "HalfSquaredError",
        "Huber",
        "MeanAbsoluteError",
        "MeanSquaredError",
        "Poisson",
        "Quantile",
    ),
    "hyalite.loading": ("load",),
    "hyalite.model": ("Sequential",),
    "hyalite.optimizers": ("SGD", "Adagrad", "Adam", "AdamW", "RMSprop"),
    "hyalite.rate_finder": ("RateCurve", "find_learning_rate"),
    "hyalite.schedules": (
        "CosineDecay",
        "ExponentialDecay",
        "FlatCosine",
        "InverseTimeDecay",
        "LogCosineCycles",
        "StepDecay",
    ),
    "hyalite.training.callbacks": ("Callback", "EarlyStopping"),
    "hyalite.training.checkpoint": ("Checkpoint",),
    "hyalite.training.history": ("History",),
}
_MODULES = {
    "callbacks": "hyalite.training.callbacks",
    "datasets": "hyalite.data.datasets",
    "gradcheck": "hyalite.gradcheck",
    "initializers": "hyalite.initializers",
    "layers": "hyalite.layers",
    "losses": "hyalite.losses",
    "metrics": "hyalite.metrics",
    "optimizers": "hyalite.optimizers",
    "plots": "hyalite.plots",
    "recipes": "hyalite.recipes",
    "schedules": "hyalite.schedules",
    "tables": "hyalite.data.tables",
    "workers": "hyalite.workers",
}
_NAMES = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted([*_NAMES, *_MODULES])  # pyright: ignore


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
    elif name in _MODULES:
        value = importlib.import_module(_MODULES[name])
    else:
        raise AttributeError(f"module 'hyalite' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]

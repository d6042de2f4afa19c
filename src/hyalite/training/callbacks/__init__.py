"""Callbacks: what is told of a fit as it goes, and may act on it.

Those that draw, `LivePlot` and `GradientNorms`, are in `hyalite.plots`.
"""

from __future__ import annotations

from hyalite.training.callbacks.base import Callback, Trainable
from hyalite.training.callbacks.best import SaveBest
from hyalite.training.callbacks.early_stopping import EarlyStopping
from hyalite.training.callbacks.logs import (
    CSVLog,
    JSONLinesLog,
    MLflowLog,
    TensorBoardLog,
    WandbLog,
)
from hyalite.training.callbacks.plateau import ReduceLearningRate

__all__ = [
    "CSVLog",
    "Callback",
    "EarlyStopping",
    "JSONLinesLog",
    "MLflowLog",
    "ReduceLearningRate",
    "SaveBest",
    "TensorBoardLog",
    "Trainable",
    "WandbLog",
]

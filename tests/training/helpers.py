"""Data, models and callbacks that the tests of training share."""

from __future__ import annotations

import numpy as np

import hyalite as hy
from hyalite import metrics
from hyalite.training.callbacks import Callback

RNG = np.random.default_rng(9)
X = RNG.standard_normal((30, 5))
LABELS = RNG.integers(0, 3, 30)
YES_NO = RNG.integers(0, 2, (30, 2))
NUMBERS = RNG.standard_normal((30, 2))


def mixed(**options) -> hy.Sequential:
    """All that has state: dropout, batch normalization, Adam's averages, a schedule."""
    model = hy.Sequential(
        [
            hy.Dense(7, "relu", l2=1e-3),
            hy.BatchNormalization(),
            hy.Dropout(0.3),
            hy.Dense(3, "softmax"),
        ],
        **options,
    )
    model.compile(
        "categorical_crossentropy", hy.Adam(hy.ExponentialDecay(0.05, 0.9, 10)), ["accuracy"]
    )
    return model


def plain(loss="mean_squared_error", ending=None, units=2, optimizer=None, **options):
    """Without dropout and batch normalization, in float64."""
    model = hy.Sequential(
        [hy.Dense(6, "tanh"), hy.Dense(units, ending, **options)], dtype="float64"
    )
    model.compile(loss, hy.SGD(0.1) if optimizer is None else optimizer)
    return model


def fit(model: hy.Sequential, x=X, y=LABELS, **options) -> hy.History:
    return model.fit(x, y, **({"verbose": 0, "seed": 2} | options))


def bits(model: hy.Sequential) -> tuple[bytes, bytes]:
    return model.theta.tobytes(), model.state.tobytes()


class Record(Callback):
    """Keeps what it is told, and the weights after each epoch."""

    def __init__(self, log=None, name=""):
        self.log = [] if log is None else log
        self.name = name
        self.after = {}

    def on_train_begin(self, model):
        self.log.append(f"{self.name}begin")

    def on_epoch_begin(self, model, epoch):
        self.log.append(f"{self.name}{epoch}<")

    def on_epoch_end(self, model, epoch, figures):
        self.log.append(f"{self.name}{epoch}>")
        self.after[epoch] = model.theta.copy(), model.state.copy()

    def on_train_end(self, model):
        self.log.append(f"{self.name}end")


class Script(Callback):
    """Figures made up, one an epoch; or something else done after an epoch."""

    def __init__(self, *values, name="score", do=None):
        self.values, self.name, self.do = values, name, do or {}

    def on_epoch_end(self, model, epoch, figures):
        if epoch <= len(self.values):
            figures[self.name] = self.values[epoch - 1]
        if epoch in self.do:
            self.do[epoch](model)


CLASS_METRICS = [
    "accuracy",
    metrics.TopKAccuracy(2),
    "confusion_matrix",
    "precision",
    metrics.Recall("micro"),
    metrics.F1("none"),
    metrics.LossMetric("categorical_crossentropy"),
]
YES_NO_METRICS = [
    "accuracy",
    "confusion_matrix",
    "precision",
    metrics.Recall("none"),
    metrics.F1("micro"),
    metrics.LossMetric("binary_crossentropy"),
]
NUMBER_METRICS = ["accuracy", "r2", "mse", "mae", metrics.LossMetric(hy.Huber(0.3))]
KINDS = {
    "labels": ("categorical_crossentropy", "softmax", LABELS, CLASS_METRICS),
    "soft, smoothed": (
        hy.CategoricalCrossentropy(0.1),
        "softmax",
        RNG.dirichlet(np.ones(3), 30),
        CLASS_METRICS,
    ),
    "logits": (
        hy.CategoricalCrossentropy(from_logits=True),
        None,
        LABELS,
        CLASS_METRICS[:-1],
    ),
    "yes/no": ("binary_crossentropy", "sigmoid", np.c_[YES_NO, YES_NO[:, :1]], YES_NO_METRICS),
    "yes/no logits": (
        hy.BinaryCrossentropy(0.1, from_logits=True),
        None,
        np.c_[YES_NO, YES_NO[:, :1]],
        YES_NO_METRICS[:-1],
    ),
    "squared": ("mse", None, np.c_[NUMBERS, NUMBERS[:, :1]] + 100, NUMBER_METRICS),
    "absolute": ("mae", None, np.c_[NUMBERS, NUMBERS[:, :1]], NUMBER_METRICS),
    "Huber": (hy.Huber(0.5), None, np.c_[NUMBERS, NUMBERS[:, :1]], NUMBER_METRICS),
}

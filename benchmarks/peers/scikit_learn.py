"""scikit-learn: `MLPClassifier` and `MLPRegressor`."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from benchmarks.data import Arrays
from benchmarks.peers.base import Figures, Peer
from benchmarks.workloads import Workload

warnings.filterwarnings("ignore", category=ConvergenceWarning)  # our epochs are few by intent


class ScikitLearn(Peer):
    """`fit` first, then `partial_fit`, since a second `fit` starts Adam anew."""

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        self.y = self.y.ravel()
        # Its penalty is alpha/2·ΣW² over the batch's rows.
        alpha = 2 * workload.l2 * self.batch
        self.net = (MLPRegressor if workload.regression else MLPClassifier)(
            hidden_layer_sizes=workload.sizes[1:-1],
            batch_size=self.batch,
            learning_rate_init=workload.learning_rate,
            alpha=alpha,
            epsilon=workload.epsilon,
            shuffle=self.shuffle,
            random_state=workload.seed,
            tol=0,
            n_iter_no_change=10**9,  # it shall not stop by itself
            warm_start=True,  # `fit` starts from the weights that are there
        )
        # Any call makes the weights' arrays; one row of each class is enough for it.
        rows = np.unique(self.y, return_index=True)[1] if not workload.regression else slice(2)
        self.net.set_params(batch_size="auto", max_iter=1).fit(self.x[rows], self.y[rows])
        self.net.set_params(batch_size=self.batch)
        self.reset()

    def reset(self) -> None:
        weights = self.workload.initial_weights()
        self.net.coefs_ = [W for W, _ in weights]
        self.net.intercepts_ = [b for _, b in weights]
        self.begun = False

    def train(self, epochs: int) -> Figures:
        known = len(self.net.loss_curve_)
        if self.begun:
            for _ in range(epochs):
                self.net.partial_fit(self.x, self.y)
        else:
            self.net.set_params(max_iter=epochs).fit(self.x, self.y)
        self.begun = True
        return Figures(self.net.loss_curve_[known:], [])

    def predict(self, x: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        found: npt.NDArray[Any]
        if self.workload.regression:
            found = self.net.predict(x).reshape(-1, 1)
        else:
            found = self.net.predict_proba(x)
        return found

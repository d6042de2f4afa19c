"""PyTorch: a training loop as its tutorials write it, eager or compiled, with the fused Adam."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.data import Arrays
from benchmarks.peers.base import Figures, Peer
from benchmarks.workloads import Workload


class PyTorch(Peer):
    """Eager."""

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        self.inputs, self.targets = torch.from_numpy(self.x), torch.from_numpy(self.y)
        *hidden, last = workload.sizes[1:]
        layers: list[Any] = []
        width = workload.sizes[0]
        for units in hidden:
            layers += [torch.nn.Linear(width, units), torch.nn.ReLU()]
            if workload.dropout:
                layers.append(torch.nn.Dropout(workload.dropout))
            width = units
        layers.append(torch.nn.Linear(width, last))
        self.net = torch.nn.Sequential(*layers)
        self.linear = [layer for layer in layers if isinstance(layer, torch.nn.Linear)]
        self.run = self.net
        self.criterion = torch.nn.MSELoss() if workload.regression else torch.nn.CrossEntropyLoss()
        self.reset()

    def reset(self) -> None:
        w = self.workload
        torch.manual_seed(w.seed)
        with torch.no_grad():
            for layer, (W, b) in zip(self.linear, w.initial_weights(), strict=True):
                layer.weight.copy_(torch.from_numpy(W).T)
                layer.bias.copy_(torch.from_numpy(b))
        groups: dict[float, list[Any]] = {}
        for number, layer in enumerate(self.linear):
            # the gradient of λ·Σw² is 2·λ·w, which is what weight_decay adds
            for parameter, l2 in ((layer.weight, w.l2), (layer.bias, w.bias_l2)):
                groups.setdefault(0.0 if number else 2 * l2, []).append(parameter)
        self.optimizer = torch.optim.Adam(
            [{"params": found, "weight_decay": decay} for decay, found in groups.items()],
            lr=w.learning_rate,
            eps=w.epsilon,
            fused=True,
        )
        self.steps = 0

    def train(self, epochs: int) -> Figures:
        figures = Figures([], [])
        self.net.train()
        for _ in range(epochs):
            loss, right = torch.zeros(()), torch.zeros((), dtype=torch.int64)
            if self.shuffle:
                order = torch.randperm(self.rows)
            for start in range(0, self.rows, self.batch):
                part: Any = slice(start, start + self.batch)
                if self.shuffle:
                    part = order[part]
                self._step(self.inputs[part], self.targets[part], loss, right)
            figures.loss.append(loss.item() / self.rows)
            figures.accuracy.append(right.item() / self.rows)
        return figures

    def _step(self, x: Any, y: Any, total: Any, right: Any) -> None:
        if self.workload.decay:
            rate = self.workload.learning_rate / (1 + self.workload.decay * self.steps)
            for group in self.optimizer.param_groups:
                group["lr"] = rate
        self.steps += 1
        output = self.run(x)
        loss = self.criterion(output, y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        total += loss.detach() * len(x)
        if self.workload.regression:
            right += ((output - y).abs() < self.tolerance).sum()
        else:
            right += (output.argmax(1) == y).sum()

    def predict(self, x: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        self.net.eval()
        with torch.inference_mode():
            y = self.net(torch.from_numpy(x))
            if not self.workload.regression:
                y = torch.softmax(y, 1)
            found: npt.NDArray[Any] = y.numpy()
        return found


class PyTorchCompiled(PyTorch):
    """Through `torch.compile`."""

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        self.run = torch.compile(self.net)

"""PyTorch: a training loop as its tutorials write it, eager or compiled, with the fused Adam."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.data import Arrays
from benchmarks.layers import (
    Convolution,
    Dense,
    Dropout,
    Flip,
    Layer,
    Normalization,
    Pooling,
    Shape,
)
from benchmarks.peers.base import Figures, Peer
from benchmarks.workloads import Workload

# of pictures in memory
FORMS = {"channels first": torch.contiguous_format, "channels last": torch.channels_last}
TRIAL = 5  # steps in each form, several times


class PyTorch(Peer):
    """Eager; pictures with their channels first or last in memory, whichever is faster here."""

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        self.inputs, self.targets = self._inputs(self.x), torch.from_numpy(self.y)
        modules = [_modules(*found) for found in workload.with_shapes]
        self.net = torch.nn.Sequential(*(module for some in modules for module in some))
        self.fresh = [
            torch.from_numpy(_in_order(layer, shape, array))
            for (layer, shape), arrays in zip(
                workload.weighted, workload.initial_weights(), strict=True
            )
            for array in arrays
        ]
        self.run = self.net
        self.criterion = torch.nn.MSELoss() if workload.regression else torch.nn.CrossEntropyLoss()
        if workload.words:
            self._take("channels last")
        self.reset()

    def _inputs(self, x: npt.NDArray[np.float32]) -> Any:
        found = torch.from_numpy(x)
        return found.permute(0, 3, 1, 2) if self.workload.words else found

    def _take(self, form: str) -> None:
        self.form = form
        self.net.to(memory_format=FORMS[form])
        self.inputs = self.inputs.contiguous(memory_format=FORMS[form])

    def choose(self) -> None:
        if self.workload.words:
            self._take(min(FORMS, key=self._trial))

    def _trial(self, form: str) -> float:
        """Seconds of some steps with pictures in this form."""
        self._take(form)
        self.reset()
        self.net.train()
        x, y = self.inputs[: self.batch], self.targets[: self.batch]
        least = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            for _ in range(TRIAL):
                self._step(x, y, torch.zeros(()), torch.zeros((), dtype=torch.int64))
            least = min(least, time.perf_counter() - start)
        return least

    def reset(self) -> None:
        w = self.workload
        torch.manual_seed(w.seed)
        with torch.no_grad():
            for parameter, value in zip(self.net.parameters(), self.fresh, strict=True):
                parameter.copy_(value)
        for module in self.net:
            if isinstance(module, torch.nn.BatchNorm2d):
                module.reset_running_stats()
        groups: dict[float, list[Any]] = {}
        for number, parameter in enumerate(self.net.parameters()):
            # the gradient of λ·Σw² is 2·λ·w, which is what weight_decay adds
            decay = 2 * (w.l2, w.bias_l2)[number] if number < 2 else 0.0
            groups.setdefault(decay, []).append(parameter)
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
            y = self.net(self._inputs(x))
            if not self.workload.regression:
                y = torch.softmax(y, 1)
            found: npt.NDArray[Any] = y.numpy()
        return found


class PyTorchCompiled(PyTorch):
    """Through `torch.compile`."""

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        self.run = torch.compile(self.net)


class RandomFlip(torch.nn.Module):  # type: ignore[misc]  # unchecked
    """Each picture is mirrored with probability 1/2 in training."""

    def forward(self, x: Any) -> Any:
        if not self.training:
            return x
        return torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, x.flip(3), x)


def _modules(layer: Layer, shape: Shape) -> list[Any]:
    nn = torch.nn
    match layer:
        case Convolution(filters, kernel, padding, linear):
            bias = not linear
            convolution = nn.Conv2d(shape[2], filters, kernel, padding=padding, bias=bias)
            return [convolution, *[nn.ReLU()] * bias]
        case Normalization():
            return [nn.BatchNorm2d(shape[2]), nn.ReLU()]
        case Pooling(size):
            return [nn.MaxPool2d(size)]
        case Flip():
            return [RandomFlip()]
        case Dropout(rate):
            return [nn.Dropout(rate)]
        case Dense(units, hidden):
            dense = nn.Linear(int(np.prod(shape)), units)
            flatten = [nn.Flatten()] if len(shape) > 1 else []
            return [*flatten, dense, *[nn.ReLU()] * hidden]


def _in_order(layer: Layer, shape: Shape, array: npt.NDArray[np.float32]) -> Any:
    """An array of a layer's weights with its axes in PyTorch's order, where channels come first."""
    if array.ndim == 4:
        return array.transpose(3, 2, 0, 1)
    if array.ndim == 2 and len(shape) == 3:
        array = array.reshape(*shape, -1).transpose(2, 0, 1, 3).reshape(array.shape)
    return array.T

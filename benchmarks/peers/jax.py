"""JAX with optax: a compiled step called in a loop, or a whole epoch compiled as one scan."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax

from benchmarks.data import Arrays
from benchmarks.peers.base import Figures, Peer
from benchmarks.workloads import Workload


class Jax(Peer):
    """What both ways share: model, loss, update and prediction."""

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        self.inputs, self.targets = jnp.asarray(self.x), jnp.asarray(self.y)

        def rate(step: Any) -> Any:
            return workload.learning_rate / (1 + workload.decay * step)

        constant = workload.learning_rate
        self.optimizer = optax.adam(rate if workload.decay else constant, eps=workload.epsilon)
        self.forward = jax.jit(self._outputs)
        self.reset()

    def reset(self) -> None:
        parameters = [tuple(map(jnp.asarray, pair)) for pair in self.workload.initial_weights()]
        key = jax.random.key(self.workload.seed)
        self.carry = (parameters, self.optimizer.init(parameters), key)
        self.order = np.random.default_rng(self.workload.seed)

    def _outputs(self, parameters: Any, x: Any) -> Any:
        logits = self._logits(parameters, x, None)
        return logits if self.workload.regression else jax.nn.softmax(logits)

    def _logits(self, parameters: Any, x: Any, key: Any) -> Any:
        *hidden, (W, b) = parameters
        rate = self.workload.dropout
        for number, (V, c) in enumerate(hidden):
            x = jax.nn.relu(x @ V + c)
            if rate and key is not None:
                kept = jax.random.bernoulli(jax.random.fold_in(key, number), 1 - rate, x.shape)
                x = jnp.where(kept, x / (1 - rate), 0)
        return x @ W + b

    def _loss(self, parameters: Any, x: Any, y: Any, key: Any) -> Any:
        """What is minimised, and beside it the data's loss and the number of right answers."""
        logits = self._logits(parameters, x, key)
        if self.workload.regression:
            loss = ((logits - y) ** 2).mean()
            right = (jnp.abs(logits - y) < self.tolerance).sum()
        else:
            loss = optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()
            right = (logits.argmax(1) == y).sum()
        W, b = parameters[0]
        w = self.workload
        penalty = w.l2 * (W**2).sum() if w.l2 else 0.0
        penalty += w.bias_l2 * (b**2).sum() if w.bias_l2 else 0.0
        return loss + penalty, (loss * len(x), right)

    def _update(self, carry: Any, x: Any, y: Any) -> Any:
        parameters, state, key = carry
        key, mask = jax.random.split(key) if self.workload.dropout else (key, None)
        grads, figures = jax.grad(self._loss, has_aux=True)(parameters, x, y, mask)
        updates, state = self.optimizer.update(grads, state)
        return (optax.apply_updates(parameters, updates), state, key), figures

    def predict(self, x: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        return np.asarray(self.forward(self.carry[0], x))


class JaxStep(Jax):
    """One compiled call a step."""

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        self.step = jax.jit(self._update)
        self.gathered = jax.jit(lambda carry, x, y, rows: self._update(carry, x[rows], y[rows]))

    def train(self, epochs: int) -> Figures:
        figures = Figures([], [])
        for _ in range(epochs):
            found = []
            for part in self._parts():
                if part is None:
                    self.carry, pair = self.step(self.carry, self.inputs, self.targets)
                else:
                    self.carry, pair = self.gathered(self.carry, self.inputs, self.targets, part)
                found.append(pair)
            figures.loss.append(sum(float(loss) for loss, _ in found) / self.rows)
            figures.accuracy.append(sum(int(right) for _, right in found) / self.rows)
        return figures

    def _parts(self) -> list[Any]:
        """The rows of each batch: indices, or None for all of them."""
        if self.batch == self.rows:
            return [None]
        # NumPy's slices reach the compiled step sooner than slices of a JAX array do
        order = self.order.permutation(self.rows) if self.shuffle else np.arange(self.rows)
        return [order[start : start + self.batch] for start in range(0, self.rows, self.batch)]


class JaxScan(Jax):
    """One compiled call an epoch; where an epoch is one step, one for all epochs."""

    def __init__(self, workload: Workload, data: Arrays) -> None:
        super().__init__(workload, data)
        self.epoch = jax.jit(self._epoch)
        self.scans: dict[int, Callable[..., Any]] = {}

    def train(self, epochs: int) -> Figures:
        if self.batch == self.rows:
            if epochs not in self.scans:
                self.scans[epochs] = jax.jit(partial(self._steps, epochs))
            self.carry, figures = self.scans[epochs](self.carry, self.inputs, self.targets)
            loss, right = (np.asarray(values) / self.rows for values in figures)
            return Figures(loss.tolist(), right.tolist())
        figures = Figures([], [])
        for _ in range(epochs):
            self.carry, (loss, right) = self.epoch(self.carry, self.inputs, self.targets)
            figures.loss.append(float(loss) / self.rows)
            figures.accuracy.append(int(right) / self.rows)
        return figures

    def _steps(self, count: int, carry: Any, x: Any, y: Any) -> Any:
        return jax.lax.scan(lambda now, _: self._update(now, x, y), carry, length=count)

    def _epoch(self, carry: Any, x: Any, y: Any) -> Any:
        parameters, state, key = carry
        key, own = jax.random.split(key)
        order = jnp.arange(self.rows)
        if self.shuffle:
            order = jax.random.permutation(own, order)
        whole = self.rows // self.batch * self.batch
        carry, figures = jax.lax.scan(
            lambda now, rows: self._update(now, x[rows], y[rows]),
            (parameters, state, key),
            order[:whole].reshape(-1, self.batch),
        )
        loss, right = (values.sum() for values in figures)
        if whole < self.rows:
            carry, rest = self._update(carry, x[order[whole:]], y[order[whole:]])
            loss, right = loss + rest[0], right + rest[1]
        return carry, (loss, right)

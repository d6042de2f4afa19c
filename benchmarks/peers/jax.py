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
from benchmarks.layers import Convolution, Dense, Dropout, Flip, Normalization, Pooling
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
        parameters = [tuple(map(jnp.asarray, some)) for some in self.workload.initial_weights()]
        # of batch normalization: each layer's running means and variances
        running = [
            (jnp.zeros(shape[2]), jnp.ones(shape[2]))
            for layer, shape in self.workload.weighted
            if isinstance(layer, Normalization)
        ]
        key = jax.random.key(self.workload.seed)
        self.carry = (parameters, running, self.optimizer.init(parameters), key)
        self.order = np.random.default_rng(self.workload.seed)

    def _outputs(self, parameters: Any, running: Any, x: Any) -> Any:
        logits, _ = self._logits(parameters, running, x, None, training=False)
        return logits if self.workload.regression else jax.nn.softmax(logits)

    def _logits(self, parameters: Any, running: Any, x: Any, key: Any, training: bool) -> Any:
        """The last layer's sums, and the running means and variances after them."""
        weights, known, followed = iter(parameters), iter(running), []
        for number, layer in enumerate(self.workload.layers):
            match layer:
                case Convolution(_, _, padding, linear):
                    W, *b = next(weights)
                    x = convolve(x, W, padding)
                    x = x if linear else jax.nn.relu(x + b[0])
                case Normalization():
                    gamma, beta = next(weights)
                    x, moments = normalize(x, gamma, beta, next(known), training)
                    x = jax.nn.relu(x)
                    followed.append(moments)
                case Pooling(size):
                    x = pool(x, size)
                case Flip() if training:
                    own = jax.random.fold_in(key, number)
                    flipped = jax.random.bernoulli(own, 0.5, (len(x), 1, 1, 1))
                    x = jnp.where(flipped, x[:, :, ::-1], x)
                case Dropout(rate) if training:
                    own = jax.random.fold_in(key, number)
                    kept = jax.random.bernoulli(own, 1 - rate, x.shape)
                    x = jnp.where(kept, x / (1 - rate), 0)
                case Dense(_, hidden):
                    W, b = next(weights)
                    x = x.reshape(len(x), -1) @ W + b
                    x = jax.nn.relu(x) if hidden else x
        return x, followed

    def _loss(self, parameters: Any, running: Any, x: Any, y: Any, key: Any) -> Any:
        """What is minimised; the running values, the data's loss, the number of right answers."""
        logits, running = self._logits(parameters, running, x, key, training=True)
        if self.workload.regression:
            loss = ((logits - y) ** 2).mean()
            right = (jnp.abs(logits - y) < self.tolerance).sum()
        else:
            loss = optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()
            right = (logits.argmax(1) == y).sum()
        W, *rest = parameters[0]
        w = self.workload
        penalty = w.l2 * (W**2).sum() if w.l2 else 0.0
        penalty += w.bias_l2 * (rest[0] ** 2).sum() if w.bias_l2 else 0.0
        return loss + penalty, (running, (loss * len(x), right))

    def _update(self, carry: Any, x: Any, y: Any) -> Any:
        parameters, running, state, key = carry
        key, mask = jax.random.split(key) if self.workload.chance else (key, None)
        grads, (running, figures) = jax.grad(self._loss, has_aux=True)(
            parameters, running, x, y, mask
        )
        updates, state = self.optimizer.update(grads, state)
        return (optax.apply_updates(parameters, updates), running, state, key), figures

    def predict(self, x: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        return np.asarray(self.forward(*self.carry[:2], x))


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
        *values, key = carry
        key, own = jax.random.split(key)
        order = jnp.arange(self.rows)
        if self.shuffle:
            order = jax.random.permutation(own, order)
        whole = self.rows // self.batch * self.batch
        carry, figures = jax.lax.scan(
            lambda now, rows: self._update(now, x[rows], y[rows]),
            (*values, key),
            order[:whole].reshape(-1, self.batch),
        )
        loss, right = (values.sum() for values in figures)
        if whole < self.rows:
            carry, rest = self._update(carry, x[order[whole:]], y[order[whole:]])
            loss, right = loss + rest[0], right + rest[1]
        return carry, (loss, right)


def convolve(x: Any, W: Any, padding: int) -> Any:
    """Channels last in x and W: the order that JAX is fast in on a processor."""
    return jax.lax.conv_general_dilated(
        x, W, (1, 1), [(padding, padding)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def pool(x: Any, size: int) -> Any:
    """The maximum of each window; its derivative is much faster on a processor than that of
    `lax.reduce_window`, which flax and Keras take.
    """
    n, height, width, channels = x.shape
    rows, columns = height // size, width // size
    x = x[:, : rows * size, : columns * size]
    return x.reshape(n, rows, size, columns, size, channels).max((2, 4))


def normalize(x: Any, gamma: Any, beta: Any, running: Any, training: bool) -> Any:
    """Batch normalization by channel, and what follows the means and variances."""
    mean, variance = running
    if training:
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
        running = tuple(
            0.9 * old + 0.1 * new for old, new in zip(running, (mean, variance), strict=True)
        )
    return (x - mean) * (gamma * jax.lax.rsqrt(variance + 1e-5)) + beta, running

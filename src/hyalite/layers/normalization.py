"""Batch and layer normalization: entries brought to mean 0 and variance 1, then scaled and shifted.

Both share one derivative. With x̂ = (x - μ)/s, s = √(σ² + ε), y = γ·x̂ + β and g = dy·γ:

    dγ = Σ dy·x̂      dβ = Σ dy      dx = (g - mean(g) - x̂·mean(g·x̂)) / s

the means taken over what was normalized: the batch, or the features of one sample. Pictures are
so many rows of channels, one for each pixel.
"""

from __future__ import annotations

import numpy as np

from hyalite import checks
from hyalite.layers.attributes import gradient, running, value
from hyalite.layers.base import Layer, check_flat
from hyalite.parameters import Array, Shape


class _Normalization(Layer):
    """What both have: γ, β, ε and the derivative, of rows; `axis` is what the means go over."""

    formulas = {
        "s": "√(σ² + ε)",
        "x_hat": "(x - μ) / s",
        "y": "γ·x̂ + β",
        "dgamma": "Σ_rows dy·x̂",
        "dbeta": "Σ_rows dy",
        "dx": "(g - mean(g) - x̂·mean(g·x̂)) / s,  g = dy·γ",
    }
    symbols = {"γ": "gamma", "β": "beta", "ε": "epsilon", "x̂": "x_hat", "μ": "mu", "σ": "sigma"}
    gamma = value("gamma")
    beta = value("beta")
    dgamma = gradient("gamma")
    dbeta = gradient("beta")
    axis: int
    epsilon: float
    moments: tuple[Array, Array]
    x_hat: Array
    s: Array
    accumulator: type[np.float64] | None = None  # of sums over rows; None: the layer's dtype

    def _normalize(self, x: Array, mean: Array, variance: Array) -> Array:
        self.moments = mean, variance
        self.s = np.sqrt(variance + self.epsilon)
        self.x_hat = np.subtract(x, mean, out=self.array("x_hat", x.shape))
        self.x_hat /= self.s
        y = np.multiply(self.x_hat, self.gamma, out=self.array("y", x.shape))
        y += self.beta
        return y

    def _gradients(self, dy: Array) -> Array:
        """Write dγ and dβ; return g = dy·γ."""
        product = np.multiply(dy, self.x_hat, out=self.array("dx", dy.shape))
        np.sum(product, axis=0, dtype=self.accumulator, out=self.dgamma)
        np.sum(dy, axis=0, dtype=self.accumulator, out=self.dbeta)
        return np.multiply(dy, self.gamma, out=self.array("g", dy.shape))

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        g = self._gradients(dy.reshape(self.x_hat.shape))
        return self._dx(g).reshape(dy.shape) if self.needs_dx else None

    def _dx(self, g: Array) -> Array:
        dx = np.multiply(g, self.x_hat, out=self.array("dx", g.shape))
        np.multiply(self.x_hat, self._mean(dx), out=dx)
        np.subtract(g, dx, out=dx)
        dx -= self._mean(g)
        dx /= self.s
        return dx

    def intermediates(self) -> dict[str, Array]:
        mean, variance = self.moments
        x_hat = self.x_hat.reshape(-1, *self.input_shape)  # of pictures from rows
        return {"mu": mean, "sigma": np.sqrt(variance), "s": self.s, "x_hat": x_hat}

    def _mean(self, rows: Array) -> Array:
        mean: Array = rows.mean(axis=self.axis, dtype=self.accumulator, keepdims=True)
        return mean.astype(self.dtype, copy=False)

    def features(self, input_shape: Shape) -> int:
        """How many numbers a row has; a ValueError where samples are none that it takes."""
        return check_flat(self, input_shape)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        features = self.features(input_shape)
        return {"gamma": (features,), "beta": (features,)}

    def output_shape(self, input_shape: Shape) -> Shape:
        self.features(input_shape)
        return input_shape

    def initialize(self, stream: np.random.Generator) -> None:
        self.gamma[...] = 1


class BatchNormalization(_Normalization):
    """y = γ·(x - μ)/√(σ² + ε) + β, with μ and σ² of each feature over the batch.

    x, y: (n, d); γ, β: (d,). Of pictures, (n, height, width, channels), the features are the
    channels, each with one μ and σ² over all samples, rows and columns; γ, β: (channels,).

    σ² is the biased variance (÷ n). In training the running values follow: mean ← momentum·mean +
    (1 - momentum)·μ, variance likewise with σ² (PyTorch takes the unbiased variance there). They
    start from 0 and 1, and at prediction they take the place of μ and σ². A batch cut into several
    shards is normalized shard by shard ("ghost" batch normalization).

    Args:
        momentum: of the running values, in [0, 1), 0.9 (PyTorch calls the same 0.1; Keras takes
            0.99).
        epsilon: ε > 0, 1e-5 as in PyTorch (Keras: 1e-3).
        name: of the layer.

    Attributes:
        gamma, beta: γ and β, 1 and 0 at first.
        dgamma, dbeta: their gradients after `backward`.
        mean, variance: the running values.

    Raises:
        ValueError: an argument out of range, or samples that are neither flat nor pictures with
            channels.

    Source: Ioffe & Szegedy 2015. (*Deep Learning from Scratch* has a mean for each pixel of each
    channel: put a `Flatten()` before it for that.)

    Examples:
        >>> layer = hy.BatchNormalization()
        >>> x = [[1.0], [3.0]]  # mean 2, variance 1
        >>> layer.forward(x, training=True).round(3).tolist()
        [[-1.0], [1.0]]
        >>> layer.mean.round(3).tolist(), layer.variance.round(3).tolist()  # 0.1·2, 0.9 + 0.1
        ([0.2], [1.0])
        >>> layer.forward(x).round(3).tolist()  # at prediction (x - 0.2) / 1
        [[0.8], [2.8]]
    """

    formulas = {
        "mu": "mean of x over the batch",
        "sigma": "standard deviation of x over the batch",
        **_Normalization.formulas,
    }
    mean = running("mean")
    variance = running("variance")
    axis = 0

    def __init__(
        self, momentum: float = 0.9, epsilon: float = 1e-5, name: str | None = None
    ) -> None:
        super().__init__(name)
        self.momentum = checks.number(momentum, "momentum", low=0, high=1, below=True)
        self.epsilon = checks.number(epsilon, "epsilon", low=0, above=True)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        rows = x.reshape(-1, x.shape[-1])  # of a picture one for each pixel
        # pixels are so many that their sum in single precision would lose digits
        self.accumulator = np.float64 if x.ndim > 2 else None
        self.by_batch = training
        mean, variance = self.mean, self.variance
        if training:
            mean = rows.mean(axis=0, dtype=self.accumulator).astype(self.dtype)
            variance = rows.var(axis=0, dtype=self.accumulator).astype(self.dtype)
            self.mean[...] = self.momentum * self.mean + (1 - self.momentum) * mean
            self.variance[...] = self.momentum * self.variance + (1 - self.momentum) * variance
        return self._normalize(rows, mean, variance).reshape(x.shape)

    def _dx(self, g: Array) -> Array:
        # With running values μ and s are constants.
        return super()._dx(g) if self.by_batch else np.divide(g, self.s, out=g)

    def features(self, input_shape: Shape) -> int:
        if len(input_shape) not in (1, 3):
            raise ValueError(
                "BatchNormalization takes samples of shape (features,) or (height, width, "
                f"channels), got input_shape {input_shape}; put a Flatten() before it, or give "
                "pictures of one channel as x[..., None]"
            )
        return input_shape[-1]

    def state_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        features = self.features(input_shape)
        return {"mean": (features,), "variance": (features,)}

    def initialize(self, stream: np.random.Generator) -> None:
        super().initialize(stream)
        self.variance[...] = 1


class LayerNormalization(_Normalization):
    """y = γ·(x - μ)/√(σ² + ε) + β, with μ and σ² of each sample over its features.

    x, y: (n, d); γ, β: (d,). The same in training and at prediction. Pictures are refused: behind a
    `Flatten()` each is normalized as a whole, as by PyTorch's ``LayerNorm((channels, height,
    width))``; Keras would normalize the channels of each pixel by themselves.

    Args:
        epsilon: ε > 0, 1e-5 as in PyTorch (Keras: 1e-3).
        name: of the layer.

    Attributes:
        gamma, beta: γ and β, 1 and 0 at first.
        dgamma, dbeta: their gradients after `backward`.

    Raises:
        ValueError: an epsilon that is not above 0, or samples that are not flat.

    Source: Ba, Kiros & Hinton 2016.

    Examples:
        Each sample comes to mean 0 and variance 1, whatever its size.

        >>> hy.LayerNormalization().forward([[1.0, 3.0], [100.0, 300.0]]).round(3).tolist()
        [[-1.0, 1.0], [-1.0, 1.0]]
    """

    formulas = {
        "mu": "mean of x over the features",
        "sigma": "standard deviation of x over the features",
        **_Normalization.formulas,
    }
    axis = 1

    def __init__(self, epsilon: float = 1e-5, name: str | None = None) -> None:
        super().__init__(name)
        self.epsilon = checks.number(epsilon, "epsilon", low=0, above=True)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        return self._normalize(x, x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True))

"""The activations: functions of each entry, and softmax of each row.

Each forward pass stands above its derivative. `y` is kept from forward to backward.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from hyalite import checks
from hyalite.config import resolve
from hyalite.layers.base import Layer, check_flat
from hyalite.layers.probabilities import row_sum, sigmoid, softmax
from hyalite.parameters import Array, Shape


class Activation(Layer):
    """A layer without parameters; x, y, dx and dy have one shape (n, ...).

    Examples:
        >>> tanh = hy.Tanh().build(3)
        >>> tanh.forward(np.zeros((5, 3))).shape, tanh.theta.size
        ((5, 3), 0)
        >>> hy.layers.ACTIVATIONS["tanh"] is hy.Tanh  # by the name that `Dense` takes
        True
    """


class Linear(Activation):
    """y = x,  dx = dy. The output of a regression, and logits.

    Examples:
        >>> linear = hy.Linear()
        >>> linear.forward([[-1.0, 2.0]]).tolist()
        [[-1.0, 2.0]]
        >>> linear.backward([[3.0, 4.0]]).tolist()
        [[3.0, 4.0]]
    """

    formulas = {"y": "x", "dx": "dy"}

    def forward(self, x: Array, training: bool = False) -> Array:
        return self.copy_if_alone(self.receive(x))

    def backward(self, dy: Array) -> Array | None:
        return self.copy_if_alone(self.receive_dy(dy))


class ReLU(Activation):
    """y = max(0, x),  dx = dy where x > 0, else 0 (so ReLU'(0) = 0).

    Source: *Neural Networks from Scratch*, chapter 4.

    Examples:
        >>> relu = hy.ReLU()
        >>> relu.forward([[-1.0, 0.0, 2.0]]).tolist()
        [[0.0, 0.0, 2.0]]
        >>> relu.backward([[5.0, 5.0, 5.0]]).tolist()
        [[0.0, 0.0, 5.0]]
    """

    formulas = {"y": "max(0, x)", "dx": "dy where x > 0, else 0"}

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        self.y = np.maximum(x, 0, out=self.array("y", x.shape))
        return self.y

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        return np.multiply(dy, self.branches(), out=self.array("dx", dy.shape))

    def branches(self) -> Array:
        return np.greater(self.y, 0, out=self.array("mask", self.y.shape, bool))


class LeakyReLU(Activation):
    """y = x where x > 0, else slope·x;  dx = dy where x > 0, else slope·dy.

    Args:
        slope: of the negative side, 0.01 by default.
        name: of the layer.

    Raises:
        ValueError: a slope below 0.

    Source: Maas et al. 2013.

    Examples:
        >>> leaky = hy.LeakyReLU(slope=0.1)
        >>> leaky.forward([[-1.0, 0.0, 2.0]]).tolist()
        [[-0.1, 0.0, 2.0]]
        >>> leaky.backward([[5.0, 5.0, 5.0]]).tolist()
        [[0.5, 0.5, 5.0]]
    """

    formulas = {"y": "x where x > 0, else slope·x", "dx": "dy where x > 0, else slope·dy"}

    def __init__(self, slope: float = 0.01, name: str | None = None) -> None:
        super().__init__(name)
        self.slope = checks.number(slope, "slope", low=0)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.receive(x)
        return np.where(self.branches(), x, self.slope * x)

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        return np.where(self.branches(), dy, self.slope * dy)

    def branches(self) -> Array:
        return np.greater(self.x, 0, out=self.array("mask", self.x.shape, bool))


class Sigmoid(Activation):
    """y = 1 / (1 + e⁻ˣ),  dx = dy·y·(1 - y).

    Source: *Neural Networks from Scratch*, chapter 16.

    Examples:
        The derivative is largest at 0, where it is 1/4.

        >>> sigmoid = hy.Sigmoid()
        >>> sigmoid.forward([[-2.0, 0.0, 2.0]]).round(3).tolist()
        [[0.119, 0.5, 0.881]]
        >>> sigmoid.backward([[1.0, 1.0, 1.0]]).round(3).tolist()
        [[0.105, 0.25, 0.105]]
    """

    output_kind: ClassVar[str] = "probabilities"
    formulas = {"y": "1 / (1 + e⁻ˣ)", "dx": "dy·y·(1 - y)"}

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        self.y = sigmoid(x, out=self.array("y", x.shape))
        return self.y

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        dx = np.subtract(1, self.y, out=self.array("dx", dy.shape))
        dx *= self.y
        dx *= dy
        return dx


class Tanh(Activation):
    """y = tanh(x),  dx = dy·(1 - y²).

    Examples:
        The derivative is largest at 0, where it is 1.

        >>> tanh = hy.Tanh()
        >>> tanh.forward([[-1.0, 0.0, 1.0]]).round(3).tolist()
        [[-0.762, 0.0, 0.762]]
        >>> tanh.backward([[1.0, 1.0, 1.0]]).round(3).tolist()
        [[0.42, 1.0, 0.42]]
    """

    formulas = {"y": "tanh(x)", "dx": "dy·(1 - y²)"}

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        self.y = np.tanh(x, out=self.array("y", x.shape))
        return self.y

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        dx = np.multiply(self.y, self.y, out=self.array("dx", dy.shape))
        np.subtract(1, dx, out=dx)
        dx *= dy
        return dx


class GELU(Activation):
    """y = x·(1 + t)/2,  t = tanh(u),  u = √(2/π)·(x + 0.044715·x³).

    dx = dy·((1 + t)/2 + x·(1 - t²)/2·u'),  u' = √(2/π)·(1 + 3·0.044715·x²).

    The tanh form of Hendrycks & Gimpel 2016, as Keras's ``approximate=True``; it differs from
    x·Φ(x) by less than 0.0005.

    Examples:
        Near 0 it is x/2, far to the right x, far to the left 0.

        >>> gelu = hy.GELU()
        >>> gelu.forward([[-1.0, 0.0, 1.0, 4.0]]).round(3).tolist()
        [[-0.159, 0.0, 0.841, 4.0]]
        >>> gelu.backward([[1.0, 1.0, 1.0, 1.0]]).round(3).tolist()
        [[-0.083, 0.5, 1.083, 1.0]]
    """

    _c: ClassVar[float] = math.sqrt(2 / math.pi)
    formulas = {
        "y": "x·(1 + t)/2,  t = tanh(u),  u = √(2/π)·(x + 0.044715·x³)",
        "dx": "dy·((1 + t)/2 + x·(1 - t²)/2·u'),  u' = √(2/π)·(1 + 3·0.044715·x²),  t = tanh(u),  "
        "u = √(2/π)·(x + 0.044715·x³)",
    }

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.receive(x)
        self.t = np.tanh(self._c * (x + 0.044715 * x * x * x), out=self.array("t", x.shape))
        y = np.add(1, self.t, out=self.array("y", x.shape))
        y *= x
        y *= 0.5
        return y

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        x, t = self.x, self.t
        du = self._c * (1 + 3 * 0.044715 * x * x)
        slope = 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * du
        return np.multiply(dy, slope, out=self.array("dx", dy.shape))


class SELU(Activation):
    """y = λ·x where x > 0, else λ·α·(eˣ - 1);  dx = λ·dy where x > 0, else (y + λ·α)·dy.

    λ = 1.0507009873554805 and α = 1.6732632423543772 are such that mean 0 and variance 1 pass
    through layer after layer, where the weights are drawn by "lecun_normal".

    Source: Klambauer et al. 2017, *Self-normalizing neural networks*.

    Examples:
        >>> selu = hy.SELU()
        >>> selu.forward([[-100.0, -1.0, 0.0, 1.0]]).round(3).tolist()
        [[-1.758, -1.111, 0.0, 1.051]]
        >>> selu.backward([[1.0, 1.0, 1.0, 1.0]]).round(3).tolist()
        [[0.0, 0.647, 1.758, 1.051]]
    """

    scale: ClassVar[float] = 1.0507009873554805
    alpha: ClassVar[float] = 1.6732632423543772
    formulas = {
        "y": "λ·x where x > 0, else λ·α·(eˣ - 1)",
        "dx": "λ·dy where x > 0, else (y + λ·α)·dy",
    }
    symbols = {"λ": "scale", "α": "alpha"}

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        y = np.minimum(x, 0, out=self.array("y", x.shape))
        np.expm1(y, out=y)  # keeps the digits of small x, as e^x - 1 does not
        y *= self.scale * self.alpha
        y += self.scale * np.maximum(x, 0)
        self.y = y
        return y

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        dx = np.add(self.y, self.scale * self.alpha, out=self.array("dx", dy.shape))
        np.copyto(dx, self.scale, where=self.branches())
        dx *= dy
        return dx

    def branches(self) -> Array:
        return np.greater(self.y, 0, out=self.array("mask", self.y.shape, bool))


class SiLU(Activation):
    """y = x·σ(x),  dx = dy·(σ(x) + x·σ(x)·(1 - σ(x))),  σ(x) = 1 / (1 + e⁻ˣ).

    Also called swish, under which name `Dense` takes it, too.

    Source: Elfwing, Uchibe & Doya 2017; Ramachandran, Zoph & Le 2017.

    Examples:
        Near 0 it is x/2, far to the right x, far to the left 0.

        >>> silu = hy.SiLU()
        >>> silu.forward([[-2.0, 0.0, 2.0]]).round(3).tolist()
        [[-0.238, 0.0, 1.762]]
        >>> silu.backward([[1.0, 1.0, 1.0]]).round(3).tolist()
        [[-0.091, 0.5, 1.091]]
    """

    formulas = {
        "y": "x·s,  s = 1 / (1 + e⁻ˣ)",
        "dx": "dy·(s + x·s·(1 - s)),  s = 1 / (1 + e⁻ˣ)",
    }

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.receive(x)
        e = np.minimum(x, 40, out=self.array("s", x.shape))  # beyond, σ is 1 to the last digit
        np.exp(e, out=e)
        self.s = np.divide(e, 1 + e, out=e)
        return np.multiply(x, self.s, out=self.array("y", x.shape))

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        dx = np.subtract(1, self.s, out=self.array("dx", dy.shape))
        dx *= self.x
        dx += 1
        dx *= self.s
        dx *= dy
        return dx


class Mish(Activation):
    """y = x·t,  t = tanh(ln(1 + eˣ)),  dx = dy·(t + x·(1 - t²)·σ(x)),  σ(x) = 1 / (1 + e⁻ˣ).

    ln(1 + eˣ) is called softplus. Since tanh(ln w) = (w² - 1)/(w² + 1), t is u/(u + 2) with
    u = e·(e + 2) and e = eˣ, without a logarithm; and σ(x) = e/(1 + e).

    Source: Misra 2019, *Mish: a self regularized non-monotonic activation function*.

    Examples:
        Near 0 it is 0.6·x, far to the right x, far to the left 0.

        >>> mish = hy.Mish()
        >>> mish.forward([[-2.0, 0.0, 2.0]]).round(3).tolist()
        [[-0.253, 0.0, 1.944]]
        >>> mish.backward([[1.0, 1.0, 1.0]]).round(3).tolist()
        [[-0.108, 0.6, 1.069]]
    """

    formulas = {
        "y": "x·t,  t = tanh(ln(1 + eˣ))",
        "dx": "dy·(t + x·(1 - t²)·s),  t = tanh(ln(1 + eˣ)),  s = 1 / (1 + e⁻ˣ)",
    }

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.receive(x)
        e = np.minimum(x, 40, out=self.array("e", x.shape))  # beyond, t is 1 to the last digit
        self.e = np.exp(e, out=e)
        u = np.add(e, 2, out=self.array("t", x.shape))
        u *= e
        self.t = np.divide(u, u + 2, out=u)
        return np.multiply(x, self.t, out=self.array("y", x.shape))

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        dx = np.multiply(self.t, self.t, out=self.array("dx", dy.shape))
        np.subtract(1, dx, out=dx)
        dx *= self.x
        dx *= self.e / (1 + self.e)
        dx += self.t
        dx *= dy
        return dx


class Softmax(Activation):
    """y_i = e^x_i / Σ_j e^x_j along each row,  dx = y·(dy - Σ_j dy_j·y_j).

    x, y: (n, classes). The Jacobian diag(y) - y·yᵀ is never formed. Before a categorical
    cross-entropy the two are computed as one: see `losses`.

    Raises:
        ValueError: samples of one number, whose softmax is always 1, or samples that are not flat.

    Source: *Neural Networks from Scratch*, chapters 4 and 9.

    Examples:
        >>> softmax = hy.Softmax()
        >>> softmax.forward(np.log([[1.0, 3.0]])).round(3).tolist()  # 1/(1 + 3) and 3/(1 + 3)
        [[0.25, 0.75]]
        >>> softmax.backward([[1.0, 0.0]]).round(4).tolist()  # 0.25·0.75 and 0.75·(-0.25)
        [[0.1875, -0.1875]]
    """

    output_kind: ClassVar[str] = "a distribution"
    formulas = {"y": "eˣ / Σ_j eˣ", "dx": "y·(dy - Σ_j dy·y)"}

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        self.y = softmax(x, out=self.array("y", x.shape))
        return self.y

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        dx = np.multiply(dy, self.y, out=self.array("dx", dy.shape))
        np.subtract(dy, row_sum(dx), out=dx)
        dx *= self.y
        return dx

    def output_shape(self, input_shape: Shape) -> Shape:
        if check_flat(self, input_shape) == 1:
            raise ValueError(
                "softmax of a single output is always 1; for two classes use Dense(1, "
                "activation='sigmoid') with 'binary_crossentropy', or Dense(2, "
                "activation='softmax') with 'categorical_crossentropy'"
            )
        return input_shape


ACTIVATIONS: dict[str, type[Activation]] = {
    "linear": Linear,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "gelu": GELU,
    "softmax": Softmax,
    "selu": SELU,
    "mish": Mish,
    "silu": SiLU,
    "swish": SiLU,  # its other name
}


def resolve_activation(value: str | type[Activation] | Activation) -> Activation:
    """An activation from its name, class or instance."""
    return resolve(value, Activation, ACTIVATIONS, "activation")

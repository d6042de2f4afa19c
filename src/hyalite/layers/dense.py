"""The dense layer: every output is a weighted sum of every input."""

from __future__ import annotations

import numpy as np

from hyalite import checks
from hyalite.exact import is_exactly
from hyalite.initializers import Function, Initializer, resolve_initializer
from hyalite.layers.activations import Activation, resolve_activation
from hyalite.layers.base import Layer, check_flat, gradient, value
from hyalite.parameters import Array, Shape


class Dense(Layer):
    """y = f(x·W + b)

    Shapes: x (n, d), W (d, units), b (units,), y (n, units).

    With dy the derivative of the loss by x·W + b:

        dW = xᵀ·dy      db = Σ_rows dy      dx = dy·Wᵀ

    A model's loss grows by the penalties λ1·Σ|w| + λ2·Σw² (on biases, too, where asked), whose
    gradients are λ1·sign(w) and 2·λ2·w, with sign(0) = 0. A layer alone gives them apart, by
    `penalty()` and, after `backward`, `add_penalty_gradient()`.

    Args:
        units: number of outputs.
        activation: name, class or instance; None leaves the sum as it is.
        initializer: of W, such as "he_normal" or ``lambda shape, stream: ...``.
        bias_initializer: of b.
        use_bias: False leaves b out.
        l1: λ1 for W.
        l2: λ2 for W.
        bias_l1: λ1 for b.
        bias_l2: λ2 for b.
        name: prefix of the parameters' names in the model.

    Attributes:
        W, b: the parameters; write into them, as in ``dense.W[...] = values``.
        dW, db: their gradients after `backward`.

    Raises:
        ValueError: an argument out of range, an unknown name, or samples that are not flat.
        TypeError: an activation or initializer that is none, such as a second number of units.

    Source: *Neural Networks from Scratch*, chapters 3, 9 and 14.

    Examples:
        >>> dense = hy.Dense(2).build(3)
        >>> dense.W[...], dense.b[...] = [[1, 0], [0, 1], [2, -1]], [10, 20]
        >>> dense.forward([[1, 2, 3]]).tolist()  # 1·1 + 2·0 + 3·2 + 10, 1·0 + 2·1 - 3·1 + 20
        [[17.0, 19.0]]
        >>> dense.backward([[1, -1]]).tolist()  # dy·Wᵀ
        [[1.0, -1.0, 3.0]]
        >>> dense.dW.tolist(), dense.db.tolist()
        ([[1.0, -1.0], [2.0, -2.0], [3.0, -3.0]], [1.0, -1.0])
    """

    formulas = {"y": "x·W + b", "dW": "xᵀ·dy", "db": "Σ_rows dy", "dx": "dy·Wᵀ"}
    W = value("W")
    b = value("b")
    dW = gradient("W")
    db = gradient("b")

    def __init__(
        self,
        units: int,
        activation: str | type[Activation] | Activation | None = None,
        *,
        initializer: str | type[Initializer] | Initializer | Function = "glorot_uniform",
        bias_initializer: str | type[Initializer] | Initializer | Function = "zeros",
        use_bias: bool = True,
        l1: float = 0.0,
        l2: float = 0.0,
        bias_l1: float = 0.0,
        bias_l2: float = 0.0,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.units = checks.whole(units, "units")
        if isinstance(activation, int):
            raise TypeError(
                f"activation must be a name, class or instance, got {activation}; Dense takes the "
                f"number of units only, the inputs follow from the data: Dense({activation})"
            )
        self.activation = None if activation is None else resolve_activation(activation)
        self.initializer = resolve_initializer(initializer, "initializer")
        self.bias_initializer = resolve_initializer(bias_initializer, "bias_initializer")
        self.use_bias = bool(use_bias)
        self.l1 = checks.number(l1, "l1", low=0)
        self.l2 = checks.number(l2, "l2", low=0)
        self.bias_l1 = checks.number(bias_l1, "bias_l1", low=0)
        self.bias_l2 = checks.number(bias_l2, "bias_l2", low=0)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.receive(x)
        y = np.dot(x, self.W, out=self.array("y", (len(x), self.units)))
        if self.use_bias:
            y += self.b
        return y if self.activation is None else self.activation.forward(y, training)

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        if self.activation is not None:
            dy = self.activation.backward(dy)  # type: ignore[assignment]  # it always needs dx
        np.dot(self.x.T, dy, out=self.dW)
        if self.use_bias:
            # 1ᵀ·dy: BLAS sums columns faster than np.sum does, 300 rows of 64 in 1.5 µs, not 9.7
            np.dot(np.ones(len(dy), dy.dtype), dy, out=self.db)
        if not self.needs_dx:
            return None
        return np.dot(dy, self.W.T, out=self.array("dx", self.x.shape))

    def branches(self) -> Array | None:
        return None if self.activation is None else self.activation.branches()

    def penalty(self) -> float:
        total = 0.0
        for key, l1, l2 in self.penalties():
            values = self.values[key]
            total += l1 * float(np.abs(values).sum()) + l2 * float(np.vdot(values, values))
        return total

    def add_penalty_gradient(self) -> None:
        for key, l1, l2 in self.penalties():
            values, gradients = self.values[key], self.gradients[key]
            term = self.array("penalty", values.shape)
            if l2:
                gradients += np.multiply(values, 2 * l2, out=term)
            if l1:
                gradients += np.multiply(np.sign(values, out=term), l1, out=term)

    def penalties(self) -> list[tuple[str, float, float]]:
        weights = [("W", self.l1, self.l2)] if self.l1 or self.l2 else []
        biases = [("b", self.bias_l1, self.bias_l2)] if self.bias_l1 or self.bias_l2 else []
        return weights + (biases if self.use_bias else [])

    @property
    def has_penalty(self) -> bool:
        return bool(self.penalties())

    def output_shape(self, input_shape: Shape) -> Shape:
        check_flat(self, input_shape)
        shape = (self.units,)
        return shape if self.activation is None else self.activation.output_shape(shape)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        shapes: dict[str, Shape] = {"W": (check_flat(self, input_shape), self.units)}
        return shapes | ({"b": (self.units,)} if self.use_bias else {})

    def initialize(self, stream: np.random.Generator) -> None:
        self.W[...] = self.initializer(self.W.shape, stream)
        if self.use_bias:
            self.b[...] = self.bias_initializer(self.b.shape, stream)

    def stages(self) -> list[Layer]:
        """The weighted sum and the activation, apart: so a loss can be fused with the latter.

        A subclass stays in one piece, since its `forward` may do anything with the two.
        """
        twin = self.twin()
        if self.activation is None:
            return [twin]
        if not is_exactly(self, Dense):
            twin.activation = self.activation.twin()  # type: ignore[attr-defined]
            return [twin]
        twin.activation = None  # type: ignore[attr-defined]
        return [twin, *self.activation.stages()]

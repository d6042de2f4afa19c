"""What layers with weights share: W and b, their initial values, penalties and an activation.

A layer of this kind (`Dense`) writes its forward and backward pass and the shape of its weights;
the rest is here.
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from hyalite import checks
from hyalite.exact import is_own
from hyalite.initializers import Function, Initializer, resolve_initializer
from hyalite.layers.activations import Activation, resolve_activation
from hyalite.layers.attributes import gradient, value
from hyalite.layers.base import Layer
from hyalite.parameters import Array, Shape


class WeightedOptions(TypedDict, total=False):
    """What every layer with weights takes by name; `Weighted` explains it."""

    initializer: str | type[Initializer] | Initializer | Function
    bias_initializer: str | type[Initializer] | Initializer | Function
    use_bias: bool
    l1: float
    l2: float
    bias_l1: float
    bias_l2: float
    name: str | None


class Weighted(Layer):
    """y = f(W applied to x, + b). Subclasses write `forward`, `backward` and `weight_shape`.

    The last axis of W is that of the outputs, so b has its length. A model's loss grows by the
    penalties λ1·Σ|w| + λ2·Σw² (on biases, too, where asked), whose gradients are λ1·sign(w) and
    2·λ2·w, with sign(0) = 0. A layer alone gives them apart, by `penalty()` and, after `backward`,
    `add_penalty_gradient()`.

    Args:
        activation: f, by name, class or instance; None leaves the sum as it is.
        initializer: of W, such as "he_normal" or ``lambda shape, stream: ...``.
        bias_initializer: of b.
        use_bias: False leaves b out.
        l1: λ1 for W.
        l2: λ2 for W.
        bias_l1: λ1 for b.
        bias_l2: λ2 for b.
        name: prefix of the parameters' names in the model.

    Attributes:
        W, b: the parameters; write into them, as in ``layer.W[...] = values``.
        dW, db: their gradients after `backward`.

    Raises:
        ValueError: an argument out of range, or an unknown name.
        TypeError: an activation or initializer that is none.

    Examples:
        A layer whose outputs are each one input times its weight:

        >>> class Scale(hy.layers.Weighted):
        ...     def weight_shape(self, input_shape):
        ...         return input_shape
        ...     def forward(self, x, training=False):
        ...         self.x = self.receive(x)
        ...         return self.x * self.W + self.b
        ...     def backward(self, dy):
        ...         dy = self.receive_dy(dy)
        ...         self.dW[...], self.db[...] = (self.x * dy).sum(axis=0), dy.sum(axis=0)
        ...         return dy * self.W
        >>> hy.gradcheck.check_layer(Scale(l2=0.1), [[1.0, 2.0], [3.0, 4.0]]).ok
        True
    """

    W = value("W")
    b = value("b")
    dW = gradient("W")
    db = gradient("b")

    def __init__(
        self,
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
        self.activation = None if activation is None else resolve_activation(activation)
        self.initializer = resolve_initializer(initializer, "initializer")
        self.bias_initializer = resolve_initializer(bias_initializer, "bias_initializer")
        self.use_bias = bool(use_bias)
        self.l1 = checks.number(l1, "l1", low=0)
        self.l2 = checks.number(l2, "l2", low=0)
        self.bias_l1 = checks.number(bias_l1, "bias_l1", low=0)
        self.bias_l2 = checks.number(bias_l2, "bias_l2", low=0)

    def weight_shape(self, input_shape: Shape) -> Shape:
        """The shape of W for samples of this shape; its last axis is that of the outputs."""
        raise NotImplementedError

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        shape = self.weight_shape(input_shape)
        return {"W": shape} | ({"b": shape[-1:]} if self.use_bias else {})

    def initialize(self, stream: np.random.Generator) -> None:
        self.W[...] = self.draw_weights(stream)
        if self.use_bias:
            self.b[...] = self.bias_initializer(self.b.shape, stream)

    def draw_weights(self, stream: np.random.Generator) -> Array:
        """Initial values of W, where it is not one matrix or kernel that `initializer` draws."""
        return self.initializer(self.W.shape, stream)

    def penalties(self) -> list[tuple[str, float, float]]:
        weights = [("W", self.l1, self.l2)] if self.l1 or self.l2 else []
        biases = [("b", self.bias_l1, self.bias_l2)] if self.bias_l1 or self.bias_l2 else []
        return weights + (biases if self.use_bias else [])

    def branches(self) -> Array | None:
        return None if self.activation is None else self.activation.branches()

    def stages(self) -> list[Layer]:
        """The weighted sum and the activation, apart: so a loss can be fused with the latter.

        A user's class stays in one piece, since its `forward` may do anything with the two.
        """
        stage = self.replica()
        if self.activation is None:
            return [stage]
        if not is_own(self):
            stage.activation = self.activation.replica()  # type: ignore[attr-defined]
            return [stage]
        stage.activation = None  # type: ignore[attr-defined]
        return [stage, *self.activation.stages()]

"""An activation that training may weaken or strengthen, feature by feature."""

from __future__ import annotations

import numpy as np

from hyalite import checks
from hyalite.layers.activations import Activation, resolve_activation
from hyalite.layers.attributes import gradient, value
from hyalite.layers.base import Layer, check_flat
from hyalite.parameters import Array, Shape


class ParametricActivation(Layer):
    """y = (1 - a)·x + a·f(x), one trained a for each feature.

    x, y: (n, d); a: (d,). At a = 0 it is x, at 1 it is f(x), and between and beyond a mixture:

        da = Σ_rows dy·(f(x) - x)      dx = (1 - a)·dy + a·f'(x)·dy

    Args:
        activation: f, by name, class or instance; not softmax, which is no function of one number.
        initial: a at first, 1 by default.
        name: of the layer.

    Attributes:
        a: how much of f there is.
        da: its gradient after `backward`.

    Raises:
        ValueError: an unknown activation, softmax, an `initial` that is no finite number, or
            samples that are not flat.
        TypeError: an activation that is none.

    Source: Holzmüller, Grinsztajn & Steinwart 2024, *Better by default*; after He et al. 2015,
    whose PReLU has a trained slope.

    Examples:
        >>> layer = hy.ParametricActivation("relu", initial=0.5).build(2)
        >>> layer.forward([[-2.0, 2.0]]).tolist()  # half of -2 and half of 0; 2 either way
        [[-1.0, 2.0]]
        >>> layer.backward([[1.0, 1.0]]).tolist()
        [[0.5, 1.0]]
        >>> layer.da.tolist()  # f(-2) - (-2), f(2) - 2
        [2.0, 0.0]
    """

    formulas = {
        "y": "(1 - a)·x + a·f(x),  f is its activation",
        "da": "Σ_rows dy·(f(x) - x),  f is its activation",
        "dx": "(1 - a)·dy + a·f'(x)·dy,  f is its activation",
    }
    a = value("a")
    da = gradient("a")

    def __init__(
        self,
        activation: str | type[Activation] | Activation,
        initial: float = 1.0,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.activation = resolve_activation(activation)
        if self.activation.output_kind == "a distribution":  # softmax, or a user's kind of it
            raise ValueError(
                "activation must be a function of each number alone, got softmax; give another, "
                "such as 'selu' or 'mish'"
            )
        self.initial = checks.number(initial, "initial")

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        f = self.activation.forward(x, training)
        self.bend = np.subtract(f, x, out=self.array("bend", x.shape))
        y = np.multiply(self.bend, self.a, out=self.array("y", x.shape))
        y += x
        return y

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        product = np.multiply(dy, self.bend, out=self.array("product", dy.shape))
        np.sum(product, axis=0, out=self.da)
        if not self.needs_dx:
            return None
        df = self.activation.backward(dy)
        dx = np.subtract(df, dy, out=self.array("dx", dy.shape))  # type: ignore[arg-type]
        dx *= self.a
        dx += dy
        return dx

    def branches(self) -> Array | None:
        return self.activation.branches()

    def stages(self) -> list[Layer]:
        """Itself, with an activation of its own: that has scratch memory, too."""
        stage = self.replica()
        stage.activation = self.activation.replica()  # type: ignore[attr-defined]
        return [stage]

    def output_shape(self, input_shape: Shape) -> Shape:
        check_flat(self, input_shape)
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"a": (check_flat(self, input_shape),)}

    def initialize(self, stream: np.random.Generator) -> None:
        self.a[...] = self.initial

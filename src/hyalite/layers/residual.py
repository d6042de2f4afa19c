"""The residual block: layers whose output is added to what came in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hyalite.layers.base import Layer
from hyalite.layers.chain import Chain, backward, forward
from hyalite.parameters import Array, Shape
from hyalite.random import MAX_DEPTH, Clock


class Residual(Layer):
    """y = x + f(x),  dx = dy + f'(x)ᵀ·dy,  f: the layers within, one behind the other.

    x, y, f(x): (n, ...), all of one shape. What f has to learn is the difference to its input; with
    f = 0 a block changes nothing, and on the way back dy passes by f unchanged. So networks of many
    blocks train where as many plain layers would not.

    The layers within may be of any kind, `Residual` among them, up to three deep. Their arrays go
    by the block's name and their own: ``residual_1.dense_1.W``.

    Args:
        layers: f, in order.
        name: of the layer.

    Attributes:
        layers: f, as given.

    Raises:
        TypeError: `layers` is no list of layers.
        ValueError: there are none, or blocks four deep; or f gives another shape than it takes.

    Source: He, Zhang, Ren & Sun 2016, *Deep residual learning for image recognition*; *identity
    mappings in deep residual networks*, where nothing follows the sum, as here. For their first
    form put a `ReLU()` behind the block.

    Examples:
        >>> block = hy.Residual([hy.Dense(8, "relu"), hy.Dense(3)])
        >>> model = hy.Sequential([hy.Dense(3), block, hy.Dense(2)])
        >>> model.build(4)
        >>> [name for name in model.get_weights() if name.startswith("residual")][:2]
        ['residual_1.dense_1.W', 'residual_1.dense_1.b']
        >>> for array in block.values.values():
        ...     array[...] = 0
        >>> block.forward([[1.0, 2.0, 3.0]]).tolist()  # f is 0
        [[1.0, 2.0, 3.0]]
    """

    # f: what the last layer within gives; dx_f: what the first one gives back
    formulas = {"y": "x + f", "dx": "dy + dx_f"}
    chain: Chain

    def __init__(self, layers: Sequence[Layer], name: str | None = None) -> None:
        super().__init__(name)
        if not isinstance(layers, (list, tuple)):
            raise TypeError(f"layers must be a list, got {layers!r}; write Residual([...])")
        if not layers:
            raise ValueError("layers must be at least one layer, as in Residual([Dense(8)])")
        self.chain = Chain(layers)
        if max(place.depth for place in self.chain.walk()) >= MAX_DEPTH:
            raise ValueError(f"layers must lie within at most {MAX_DEPTH} blocks, got {layers}")

    @property
    def layers(self) -> list[Layer]:
        """The layers within, as given."""
        return self.chain.layers

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.receive(x)
        if self.alone:
            self.within = self.chain.run(self.dtype, self.clock)
        f = forward(self.within, x, training)
        if training and self.alone:
            self.clock.step += 1  # outside a model each training pass is a step of its own
        return np.add(x, f, out=self.array("y", x.shape))

    def backward(self, dy: Array) -> Array | None:
        dy = self.receive_dy(dy)
        df = backward(self.within, dy)
        return None if df is None else np.add(dy, df, out=self.array("dx", dy.shape))

    def join(self, name: str, index: int, dtype: np.dtype[Any], clock: Clock) -> None:
        super().join(name, index, dtype, clock)
        self.within = self.chain.run(dtype, clock, f"{name}.")

    def branches(self) -> Array | None:
        won = [b.ravel() for b in (stage.branches() for stage in self.within) if b is not None]
        return np.concatenate(won) if won else None

    def output_shape(self, input_shape: Shape) -> Shape:
        given = self.chain.plan(input_shape)[2][-1]
        if given != input_shape:
            raise ValueError(
                f"Residual adds what its layers give to what they take, got {given} from "
                f"{input_shape}; let the last of them give the shape of the input, as in "
                f"Dense({input_shape[-1]})"
            )
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return self.chain.plan(input_shape)[0]

    def state_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return self.chain.plan(input_shape)[1]

    def initialize(self, stream: np.random.Generator) -> None:
        for layer in self.layers:
            layer.initialize(stream)

    def bind(
        self,
        input_shape: Shape,
        dtype: np.dtype[Any],
        values: dict[str, Array],
        gradients: dict[str, Array],
        state: dict[str, Array],
    ) -> None:
        super().bind(input_shape, dtype, values, gradients, state)
        self.chain.bind(input_shape, dtype, values, gradients, state, self.index)

    def unbind(self) -> None:
        super().unbind()
        self.chain.unbind()

    def penalties(self) -> list[tuple[str, float, float]]:
        return [
            (f"{name}.{key}", l1, l2)
            for layer, name in zip(self.layers, self.chain.names, strict=True)
            for key, l1, l2 in layer.penalties()
        ]

    @property
    def has_penalty(self) -> bool:
        return any(layer.has_penalty for layer in self.layers)

    def penalty(self) -> float:
        return self.chain.penalty()

    def add_penalty_gradient(self) -> None:
        self.chain.add_penalty_gradient()

    def __getstate__(self) -> dict[str, Any]:
        """All but the stages, which hold views."""
        return self.__dict__ | {"within": ()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if self.built:
            arrays = self.values, self.gradients, self.state
            self.chain.bind(self.input_shape, self.dtype, *arrays, self.index)

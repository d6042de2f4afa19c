"""Layers in a row: their names, shapes and arrays, and forward and backward through all of them.

A model is such a chain over one vector (`hyalite.network`); a block such as `Residual` holds one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from hyalite.config import snake_case
from hyalite.exact import is_exactly
from hyalite.layers.activations import Softmax
from hyalite.layers.base import Layer
from hyalite.parameters import Array, Shape, check_size
from hyalite.random import Clock, index_within


class Place(NamedTuple):
    """A layer, and where it is.

    Attributes:
        layer: itself.
        name: in full, such as ``residual_1.dense_1``.
        shape: of one output sample; () where it is not known yet.
        depth: how many blocks it lies within.
    """

    layer: Layer
    name: str
    shape: Shape
    depth: int


class _Taken:
    """What a chain has already: layers, those within blocks too, names, how many of each class.

    Kept while layers are added, so that a file with a million of them takes no hours to read.
    """

    def __init__(self, chain: Chain) -> None:
        self.layers = {id(layer) for layer in chain.all_layers()}
        self.names = set(chain.names)
        self.counts = Counter(map(type, chain.layers))
        self.last: Counter[type] = Counter()  # the numbers up to it are taken, from the count on

    def name(self, layer: Layer) -> str:
        """The layer's own, or that of its class with a number; from now on it is taken."""
        kind = type(layer)
        self.counts[kind] += 1
        if layer.name in self.names:
            raise ValueError(f"two layers are named {layer.name!r}; names must differ")
        name = self._next(kind) if layer.name is None else layer.name
        self.names.add(name)
        return name

    def _next(self, kind: type[Layer]) -> str:
        base, number = snake_case(kind), max(self.counts[kind], self.last[kind] + 1)
        while f"{base}_{number}" in self.names:
            number += 1
        self.last[kind] = number
        return f"{base}_{number}"


class Chain:
    """Layers in a row.

    Attributes:
        layers: as the user gave them.
        names: of the layers, unique; parameters are called ``name.W``.
        shapes: of each layer's output, once the layers have their arrays.
    """

    def __init__(self, layers: Iterable[Layer]) -> None:
        self.layers: list[Layer] = []
        self.names: list[str] = []
        self.shapes: list[Shape] = []
        taken = _Taken(self)
        for layer in layers:
            self._append(layer, taken)

    def add(self, layer: Layer) -> None:
        """Put a layer at the end.

        Raises:
            TypeError: not a layer.
            ValueError: the layer has arrays already, or the chain has it, or one of that name.
        """
        self._append(layer, _Taken(self))

    def _append(self, layer: Layer, taken: _Taken) -> None:
        if not isinstance(layer, Layer):
            hint = ": call it, as in Dense(64)" if isinstance(layer, type) else ""
            raise TypeError(f"a model is made of layers, got {layer!r}{hint}")
        new = [layer, *_within(layer)]
        for one in new:
            if id(one) in taken.layers:
                raise ValueError(f"the same layer object is in the model twice: {one!r}; make two")
            if one.built:
                raise ValueError(
                    f"{one!r} is built already, alone or in another model; make a new one"
                )
        self.names.append(taken.name(layer))
        self.layers.append(layer)
        taken.layers.update(map(id, new))

    def walk(self, prefix: str = "", depth: int = 0) -> Iterator[Place]:
        """Every layer in order, each block followed by the layers within it."""
        shapes = self.shapes or [()] * len(self.layers)
        for layer, name, shape in zip(self.layers, self.names, shapes, strict=True):
            yield Place(layer, prefix + name, shape, depth)
            if layer.chain is not None:
                yield from layer.chain.walk(f"{prefix}{name}.", depth + 1)

    def all_layers(self) -> list[Layer]:
        """Every layer, those within blocks too."""
        return [place.layer for place in self.walk()]

    def plan(self, input_shape: Shape) -> tuple[dict[str, Shape], dict[str, Shape], list[Shape]]:
        """Shapes of all parameters, of all states, and of each layer's output. Nothing is made."""
        parameters: dict[str, Shape] = {}
        states: dict[str, Shape] = {}
        outputs: list[Shape] = []
        shape = input_shape
        check_size(shape, "input_shape: a sample")
        before: Layer | None = None
        for layer, name in zip(self.layers, self.names, strict=True):
            try:
                for key, size in layer.parameter_shapes(shape).items():
                    parameters[f"{name}.{key}"] = size
                for key, size in layer.state_shapes(shape).items():
                    states[f"{name}.{key}"] = size
                shape = layer.output_shape(shape)
                check_size(shape, "its output")
                if is_exactly(layer, Softmax) and is_exactly(before, Softmax):
                    raise ValueError("softmax of a softmax; leave one of the two out")
                before = layer.stages()[-1]
            except ValueError as error:
                raise ValueError(f"layer {name}: {error}") from None
            outputs.append(shape)
        return parameters, states, outputs

    def bind(
        self,
        input_shape: Shape,
        dtype: np.dtype[Any],
        values: Mapping[str, Array],
        gradients: Mapping[str, Array],
        state: Mapping[str, Array],
        block: int | None = None,
    ) -> None:
        """Hand each layer its arrays.

        Args:
            input_shape: of one sample.
            dtype: of the arrays.
            values: by the layers' names, as in ``dense_1.W``.
            gradients: the same.
            state: the same.
            block: index of the block that the chain is in; None for a model's own.
        """
        self.shapes = self.plan(input_shape)[2]
        shape = input_shape
        all_views = [_by_layer(arrays) for arrays in (values, gradients, state)]
        for place, (layer, name) in enumerate(zip(self.layers, self.names, strict=True)):
            layer.index = place if block is None else index_within(block, place)
            layer.bind(shape, dtype, *(views.get(name, {}) for views in all_views))
            shape = self.shapes[place]

    def unbind(self) -> None:
        """Take the layers' arrays away again."""
        self.shapes = []
        for layer in self.layers:
            layer.unbind()

    def run(self, dtype: np.dtype[Any], clock: Clock, prefix: str = "") -> list[Layer]:
        """A fresh set of stages: the layers' parts over the same parameters, own scratch.

        Args:
            dtype: of the arrays.
            clock: that their random numbers go by.
            prefix: of their names.
        """
        stages = []
        for layer, name in zip(self.layers, self.names, strict=True):
            for stage in layer.stages():
                stage.join(prefix + name, layer.index, dtype, clock)
                stages.append(stage)
        return stages

    def penalty(self) -> float:
        """The sum of all layers' penalties."""
        return sum(layer.penalty() for layer in self.layers if layer.has_penalty)

    def add_penalty_gradient(self) -> None:
        """Add the penalties' gradients to those of the parameters."""
        for layer in self.layers:
            if layer.has_penalty:
                layer.add_penalty_gradient()

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the layers' views, which would come back as copies."""
        layers = []
        for layer in self.layers:
            bare = layer.replica()
            bare.scratch, bare.values, bare.gradients, bare.state = None, {}, {}, {}
            layers.append(bare)
        return self.__dict__ | {"layers": layers}


def _by_layer(arrays: Mapping[str, Array]) -> dict[str, dict[str, Array]]:
    """The arrays of each layer, without its name."""
    found: dict[str, dict[str, Array]] = defaultdict(dict)
    for whole, array in arrays.items():
        name, _, key = whole.partition(".")
        found[name][key] = array
    return found


def _within(layer: Layer) -> list[Layer]:
    return [] if layer.chain is None else layer.chain.all_layers()


def forward(stages: Sequence[Layer], x: Array, training: bool = False) -> Array:
    """The output of the last stage."""
    for stage in stages:
        x = stage.forward(x, training)
    return x


def backward(stages: Sequence[Layer], dy: Array) -> Array | None:
    """Run back from dL/d(output) to the first stage that has parameters."""
    dx: Array | None = dy
    for stage in reversed(stages):
        if dx is None:
            break
        dx = stage.backward(dx)
    return dx


def leave_out_dx(stages: Sequence[Layer]) -> None:
    """Let the stages before the first parameters, and that which has them, make no dL/dx."""
    for stage in stages:
        stage.needs_dx = False
        leave_out_dx(stage.within)
        if stage.values:
            break

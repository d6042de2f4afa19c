"""A chain of layers over one parameter vector: build, forward, backward, penalties.

What training is made of; how it is done with is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hyalite.config import snake_case
from hyalite.exact import is_exactly
from hyalite.layers import Layer, Rescaling, Softmax
from hyalite.layers.base import check_dtype
from hyalite.losses import Loss, Objective
from hyalite.parameters import Array, Layout, Parameters, Shape
from hyalite.random import Clock, check_seed, initial_stream, new_seed


class Network:
    """Layers in a row, and the three vectors their parameters live in.

    Attributes:
        layers: as the user gave them; each holds views into `parameters`.
        names: of the layers, unique; parameters are called ``name.W``.
        parameters: None until built.
    """

    def __init__(self, layers: Sequence[Layer], dtype: Any = np.float32) -> None:
        self.dtype = check_dtype(dtype)
        self.layers: list[Layer] = []
        self.names: list[str] = []
        self.parameters: Parameters | None = None
        self.input_shape: Shape = ()
        self.shapes: list[Shape] = []  # of each layer's output
        self.clock = Clock()
        self.epochs = 0  # trained so far, over all fits
        for layer in layers:
            self.add(layer)

    def add(self, layer: Layer) -> None:
        """Put a layer at the end.

        Raises:
            TypeError: not a layer.
            ValueError: the network is built and the layer has arrays, or cannot take the last
                output; or the network has this layer, or one of that name, already.
        """
        if not isinstance(layer, Layer):
            hint = ": call it, as in Dense(64)" if isinstance(layer, type) else ""
            raise TypeError(f"a model is made of layers, got {layer!r}{hint}")
        if self.parameters is not None and _has_arrays(layer, self.output_shape):
            raise ValueError(
                f"the model is built, its vectors have no room for the arrays of {layer!r}; "
                "make a new Sequential"
            )
        if any(layer is other for other in self.layers):
            raise ValueError(f"the same layer object is in the model twice: {layer!r}; make two")
        if layer.built:
            raise ValueError(
                f"{layer!r} is built already, alone or in another model; make a new one"
            )
        self.names.append(self._name(layer))
        self.layers.append(layer)
        if self.parameters is not None:
            try:
                self.shapes = self.plan(self.input_shape)[2]
            except ValueError:
                self.names.pop()
                self.layers.pop()
                raise
            self._bind(self.parameters)  # the same vectors

    def _name(self, layer: Layer) -> str:
        if layer.name is not None:
            if layer.name in self.names:
                raise ValueError(f"two layers are named {layer.name!r}; names must differ")
            return layer.name
        base = snake_case(type(layer))
        number = 1 + sum(type(other) is type(layer) for other in self.layers)
        while f"{base}_{number}" in self.names:
            number += 1
        return f"{base}_{number}"

    def rename(self, names: Sequence[str]) -> None:
        """Give the layers the names that a file has for them."""
        if (self.layers and len(names) != len(self.layers)) or len(set(names)) != len(names):
            raise ValueError(f"names must be {len(self.layers)} different ones, got {names}")
        if not all(isinstance(name, str) and name and "." not in name for name in names):
            raise ValueError(f"names must be texts without a dot, got {names}")
        self.names = list(names)

    def plan(self, input_shape: Shape) -> tuple[dict[str, Shape], dict[str, Shape], list[Shape]]:
        """Shapes of all parameters, of all states, and of each layer's output. Nothing is made."""
        if not self.layers:
            raise ValueError("the model has no layers; add some, as in Sequential([Dense(10)])")
        parameters: dict[str, Shape] = {}
        states: dict[str, Shape] = {}
        outputs: list[Shape] = []
        shape = input_shape
        before: Layer | None = None
        for layer, name in zip(self.layers, self.names, strict=True):
            try:
                for key, size in layer.parameter_shapes(shape).items():
                    parameters[f"{name}.{key}"] = size
                for key, size in layer.state_shapes(shape).items():
                    states[f"{name}.{key}"] = size
                shape = layer.output_shape(shape)
                if is_exactly(layer, Softmax) and is_exactly(before, Softmax):
                    raise ValueError("softmax of a softmax; leave one of the two out")
                before = layer.stages()[-1]
            except ValueError as error:
                raise ValueError(f"layer {name}: {error}") from None
            outputs.append(shape)
        return parameters, states, outputs

    def layout(self, input_shape: Shape) -> Layout:
        """Where each parameter lies in the vector, or will lie once the network is built."""
        return Layout(self.plan(input_shape)[0])

    def build(self, input_shape: Shape, seed: int | None = None) -> None:
        """Lay out the vectors and draw the initial values. A second call must ask for the same."""
        if self.parameters is not None:
            if input_shape != self.input_shape:
                raise ValueError(
                    f"the model is built for samples of shape {self.input_shape}, not {input_shape}"
                )
            return
        for layer in self.layers:  # `add` cannot see it while both models are not built
            if layer.built:
                raise ValueError(f"{layer!r} is in another model, which is built; make a new one")
        seed = new_seed() if seed is None else check_seed(seed)
        self.allocate(input_shape)
        try:
            for layer in self.layers:
                layer.initialize(initial_stream(seed, layer.index))
        except BaseException:  # a user's initializer may raise
            self._unbuild()
            raise
        self.clock.seed = seed

    def allocate(self, input_shape: Shape) -> None:
        """Make the vectors, all zero, and hand each layer its views."""
        shapes, states, self.shapes = self.plan(input_shape)
        self.parameters = Parameters(shapes, states, self.dtype)
        self.input_shape = input_shape
        self._bind(self.parameters)

    def _bind(self, parameters: Parameters) -> None:
        """Hand each layer its views; also after unpickling, when the layers come without."""
        values, gradients, states = parameters.views()

        def own(name: str, views: dict[str, Array]) -> dict[str, Array]:
            return {
                k.rpartition(".")[2]: v for k, v in views.items() if k.rpartition(".")[0] == name
            }

        shape = self.input_shape
        for index, (layer, name) in enumerate(zip(self.layers, self.names, strict=True)):
            layer.bind(
                shape, self.dtype, own(name, values), own(name, gradients), own(name, states)
            )
            layer.index = index
            shape = self.shapes[index]

    def _unbuild(self) -> None:
        """Take the layers' arrays away again."""
        self.parameters, self.input_shape, self.shapes = None, (), []
        for layer in self.layers:
            layer.unbind()

    def convert(self, dtype: Any) -> None:
        """Change the dtype of a built network; the numbers are lost, the vectors are new."""
        self.dtype = check_dtype(dtype)
        self.parameters = None
        self.allocate(self.input_shape)

    @property
    def ready(self) -> Parameters:
        """The vectors; a ValueError where there are none yet."""
        if self.parameters is None:
            raise ValueError("the model is not built: call build(input_shape), or fit")
        return self.parameters

    @property
    def output_shape(self) -> Shape:
        """The shape of one output sample."""
        return self.shapes[-1]

    @property
    def built(self) -> bool:
        """Whether the vectors exist."""
        return self.parameters is not None

    def objective(self, loss: Loss, output_shape: Shape | None = None) -> Objective:
        """The loss joined to the layer at the end; `output_shape` where the network is not built.

        Raises:
            ValueError: the two do not fit.
        """
        shape = self.output_shape if output_shape is None else output_shape
        return Objective(loss, self.layers[-1].stages()[-1], shape)

    def stages(self, objective: Objective | None = None) -> list[Layer]:
        """A fresh set of stages: the layers' parts over the same parameters, own scratch.

        Args:
            objective: leaves out the last stage where it is computed as one with the loss.
        """
        stages: list[Layer] = []
        for layer in self.layers:
            for stage in layer.stages():
                stage.dtype, stage.clock, stage.index = self.dtype, self.clock, layer.index
                stage.name = self.names[layer.index]
                inside = getattr(stage, "activation", None)
                if isinstance(inside, Layer) and inside.scratch is not None:  # the stage's own
                    inside.dtype, inside.clock, inside.index = stage.dtype, stage.clock, stage.index
                stages.append(stage)
        # The derivative by the samples themselves is of no use in training.
        for stage in stages:
            stage.needs_dx = False
            if stage.values:
                break
        return stages[:-1] if objective is not None and objective.fuses_last else stages

    @property
    def note(self) -> str:
        """What a user should know of the samples, for the end of an error."""
        if any(is_exactly(layer, Rescaling) for layer in self.layers):
            return ". The model rescales its samples itself: give raw values, such as 0..255"
        return ""

    def penalty(self) -> float:
        """The sum of all layers' penalties."""
        return sum(layer.penalty() for layer in self.layers if layer.has_penalty)

    def add_penalty_gradient(self) -> None:
        """Add the penalties' gradients to the gradient vector."""
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

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self.parameters is not None:
            self._bind(self.parameters)


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


def _has_arrays(layer: Layer, input_shape: Shape) -> bool:
    return bool(layer.parameter_shapes(input_shape) or layer.state_shapes(input_shape))

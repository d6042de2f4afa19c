"""A chain of layers over one parameter vector: built, and run as stages.

What training is made of; how it is done with is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hyalite.exact import is_exactly
from hyalite.layers import Layer, Rescaling
from hyalite.layers.base import check_dtype
from hyalite.layers.chain import Chain, leave_out_dx
from hyalite.losses import Loss, Objective
from hyalite.parameters import Layout, Parameters, Shape
from hyalite.random import Clock, check_seed, initial_stream, new_seed


class Network(Chain):
    """Layers in a row, and the three vectors their parameters live in.

    Attributes:
        parameters: the vectors, of which each layer holds views; None until built.
    """

    def __init__(self, layers: Sequence[Layer], dtype: Any = np.float32) -> None:
        self.dtype = check_dtype(dtype)
        self.parameters: Parameters | None = None
        self.input_shape: Shape = ()
        self.clock = Clock()
        self.epochs = 0  # trained so far, over all fits
        super().__init__(layers)

    def add(self, layer: Layer) -> None:
        """Put a layer at the end.

        Raises:
            TypeError: not a layer.
            ValueError: the network is built and the layer has arrays, or cannot take the last
                output; or the network has this layer, or one of that name, already.
        """
        built = self.parameters is not None and isinstance(layer, Layer)
        if built and _has_arrays(layer, self.output_shape):
            raise ValueError(
                f"the model is built, its vectors have no room for the arrays of {layer!r}; "
                "make a new Sequential"
            )
        super().add(layer)
        if self.parameters is not None:
            try:
                self._bind(self.parameters)  # the same vectors
            except ValueError:
                self.names.pop()
                self.layers.pop()
                raise

    def rename(self, names: Sequence[str]) -> None:
        """Give the layers the names that a file has for them."""
        if (self.layers and len(names) != len(self.layers)) or len(set(names)) != len(names):
            raise ValueError(f"names must be {len(self.layers)} different ones, got {names}")
        if not all(isinstance(name, str) and name and "." not in name for name in names):
            raise ValueError(f"names must be texts without a dot, got {names}")
        self.names = list(names)

    def plan(self, input_shape: Shape) -> tuple[dict[str, Shape], dict[str, Shape], list[Shape]]:
        if not self.layers:
            raise ValueError("the model has no layers; add some, as in Sequential([Dense(10)])")
        return super().plan(input_shape)

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
        for layer in self.all_layers():  # `add` cannot see it while both models are not built
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
        shapes, states, _ = self.plan(input_shape)
        self.parameters = Parameters(shapes, states, self.dtype)
        self.input_shape = input_shape
        self._bind(self.parameters)

    def _bind(self, parameters: Parameters) -> None:
        """Hand each layer its views; also after unpickling, when the layers come without."""
        self.bind(self.input_shape, self.dtype, *parameters.views())

    def _unbuild(self) -> None:
        """Take the layers' arrays away again."""
        self.parameters, self.input_shape = None, ()
        self.unbind()

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
        stages = self.run(self.dtype, self.clock)
        leave_out_dx(stages)  # the derivative by the samples themselves is of no use in training
        return stages[:-1] if objective is not None and objective.fuses_last else stages

    @property
    def note(self) -> str:
        """What a user should know of the samples, for the end of an error."""
        if any(is_exactly(layer, Rescaling) for layer in self.layers):
            return ". The model rescales its samples itself: give raw values, such as 0..255"
        return ""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self.parameters is not None:
            self._bind(self.parameters)


def _has_arrays(layer: Layer, input_shape: Shape) -> bool:
    return bool(layer.parameter_shapes(input_shape) or layer.state_shapes(input_shape))

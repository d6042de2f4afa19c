"""Initial values of the weights: each draws an array of a given shape from a given stream."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from hyalite import checks
from hyalite.config import Configurable, resolve
from hyalite.parameters import Array, Shape

Function: TypeAlias = Callable[[Shape, np.random.Generator], Any]


class Initializer(Configurable):
    """Draws the initial values of one parameter. Subclasses write ``__call__``.

    Examples:
        >>> class Constant(hy.initializers.Initializer):
        ...     def __init__(self, value):
        ...         self.value = value
        ...     def __call__(self, shape, stream):
        ...         return np.full(shape, self.value)
        >>> hy.Dense(2, bias_initializer=Constant(0.5)).build(3).b.tolist()
        [0.5, 0.5]
    """

    def __call__(self, shape: Shape, stream: np.random.Generator) -> Array:
        """The values.

        Args:
            shape: of the parameter; of weights (..., inputs, outputs), see `fans`.
            stream: to draw from.
        """
        raise NotImplementedError


def fans(shape: Shape) -> tuple[int, int]:
    """How many inputs an output of these weights has, and how many outputs an input.

    Args:
        shape: (inputs, outputs); or of a kernel (height, width, inputs, outputs), whose places all
            count; of a vector (n,) both are n, as in Keras.

    Examples:
        >>> hy.initializers.fans((784, 64)), hy.initializers.fans((3, 3, 16, 32))
        ((784, 64), (144, 288))
    """
    if len(shape) < 2:
        return (math.prod(shape),) * 2
    places = math.prod(shape[:-2])
    return places * shape[-2], places * shape[-1]


class Zeros(Initializer):
    """All zero: the usual start for biases.

    Examples:
        >>> hy.initializers.Zeros()((2, 3), np.random.default_rng(0)).tolist()
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """

    def __call__(self, shape: Shape, stream: np.random.Generator) -> Array:
        return np.zeros(shape)


class ScaledNormal(Initializer):
    """W ~ scale · N(0, 1).

    Args:
        scale: the standard deviation, 0.01 by default.

    Raises:
        ValueError: a scale below 0.

    *Neural Networks from Scratch* uses 0.01 up to chapter 16 and 0.1 for the sine.

    Examples:
        >>> W = hy.initializers.ScaledNormal(0.01)((500, 200), np.random.default_rng(0))
        >>> round(float(W.std()), 3)
        0.01
    """

    def __init__(self, scale: float = 0.01) -> None:
        self.scale = checks.number(scale, "scale", low=0)

    def __call__(self, shape: Shape, stream: np.random.Generator) -> Array:
        return self.scale * stream.standard_normal(shape)


class GlorotNormal(Initializer):
    """W ~ N(0, 2 / (inputs + outputs)). Glorot & Bengio 2010, for tanh, sigmoid and softmax.

    Examples:
        >>> W = hy.initializers.GlorotNormal()((150, 50), np.random.default_rng(0))
        >>> round(float(W.std()), 2)  # √(2 / (150 + 50))
        0.1
    """

    def __call__(self, shape: Shape, stream: np.random.Generator) -> Array:
        return math.sqrt(2 / sum(fans(shape))) * stream.standard_normal(shape)


class GlorotUniform(Initializer):
    """W ~ U(-a, a), a = √(6 / (inputs + outputs)). Glorot & Bengio 2010.

    Examples:
        >>> W = hy.initializers.GlorotUniform()((400, 200), np.random.default_rng(0))
        >>> round(float(W.min()), 2), round(float(W.max()), 2)  # a = √(6 / (400 + 200))
        (-0.1, 0.1)
    """

    def __call__(self, shape: Shape, stream: np.random.Generator) -> Array:
        limit = math.sqrt(6 / sum(fans(shape)))
        return stream.uniform(-limit, limit, shape)


class HeNormal(Initializer):
    """W ~ N(0, 2 / inputs). He et al. 2015, for ReLU.

    Examples:
        >>> W = hy.initializers.HeNormal()((200, 50), np.random.default_rng(0))
        >>> round(float(W.std()), 2)  # √(2 / 200)
        0.1
    """

    def __call__(self, shape: Shape, stream: np.random.Generator) -> Array:
        return math.sqrt(2 / fans(shape)[0]) * stream.standard_normal(shape)


class HeUniform(Initializer):
    """W ~ U(-a, a), a = √(6 / inputs). He et al. 2015, for ReLU.

    Examples:
        >>> W = hy.initializers.HeUniform()((600, 100), np.random.default_rng(0))
        >>> round(float(W.min()), 2), round(float(W.max()), 2)  # a = √(6 / 600)
        (-0.1, 0.1)
    """

    def __call__(self, shape: Shape, stream: np.random.Generator) -> Array:
        limit = math.sqrt(6 / fans(shape)[0])
        return stream.uniform(-limit, limit, shape)


class LeCunNormal(Initializer):
    """W ~ N(0, 1 / inputs). LeCun et al. 1998, for SELU.

    Examples:
        >>> W = hy.initializers.LeCunNormal()((100, 100), np.random.default_rng(0))
        >>> round(float(W.std()), 2)  # √(1 / 100)
        0.1
    """

    def __call__(self, shape: Shape, stream: np.random.Generator) -> Array:
        return math.sqrt(1 / fans(shape)[0]) * stream.standard_normal(shape)


class UserInitializer(Initializer):
    """A function of the user's: ``function(shape, stream)`` returns the values.

    A layer makes one of any function it is given. A model file holds the values, not the function.

    Args:
        function: as above; None where the model came from a file.

    Raises:
        ValueError: (when called) there is no function, or it returns another shape.

    Examples:
        >>> dense = hy.Dense(2, initializer=lambda shape, stream: np.eye(*shape))
        >>> type(dense.initializer).__name__
        'UserInitializer'
        >>> dense.build(2).W.tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, function: Function | None = None) -> None:
        self.function = function

    def get_config(self) -> dict[str, Any]:
        """Nothing: a function cannot be stored."""
        return {}

    def __call__(self, shape: Shape, stream: np.random.Generator) -> Array:
        if self.function is None:
            raise ValueError(
                "initializer: the model was loaded from a file, which does not hold "
                "the initializer function it was made with; give one to draw new weights"
            )
        values = checks.array(self.function(shape, stream), "the initializer's result")
        if values.shape != shape:
            raise ValueError(f"the initializer must return shape {shape}, got {values.shape}")
        return values


INITIALIZERS: dict[str, type[Initializer]] = {
    "zeros": Zeros,
    "scaled_normal": ScaledNormal,
    "glorot_normal": GlorotNormal,
    "glorot_uniform": GlorotUniform,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "lecun_normal": LeCunNormal,
}


def resolve_initializer(
    value: str | type[Initializer] | Initializer | Function, argument: str
) -> Initializer:
    """An initializer from its name, class, instance, or a function ``(shape, stream) -> array``.

    Args:
        value: one of these.
        argument: what errors call it.

    Raises:
        ValueError: an unknown name.
        TypeError: none of these.

    Examples:
        >>> hy.initializers.resolve_initializer("he_normal", "initializer")
        HeNormal()
    """
    if callable(value) and not isinstance(value, (type, Initializer)):
        return UserInitializer(value)
    return resolve(value, Initializer, INITIALIZERS, argument)

"""What every layer has: parameters in arrays of its own or in a model's vectors, scratch, a build.

A layer writes `forward` and `backward`; everything about where its numbers lie is here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeAlias

import numpy as np

from hyalite import checks
from hyalite.config import Configurable
from hyalite.parameters import DTYPES, Array, Parameters, Scratch, Shape
from hyalite.random import Clock, check_seed, initial_stream, new_seed

if TYPE_CHECKING:
    from hyalite.layers.chain import Chain

Index: TypeAlias = tuple[int, ...]  # a place in an array


class Term(NamedTuple):
    """A product, one of those whose sum is one number of an array: see `Layer.terms`.

    Attributes:
        factors: of the product, each an array's name and a place in it, such as ("x", (0, 3)) and
            ("W", (3, 1)); of a bias there is one.
        scale: a constant beside them, such as 1/4 in the mean of four numbers.

    Examples:
        >>> hy.layers.Term((("x", (0, 3)), ("W", (3, 1)))).scale  # x[0, 3]·W[3, 1]
        1.0
    """

    factors: tuple[tuple[str, Index], ...]
    scale: float = 1.0


class Layer(Configurable):
    """A function of a batch, with its derivative.

    Subclasses write `forward(x, training=False)` and `backward(dy)`, and where they have
    parameters `parameter_shapes` and `initialize`. `x` has shape (n, *input_shape); `backward`
    takes dL/dy of the last forward pass, overwrites the parameters' gradients and returns dL/dx.

    A layer has three lives. `alone`, as the books' chapters use it, it owns its arrays, checks what
    it is given and returns new arrays. Given to a model, it is a description with views into the
    model's vectors, and holds no data of any batch. What runs is a replica of it (`stages`): the
    same views, but scratch memory of its own that every step uses again, so that threads do not
    meet. One `forward` serves all three by way of `receive`, `receive_dy`, `array` and
    `copy_if_alone`.

    Examples:
        A layer of your own, and whether its derivative is right:

        >>> class Square(hy.Layer):
        ...     def forward(self, x, training=False):
        ...         self.x = self.receive(x)
        ...         return self.x**2
        ...     def backward(self, dy):
        ...         return 2 * self.x * self.receive_dy(dy)
        >>> Square().forward([[1.0, -3.0]]).tolist()
        [[1.0, 9.0]]
        >>> hy.gradcheck.check_layer(Square(), [[1.0, -3.0]]).ok
        True
    """

    # what the output is; decides which losses may follow: see losses.check_ending
    output_kind: ClassVar[str] = "numbers"
    # what each array is computed from, for `Sequential.trace`; a user's class does not inherit them
    formulas: Mapping[str, str] = {}
    # names in these formulas that stand for something of another name: γ for gamma
    symbols: ClassVar[Mapping[str, str]] = {}
    # of a block, such as `Residual`: the layers it is made of, and as a stage, their stages
    chain: Chain | None = None
    within: Sequence[Layer] = ()

    def __init__(self, name: str | None = None) -> None:
        if name is not None and (not isinstance(name, str) or not name or "." in name):
            raise ValueError(f"name must be a text without a dot, got {name!r}")
        self.name = name
        self.built = False
        self.input_shape: Shape = ()
        self.dtype = np.dtype(np.float32)
        self.values: dict[str, Array] = {}
        self.gradients: dict[str, Array] = {}
        self.state: dict[str, Array] = {}
        self.vectors: Parameters | None = None  # only outside a model
        self.scratch: Scratch | None = None  # only inside
        self.output_batch_shape: Shape | None = None  # of the last output, only outside
        self.clock = Clock()
        self.index = 0  # by position in the model, part of the random numbers' counter
        self.needs_dx = True  # a model's first layer needs no dL/dx

    # What a subclass writes -----------------------------------------------------------------

    def forward(self, x: Array, training: bool = False) -> Array:
        """The output y (n, *output_shape) for x (n, *input_shape)."""
        raise NotImplementedError

    def backward(self, dy: Array) -> Array | None:
        """dL/dx for dL/dy; None where `needs_dx` is False."""
        raise NotImplementedError

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape of one output sample."""
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """The trainable arrays."""
        return {}

    def state_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """The arrays that training updates without a gradient."""
        return {}

    def initialize(self, stream: np.random.Generator) -> None:
        """Write initial values into `values` and `state` (which are zero)."""

    def stages(self) -> list[Layer]:
        """The parts an engine runs, each with scratch of its own, sharing the parameters."""
        return [self.replica()]

    def branches(self) -> Array | None:
        """Which branch won, entry by entry, in the last forward pass; None where all is smooth."""
        return None

    def terms(self, name: str, place: Index, arrays: Mapping[str, Array]) -> list[Term] | None:
        """Of which products one number of an array is the sum; None where it is no such sum.

        It says of one number what `formulas` says of the whole, for `Sequential.trace`: of an
        output of a dense layer each input times its weight, and the bias.

        Args:
            name: of the array: "y", "dx", or a gradient such as "dW".
            place: of the number; of y and dx its first entry is the sample.
            arrays: of the same pass, by name: "x", the parameters; of the backward pass "dy", too.

        Examples:
            >>> dense = hy.Dense(2).build(2)
            >>> arrays = {"x": np.array([[3.0, 4.0]]), "W": dense.W, "b": dense.b}
            >>> for term in dense.terms("y", (0, 1), arrays):
            ...     print(term.factors)
            (('x', (0, 0)), ('W', (0, 1)))
            (('x', (0, 1)), ('W', (1, 1)))
            (('b', (1,)),)
        """
        return None

    def intermediates(self) -> dict[str, Array]:
        """What lies between x and y in the last forward pass, by the names in `formulas`."""
        return {}

    def penalties(self) -> list[tuple[str, float, float]]:
        """Of which arrays the size is penalized: key, λ1, λ2. See `Weighted`."""
        return []

    # What every layer has --------------------------------------------------------------------

    @property
    def has_penalty(self) -> bool:
        """Whether `penalty` can be other than zero."""
        return bool(self.penalties())

    def penalty(self) -> float:
        """λ1·Σ|θ| + λ2·Σθ², what the layer adds to the loss for the size of its parameters."""
        total = 0.0
        for key, l1, l2 in self.penalties():
            values = self.values[key]
            total += l1 * float(np.abs(values).sum()) + l2 * float(np.vdot(values, values))
        return total

    def add_penalty_gradient(self) -> None:
        """Add λ1·sign(θ) + 2·λ2·θ to `gradients`."""
        for key, l1, l2 in self.penalties():
            values, gradients = self.values[key], self.gradients[key]
            term = self.array("penalty", values.shape)
            if l2:
                gradients += np.multiply(values, 2 * l2, out=term)
            if l1:
                gradients += np.multiply(np.sign(values, out=term), l1, out=term)

    def build(
        self, input_shape: Shape | int, *, seed: int | None = None, dtype: Any = np.float32
    ) -> Self:
        """Make and initialize arrays of the layer's own, for use outside a model.

        Args:
            input_shape: the shape of one sample, such as ``(784,)`` or 784.
            seed: of the initial values; None takes a fresh one.
            dtype: float32 or float64.

        Returns:
            the layer itself.

        Raises:
            ValueError: an argument out of range, a shape that the layer cannot take, or a layer
                that is built already or part of a model.

        Examples:
            >>> hy.Dense(2).build(3, seed=0).W.shape
            (3, 2)
        """
        shape = checks.shape(input_shape, empty=True)
        if not self.alone or self.built:
            raise ValueError(f"{self!r} is built already, for input shape {self.input_shape}")
        self.output_shape(shape)  # raises where the layer cannot take that shape
        self.vectors = Parameters(
            self.parameter_shapes(shape), self.state_shapes(shape), check_dtype(dtype)
        )
        self.bind(shape, self.vectors.theta.dtype, *self.vectors.views())
        self.clock = Clock(new_seed() if seed is None else check_seed(seed))
        self.initialize(initial_stream(self.clock.seed, self.index))
        return self

    def bind(
        self,
        input_shape: Shape,
        dtype: np.dtype[Any],
        values: dict[str, Array],
        gradients: dict[str, Array],
        state: dict[str, Array],
    ) -> None:
        """Take these arrays as the layer's own."""
        self.built, self.input_shape, self.dtype = True, input_shape, dtype
        self.values, self.gradients, self.state = values, gradients, state

    def unbind(self) -> None:
        """Forget them: the layer is not built."""
        self.built, self.input_shape = False, ()
        self.values, self.gradients, self.state = {}, {}, {}

    @property
    def alone(self) -> bool:
        """Whether the layer is used outside a model: see the class."""
        return self.scratch is None

    @property
    def theta(self) -> Array:
        """All parameters of a layer alone, one vector, as `Optimizer.step` takes it."""
        return self._own().theta

    @property
    def grad(self) -> Array:
        """All gradients of a layer alone, one vector."""
        return self._own().grad

    def _own(self) -> Parameters:
        if self.vectors is None:
            reason = "is part of a model: use model.theta" if self.built else "is not built yet"
            raise AttributeError(f"{self!r} {reason}")
        return self.vectors

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Unpickled, the arrays of a layer alone are made views of its vector again."""
        self.__dict__.update(state)
        if self.vectors is not None:
            self.values, self.gradients, self.state = self.vectors.views()

    def replica(self) -> Layer:
        """The same layer over the same parameters, with scratch and memory of its own.

        Engines and threads work on replicas, so that a prediction never touches what another reads.
        """
        replica: Layer = object.__new__(type(self))
        replica.__dict__.update(self.__dict__)
        replica.scratch = Scratch()
        return replica

    def join(self, name: str, index: int, dtype: np.dtype[Any], clock: Clock) -> None:
        """As a stage, take its place among those of a model."""
        self.name, self.index, self.dtype, self.clock = name, index, dtype, clock
        inside = getattr(self, "activation", None)
        if isinstance(inside, Layer) and inside.scratch is not None:  # the stage's own
            inside.join(name, index, dtype, clock)

    def receive(self, x: Any) -> Array:
        """`x` as an array of the layer's dtype; outside a model, build on first use.

        Inside a model the whole batch has been checked and cast already.

        Raises:
            ValueError: no finite real numbers, or of a shape that the layer cannot take.
        """
        if not self.alone:
            return x
        x = checks.array(x, "x")
        shape = x.shape[1:]
        if x.ndim == 0:
            raise ValueError("x must hold samples, got a single number; give it as [[number]]")
        if not self.built:
            self.build(shape, dtype=x.dtype if x.dtype.name in DTYPES else np.float32)
        elif self.values and shape != self.input_shape:
            wanted = ", ".join(map(str, self.input_shape))
            hint = "; for one sample use x.reshape(1, -1)" if x.shape == self.input_shape else ""
            raise ValueError(
                f"x must have shape (samples, {wanted}), got {x.shape}{hint}; for other samples "
                f"make a new {type(self).__name__}"
            )
        self.output_batch_shape = (len(x), *self.output_shape(shape))
        return checks.cast(x, self.dtype, "x")

    def receive_dy(self, dy: Any) -> Array:
        """`dy` as an array of the layer's dtype, checked outside a model.

        Raises:
            ValueError: not of the shape of the last output, or there was none.
        """
        if not self.alone:
            return dy
        if self.output_batch_shape is None:
            raise ValueError("call forward before backward: it keeps what the derivative needs")
        dy = checks.array(dy, "dy")
        expected = self.output_batch_shape
        if dy.shape != expected:
            raise ValueError(
                f"dy must have the shape of the last output, {expected}, got {dy.shape}; "
                "nothing is broadcast: give one derivative for each output"
            )
        return checks.cast(dy, self.dtype, "dy")

    def copy_if_alone(self, x: Array) -> Array:
        """`x` unchanged: a copy where the layer is alone and its results are kept, else itself."""
        return x.copy() if self.alone else x

    def array(self, name: str, shape: Shape, dtype: Any = None) -> Array:
        """An array to write a result into: new outside a model, reused at every step inside."""
        dtype = self.dtype if dtype is None else dtype
        if self.scratch is None:
            return np.empty(shape, dtype)
        return self.scratch.take(name, shape, dtype)


def check_dtype(dtype: Any) -> np.dtype[Any]:
    """float32 or float64 as a NumPy dtype; a ValueError for anything else."""
    try:
        result = np.dtype(object if dtype is None else dtype)
    except (TypeError, ValueError, SyntaxError):  # NumPy parses texts with commas as Python
        result = np.dtype(object)
    if result.name not in DTYPES:
        raise ValueError(f"dtype must be float32 or float64, got {dtype!r}")
    return result


def check_flat(layer: Layer, input_shape: Shape) -> int:
    """The number of features, where samples are flat; else a ValueError that says what to add."""
    if len(input_shape) != 1:
        fix = "put a Flatten() before it" if input_shape else "for one sample, x.reshape(1, -1)"
        raise ValueError(
            f"{type(layer).__name__} takes samples of shape (features,), "
            f"got input_shape {input_shape}; {fix}"
        )
    return input_shape[0]

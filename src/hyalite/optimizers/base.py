"""What all optimizers have: learning rate, clipping, factors, the count of steps, slot vectors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, ClassVar, NamedTuple, TypedDict

import numpy as np

from hyalite import checks
from hyalite.config import Configurable
from hyalite.optimizers.former import with_former_positions
from hyalite.parameters import Array, Layout, writable, zeros
from hyalite.schedules import InverseTimeDecay, Schedule

STRETCH_SIZE = 1 << 14  # 64 KiB of float32: theta, grad, two slots and scratch fit a 1 MiB cache


class Options(TypedDict, total=False):
    """What every optimizer takes by name and passes on to `Optimizer`, which explains it."""

    decay: float
    clip_norm: float | None
    clip_value: float | None
    learning_rate_factors: Mapping[str, float] | None


class Segment(NamedTuple):
    """A slice of the parameter vector, and the factors of its learning rate and weight decay."""

    start: int
    stop: int
    learning_rate: float = 1.0
    weight_decay: float = 1.0


class Optimizer(Configurable):
    """What all optimizers have: learning rate, clipping, factors, the count of steps, slot vectors.

    Subclasses write `update`, the formula, and in `slot_names` the vectors they keep. The
    library's own take all but the learning rate by name, such as ``hy.SGD(0.1, clip_norm=1.0)``.

    Args:
        learning_rate: a number >= 0 or a `Schedule`.
        decay: lr / (1 + decay·step), as the sources have it.
        clip_norm: the gradient is scaled down to this Euclidean norm where it is longer.
        clip_value: every entry of the gradient is limited to ±clip_value, before clip_norm.
        learning_rate_factors: by which the learning rate is multiplied for some of a model's
            parameters: ``{pattern: factor}``, where the pattern is a parameter's name in which a
            star stands for any text. ``{"dense_1.*": 0.1}`` slows a layer down, 0 freezes it.
            Where several patterns match a name the last one counts: ``{"*": 0, "dense_3.*": 1}``
            trains one layer alone. Clipping is by the whole gradient, that of frozen parameters
            included.

    Raises:
        ValueError: an argument out of range, or `decay` with a schedule.

    Examples:
        >>> optimizer = hy.SGD(1.0, decay=0.5, clip_norm=1.0)
        >>> theta = np.zeros(2)
        >>> optimizer.step(theta, np.array([3.0, 4.0]))  # clipped to length 1
        >>> theta.round(3).tolist()
        [-0.6, -0.8]
        >>> round(optimizer.current_learning_rate, 3)  # of the next step, 1 / (1 + 0.5)
        0.667

        An optimizer of your own:

        >>> class SignDescent(hy.optimizers.Optimizer):
        ...     def update(self, theta, grad, rate, scratch):
        ...         theta -= rate * np.sign(grad)
        >>> SignDescent(0.1).step(theta, np.array([100.0, -0.01]))
        >>> theta.round(3).tolist()
        [-0.7, -0.7]
    """

    slot_names: tuple[str, ...] = ()
    # `update` as formulas, one after the other: the name that each gives a new value to, and of
    # what; g is the gradient, lr the learning rate, t the step's number. For `Sequential.trace`; a
    # user's class does not inherit them
    formulas: Mapping[str, str] = {}
    # what the other names in them are: attributes or slots
    symbols: ClassVar[Mapping[str, str]] = {}
    slots: dict[str, Array]
    learning_rate_factors: dict[str, float] | None = None
    weight_decay_factors: dict[str, float] | None = None  # an argument where there is weight decay
    segments: tuple[Segment, ...] | None = None  # None: all of the vector, without factors

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if cls.__module__.startswith("hyalite.") and "__init__" in cls.__dict__:
            cls.__init__ = with_former_positions(cls.__init__)  # type: ignore[method-assign]

    def __init__(
        self,
        learning_rate: float | Schedule,
        decay: float = 0.0,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        *,
        learning_rate_factors: Mapping[str, float] | None = None,
    ) -> None:
        self.decay = checks.number(decay, "decay", low=0)
        self.learning_rate = learning_rate
        self.clip_norm = (
            None if clip_norm is None else checks.number(clip_norm, "clip_norm", low=0, above=True)
        )
        self.clip_value = (
            None
            if clip_value is None
            else checks.number(clip_value, "clip_value", low=0, above=True)
        )
        self.learning_rate_factors = check_factors(learning_rate_factors, "learning_rate_factors")
        self.reset()

    @property
    def learning_rate(self) -> float | Schedule:
        """The learning rate before decay, or the schedule; may be set between steps."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float | Schedule) -> None:
        if not isinstance(value, Schedule):
            value = checks.number(value, "learning_rate", low=0)
        elif self.decay:
            raise ValueError(
                "learning_rate is a schedule and decay is set: leave out one of the two"
            )
        self._learning_rate = value

    @property
    def current_learning_rate(self) -> float:
        """The learning rate of the coming step."""
        rate = self._learning_rate
        if isinstance(rate, Schedule):
            return rate(self.steps)
        return InverseTimeDecay(rate, self.decay)(self.steps) if self.decay else rate

    def coming_learning_rates(self, steps: int) -> Array:
        """The learning rates of as many steps, float64 (steps,)."""
        rate, stop = self._learning_rate, self.steps + steps
        if isinstance(rate, Schedule):
            return np.array([rate(number) for number in range(self.steps, stop)])
        if self.decay:
            return rate / (1 + self.decay * np.arange(self.steps, stop))
        return np.full(steps, rate)

    def coming_weight_decays(self, steps: int) -> Array:
        """The weight decays of as many steps, float64 (steps,): 0 where there is none."""
        return np.zeros(steps)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take an unpickled state, its vectors writable."""
        self.__dict__.update(state)
        self.slots = {name: writable(vector) for name, vector in self.slots.items()}

    def get_state(self) -> dict[str, Any]:
        """What the steps so far have left: their count, the last rate, the slots (not copied)."""
        return {
            "steps": self.steps,
            "last_learning_rate": self.last_learning_rate,
            "slots": dict(self.slots),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from where `get_state` was asked."""
        self.steps, self.slots = state["steps"], state["slots"]
        self.last_learning_rate = state["last_learning_rate"]

    def reset(self) -> None:
        """Forget all steps."""
        self.steps = 0
        self.last_learning_rate = self.current_learning_rate
        self.slots = {}
        self.segments = None

    @property
    def has_factors(self) -> bool:
        """Whether some parameters have a learning rate or a weight decay of their own."""
        return bool(self.learning_rate_factors or self.weight_decay_factors)

    def bind(self, layout: Layout) -> None:
        """Learn where each parameter lies in the vector, so that the factors find theirs.

        Training does it by itself. For a layer alone: ``optimizer.bind(layer.vectors.layout)``.

        Raises:
            ValueError: a factor for a name that no parameter has.
        """
        self.segments = self.segments_in(layout)

    def segments_in(self, layout: Layout) -> tuple[Segment, ...] | None:
        """How the factors cut a vector of this layout; None where there are none.

        Raises:
            ValueError: a factor for a name that no parameter has.
        """
        rates = _factors(layout, self.learning_rate_factors, "learning_rate_factors")
        decays = _factors(layout, self.weight_decay_factors, "weight_decay_factors")
        segments: list[Segment] = []
        for slot, rate, decay in zip(layout.slots, rates, decays, strict=True):
            start = slot.offset
            if segments and segments[-1][2:] == (rate, decay):
                start = segments.pop().start
            segments.append(Segment(start, slot.offset + slot.size, rate, decay))
        return tuple(segments) if self.has_factors else None

    def segments_of(self, size: int) -> tuple[Segment, ...]:
        """How a vector of this size is cut by the factors; without any in one segment.

        Raises:
            ValueError: there are factors, and `bind` was not told where such a vector has what.
        """
        if not self.has_factors:
            return (Segment(0, size),)
        if not self.segments or self.segments[-1].stop != size:
            raise ValueError(
                "learning_rate_factors and weight_decay_factors go by the parameters' names, "
                f"which a vector of {size} numbers does not have; for a layer alone call "
                "optimizer.bind(layer.vectors.layout) first"
            )
        return self.segments

    def step(self, theta: Array, grad: Array) -> None:
        """Move `theta` (size,) against `grad` (size,), in place. `grad` may be clipped in place.

        Raises:
            ValueError: theta is no vector, or its size is not that of grad or of earlier steps;
                or the optimizer has factors, and has not been told where the parameters lie.

        Examples:
            >>> theta = np.array([1.0])
            >>> hy.SGD(0.1).step(theta, np.array([2.0]))  # 1 - 0.1·2
            >>> theta.round(3).tolist()
            [0.8]
        """
        if theta.ndim != 1:
            raise ValueError(
                f"theta must be a vector, got shape {theta.shape}; for a layer alone use "
                "optimizer.step(layer.theta, layer.grad)"
            )
        segments = self.segments_of(theta.size)
        self.prepare(theta)
        if theta.shape != grad.shape:
            raise ValueError(f"theta {theta.shape} and grad {grad.shape} must be of one size")
        self._clip(grad)
        rate = self.last_learning_rate = self.current_learning_rate
        self.steps += 1
        scratch = np.empty(min(STRETCH_SIZE, theta.size), theta.dtype)
        for begin, end, rate_factor, decay_factor in segments:
            for start in range(begin, end, STRETCH_SIZE):
                part = slice(start, min(start + STRETCH_SIZE, end))
                slots = [self.slots[name][part] for name in self.slot_names]
                own = rate * rate_factor
                self.decay_weights(theta[part], own * decay_factor)
                self.update(theta[part], grad[part], own, scratch[: theta[part].size], *slots)

    def prepare(self, theta: Array) -> None:
        """Make the slots for `theta` (size,), if there are none yet.

        Raises:
            ValueError: those of earlier steps are of another size.
        """
        if not self.slots:
            self.slots = {name: zeros(theta.shape, theta.dtype) for name in self.slot_names}
        if any(slot.shape != theta.shape for slot in self.slots.values()):
            raise ValueError(
                f"theta {theta.shape} and those of earlier steps must be of one size; an optimizer "
                "serves one model"
            )

    def update(self, theta: Array, grad: Array, rate: float, scratch: Array, *slots: Array) -> None:
        """The formula, on a stretch of the vectors, in place.

        Args:
            theta: to be moved.
            grad: may not be written.
            rate: the learning rate of this step, its factor included.
            scratch: of theta's size, may be written.
            slots: in the order of `slot_names`; zero before the first step.
        """
        raise NotImplementedError

    def decay_weights(self, theta: Array, rate: float) -> None:
        """Shrink a stretch of the parameters, in place, before `update`; here nothing is done.

        Args:
            theta: to be shrunk.
            rate: the learning rate of this step, times the factor of the weight decay.
        """

    def _clip(self, grad: Array) -> None:
        if self.clip_value is not None:
            np.clip(grad, -self.clip_value, self.clip_value, out=grad)
        if self.clip_norm is not None:
            norm = math.sqrt(np.vdot(grad, grad))
            if norm == math.inf:  # the squares overflowed, not the entries
                norm = float(np.linalg.norm(grad.astype(np.float64)))
            if norm > self.clip_norm:
                grad *= self.clip_norm / norm


def check_factors(factors: Mapping[str, float] | None, argument: str) -> dict[str, float] | None:
    """Factors by patterns of names, as floats; None where there are none."""
    if factors is None:
        return None
    if not isinstance(factors, Mapping) or not all(isinstance(name, str) for name in factors):
        raise ValueError(
            f"{argument} must be a dict from patterns of parameter names to factors, such as "
            f"{{'*.b': 0.5}}, got {factors!r}"
        )
    result = {
        name: checks.number(factor, f"{argument}[{name!r}]", low=0)
        for name, factor in factors.items()
    }
    return result or None


def _factors(layout: Layout, factors: Mapping[str, float] | None, argument: str) -> list[float]:
    """The factor of each array of the layout: that of the last pattern that matches its name."""
    result = [1.0] * len(layout.slots)
    for pattern, factor in (factors or {}).items():
        found = [n for n, slot in enumerate(layout.slots) if fnmatchcase(slot.name, pattern)]
        if not found:
            names = ", ".join(slot.name for slot in layout.slots) or "none"
            raise ValueError(
                f"{argument} has {pattern!r}, which matches no parameter; there are: {names}. "
                "A star stands for any text, as in 'dense_1.*' or '*.b'"
            )
        for place in found:
            result[place] = factor
    return result

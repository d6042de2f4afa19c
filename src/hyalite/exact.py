"""Whether an object is the library's own or a user's: decided by its exact class, and only here.

A user's subclass may compute anything. So the library never puts a formula of its own in place of
an object's methods (a fused loss, compiled code, an export) unless it knows the very class of the
object; ``isinstance`` would take a softmax with a temperature for a softmax.
"""

from __future__ import annotations

from typing import TypeGuard, TypeVar

T = TypeVar("T")


def is_exactly(value: object, *kinds: type[T]) -> TypeGuard[T]:
    """Whether `value` is of one of these very classes, not of a subclass.

    Examples:
        >>> from hyalite.exact import is_exactly
        >>> class Tempered(hy.Softmax):
        ...     def forward(self, x, training=False):
        ...         return super().forward(self.receive(x) / 2)
        >>> is_exactly(hy.Softmax(), hy.Softmax, hy.Sigmoid), is_exactly(Tempered(), hy.Softmax)
        (True, False)
    """
    return type(value) in kinds


def is_own(value: object) -> bool:
    """Whether the class of `value` is one of the library's, so that its behaviour is known."""
    return type(value).__module__.partition(".")[0] == "hyalite"

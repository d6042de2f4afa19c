"""Attributes of layers that show their arrays: ``W = value("W")``, ``dW = gradient("W")``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from hyalite.parameters import Array

if TYPE_CHECKING:
    from hyalite.layers.base import Layer


class Parameter:
    """A read-only attribute that shows one array of a layer: ``dense.W``, ``dense.dW``.

    Read-only since the array is a view into the model's vector: to rebind it would leave the
    optimizer stepping on numbers that the layer no longer uses. Writing goes through
    ``layer.W[...] = values``.
    """

    def __init__(self, store: str, key: str) -> None:
        self.store, self.key = store, key

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, layer: None, owner: type) -> Parameter: ...
    @overload
    def __get__(self, layer: Layer, owner: type) -> Array: ...
    def __get__(self, layer: Layer | None, owner: type) -> Parameter | Array:
        if layer is None:
            return self
        try:
            array: Array = getattr(layer, self.store)[self.key]
        except KeyError:
            reason = "has none" if layer.built else "is not built: call build, or forward once"
            raise AttributeError(f"{self.name}: {layer!r} {reason}") from None
        return array

    def __set__(self, layer: Layer, value: object) -> None:
        if value is getattr(layer, self.store).get(self.key):
            return  # the end of ``layer.W -= ...``, which has been done in place
        raise AttributeError(
            f"{self.name} is a view into the parameter vector and cannot be replaced; "
            f"write into it: layer.{self.name}[...] = values"
        )


def value(key: str) -> Parameter:
    """A trainable array."""
    return Parameter("values", key)


def gradient(key: str) -> Parameter:
    """The gradient of the trainable array `key`."""
    return Parameter("gradients", key)


def running(key: str) -> Parameter:
    """An array that training updates without a gradient."""
    return Parameter("state", key)

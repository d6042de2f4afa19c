"""Objects that their constructor's arguments describe in full: print, store, look up by name.

Layers, losses, optimizers, schedules, metrics and initializers are all of this kind, so that a
model file can hold them as JSON and an error can list the names there are.
"""

from __future__ import annotations

import difflib
import inspect
import re
import warnings
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

import numpy as np

from hyalite.errors import FileFormatError
from hyalite.exact import is_own

T = TypeVar("T", bound="Configurable")
USERS = "user."  # before the name of a class that is not the library's, be it called like one


@cache
def _argument_names(kind: type) -> tuple[str, ...]:
    """The constructor's arguments. By rule an object keeps each under the argument's own name."""
    return tuple(inspect.signature(kind).parameters)


class UnknownPart(FileFormatError):
    """A file names a class that is not in the registry."""


class Configurable:
    """An object that keeps every constructor argument as an attribute of the same name.

    What a constructor takes as ``**options`` and passes on to its base is spelled out in the
    class's signature: the base's arguments, by name.
    """

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "settings" in cls.__dict__:
            warnings.warn(
                f"{cls.__name__}.settings is called get_config now, as in Keras; rename it",
                DeprecationWarning,
                stacklevel=2,
            )
            cls.get_config = cls.__dict__["settings"]  # type: ignore[method-assign]
        if "__init__" not in cls.__dict__:
            return
        own = list(inspect.signature(cls.__init__).parameters.values())[1:]
        if own and own[-1].kind is inspect.Parameter.VAR_KEYWORD:
            passed_on = inspect.signature(cls.__mro__[1]).parameters.values()
            names = [parameter.name for parameter in own]
            own[-1:] = [
                parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
                for parameter in passed_on
                if parameter.name not in names
            ]
        cls.__signature__ = inspect.Signature(own)  # type: ignore[attr-defined]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments with their present values."""
        return {name: getattr(self, name) for name in _argument_names(type(self))}  # type: ignore[arg-type]

    def settings(self) -> dict[str, Any]:
        """The former name of `get_config`."""
        warnings.warn("settings() is called get_config() now", DeprecationWarning, stacklevel=2)
        return self.get_config()

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        shown = [
            f"{name}={value!r}"
            for name, value in self.get_config().items()
            if not _same(value, defaults[name].default)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


def _same(value: object, default: object) -> bool:
    """Whether an argument has its default value, be that given by name."""
    if isinstance(value, Configurable):
        return repr(value) == f"{type(value).__name__}()" and snake_case(type(value)) == default
    return value is default or (type(value) is type(default) and value == default)


def snake_case(kind: type) -> str:
    """``BatchNormalization`` -> ``batch_normalization``, ``ReLU`` -> ``relu``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", kind.__name__).lower()


def to_config(value: Any) -> Any:
    """`value` as JSON data; a described object becomes ``{"type": its class, ...its settings}``."""
    if isinstance(value, Configurable):
        settings = {name: to_config(setting) for name, setting in value.get_config().items()}
        return {"type": type_name(value), **settings}
    if isinstance(value, Mapping):
        return {str(key): to_config(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_config(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{value!r} cannot be stored: it is not built from the library's own parts")


def type_name(value: object) -> str:
    """The class of `value` as a file names it."""
    return ("" if is_own(value) else USERS) + type(value).__name__


def from_config(config: Any, registry: Mapping[str, type]) -> Any:
    """The inverse of `to_config`. Only classes in `registry` are ever made.

    Raises:
        FileFormatError: an unknown class, or arguments that its constructor refuses.
    """
    if isinstance(config, list):
        return [from_config(item, registry) for item in config]
    if not isinstance(config, dict):
        return config
    settings = {name: from_config(value, registry) for name, value in config.items()}
    if "type" not in settings:
        return settings
    name = settings.pop("type")
    if not isinstance(name, str) or name not in registry:
        raise UnknownPart(f"unknown part {name!r}; known: {', '.join(sorted(registry))}")
    try:
        return registry[name](**settings)
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise FileFormatError(f"{name} cannot be made from {settings}: {error}") from error


def resolve(
    value: str | type[T] | T, base: type[T], table: Mapping[str, type[T]], argument: str
) -> T:
    """An instance of `base` from a name in `table`, a class or an instance.

    Raises:
        ValueError: no such name; the text lists the known ones and the nearest.
        TypeError: neither a name, nor a class, nor an instance of the right kind.
    """
    if isinstance(value, str):
        if value.lower() not in table:
            hint = nearest(value, table)
            raise ValueError(f"{argument} {value!r} is unknown. {hint}Known: {', '.join(table)}")
        return table[value.lower()]()
    if isinstance(value, type) and issubclass(value, base):
        try:
            return value()
        except TypeError:
            names = ", ".join(_argument_names(value))  # type: ignore[arg-type]
            raise TypeError(
                f"{argument} {value.__name__} needs arguments; write {value.__name__}({names})"
            ) from None
    if isinstance(value, base):
        return value
    raise TypeError(
        f"{argument} must be a name, class or instance, got {value!r}. "
        f"Known names: {', '.join(table)}"
    )


def nearest(word: str, words: Iterable[str]) -> str:
    """A question for errors, with a blank at its end; empty where nothing is near."""
    near = difflib.get_close_matches(word.lower(), list(words), n=1)
    return f"Did you mean {near[0]!r}? " if near else ""

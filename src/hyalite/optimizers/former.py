"""Options of optimizers by position, as version 0.1.0 took them: with a warning, once more."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

POSITIONS = ("decay", "clip_norm", "clip_value")  # in this order, behind all other arguments


def with_former_positions(init: Callable[..., None]) -> Callable[..., None]:
    """The constructor, which takes what comes behind its own arguments by these names."""
    kinds = [parameter.kind for parameter in inspect.signature(init).parameters.values()]
    own = kinds.count(inspect.Parameter.POSITIONAL_OR_KEYWORD)  # `self` among them

    @functools.wraps(init)
    def renaming(*arguments: Any, **options: Any) -> None:
        behind = arguments[own:]
        if not 0 < len(behind) <= len(POSITIONS):
            init(*arguments, **options)
            return
        former = dict(zip(POSITIONS, behind, strict=False))
        written = ", ".join(f"{name}={value!r}" for name, value in former.items())
        warnings.warn(
            f"{type(arguments[0]).__name__} takes {' and '.join(former)} by name: {written}; "
            "the next version will not take them by position",
            DeprecationWarning,
            stacklevel=2,
        )
        init(*arguments[:own], **former, **options)

    return renaming

"""The library's parts that a page may name, their arguments, and how one is made of JSON data.

The list is closed: nothing else is ever made, and no argument but these is passed on.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from hyalite.config import Configurable, nearest
from hyalite.initializers import INITIALIZERS
from hyalite.layers import ACTIVATIONS, LAYERS
from hyalite.layers.augmentation import FLIPPED_AXES
from hyalite.losses import LOSSES
from hyalite.optimizers import OPTIMIZERS
from hyalite.play import limits
from hyalite.play.problems import Refused, argument_in, at, text_of
from hyalite.schedules import SCHEDULES

POINT_LAYERS = (
    "Dense", "Dropout", "BatchNormalization", "LayerNormalization", "GaussianNoise",
    "ParametricActivation", "Scale", "Residual",
)  # fmt: skip
PICTURE_LAYERS = (
    "Conv2D", "DepthwiseConv2D", "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D",
    "ZeroPadding2D", "RandomAffine", "RandomFlip", "Flatten",
)  # fmt: skip
AUGMENTATION = ("RandomAffine", "RandomFlip")  # of raw pictures


def _by_class(table: Mapping[str, type]) -> dict[str, type]:
    return {kind.__name__: kind for kind in table.values()}


KINDS: dict[str, dict[str, type]] = {
    "layer": {
        **{name: LAYERS[name] for name in (*POINT_LAYERS, *PICTURE_LAYERS)},
        **_by_class(ACTIVATIONS),
    },
    "activation": _by_class(ACTIVATIONS),
    "initializer": _by_class(INITIALIZERS),
    "loss": _by_class(LOSSES),
    "optimizer": _by_class(OPTIMIZERS),
    "schedule": _by_class(SCHEDULES),
}
NAMES: dict[str, Mapping[str, type]] = {
    "activation": ACTIVATIONS,
    "initializer": INITIALIZERS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
}
LIVE_SCHEDULES = ("learning_rate", "weight_decay")  # of an optimizer; and the rate of Dropout


@dataclass(frozen=True)
class Argument:
    """One argument of a part, as the catalog shows it.

    Attributes:
        kind: "integer", "number", "boolean", "choice", "activation", "initializer", "pair",
            "padding" or "layers".
        default: None where it must be given, or where None is the default.
        low, high: of numbers.
        options: of a choice.
        optional: whether None is allowed.
        schedule: whether a schedule may stand here.
    """

    kind: str
    default: Any = None
    low: float | None = None
    high: float | None = None
    options: tuple[str, ...] | None = None
    optional: bool = False
    schedule: bool = False

    def described(self) -> dict[str, Any]:
        """As JSON data, without what says nothing."""
        always = ("kind", "default")
        return {k: v for k, v in asdict(self).items() if k in always or v not in (None, False)}


_SHARE = {"low": 0, "high": 1}
_POSITIVE = {"low": 0}
# what the signature does not say; the library itself checks the ranges of numbers
ABOUT: dict[str, dict[str, Any]] = {
    "units": {"kind": "integer", "low": 1, "high": limits.UNITS},
    "filters": {"kind": "integer", "low": 1, "high": limits.FILTERS},
    "depth_multiplier": {"kind": "integer", "low": 1, "high": 8},
    "kernel_size": {"kind": "pair", "low": 1, "high": 28},
    "strides": {"kind": "pair", "low": 1, "high": 28},
    "pool_size": {"kind": "pair", "low": 1, "high": 28},
    "padding": {"kind": "padding", "low": 0, "high": 28},
    "activation": {"kind": "activation"},
    "initializer": {"kind": "initializer"},
    "bias_initializer": {"kind": "initializer"},
    "layers": {"kind": "layers"},
    "mode": {"kind": "choice", "options": tuple(FLIPPED_AXES)},
    "steps": {"kind": "integer", "low": 1, "optional": True},
    "warmup": {"kind": "integer", "low": 0, "optional": True},
    "cycles": {"kind": "integer", "low": 1, "high": 20},
    "clip_norm": {"kind": "number", "low": 0, "optional": True},
    "clip_value": {"kind": "number", "low": 0, "optional": True},
    "stddev": {"kind": "number", "low": 0},
    "initial": {"kind": "number"},
    "fill": {"kind": "number"},
    "rotation": {"kind": "number", "low": 0, "high": 180},
    **{name: {"kind": "number", **_SHARE} for name in (
        "rate", "momentum", "beta_1", "beta_2", "rho", "label_smoothing", "q", "zoom",
    )},
    **{name: {"kind": "number", **_POSITIVE} for name in (
        "learning_rate", "weight_decay", "decay", "epsilon", "l1", "l2", "bias_l1", "bias_l2",
        "delta", "slope", "scale", "shift", "factor", "final", "value",
    )},
}  # fmt: skip
HIDDEN = {"name", "columns", "learning_rate_factors", "weight_decay_factors", "function"}


@cache
def arguments(kind: type) -> dict[str, Argument]:
    """Those of a part that a page may give."""
    found = {}
    for name, parameter in inspect.signature(kind).parameters.items():
        if name in HIDDEN:
            continue
        given = parameter.default
        default = None if given is inspect.Parameter.empty else given
        default = list(default) if isinstance(default, tuple) else default
        about = dict(ABOUT.get(name, {}))
        if isinstance(default, bool):
            about = {"kind": "boolean"}
        about.setdefault("optional", given is None)
        own = kind.__name__
        is_rate = name in LIVE_SCHEDULES and own in KINDS["optimizer"]
        about["schedule"] = is_rate or (own, name) == ("Dropout", "rate")
        found[name] = Argument(default=default, **{"kind": "number", **about})
    return found


def make(value: Any, group: str, field: str) -> Configurable:
    """The part that JSON data describes: a name, or {"type": its class, ...its arguments}.

    Args:
        value: the data.
        group: "layer", "activation", "initializer", "loss", "optimizer" or "schedule".
        field: what it is called in an error.

    Raises:
        Refused: an unknown part or argument, or one that the part refuses.
    """
    if isinstance(value, str) and group in NAMES:
        kind = NAMES[group].get(value.lower())
        if kind is None:
            known = ", ".join(NAMES[group])
            hint = nearest(value[:40], NAMES[group])
            raise Refused(f"{group} {value[:40]!r} is unknown. {hint}Known: {known}", field)
        with at(field):
            return kind()
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        example = {"layer": "Dense", "schedule": "CosineDecay"}.get(group)
        wanted = f'an object such as {{"type": "{example}", ...}}' if example else "a name"
        raise Refused(f"{group} must be {wanted}, got {short(value)}", field)
    name = value["type"]
    if name not in KINDS[group]:
        hint, known = nearest(name[:40], KINDS[group]), ", ".join(KINDS[group])
        raise Refused(f"{group} {name[:40]!r} is unknown. {hint}Known: {known}", field)
    kind = KINDS[group][name]
    known_arguments = arguments(kind)
    settings = {}
    for key, given in value.items():
        if key == "type":
            continue
        if key not in known_arguments:
            known = ", ".join(known_arguments) or "none"
            raise Refused(f"{name} has no argument {key[:40]!r}. Known: {known}", field)
        settings[key] = _argument(given, known_arguments[key], f"{field}.{key}", key)
    try:
        return kind(**settings)
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        text = text_of(error)
        found = argument_in(text, list(known_arguments))
        raise Refused(text, f"{field}.{found}" if found else field) from None


def _argument(value: Any, about: Argument, field: str, name: str) -> Any:
    """The value of an argument, in the form in which the part takes it."""
    if value is None:
        if about.optional or about.default is None:
            return None
        raise Refused(f"{name} must be given, or be left out, got null", field)
    if about.schedule and isinstance(value, dict):
        return make(value, "schedule", field)
    if about.kind in ("activation", "initializer"):
        return make(value, about.kind, field)
    if about.kind == "layers":
        if not isinstance(value, list) or len(value) > limits.LAYERS:
            raise Refused(f"{name} must be a list of at most {limits.LAYERS} layers", field)
        return [make(one, "layer", f"{field}[{n}]") for n, one in enumerate(value)]
    if about.kind == "boolean":
        if not isinstance(value, bool):
            raise Refused(f"{name} must be true or false, got {short(value)}", field)
        return value
    if about.kind == "choice":
        if value not in (about.options or ()):
            options = ", ".join(about.options or ())
            raise Refused(f"{name} must be one of {options}, got {short(value)}", field)
        return value
    if about.kind == "padding" and isinstance(value, str):
        return value
    if about.kind in ("pair", "padding") and isinstance(value, list):
        if len(value) != 2:
            raise Refused(f"{name} must be one number or two, got {short(value)}", field)
        return tuple(whole(one, name, field, about.low, about.high) for one in value)
    if about.kind in ("integer", "pair", "padding"):
        return whole(value, name, field, about.low, about.high)
    return real(value, name, field, about.low, about.high)


def whole(
    value: Any, name: str, field: str, low: float | None = None, high: float | None = None
) -> int:
    """A whole number within the bounds.

    Raises:
        Refused: something else.
    """
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not _within(value, low, high):
        raise Refused(
            f"{name} must be a whole number{_bounds(low, high)}, got {short(value)}", field
        )
    return int(value)


def real(
    value: Any, name: str, field: str, low: float | None = None, high: float | None = None
) -> float:
    """A finite number within the bounds; whole ones stay so.

    Raises:
        Refused: something else.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not abs(value) < 1e300 or not _within(value, low, high):
        raise Refused(f"{name} must be a number{_bounds(low, high)}, got {short(value)}", field)
    return value


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _bounds(low: float | None, high: float | None) -> str:
    if low is None:
        return ""
    return f" of at least {low:g}" if high is None else f" from {low:g} to {high:,}"


def short(value: Any) -> str:
    """What came, cut short; whole numbers of thousands of digits have no text at all."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return "something very large"
    return text if len(text) <= 60 else text[:60] + "…"

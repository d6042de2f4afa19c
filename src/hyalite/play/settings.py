"""What is to be trained, as the page's links hold it: checked, and brought to its normal form."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hyalite.engines.choice import ENGINES
from hyalite.parameters import DTYPES
from hyalite.play import limits
from hyalite.play.parts import make, real, short, whole
from hyalite.play.problems import Refused

VERSION = 1
FEATURES = ("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")
HIDDEN = {"type": "Dense", "units": 8, "activation": "relu"}
DEFAULTS: dict[str, Any] = {  # of which one sees within seconds that it learns
    "version": VERSION,
    "data": {"kind": "spiral"},
    "layers": [HIDDEN, HIDDEN, HIDDEN],
    "output": {},
    "loss": None,  # that of the data
    "optimizer": {"type": "Adam", "learning_rate": 0.01},
    "batch_size": 32,
    "epochs": 300,
    "shuffle": True,
    "seed": 0,
    "dtype": "float32",
    "engine": "auto",
    "class_weight": None,
    "stop": None,
    "compare": None,
}
STOP = {"monitor": "val_loss", "patience": 20, "min_delta": 0.0}


@dataclass(frozen=True)
class Field:
    """A setting of a kind of data, as the catalog shows it."""

    kind: str  # "integer", "number", "choice", "text", "points", "features"
    default: Any
    low: float | None = None
    high: float | None = None
    options: tuple[str, ...] | None = None
    optional: bool = False

    def described(self) -> dict[str, Any]:
        """As JSON data."""
        always = ("kind", "default")
        return {k: v for k, v in asdict(self).items() if k in always or v not in (None, False)}


@dataclass(frozen=True)
class DataKind:
    """A kind of data.

    Attributes:
        shape: "plane" (two inputs), "curve" (one), "pictures", "rows"; of points as their task.
        task: "classes", "numbers", or "" where it depends.
        fields: its settings.
    """

    shape: str
    task: str
    fields: Mapping[str, Field]


def _plane(classes: int, noise: float) -> DataKind:
    many = limits.SAMPLES_OF_A_CLASS
    fields = {
        "classes": Field("integer", classes, 2, limits.CLASSES),
        "samples": Field("integer", 100, 1, many),
        "noise": Field("number", noise, 0, 10),
        "seed": Field("integer", 0, 0, limits.SEED),
        "test_samples": Field("integer", 100, 1, many),
        "test_seed": Field("integer", 1, 0, limits.SEED),
        "features": Field("features", ["x1", "x2"], options=FEATURES),
    }
    return DataKind("plane", "classes", fields)


_PICTURES = {
    "samples": Field("integer", limits.PICTURES, 100, limits.PICTURES),
    "test_samples": Field("integer", limits.TEST_PICTURES, 100, limits.TEST_PICTURES),
}
_SHARE = Field("number", 0.2, 0, 0.9)
DATA: dict[str, DataKind] = {
    "spiral": _plane(3, 0.1),  # half of the book's, so that its arms are seen
    "vertical": _plane(3, 0.1),
    "circles": _plane(2, 0.1),
    "moons": _plane(2, 0.1),
    "blobs": _plane(2, 0.2),
    "xor": _plane(2, 0.05),
    "sine": DataKind(
        "curve",
        "numbers",
        {
            "samples": Field("integer", 1000, 1, limits.POINTS),
            "test_samples": Field("integer", 999, 1, limits.POINTS),
        },
    ),
    "points": DataKind(
        "plane",
        "",
        {
            "task": Field("choice", "classes", options=("classes", "numbers")),
            "points": Field("points", []),
            "classes": Field("integer", None, 2, limits.CLASSES, optional=True),
            "test_share": _SHARE,
            "features": Field("features", ["x1", "x2"], options=FEATURES),
        },
    ),
    "table": DataKind(
        "rows",
        "",
        {
            "upload": Field("text", None, optional=True),
            "target": Field("text", None, optional=True),
            "x1": Field("text", None, optional=True),
            "x2": Field("text", None, optional=True),
            "test_share": Field("number", 0.2, 0.01, 0.9),
            "task": Field("choice", "auto", options=("auto", "classification", "regression")),
        },
    ),
    "mnist": DataKind("pictures", "classes", _PICTURES),
    "fashion-mnist": DataKind("pictures", "classes", _PICTURES),
}


def normalized(given: Any) -> dict[str, Any]:
    """The settings with all defaults filled in.

    What the network is made of is checked as far as it can be without the data.

    Raises:
        Refused: naming the field.
    """
    if not isinstance(given, dict):
        raise Refused(f"settings must be an object, got {short(given)}")
    for key in given:
        if key not in DEFAULTS:
            raise Refused(
                f"there is no setting {key[:40]!r}. Known: {', '.join(DEFAULTS)}", key[:40]
            )
    found = {**DEFAULTS, **given}
    for name, check in CHECKS.items():
        found[name] = check(found[name], name)
    # a copy of its own: nobody else writes into it
    return json.loads(json.dumps(found))


def merged(settings: Any, patch: Any) -> Any:
    """A JSON merge patch on settings.

    Source: RFC 7396.
    """
    if not isinstance(patch, dict):
        return patch
    result = dict(settings) if isinstance(settings, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def of_runs(settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings of each run, "a" and, where two are compared, "b"; `settings` are normal.

    Raises:
        Refused: the second's are not right; the field is below "compare".
    """
    own = {**settings, "compare": None}
    runs = {"a": own}
    if settings["compare"] is not None:
        try:
            runs["b"] = normalized(merged(own, settings["compare"]))
        except Refused as error:
            field = f"compare.{error.problem.field}".rstrip(".")
            raise Refused(error.problem.message, field, error.status) from None
    return runs


def _version(value: Any, field: str) -> int:
    if value != VERSION:
        raise Refused(f"version must be {VERSION}, got {short(value)}", field)
    return VERSION


def _data(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        raise Refused(f"data must be an object with a kind, got {short(value)}", field)
    if value["kind"] not in DATA:
        raise Refused(
            f"there are no data {value['kind'][:40]!r}. Known: {', '.join(DATA)}", f"{field}.kind"
        )
    fields = DATA[value["kind"]].fields
    for key in value:
        if key != "kind" and key not in fields:
            raise Refused(
                f"data {value['kind']!r} have no setting {key[:40]!r}. Known: {', '.join(fields)}",
                f"{field}.{key[:40]}",
            )
    found = {"kind": value["kind"]}
    for name, about in fields.items():
        found[name] = _field(value.get(name, about.default), about, name, f"{field}.{name}")
    if value["kind"] == "points":
        found["points"] = _points(found["points"], found["task"], f"{field}.points")
    return found


def _field(value: Any, about: Field, name: str, field: str) -> Any:
    if value is None and about.optional:
        return None
    if about.kind == "integer":
        return whole(value, name, field, about.low, about.high)
    if about.kind == "number":
        return real(value, name, field, about.low, about.high)
    if about.kind == "choice":
        return _choice(about.options or ())(value, field)
    if about.kind == "text":
        if not isinstance(value, str) or len(value) > 500:
            raise Refused(f"{name} must be a text, got {short(value)}", field)
        return value
    if about.kind == "features":
        known = about.options or ()
        right = isinstance(value, list) and value and all(one in known for one in value)
        if not right or len(set(value)) < len(value):
            raise Refused(
                f"features must be one or more of {', '.join(known)}, got {short(value)}", field
            )
        return value
    if not isinstance(value, list) or len(value) > limits.POINTS:
        raise Refused(f"points must be a list of at most {limits.POINTS:,} points", field)
    return value


def _points(points: list[Any], task: str, field: str) -> list[list[float]]:
    """Painted ones: two coordinates and a label, or x and y."""
    entries = 3 if task == "classes" else 2
    for n, point in enumerate(points):
        here = f"{field}[{n}]"
        if not isinstance(point, list) or len(point) != entries:
            wanted = "[x1, x2, label]" if entries == 3 else "[x, y]"
            raise Refused(f"a point must be {wanted}, got {short(point)}", here)
        for value in point[:2]:
            real(value, "a coordinate", here, -1e6, 1e6)
        if entries == 3:
            whole(point[2], "a label", here, 0, limits.CLASSES - 1)
    return points


def _layers(value: Any, field: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > limits.LAYERS:
        raise Refused(
            f"layers must be a list of at most {limits.LAYERS} layers, got {short(value)}", field
        )
    for n, layer in enumerate(value):
        make(layer, "layer", f"{field}[{n}]")
    return value


def _output(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict) or "type" in value or "units" in value:
        raise Refused("output must be an object with options of the last Dense layer", field)
    make({**value, "type": "Dense", "units": 1}, "layer", field)
    return value


def _loss(value: Any, field: str) -> Any:
    if value is not None:
        make(value, "loss", field)
    return value


def _optimizer(value: Any, field: str) -> Any:
    if isinstance(value, dict):
        make(with_steps(value, 1000), "optimizer", field)
    else:
        make(value, "optimizer", field)
    return value


def with_steps(optimizer: Any, steps: int) -> Any:
    """An optimizer's settings in which schedules that leave their length open have one.

    As `hyalite train` does it, a tenth of the steps are for warming up.

    Args:
        optimizer: JSON data.
        steps: of all epochs together.
    """
    if not isinstance(optimizer, dict):
        return optimizer
    found = dict(optimizer)
    for name, value in optimizer.items():
        if isinstance(value, dict) and "type" in value:
            own = dict(value)
            if own.get("steps", 0) is None:
                own["steps"] = steps
            if own.get("warmup", 0) is None:
                length = own.get("steps", steps)
                own["warmup"] = length // 10 if isinstance(length, int) else 0
            found[name] = own
    return found


def leaves_length_open(optimizer: Any) -> bool:
    """Whether a schedule of it takes its length from the number of epochs."""
    return isinstance(optimizer, dict) and any(
        isinstance(value, dict) and value.get("steps", 0) is None for value in optimizer.values()
    )


def _whole_or_none(low: int, high: int) -> Callable[[Any, str], int | None]:
    def check(value: Any, field: str) -> int | None:
        return None if value is None else whole(value, field, field, low, high)

    return check


def _truth(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise Refused(f"{field} must be true or false, got {short(value)}", field)
    return value


def _class_weight(value: Any, field: str) -> str | None:
    return None if value is None else _choice(("balanced",))(value, field)


def _choice(options: tuple[str, ...]) -> Callable[[Any, str], str]:
    def check(value: Any, field: str) -> str:
        if not isinstance(value, str) or value not in options:
            name = field.rpartition(".")[2]
            raise Refused(f"{name} must be one of {', '.join(options)}, got {short(value)}", field)
        return value

    return check


def _stop(value: Any, field: str) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not set(value) <= set(STOP):
        raise Refused(f"stop must be null or have {', '.join(STOP)}, got {short(value)}", field)
    found = {**STOP, **value}
    if not isinstance(found["monitor"], str) or len(found["monitor"]) > 60:
        raise Refused("monitor must be the name of a figure, such as val_loss", f"{field}.monitor")
    whole(found["patience"], "patience", f"{field}.patience", 0, limits.EPOCHS)
    real(found["min_delta"], "min_delta", f"{field}.min_delta", 0)
    return found


def _compare(value: Any, field: str) -> dict[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise Refused(f"compare must be null or an object, got {short(value)}", field)
    if value is not None and "compare" in value:
        raise Refused("two runs can be compared, not three", field)
    return value


CHECKS: dict[str, Callable[[Any, str], Any]] = {
    "version": _version,
    "data": _data,
    "layers": _layers,
    "output": _output,
    "loss": _loss,
    "optimizer": _optimizer,
    "batch_size": _whole_or_none(1, limits.BATCH),
    "epochs": _whole_or_none(1, limits.EPOCHS),
    "shuffle": _truth,
    "class_weight": _class_weight,
    "seed": lambda value, field: whole(value, field, field, 0, limits.SEED),
    "dtype": _choice(DTYPES),
    "engine": _choice(ENGINES),
    "stop": _stop,
    "compare": _compare,
}

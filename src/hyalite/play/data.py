"""The samples that settings ask for, and the plane in which a page draws them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from hyalite.data import datasets
from hyalite.data.digits import SIDE
from hyalite.parameters import Array
from hyalite.play.problems import Refused, at

MARGIN = 0.1  # of the range of the points, around them
PAINTED = 1.1  # how far painting reaches at least
# what a network may be given of a point: as code, and the same as a function
FEATURES: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "x1": ("x[:, 0]", lambda x: x[:, 0]),
    "x2": ("x[:, 1]", lambda x: x[:, 1]),
    "x1^2": ("x[:, 0] ** 2", lambda x: x[:, 0] ** 2),
    "x2^2": ("x[:, 1] ** 2", lambda x: x[:, 1] ** 2),
    "x1*x2": ("x[:, 0] * x[:, 1]", lambda x: x[:, 0] * x[:, 1]),
    "sin(x1)": ("np.sin(x[:, 0])", lambda x: np.sin(x[:, 0])),
    "sin(x2)": ("np.sin(x[:, 1])", lambda x: np.sin(x[:, 1])),
}
PLAIN = ["x1", "x2"]


@dataclass(frozen=True)
class PlayData:
    """What is trained on and tested on, and how it is drawn.

    Attributes:
        shape: "plane" (two coordinates), "curve" (one), "pictures" or "rows".
        task: "classes" or "numbers".
        x, y: as the network gets them: inputs, and labels (n,) or numbers.
        x_test, y_test: the same to test on; None where `test_share` of x is cut off by the fit.
        test_share: that share; 0 for none.
        classes: names.
        drawn, drawn_test: coordinates of the points, (n, 2) or (n, 1); None where there are none.
        axes: names of the coordinates.
        inputs: names of what the network gets, number by number; none of pictures.
        to_inputs: from coordinates to what the network gets.
        code: lines of Python that make x, y, x_test and y_test.
        command: the same data as `hyalite train` names them; "" where it has no name for them.
        embedded: numbers of categories of the last inputs.
        unit: mean and scale of the target, where it was standardized.
        remarks: what is to be said of the data.
        dataset: of a table, as the recipes have it.
        command_options: of `hyalite train`, for the data.
        least: how far the picture reaches from 0 at least, so that it stays while one paints.
    """

    shape: str
    task: str
    x: Array
    y: Array
    x_test: Array | None = None
    y_test: Array | None = None
    test_share: float = 0.0
    classes: tuple[str, ...] = ()
    drawn: Array | None = None
    drawn_test: Array | None = None
    axes: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    to_inputs: Callable[[Array], Array] = lambda points: points
    code: str = ""
    command: str = ""
    embedded: tuple[int, ...] = ()
    unit: tuple[float, float] = (0.0, 1.0)
    remarks: list[str] = field(default_factory=list)
    dataset: Any = None
    command_options: tuple[str, ...] = ()
    least: float = 0.0

    @property
    def domain(self) -> list[list[float]]:
        """The range of each coordinate with a margin; of a plane of points both equally wide."""
        if self.drawn is None:
            return []
        parts = [self.drawn] if self.drawn_test is None else [self.drawn, self.drawn_test]
        points = np.concatenate(parts).astype(np.float64)
        low = np.minimum(points.min(axis=0), -self.least or np.inf)
        high = np.maximum(points.max(axis=0), self.least or -np.inf)
        half = np.maximum((high - low) / 2, 1e-6)
        if self.shape == "plane":
            half[:] = half.max()
        half *= 1 + (MARGIN if self.drawn.shape[1] == 2 else MARGIN / 2)
        middle = (low + high) / 2
        return np.column_stack([middle - half, middle + half]).tolist()

    @property
    def range(self) -> list[float] | None:
        """Of the numbers to be learned."""
        if self.task == "classes":
            return None
        low, high = float(self.y.min()), float(self.y.max())
        if self.least:
            return [min(low, -self.least), max(high, self.least)]
        return [low, high]


def data_of(settings: Mapping[str, Any], uploads: Mapping[str, Any]) -> PlayData:
    """The samples that settings ask for.

    Args:
        settings: in normal form.
        uploads: tables that were dropped on the page, by their ids.

    Raises:
        Refused: they cannot be made.
    """
    data = settings["data"]
    kind = data["kind"]
    with at("data"):
        if kind == "sine":
            return _sine(data)
        if kind == "points":
            return _painted(data)
        if kind == "table":
            from hyalite.play.table_data import table_samples

            return table_samples(data, settings["seed"], uploads)
        if kind in ("mnist", "fashion-mnist"):
            return _pictures(data)
        return _made(data)


def _made(data: Mapping[str, Any]) -> PlayData:
    """Points by a formula."""
    name = data["kind"]
    make = getattr(datasets, name)
    points, y = make(data["samples"], data["classes"], seed=data["seed"], noise=data["noise"])
    test, y_test = make(
        data["test_samples"], data["classes"], seed=data["test_seed"], noise=data["noise"]
    )
    lines = [
        f"x, y = hy.datasets.{name}"
        f"({data['samples']}, {data['classes']}, seed={data['seed']}, noise={data['noise']!r})",
        f"x_test, y_test = hy.datasets.{name}({data['test_samples']}, {data['classes']}, "
        f"seed={data['test_seed']}, noise={data['noise']!r})",
    ]
    book = {"samples": 100, "test_samples": 100, "classes": 3, "noise": 0.2, "seed": 0,
            "test_seed": 1, "features": PLAIN}  # fmt: skip
    known = name == "spiral" and all(data[key] == value for key, value in book.items())
    return _planar(
        data["features"], points, y, test, y_test, lines,
        shape="plane", task="classes", classes=tuple(map(str, range(data["classes"]))),
        command="spiral" if known else "",
    )  # fmt: skip


def _planar(
    features: list[str],
    points: Array,
    y: Array,
    test: Array | None,
    y_test: Array | None,
    lines: list[str],
    **about: Any,
) -> PlayData:
    """Points in the plane, of which the network gets some features."""

    def to_inputs(x: Array) -> Array:
        if features == PLAIN:
            return x
        return np.column_stack([FEATURES[name][1](x) for name in features])

    if features != PLAIN:
        columns = ", ".join(FEATURES[name][0] for name in features)
        lines = [
            *lines,
            "",
            "",
            "def features(x):",
            f"    return np.column_stack([{columns}])",
            "",
            "",
            "x = features(x)" if test is None else "x, x_test = features(x), features(x_test)",
        ]
    return PlayData(
        x=to_inputs(points),
        y=y,
        x_test=None if test is None else to_inputs(test),
        y_test=y_test,
        drawn=points,
        drawn_test=test,
        axes=("x1", "x2"),
        inputs=tuple(features),
        to_inputs=to_inputs,
        code="\n".join(lines),
        **about,
    )


def _sine(data: Mapping[str, Any]) -> PlayData:
    x, y = datasets.sine(data["samples"])
    x_test, y_test = datasets.sine(data["test_samples"])
    code = (
        f"x, y = hy.datasets.sine({data['samples']})\n"
        f"x_test, y_test = hy.datasets.sine({data['test_samples']})"
    )
    known = (data["samples"], data["test_samples"]) == (1000, 999)
    return PlayData(
        "curve", "numbers", x, y, x_test, y_test,
        drawn=x, drawn_test=x_test, axes=("x",), inputs=("x",), code=code,
        command="sine" if known else "",
    )  # fmt: skip


def _painted(data: Mapping[str, Any]) -> PlayData:
    """Points that were painted; the fit cuts some off to test on."""
    points, share = data["points"], data["test_share"]
    least = 2 if not share else 3
    if len(points) < least:
        raise Refused(f"paint at least {least} points, there are {len(points)}", "data.points", 409)
    count = round(len(points) * share)
    if share and not 0 < count < len(points):
        raise Refused(
            f"test_share={share} of {len(points)} points leaves none to train or to test on; "
            "paint more points, or choose another share",
            "data.test_share",
        )
    table = np.array(points, np.float64)
    rows = _listed(points)
    if data["task"] == "numbers":
        code = f"points = np.array({rows}, np.float32)\nx, y = points[:, :1], points[:, 1:]"
        x, y = table[:, :1].astype(np.float32), table[:, 1:].astype(np.float32)
        return PlayData(
            "curve", "numbers", x, y,
            test_share=share, drawn=x, axes=("x",), inputs=("x",), code=code, least=PAINTED,
        )  # fmt: skip
    labels = table[:, 2].astype(np.int64)
    classes = max(data["classes"] or 2, int(labels.max()) + 1, 2)
    lines = [
        f"points = np.array({rows})",
        "x, y = points[:, :2].astype(np.float32), points[:, 2].astype(np.int64)",
    ]
    return _planar(
        data["features"], table[:, :2].astype(np.float32), labels, None, None, lines,
        shape="plane", task="classes", classes=tuple(map(str, range(classes))), test_share=share,
        least=PAINTED,
    )  # fmt: skip


def _listed(points: list[Any]) -> str:
    """Points as code, some in a line."""
    texts = [repr(point) for point in points]
    lines = [", ".join(texts[n : n + 5]) for n in range(0, len(texts), 5)]
    return f"[{lines[0]}]" if len(lines) == 1 else "[\n    " + ",\n    ".join(lines) + ",\n]"


@cache
def _known_pictures(name: str) -> Any:
    """All of MNIST, or of Fashion-MNIST where it is on this machine; kept for all sessions."""
    read = datasets.mnist if name == "mnist" else datasets.fashion_mnist
    return read(flatten=False, normalize=False)


def pictures_there(name: str) -> bool:
    """Whether the pictures of this name need no download."""
    if name == "mnist":
        return True
    try:
        return datasets.find_fashion_mnist() is not None
    except OSError:
        return False


def _pictures(data: Mapping[str, Any]) -> PlayData:
    name = data["kind"]
    if not pictures_there(name):
        raise Refused(
            "the pictures of clothes are not on this machine; `hyalite train fashion-mnist` "
            "downloads them once" + (", or set HYALITE_DATA" if os.name != "nt" else ""),
            "data.kind",
            409,
        )
    (x, y), (x_test, y_test) = _known_pictures(name)
    n, tests = data["samples"], data["test_samples"]
    function = name.replace("-", "_")
    code = f"(x, y), (x_test, y_test) = hy.datasets.{function}(flatten=False, normalize=False)"
    if n < len(x):
        code += f"\nx, y = x[:{n}], y[:{n}]"
    if tests < len(x_test):
        code += f"\nx_test, y_test = x_test[:{tests}], y_test[:{tests}]"
    whole = n >= len(x) and tests >= len(x_test)
    names = datasets.MNIST_CLASSES if name == "mnist" else datasets.FASHION_MNIST_CLASSES
    assert x.shape[1:] == (SIDE, SIDE)
    return PlayData(
        "pictures", "classes", x[:n], y[:n], x_test[:tests], y_test[:tests],
        classes=names, code=code, command=name if whole else "",
    )  # fmt: skip

"""What a model does at prediction, as a list of plain steps; every export is written from it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hyalite import layers
from hyalite.exact import is_exactly
from hyalite.layers import Layer
from hyalite.layers.columns import ColumnEmbedding
from hyalite.layers.selection import index
from hyalite.model import Sequential
from hyalite.parameters import Array

ACTIVATIONS: dict[type[Layer], str] = {
    layers.ReLU: "relu",
    layers.LeakyReLU: "leaky_relu",
    layers.Sigmoid: "sigmoid",
    layers.Tanh: "tanh",
    layers.GELU: "gelu",
    layers.Softmax: "softmax",
    layers.SELU: "selu",
    layers.Mish: "mish",
    layers.SiLU: "silu",
}
# what changes nothing at prediction; so does dropout, for which PyTorch has a module
NOTHING = (layers.Linear, layers.GaussianNoise, layers.RandomAffine, layers.RandomFlip)


@dataclass
class Step:
    """One step, x -> y.

    Attributes:
        kind: "flatten", "rescale" (scale·x + offset), "dense" (x·W + b), "affine" (a·x + c, what
            batch normalization is at prediction; of pictures by channel), "normalize" (a layer
            normalization), the three of `embedding_step`, "smooth_clip" (the columns within
            ±limit), "keep" (x, for later) and "mix" (a·x + (1 - a)·what was kept; an activation
            stands between), "fork" (x, for later) and "add" (x + what the fork of this name had;
            any steps stand between), or an activation's name.
        name: of the layer, fit for a variable.
        width: entries of y in a row.
        arrays: float32, by name.
        numbers: by name.
    """

    kind: str
    name: str
    width: int
    arrays: dict[str, Array] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)


def steps_of(model: Sequential, prefix: str = "") -> list[Step]:
    """The steps; numbers are rounded to float32.

    Args:
        model: built.
        prefix: of the steps' names.

    Raises:
        ValueError: not built, or a layer that is not the library's.
    """
    _ = model.network.ready
    names: dict[str, str] = {}
    for place in model.network.walk():
        names[place.name] = _variable(prefix, place.name, names.values())
    return _steps(model.network.stages(), names, math.prod(model.network.input_shape))


def _steps(stages: Sequence[Layer], names: Mapping[str, str], width: int) -> list[Step]:
    """Those of some stages, the first of which takes rows of so many numbers."""
    found: list[Step] = []
    for stage in stages:
        name = names[stage.name or ""]
        if is_exactly(stage, layers.Residual):
            found.append(Step("fork", name, width))
            found += [*_steps(stage.within, names, width), Step("add", name, width)]
        elif type(stage) in STEPS:
            found += STEPS[type(stage)](stage, name, width)
        else:
            raise foreign(stage, stage.name)
        width = found[-1].width if found else width
    return found


def _variable(prefix: str, name: str, taken: Collection[str]) -> str:
    """A layer's name as Python and C have names, and as no other layer is called."""
    made = prefix + "".join(c if c.isascii() and c.isalnum() else "_" for c in name)
    made = made if made[:1].isalpha() else f"layer_{made}"
    while made in taken:
        made += "_"
    return made


def _dense(stage: layers.Dense, name: str, width: int) -> list[Step]:
    b = stage.b if stage.use_bias else np.zeros(stage.units)
    return [Step("dense", name, stage.units, {"W": float32(stage.W), "b": float32(b)})]


def _rescale(stage: layers.Rescaling, name: str, width: int) -> list[Step]:
    return [Step("rescale", name, width, numbers={"scale": stage.scale, "offset": stage.offset})]


def _batch_normalization(stage: layers.BatchNormalization, name: str, width: int) -> list[Step]:
    factor = stage.gamma / np.sqrt(stage.variance.astype(np.float64) + stage.epsilon)
    arrays = {"a": float32(factor), "c": float32(stage.beta - stage.mean * factor)}
    return [Step("affine", name, width, arrays)]


def _layer_normalization(stage: layers.LayerNormalization, name: str, width: int) -> list[Step]:
    arrays = {"gamma": float32(stage.gamma), "beta": float32(stage.beta)}
    return [Step("normalize", name, width, arrays, {"epsilon": stage.epsilon})]


def _scale(stage: layers.Scale, name: str, width: int) -> list[Step]:
    factors = np.ones(width)
    factors[index(stage.columns)] = stage.s
    return [Step("affine", name, width, {"a": float32(factors), "c": np.zeros(width, "f4")})]


def _smooth_clip(stage: layers.SmoothClip, name: str, width: int) -> list[Step]:
    columns = float32(np.array(range(width) if stage.columns is None else stage.columns))
    return [Step("smooth_clip", name, width, {"columns": columns}, {"limit": stage.limit})]


def _parametric_activation(stage: layers.ParametricActivation, name: str, width: int) -> list[Step]:
    inside = stage.activation
    linear = is_exactly(inside, layers.Linear)
    between = [] if linear else [activation_step(inside, name, width)]
    mix = Step("mix", name, width, {"a": float32(stage.a)})
    return [Step("keep", name, width), *between, mix]


def embedding_step(stage: ColumnEmbedding, name: str) -> Step:
    """The step of an embedding: the columns at `passing`, then what is made of those at `columns`.

    "embed": for each category a row of E, from its column's start on; "periodic": the number, and
    cos(w·x + b1)·W2 + b2, with w = 2π·w1; "piecewise": w0·x + b0 + t·V with t = (x - left)/width
    within low and high, in as many pieces for each column, of which some are always 0.
    """
    places = {"columns": float32(stage.chosen), "passing": float32(stage.passing)}
    kind, arrays = "embed", dict[str, Array]()
    if is_exactly(stage, layers.Embedding):
        arrays = {"E": stage.E, "starts": stage.starts}
    elif is_exactly(stage, layers.PeriodicEmbedding):
        kind, arrays = "periodic", {"w": 2 * math.pi * stage.w1, **stage.values}
        del arrays["w1"]
    elif is_exactly(stage, layers.PiecewiseLinearEmbedding):
        kind, arrays = "piecewise", {**stage.values, **padded_pieces(stage)}
    arrays = {key: float32(array) for key, array in arrays.items()}
    width = len(stage.passing) + len(stage.chosen) * stage.dimension
    return Step(kind, name, width, {**places, **arrays})


def padded_pieces(stage: layers.PiecewiseLinearEmbedding) -> dict[str, Array]:
    """Of every piece the left edge, width and bounds, (columns, pieces), and V; where a column has
    fewer than another, pieces whose bounds are 0.
    """
    most, infinity = max(map(len, stage.bins)) - 1, np.finfo("f4").max
    made = {key: np.zeros((len(stage.bins), most)) for key in ("left", "low", "high")}
    made["width"], made["V"] = made["left"] + 1, np.zeros((len(stage.bins), most, stage.dimension))
    for place, (edges, rows) in enumerate(zip(stage.edges, stage.pieces, strict=True)):
        count = len(edges) - 1
        made["left"][place, :count], made["width"][place, :count] = edges[:-1], np.diff(edges)
        made["low"][place, 0], made["high"][place, :count] = -infinity, 1
        made["high"][place, count - 1], made["V"][place, :count] = infinity, stage.V[rows]
    return made


def activation_step(activation: Layer, name: str, width: int) -> Step:
    """The step of an activation, in the layer of this name."""
    if type(activation) not in ACTIVATIONS:
        raise foreign(activation, name)
    slope = {"slope": activation.slope} if is_exactly(activation, layers.LeakyReLU) else {}
    return Step(ACTIVATIONS[type(activation)], name, width, numbers=slope)


def foreign(part: Layer, name: str | None) -> ValueError:
    """The error of a part that no export knows."""
    return ValueError(
        f"layer {name}: {type(part).__name__} is not one of the library's, so it cannot be exported"
    )


def float32(array: Array) -> Array:
    """`array` as exported files hold it: single precision, contiguous."""
    return np.ascontiguousarray(array, np.float32)


def title(model: Sequential) -> str:
    """The model in words: "(28, 28) -> flatten -> dense 64 -> relu -> dense 10", in short lines."""
    parts = [str(model.network.input_shape)]
    parts += [f"dense {s.width}" if s.kind == "dense" else s.kind for s in steps_of(model)]
    return textwrap.fill(" -> ".join(parts), 90, subsequent_indent="    ")


# The steps of a layer, from the layer, its name and the width of x.
STEPS: dict[type[Layer], Callable[[Any, str, int], list[Step]]] = {
    layers.Dense: _dense,
    layers.Rescaling: _rescale,
    layers.Flatten: lambda stage, name, width: [Step("flatten", name, width)],
    layers.BatchNormalization: _batch_normalization,
    layers.LayerNormalization: _layer_normalization,
    layers.Scale: _scale,
    layers.SmoothClip: _smooth_clip,
    layers.ParametricActivation: _parametric_activation,
    **dict.fromkeys(
        (layers.Embedding, layers.PeriodicEmbedding, layers.PiecewiseLinearEmbedding),
        lambda stage, name, width: [embedding_step(stage, name)],
    ),
    **dict.fromkeys(ACTIVATIONS, lambda stage, name, width: [activation_step(stage, name, width)]),
    **dict.fromkeys((*NOTHING, layers.Dropout), lambda stage, name, width: []),
}

"""What a model does at prediction, as a list of plain steps; every export is written from it."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass, field

import numpy as np

from hyalite import layers
from hyalite.exact import is_exactly, is_own
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
NOTHING = (layers.Linear, layers.GaussianNoise, layers.RandomAffine)


@dataclass
class Step:
    """One step, x -> y.

    Attributes:
        kind: "flatten", "rescale" (scale·x + offset), "dense" (x·W + b), "affine" (a·x + c, what
            batch normalization is at prediction), "normalize" (a layer normalization), the three
            of `embedding_step`, "smooth_clip" (the columns within ±limit), "keep" (x, for later),
            "mix" (a·x + (1 - a)·what was kept; an activation stands between), or an activation's
            name.
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


def steps_of(model: Sequential) -> list[Step]:
    """The steps; numbers are rounded to float32.

    Raises:
        ValueError: not built, or a layer that is not the library's.
    """
    found: list[Step] = []
    _ = model.network.ready
    width = math.prod(model.network.input_shape)
    for stage in model.network.stages():
        name = "".join(c if c.isalnum() else "_" for c in stage.name or "")
        if is_exactly(stage, layers.Dense):
            width = stage.units
        step = Step("", name, width)
        if is_exactly(stage, layers.Dense):
            step.kind, step.arrays = "dense", {"W": float32(stage.W)}
            step.arrays["b"] = float32(stage.b if stage.use_bias else np.zeros(width))
        elif isinstance(stage, ColumnEmbedding) and is_own(stage):
            step = embedding_step(stage, name)
            width = step.width
        elif is_exactly(stage, layers.Rescaling):
            step.kind, step.numbers = "rescale", {"scale": stage.scale, "offset": stage.offset}
        elif is_exactly(stage, layers.Flatten):
            step.kind = "flatten"
        elif is_exactly(stage, layers.BatchNormalization):
            factor = stage.gamma / np.sqrt(stage.variance.astype(np.float64) + stage.epsilon)
            step.kind = "affine"
            step.arrays = {"a": float32(factor), "c": float32(stage.beta - stage.mean * factor)}
        elif is_exactly(stage, layers.LayerNormalization):
            step.kind, step.numbers = "normalize", {"epsilon": stage.epsilon}
            step.arrays = {"gamma": float32(stage.gamma), "beta": float32(stage.beta)}
        elif is_exactly(stage, layers.Scale):
            factors = np.ones(width)
            factors[index(stage.columns)] = stage.s
            step.kind, step.arrays = "affine", {"a": float32(factors), "c": np.zeros(width, "f4")}
        elif is_exactly(stage, layers.SmoothClip):
            columns = range(width) if stage.columns is None else stage.columns
            step.kind, step.numbers = "smooth_clip", {"limit": stage.limit}
            step.arrays = {"columns": np.array(columns, np.float32)}
        elif is_exactly(stage, layers.ParametricActivation):
            found.append(Step("keep", name, width))
            if not is_exactly(stage.activation, layers.Linear):
                found.append(activation_step(stage.activation, name, width))
            step.kind, step.arrays = "mix", {"a": float32(stage.a)}
        elif type(stage) in ACTIVATIONS:
            step = activation_step(stage, name, width)
        elif is_exactly(stage, *NOTHING, layers.Dropout):
            continue  # they change nothing at prediction
        else:
            raise foreign(stage, stage.name)
        found.append(step)
    return found


def embedding_step(stage: ColumnEmbedding, name: str) -> Step:
    """The step of an embedding: the columns at `passing`, then what is made of those at `columns`.

    "embed": for each category a row of E, from its column's start on; "periodic": the number, and
    cos(w·x + b1)·W2 + b2, with w = 2π·w1; "piecewise": w0·x + b0 + t·V with t = (x - left)/width
    within low and high, in as many pieces for each column, of which some are always 0.
    """
    places = {"columns": float32(stage.chosen), "passing": float32(stage.passing)}
    kind, arrays = "embed", dict[str, Array]()
    if isinstance(stage, layers.Embedding):
        arrays = {"E": stage.E, "starts": stage.starts}
    elif isinstance(stage, layers.PeriodicEmbedding):
        kind, arrays = "periodic", {"w": 2 * math.pi * stage.w1, **stage.values}
        del arrays["w1"]
    elif isinstance(stage, layers.PiecewiseLinearEmbedding):
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

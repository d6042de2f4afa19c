"""A network of pictures with channels before rows and columns, as ONNX and PyTorch have them.

Everything in the library and in its other exports has channels last.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hyalite.export.steps import Step
from hyalite.parameters import Array, Shape

# steps number by number: they do not ask where in a row a number stands
ANYWHERE = {"rescale", "relu", "leaky_relu", "sigmoid", "tanh", "gelu", "selu", "mish", "silu"}


def channels_first(steps: Sequence[Step], input_shape: Shape) -> list[Step]:
    """The same network in ONNX's order of axes; no change where no step has windows or channels.

    Pictures are transposed once, where they come in; those of one channel are only reshaped.
    Behind a "flatten" the rows of the first dense matrix are put in the order in which the numbers
    then come; where another layer stands before it that knows places, or none follows, the
    pictures are transposed back.
    """
    if not any(step.windows or step.kind == "global_average_pooling" for step in steps):
        return list(steps)
    return list(_changed(steps, input_shape))


def _changed(steps: Sequence[Step], shape: Shape) -> Iterator[Step]:
    if len(shape) == 3:
        yield _moved("channels_first", "x", shape)
    waits = None  # shape of the pictures whose dense matrix is still to come
    for place, step in enumerate(steps):
        made = step
        if step.kind == "reshape" and len(step.shape) == 3:  # of pictures (height, width)
            made = replace(step, shape=(1, *shape))
        elif step.kind == "flatten" and len(shape) == 3:
            if _dense_follows(steps[place + 1 :]):
                waits = shape
            else:
                yield _moved("channels_last", step.name, shape)
        elif step.kind == "affine" and len(shape) == 3:
            by_channel = {key: array.reshape(-1, 1, 1) for key, array in step.arrays.items()}
            made = replace(step, arrays=by_channel)
        elif step.kind == "dense" and waits:
            W, waits = rows_by_channel(step.arrays["W"], waits), None
            made = replace(step, arrays=step.arrays | {"W": W})
        yield made
        shape = step.shape
    if len(shape) == 3:
        yield _moved("channels_last", "y", shape)


def _moved(kind: str, name: str, shape: Shape) -> Step:
    """The step that moves the axis of channels of pictures (height, width, channels)."""
    height, width, channels = shape
    made = shape if kind == "channels_last" else (channels, height, width)
    return Step("reshape" if channels == 1 else kind, name, made)


def _dense_follows(steps: Sequence[Step]) -> bool:
    """Whether the first step that asks where a number stands is a dense one."""
    first = next((step.kind for step in steps if step.kind not in ANYWHERE), None)
    return first == "dense"


def rows_by_channel(W: Array, shape: Shape) -> Array:
    """The rows of a dense matrix behind pictures (height, width, channels), by channel first."""
    return W.reshape(*shape, -1).transpose(2, 0, 1, 3).reshape(math.prod(shape), -1)

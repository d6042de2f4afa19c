"""A network as a table: layers, output shapes, numbers of parameters."""

from __future__ import annotations

from hyalite.layers import Layer
from hyalite.network import Network
from hyalite.parameters import Shape
from hyalite.text import columns, shown, text_table
from hyalite.translation import translated


def table(network: Network) -> str:
    """The layers of `network` as text, a line each, and their total.

    What is within a block is indented below it; its parameters are among the block's.
    """
    rows = [tuple(map(translated, ("layer", "kind", "output", "parameters")))]
    for layer, name, shape, depth in network.walk():
        count = sum(array.size for array in layer.values.values())
        output = shape_of(shape) if network.built else "?"
        own = "  " * depth + shown(name.rpartition(".")[2])
        rows.append((own, kind_of(layer), output, f"{count:,}" if network.built else "?"))
    head, *lines = text_table(rows, "<<<>").split("\n")
    rule = "─" * columns(head)
    parameters = network.parameters
    if parameters is None:
        total = "not built yet: the sizes follow from the first data"
    else:
        size = parameters.theta.nbytes / 1024
        total = f"{parameters.theta.size:,} parameters ({size:,.1f} KiB, {network.dtype.name})"
        if parameters.state.size:
            total += f", {parameters.state.size:,} running statistics"
        total += f"; samples {(*network.input_shape,)}"
    return "\n".join([head, rule, *lines, rule, total])


def kind_of(layer: Layer) -> str:
    """What a layer is, with its activation: "Dense, ReLU"."""
    activation = getattr(layer, "activation", None)
    return type(layer).__name__ + (f", {type(activation).__name__}" if activation else "")


def shape_of(batch: Shape) -> str:
    """The shape of n samples: "(n, 28, 28)"."""
    return str((None, *batch)).replace("None", "n")

"""A network as a table: layers, output shapes, numbers of parameters."""

from __future__ import annotations

import unicodedata

from hyalite.layers import Layer
from hyalite.network import Network
from hyalite.parameters import Shape

LONGEST = 36  # columns of a name; a longer one is cut


def table(network: Network) -> str:
    """The layers of `network` as text, a line each, and their total."""
    rows = [("layer", "kind", "output", "parameters")]
    shapes = network.shapes or [()] * len(network.layers)
    for layer, name, shape in zip(network.layers, network.names, shapes, strict=True):
        count = sum(array.size for array in layer.values.values())
        output = shape_of(shape) if network.built else "?"
        rows.append((shown(name), kind_of(layer), output, f"{count:,}" if network.built else "?"))
    widths = [max(columns(row[place]) for row in rows) for place in range(4)]
    lines = []
    for row in rows:
        rooms = [" " * (width - columns(text)) for text, width in zip(row, widths, strict=True)]
        cells = [text + room for text, room in zip(row[:3], rooms, strict=False)]
        lines.append("  ".join([*cells, rooms[3] + row[3]]))
    rule = "─" * (sum(widths) + 6)
    parameters = network.parameters
    if parameters is None:
        total = "not built yet: the sizes follow from the first data"
    else:
        size = parameters.theta.nbytes / 1024
        total = f"{parameters.theta.size:,} parameters ({size:,.1f} KiB, {network.dtype.name})"
        if parameters.state.size:
            total += f", {parameters.state.size:,} running statistics"
        total += f"; samples {(*network.input_shape,)}"
    return "\n".join([lines[0], rule, *lines[1:], rule, total])


def kind_of(layer: Layer) -> str:
    """What a layer is, with its activation: "Dense, ReLU"."""
    activation = getattr(layer, "activation", None)
    return type(layer).__name__ + (f", {type(activation).__name__}" if activation else "")


def shape_of(batch: Shape) -> str:
    """The shape of n samples: "(n, 28, 28)"."""
    return str((None, *batch)).replace("None", "n")


def shown(name: str, longest: int = LONGEST) -> str:
    """A name as it is shown: cut where it is long, without what would steer a terminal or a page.

    Names come from strangers' files, too.
    """
    name = "".join(letter if letter.isprintable() else "�" for letter in name)
    if columns(name) <= longest:
        return name
    while columns(name) > longest - 1:
        name = name[: longest - 1] if len(name) >= longest else name[:-1]
    return name + "…"


def columns(text: str) -> int:
    """How wide a terminal shows it: a Chinese character takes two columns, an accent none."""
    return sum(
        1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
        if not unicodedata.combining(letter)
    )

"""A network as a table: layers, output shapes, numbers of parameters."""

from __future__ import annotations

from hyalite.network import Network


def table(network: Network) -> str:
    """The layers of `network` as text, a line each, and their total."""
    rows = [("layer", "kind", "output", "parameters")]
    shapes = network.shapes or [()] * len(network.layers)
    for layer, name, shape in zip(network.layers, network.names, shapes, strict=True):
        activation = getattr(layer, "activation", None)
        kind = type(layer).__name__ + (f", {type(activation).__name__}" if activation else "")
        count = sum(array.size for array in layer.values.values())
        output = str((None, *shape)).replace("None", "n") if network.built else "?"
        rows.append((name, kind, output, f"{count:,}" if network.built else "?"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join(
            text.rjust(width) if column == 3 else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    rule = "─" * len(lines[0])
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

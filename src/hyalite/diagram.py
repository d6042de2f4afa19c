"""A model's architecture as a block diagram: the data in, a block for each layer, the loss out.

Plain SVG text, made without any other package. (Units as circles and weights as lines between them
are `hyalite.plots.diagram`, drawn with matplotlib.)
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from hyalite import layers
from hyalite.files.replacing import replace
from hyalite.layers.columns import ColumnEmbedding
from hyalite.losses import Loss
from hyalite.network import Network
from hyalite.summary import kind_of, shape_of
from hyalite.text import columns, shown

# Fill and edge of a block by what it does; all on white, so that it reads on a dark page, too.
COLORS = (
    ((layers.Weighted, ColumnEmbedding), ("#DCEBF7", "#0072B2")),
    ((layers.Activation, layers.ParametricActivation), ("#DDF1EA", "#009E73")),
    ((layers.BatchNormalization, layers.LayerNormalization), ("#FBEFD5", "#C98A00")),
    (
        (layers.MaxPooling2D, layers.AveragePooling2D, layers.GlobalAveragePooling2D),
        ("#E6E4F4", "#6A5FB0"),
    ),
    (
        (
            layers.Flatten,
            layers.ZeroPadding2D,
            layers.Rescaling,
            layers.Scale,
            layers.SmoothClip,
        ),
        ("#EFEFEF", "#777777"),
    ),
    ((layers.Dropout, layers.GaussianNoise, layers.RandomAffine), ("#F8E6F0", "#B4568C")),
)
OTHER = ("#FFFFFF", "#555555")
BLOCK, GAP, MARGIN = 46, 26, 16  # heights of a block and an arrow, and the room around, in pixels
LETTER = 7.6  # pixels that are kept for a character of 13 pixels; a Chinese one takes two
FONT = "system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"


class Diagram:
    """A picture as SVG; a notebook shows it.

    Attributes:
        svg: the text. The same model gives the same text.
    """

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Diagram of {len(self.svg):,} characters: end a cell with it, or save it>"

    def save(self, path: str | Path) -> None:
        """Write it to a file.

        Raises:
            ValueError: the name does not end in ".svg".
            OSError: it cannot be written; an older file at `path` is then untouched.
        """
        if Path(path).suffix.lower() != ".svg":
            raise ValueError(f"path must end in .svg, the only kind there is, got {str(path)!r}")
        replace(Path(path), self.svg.encode())


def draw(network: Network, loss: Loss | None = None) -> Diagram:
    """The diagram of `network`, built or not; with its loss, where it is compiled."""
    built = network.parameters is not None
    shapes = [network.input_shape, *network.shapes] if built else []
    sizes = [shape_of(shape) for shape in shapes] or ["?"] * (len(network.layers) + 1)
    # left above, left below, right above, right below
    rows = [(["data", "samples x", sizes[0], ""], OTHER)]
    for layer, name, size in zip(network.layers, network.names, sizes[1:], strict=True):
        count = sum(array.size for array in layer.values.values())
        numbers = f"{count:,} parameter{'s' * (count != 1)}" if count else ""
        color = next((color for kinds, color in COLORS if isinstance(layer, kinds)), OTHER)
        texts = [name, kind_of(layer), size, numbers if built else "not built"]
        rows.append((texts, color))
    total = f"{network.parameters.theta.size:,} parameters in all" if network.parameters else ""
    rows.append((["prediction", "output y", sizes[-1], total], OTHER))
    if loss is not None:
        rows.append((["loss", type(loss).__name__, "of y and the targets", ""], OTHER))
    widths = [max(columns(shown(texts[place])) for texts, _ in rows) for place in range(4)]
    inner = max(300, round(LETTER * max(widths[0] + widths[2], widths[1] + widths[3])) + 60)
    width, height = inner + 2 * MARGIN, len(rows) * (BLOCK + GAP) - GAP + 2 * MARGIN
    count = len(network.layers)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" font-family="{FONT}" font-size="13">',
        f"<title>A model of {count} layer{'s' * (count != 1)}</title>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#FFFFFF"/>',
    ]
    for place, (texts, color) in enumerate(rows):
        top = MARGIN + place * (BLOCK + GAP)
        if place:
            parts.append(_arrow(width / 2, top))
        parts += _block(texts, color, top, inner)
    return Diagram("\n".join([*parts, "</svg>\n"]))


def _block(texts: list[str], color: tuple[str, str], top: int, inner: int) -> list[str]:
    whole = "; ".join(shown(text, 1000) for text in texts if text)  # seen under the mouse
    lines = [
        f"<g><title>{escape(whole, quote=False)}</title>",
        f'<rect x="{MARGIN}" y="{top}" width="{inner}" height="{BLOCK}" rx="6" '
        f'fill="{color[0]}" stroke="{color[1]}" stroke-width="1.5"/>',
    ]
    for place, text in enumerate(texts):
        right, below = divmod(place, 2)
        x = MARGIN + (inner - 14 if right else 14)
        style = 'fill="#444444"' if place else 'fill="#111111" font-weight="600"'
        lines.append(
            f'<text x="{x}" y="{top + 19 + 18 * below}" {style} '
            f'text-anchor="{"end" if right else "start"}">{escape(shown(text), quote=False)}</text>'
        )
    return [*lines, "</g>"]


def _arrow(x: float, top: int) -> str:
    """From the block above to the one that begins at `top`."""
    return (
        f'<path d="M{x:g} {top - GAP + 2}V{top - 8}" stroke="#555555" stroke-width="1.5"/>'
        f'<path d="M{x - 4:g} {top - 9}h8l-4 7z" fill="#555555"/>'
    )

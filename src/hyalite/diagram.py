"""A model's architecture as a block diagram: the data in, a block for each layer, the loss out.

Plain SVG text, made without any other package. (Units as circles and weights as lines between them
are `hyalite.plots.diagram`, drawn with matplotlib.)
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

from hyalite import layers
from hyalite.files.replacing import replace
from hyalite.layers.chain import Chain
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
    (
        (layers.Dropout, layers.GaussianNoise, layers.RandomAffine, layers.RandomFlip),
        ("#F8E6F0", "#B4568C"),
    ),
    ((layers.Residual,), ("#E8E6F5", "#6A5ACD")),
)
OTHER = ("#FFFFFF", "#555555")
BLOCK, GAP, MARGIN = 46, 26, 16  # heights of a block and an arrow, and the room around, in pixels
INDENT = 28  # pixels, of what is within a residual block: there its input passes by
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


@dataclass(frozen=True)
class Row:
    """One block of the picture.

    Attributes:
        texts: left above, left below, right above, right below.
        colors: fill and edge.
        depth: how many residual blocks it lies within.
        first: of a residual block, which is drawn behind its layers, the row of the first of them.
    """

    texts: list[str]
    colors: tuple[str, str] = OTHER
    depth: int = 0
    first: int | None = None


def draw(network: Network, loss: Loss | None = None) -> Diagram:
    """The diagram of `network`, built or not; with its loss, where it is compiled."""
    parameters = network.parameters
    sizes = [shape_of(shape) for shape in (network.input_shape, *network.shapes) if parameters]
    rows = [Row(["data", "samples x", sizes[0] if sizes else "?", ""])]
    _add_layers(network, parameters is not None, rows)
    total = f"{parameters.theta.size:,} parameters in all" if parameters else ""
    rows.append(Row(["prediction", "output y", sizes[-1] if sizes else "?", total]))
    if loss is not None:
        rows.append(Row(["loss", type(loss).__name__, "of y and the targets", ""]))
    widths = [max(columns(shown(row.texts[place])) for row in rows) for place in range(4)]
    inner = max(300, round(LETTER * max(widths[0] + widths[2], widths[1] + widths[3])) + 60)
    inner += INDENT * max(row.depth for row in rows)
    width, height = inner + 2 * MARGIN, len(rows) * (BLOCK + GAP) - GAP + 2 * MARGIN
    count = len(network.layers)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" font-family="{FONT}" font-size="13">',
        f"<title>A model of {count} layer{'s' * (count != 1)}</title>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#FFFFFF"/>',
    ]
    for place, row in enumerate(rows):
        if place:
            parts.append(_arrow(width / 2, _top(place)))
        if row.first is not None:
            parts.append(_bypass(width / 2, _top(row.first), _top(place), row.depth))
        parts += _block(row, _top(place), inner)
    return Diagram("\n".join([*parts, "</svg>\n"]))


def _add_layers(chain: Chain, built: bool, rows: list[Row], depth: int = 0) -> None:
    """Append the rows of all layers, those within a block before its own."""
    shapes = chain.shapes or [()] * len(chain.layers)
    for layer, name, shape in zip(chain.layers, chain.names, shapes, strict=True):
        first = None
        if layer.chain is not None:
            first = len(rows)
            _add_layers(layer.chain, built, rows, depth + 1)
        count = sum(array.size for array in layer.values.values())
        numbers = f"{count:,} parameter{'s' * (count != 1)}" if count else ""
        texts = [name, kind_of(layer), shape_of(shape) if built else "?"]
        colors = next((colors for kinds, colors in COLORS if isinstance(layer, kinds)), OTHER)
        rows.append(Row([*texts, numbers if built else "not built"], colors, depth, first))


def _top(place: int) -> int:
    return MARGIN + place * (BLOCK + GAP)


def _block(row: Row, top: int, inner: int) -> list[str]:
    whole = "; ".join(shown(text, 1000) for text in row.texts if text)  # seen under the mouse
    indent, (fill, edge) = INDENT * row.depth, row.colors
    lines = [
        f"<g><title>{escape(whole, quote=False)}</title>",
        f'<rect x="{MARGIN + indent}" y="{top}" width="{inner - indent}" height="{BLOCK}" rx="6" '
        f'fill="{fill}" stroke="{edge}" stroke-width="1.5"/>',
    ]
    for place, text in enumerate(row.texts):
        right, below = divmod(place, 2)
        x = MARGIN + (inner - 14 if right else indent + 14)
        style = 'fill="#444444"' if place else 'fill="#111111" font-weight="600"'
        lines.append(
            f'<text x="{x}" y="{top + 19 + 18 * below}" {style} '
            f'text-anchor="{"end" if right else "start"}">{escape(shown(text), quote=False)}</text>'
        )
    return [*lines, "</g>"]


def _arrow(x: float, top: int) -> str:
    """From the block above to the one that begins at `top`."""
    return _line(f"M{x:g} {top - GAP + 2}", x, top)


def _bypass(x: float, start: int, top: int, depth: int) -> str:
    """From the arrow at x above `start`, past the layers of a residual block, to its own `top`."""
    left = MARGIN + INDENT * depth + INDENT / 2
    return _line(f"M{x:g} {start - GAP + 6 + 4 * depth}H{left:g}", left, top)


def _line(path: str, x: float, top: int) -> str:
    """A path that goes on, with a point at its end, down to what begins at `top`."""
    return (
        f'<path d="{path}V{top - 8}" fill="none" stroke="#555555" stroke-width="1.5"/>'
        f'<path d="M{x - 4:g} {top - 9}h8l-4 7z" fill="#555555"/>'
    )

"""Tables in Markdown, which also read well in a terminal, and numbers in few digits."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, text: int = 1) -> str:
    """A table; the first `text` columns are left-aligned, the others are numbers."""
    grid = [list(head), *(list(row) for row in rows)]
    widths = [max(3, *(len(row[i]) for row in grid)) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        parts = [
            cell.ljust(width) if number < text else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(parts)} |"

    rule = [
        "-" * width if number < text else "-" * (width - 1) + ":"
        for number, width in enumerate(widths)
    ]
    return "\n".join([line(grid[0]), line(rule), *(line(row) for row in grid[1:])])


def number(value: float) -> str:
    """Three digits that count, such as 0.0123, 4.56, 78.9 or 12,300."""
    if value == 0:
        return "0"
    rounded = float(f"{value:.3g}")
    if abs(rounded) >= 100:
        return f"{rounded:,.0f}"
    return f"{rounded:#.3g}" if abs(rounded) >= 1e-4 else f"{rounded:.1e}"


def spread(values: Sequence[float]) -> str:
    """The median, and in brackets the least and the greatest."""
    return f"{number(statistics.median(values))} ({number(min(values))}..{number(max(values))})"


def megabytes(size: float) -> str:
    """Bytes as MB of a million bytes."""
    return f"{number(size / 1e6)} MB"

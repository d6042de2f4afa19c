"""A trace as text for a terminal, at most 88 columns wide."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

import numpy as np

from hyalite.formulas import read
from hyalite.numerals import DIGITS, figures
from hyalite.parameters import Array
from hyalite.text import UNIT, columns, printable, text_table
from hyalite.trace.document import (
    Block,
    Equation,
    Grid,
    Heading,
    Paragraph,
    Summation,
    Table,
    where,
)
from hyalite.translation import phrased, translated

WIDEST, NARROWEST = 88, 40
INDENT = "    "


def terminal_width() -> int:
    """Columns of the terminal, within what is read well."""
    return min(WIDEST, max(NARROWEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def as_text(title: str, blocks: Sequence[Block], width: int) -> str:
    """The blocks one beneath the other."""
    lines = _wrapped(title, width)
    previous: Block | None = None
    for block in blocks:
        if _apart(previous, block):
            lines.append("")
        lines += _lines(block, width)
        previous = block
    return "\n".join(lines)


def _apart(previous: Block | None, block: Block) -> bool:
    """Whether an empty line stands before a block: an example stands close to its array."""
    if not isinstance(previous, Equation) or not isinstance(block, (Equation, Summation)):
        return True
    if previous.name == block.name.partition("[")[0]:
        return False
    return previous.array is not None or isinstance(block, Summation) or block.array is not None


def _lines(block: Block, width: int) -> Iterator[str]:
    match block:
        case Heading(text):
            yield from _wrapped(text, width)
            yield "─" * min(width, columns(text))
        case Paragraph(text):
            yield from _wrapped(text, width)
        case Equation():
            yield from _equation(block, width)
        case Summation():
            yield from _sum(block, width)
        case Table():
            yield from _table(block, width)


def _equation(block: Equation, width: int) -> Iterator[str]:
    rows: list[str] = []
    power = block.power
    if block.array is not None:
        rows, power = array_lines(block.array, width - len(INDENT), block.plane)
    line = block.name
    formula = read(block.formula)
    parts = (translated(formula.main), block.filled, block.value)
    for n, part in enumerate(filter(None, parts)):
        sign = "←" if not n and block.name in formula.names else "="
        if n and columns(f"{line} = {part}") > width:
            yield from _wrapped(line, width)
            line = f"{INDENT}= {part}"
        else:
            line += f" {sign} {part}"
    since = phrased(",  since {0}", block.reason) if block.reason else ""
    tails = [since, f"   {power}" if power else ""]
    if block.array is not None:
        tails.insert(0, f"   {block.array.shape}")
    meanings = _where(block)
    tails.append(f"   {meanings}" if meanings else "")
    for tail in tails:
        if columns(line + tail) > width:
            yield from _wrapped(line, width)
            line = INDENT + tail.lstrip(" ,，")
        else:
            line += tail
    yield from _wrapped(line, width)
    yield from (f"{INDENT}{row}" for row in rows)


def _sum(block: Summation, width: int) -> Iterator[str]:
    line = f"{block.name} = {translated(read(block.formula).main)}"
    line += f"   {block.power}" if block.power else ""
    meanings = f"   {_where(block)}".rstrip()
    if columns(line + meanings) > width:
        yield from _wrapped(line, width)
        line = INDENT + meanings.lstrip()
    else:
        line += meanings
    yield from _wrapped(line, width)
    yield from (f"{INDENT}{text}".rstrip() for text in _beside(block.grids, width - len(INDENT)))
    rows = [(summand.letters, summand.numbers, summand.value) for summand in block.summands]
    *table, total = text_table([*rows, ("", "", block.total)], "<<>").splitlines()
    if len(INDENT) + columns(total + _followed()) > width:  # without the factors' numbers
        short = [(letters, value) for letters, _, value in rows]
        *table, total = text_table([*short, ("", block.total)], "<>").splitlines()
    for text, summand in zip(table, block.summands, strict=True):
        yield f"{INDENT}{text}{_followed() if summand.followed else ''}"
    if len(rows) == 1:
        return
    values = max(map(columns, (block.total, *(summand.value for summand in block.summands))))
    yield INDENT + " " * (columns(total) - values) + "─" * values
    yield INDENT + total


def _beside(grids: Sequence[Grid], width: int) -> Iterator[str]:
    """Windows beside each other, or beneath where there is no room."""
    shown = [[grid.title, *_matrix(grid.texts, width)] for grid in grids]
    widths = [max(map(columns, lines)) for lines in shown]
    if sum(widths) + 4 * (len(grids) - 1) > width:
        for lines in shown:
            yield from lines
        return
    for line in zip(*shown, strict=True):
        cells = (
            text + " " * (wide - columns(text)) for text, wide in zip(line, widths, strict=True)
        )
        yield "    ".join(cells)


def _table(block: Table, width: int) -> Iterator[str]:
    """Its first column with as many others as there is room for, then with the next ones."""
    start, count = 1, len(block.head)
    aside = len(INDENT) + (0 if block.followed is None else columns(_followed()))
    while start < count:
        for stop in range(count, start, -1):
            rows = [[row[0], *row[start:stop]] for row in (block.head, *block.rows)]
            lines = text_table(rows, "<" + ">" * (stop - start)).splitlines()
            if max(map(columns, lines)) + aside <= width:
                break
        if start > 1:
            yield ""
        for n, line in enumerate(lines, -1):
            yield f"{INDENT}{line}{_followed() if n == block.followed else ''}"
        start = stop


def _where(block: Equation | Summation) -> str:
    """What the letters are, and what else the formula says of itself."""
    said = [f"{name} = {translated(meaning)}" for name, meaning in block.meanings.items()]
    said += [translated(text) for text, _ in read(block.formula).additions]
    return where(said)


def _followed() -> str:
    """What stands behind a line that the path goes through."""
    return f"  ← {translated('the path')}"


def array_lines(
    array: Array, width: int, plane: tuple[int, int] = (-2, -1)
) -> tuple[list[str], str]:
    """An array's rows, and the power of ten by which all numbers are to be multiplied.

    Rows too long for the width have a digit less, or are cut into blocks of columns; an array of
    three axes or more is shown matrix by matrix, `plane` says by which two axes.
    """
    axes = [axis % max(array.ndim, 2) for axis in plane]
    if array.ndim > 2:
        array = np.moveaxis(array, axes, (-2, -1))
    for digits in (DIGITS, DIGITS - 1):
        texts, power = figures(array, digits)
        matrix = np.atleast_2d(texts)
        if sum(_widths(matrix.reshape(-1, matrix.shape[-1]))) + 2 * matrix.shape[-1] <= width:
            break
    lines: list[str] = []
    for place in np.ndindex(matrix.shape[:-2]):
        if place:
            at = list(map(str, place))
            for axis in sorted(axes):
                at.insert(axis, ":")
            lines.append(f"[{', '.join(at)}]")
        lines += _matrix(matrix[place], width)
    return lines, power


def _widths(texts: Array) -> list[int]:
    return [max(map(columns, column)) for column in texts.T]


def _matrix(texts: Array, width: int) -> list[str]:
    widths, lines, start = _widths(texts), [], 0
    while start < len(widths):
        stop, used = start + 1, widths[start] + 2
        while stop < len(widths) and used + 2 + widths[stop] <= width:
            used += 2 + widths[stop]
            stop += 1
        if stop - start < len(widths):
            lines.append(phrased("columns {0} to {1}", start, stop - 1))
        for row in texts[:, start:stop]:
            cells = (
                " " * (wide - columns(text)) + text
                for text, wide in zip(row, widths[start:stop], strict=True)
            )
            lines.append(f"[{'  '.join(cells)}]")
        start = stop
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    """Lines broken at blanks and between Chinese characters; the later ones are indented."""
    text = printable(text)
    indent = text[: len(text) - len(text.lstrip())]
    lines, line, blanks = [], indent, ""
    for unit in UNIT.findall(text.strip()):
        if unit.isspace():
            blanks = unit
            continue
        if line.strip() and columns(line + blanks + unit) > width:
            lines.append(line)
            line, blanks = indent or INDENT, ""
        line += blanks + unit
        blanks = ""
    return [*lines, line]

"""Texts for a terminal: how wide they are, long names cut, lines wrapped, tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MAX_NAME_WIDTH = 36  # columns of a name; a longer one is cut
# What no line may end within: a word, or a Chinese character with the marks that go with it.
UNIT = re.compile(
    r"[（“《(\[]*(?:[^\s\u2e80-\uffef]+|[\u2e80-\uffef])[，。；：、？！）”》,.;:!?)\]]*|\s+"
)


def text_table(rows: Sequence[Sequence[str]], align: str) -> str:
    """Rows of texts as lines, their columns below each other and two blanks apart.

    Args:
        rows: all of one length.
        align: a letter for each column: "<" for texts, ">" for numbers.

    Examples:
        >>> from hyalite.text import text_table
        >>> print(text_table([("layer", "parameters"), ("dense_1", "12")], "<>"))
        layer    parameters
        dense_1          12
    """
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = []
        for text, width, side in zip(row, widths, align, strict=True):
            blanks = " " * (width - columns(text))
            cells.append(text + blanks if side == "<" else blanks + text)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def shown(name: str, longest: int = MAX_NAME_WIDTH) -> str:
    """A name as it is shown: cut where it is long, without what would steer a terminal or a page.

    Names come from strangers' files, too.
    """
    name = printable(name).replace("\n", "�")
    if columns(name) <= longest:
        return name
    while columns(name) > longest - 1:
        name = name[: longest - 1] if len(name) >= longest else name[:-1]
    return name + "…"


def wrapped(text: str, width: int) -> list[str]:
    """A text as lines of at most so many columns, where its words allow it.

    Examples:
        >>> from hyalite.text import wrapped
        >>> wrapped("打开模型文件时，绝不会执行 Python 代码。", 20)
        ['打开模型文件时，绝不', '会执行 Python 代码。']
    """
    lines, line = [], ""
    for unit in UNIT.findall(text):
        if line and columns(line + unit.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line = (line + unit).lstrip()
    return [*lines, line.rstrip()] if line else lines


def printable(text: str) -> str:
    r"""A text without what would steer a terminal; its line breaks stay.

    Examples:
        >>> from hyalite.text import printable
        >>> printable("\x1b[31mred")
        '�[31mred'
    """
    return "".join(
        letter
        if letter.isprintable() or letter == "\n"
        else " "
        if unicodedata.category(letter) == "Zs"
        else "�"
        for letter in text
    )


def columns(text: str) -> int:
    """How wide a terminal shows it: a Chinese character takes two columns, an accent none."""
    return sum(
        1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
        if not unicodedata.combining(letter)
    )

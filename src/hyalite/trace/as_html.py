"""A trace as HTML with MathML: for a notebook's cell, or as a page of its own.

It loads nothing, runs nothing, and takes its colours from what it stands on, light or dark.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape

import numpy as np

from hyalite.formulas import read
from hyalite.numerals import figures
from hyalite.parameters import Array
from hyalite.text import printable
from hyalite.trace.as_text import WIDEST, array_lines
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
from hyalite.trace.style import PAGE_STYLE, STYLE
from hyalite.translation import is_english, phrased, spoken, translated

MOST_IN_A_MATRIX = 144  # numbers of an array that is set as a matrix; a larger one is text
MATHML = "http://www.w3.org/1998/Math/MathML"
LETTER = re.compile("[A-Za-zα-ω]\u0302?")


def fragment(title: str, blocks: Sequence[Block]) -> str:
    """For a cell of a notebook."""
    inner = "\n".join([_paragraph(title), *markup(blocks)])
    lang = "" if is_english() else f' lang="{spoken()}"'
    return f'<div class="hyalite-trace"{lang}>\n<style>{STYLE}</style>\n{inner}\n</div>'


def page(title: str, blocks: Sequence[Block]) -> str:
    """The whole file; a browser that knows the policy in its head loads and runs nothing."""
    inner, head = "\n".join([_paragraph(title), *markup(blocks)]), translated("One training step")
    return (
        f'<!DOCTYPE html>\n<html lang="{spoken()}">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
        f"<title>{head}</title>\n<style>{PAGE_STYLE}{STYLE}</style>\n</head>\n<body>\n"
        f'<main class="hyalite-trace">\n<h1>{head}</h1>\n{inner}\n</main>\n</body>\n'
        "</html>\n"
    )


def markup(blocks: Sequence[Block]) -> list[str]:
    """Each block as HTML with MathML; all texts are escaped, and nothing in it loads or runs."""
    lines = []
    array = ""  # the name of the latest, whose examples stand close to it
    for block in blocks:
        match block:
            case Heading(text):
                lines.append(f"<h3>{_text(text)}</h3>")
            case Paragraph(text):
                lines.append(_paragraph(text))
            case Equation():
                kind = "close" if block.name.partition("[")[0] == array else "step"
                lines.append(_equation(block, kind))
                array = block.name if block.array is not None else array
            case Summation():
                kind = "close" if block.name.partition("[")[0] == array else "step"
                lines.append(_sum(block, kind))
            case Table():
                lines.append(_table(block))
    return lines


def _paragraph(text: str) -> str:
    return f"<p>{_text(text)}</p>"


def _equation(block: Equation, kind: str) -> str:
    formula = read(block.formula)
    parts = [part for part in (formula.main, block.filled, block.value) if part]
    markup = [_name(block.name)]
    for n, part in enumerate(parts):
        sign = "←" if not n and block.name in formula.names else "="
        power = block.power if n == len(parts) - 1 else ""
        markup.append(_part(sign, part, power))
    if block.reason:
        since = phrased("since {0}", _math(read(block.reason).mathml))
        markup.append(f'<span class="soft">{since}</span>')
    if block.array is not None:
        shape = ", ".join(map(str, block.array.shape)) + "," * (block.array.ndim == 1)
        markup.append(f'<span class="soft">({shape})</span>')
    markup.append(_where(block))
    matrix = _array(block.array, block.plane) if block.array is not None else ""
    return f'<div class="{kind}">{" ".join(filter(None, markup))}{matrix}</div>'


def _part(sign: str, text: str, power: str = "") -> str:
    """A sign and a formula, which are kept together and scroll where they are too long."""
    if read(text).is_words:
        return f"{sign} {_reference(text)}"
    times = f"<mspace width='0.3em'/>{_power(power)}" if power else ""
    inner = f"<mo>{sign}</mo><mspace width='0.25em'/>{read(text).mathml}{times}"
    return f'<span class="part">{_math(inner)}</span>'


def _where(block: Equation | Summation) -> str:
    """What the letters are, and what else the formula says of itself."""
    said = []
    for name, meaning in block.meanings.items():
        what = _reference(meaning) if read(meaning).is_words else _math(read(meaning).mathml)
        said.append(f"{_name(name)} = {what}")
    said += [_math(m) if m else _words(text) for text, m in read(block.formula).additions]
    return f'<span class="soft">{where(said)}</span>' if said else ""


def _sum(block: Summation, kind: str) -> str:
    heading = [_name(block.name), _part("=", read(block.formula).main)]
    heading += [_math(_power(block.power))] if block.power else []
    heading.append(_where(block))
    rows = []
    for summand in block.summands:
        factors = read(summand.numbers)
        numbers = _text(factors.text) if factors.is_words else _math(factors.mathml)
        row = ' class="followed"' if summand.followed else ""
        mark = _followed() if summand.followed else ""
        letters = read(summand.letters)
        named = _text(letters.text) if letters.is_words else _math(letters.mathml)
        rows.append(
            f"<tr{row}><td>{named}</td><td>{numbers}</td><td>{_minus(summand.value)}</td>"
            f"<td>{mark}</td></tr>"
        )
    total = (
        ""
        if len(rows) == 1
        else f'<tr class="total"><td></td><td></td><td>{_minus(block.total)}</td><td></td></tr>'
    )
    return (
        f'<div class="{kind}">{" ".join(filter(None, heading))}'
        f'{_grids(block.grids)}<div class="scroll"><table><tbody>{"".join(rows)}{total}</tbody>'
        "</table></div></div>"
    )


def _grids(grids: Sequence[Grid]) -> str:
    """Windows beside each other."""
    if not grids:
        return ""
    parts = [f"<div><code>{_text(grid.title)}</code>{_matrix(grid.texts)}</div>" for grid in grids]
    return f'<div class="scroll windows">{"".join(parts)}</div>'


def _table(block: Table) -> str:
    head = "".join(f'<th scope="col"><span>{_text(text)}</span></th>' for text in block.head)
    rows = []
    for n, row in enumerate(block.rows):
        followed = n == block.followed
        cells = "".join(f"<td>{_minus(text)}</td>" for text in row[1:])
        mark = f"<td>{_followed()}</td>" if followed else ""
        kind = ' class="followed"' if followed else ""
        rows.append(f'<tr{kind}><th scope="row">{_text(row[0])}</th>{cells}{mark}</tr>')
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _array(array: Array, plane: tuple[int, int]) -> str:
    if array.size > MOST_IN_A_MATRIX or array.ndim > 2:
        lines, power = array_lines(array, WIDEST, plane)
        note = f"{power}\n" if power else ""
        text = _text(note + "\n".join(lines))
        return f'<div class="scroll"><pre>{text}</pre></div>'
    texts, power = figures(array)
    times = f" {_math(_power(power))}" if power else ""
    return f'<div class="scroll">{_matrix(np.atleast_2d(texts))}{times}</div>'


def _matrix(texts: Array) -> str:
    """A table, since brackets of MathML grow only in fonts made for it."""
    rows = "".join(
        "<tr>" + "".join(f"<td>{_minus(text)}</td>" for text in row) + "</tr>" for row in texts
    )
    return f'<table class="matrix"><tbody>{rows}</tbody></table>'


def _name(text: str) -> str:
    """A letter as such, a name as code."""
    if LETTER.fullmatch(unicodedata.normalize("NFD", text)):
        return _math(read(text).mathml)
    return f"<code>{_text(text)}</code>"


def _reference(text: str) -> str:
    """The name of another array as code; else words."""
    is_name = "." in text.partition(" ")[0]
    return f"<code>{_words(text)}</code>" if is_name else _words(text)


def _power(power: str) -> str:
    return f"<mo>×</mo>{read(power.removeprefix('×')).mathml}"


def _math(inner: str) -> str:
    return f'<math xmlns="{MATHML}" displaystyle="true">{inner}</math>'


def _followed() -> str:
    return f"← {_words('the path')}"


def _words(text: str) -> str:
    return _text(translated(text))


def _minus(text: str) -> str:
    return _text(text).replace("-", "−")


def _text(text: str) -> str:
    return escape(printable(text), quote=False)

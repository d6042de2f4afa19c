"""Formulas as MathML, which browsers show without a script and without anything to load."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from string import Formatter
from unicodedata import normalize

from hyalite.formulas import tree
from hyalite.translation import translated

BLANK = "\u00a0"  # any other one is dropped at the ends of a text


def words(text: str) -> str:
    """What is no mathematics."""
    return f"<mtext>{escape(text.replace(' ', BLANK), quote=False)}</mtext>"


def definition(given: tree.Definition) -> str:
    """One that stands behind a formula."""
    left = _name(given.name)
    if given.argument is not None:
        left += f"<mo>(</mo>{_name(given.argument)}<mo>)</mo>"
    return f"{left}<mo>=</mo>{mathml(given.value)}"


def mathml(node: tree.Node) -> str:
    """The markup of a part of a formula."""
    match node:
        case tree.Number():
            factor, power = node.parts
            if not power:
                return f"<mn>{factor}</mn>"
            raised = f"<msup><mn>10</mn><mn>{str(power).replace('-', '−')}</mn></msup>"
            head = f"<mn>{factor}</mn><mo>×</mo>" if factor else ""
            return f"<mrow>{head}{raised}</mrow>"
        case tree.Name(text):
            return _name(text)
        case tree.Entry(name, place):
            inner = "<mo>,</mo>".join(mathml(part) for part in place)
            return f"<msub>{_name(name.text)}<mrow>{inner}</mrow></msub>"
        case tree.Call(function, arguments):
            inner = "<mo>,</mo>".join(mathml(argument) for argument in arguments)
            return f"{_name(function)}<mo>&#x2061;</mo>{_fenced('(', inner)}"
        case tree.Group(inner_, opening):
            return _fenced(opening, mathml(inner_))
        case tree.Power(base, exponent):
            return f"<msup>{_row(mathml(base))}{_row(mathml(_bare(exponent)))}</msup>"
        case tree.Transposed(matrix):
            return f"<msup>{_row(mathml(matrix))}<mi>T</mi></msup>"
        case tree.Root(inner_):
            return f"<msqrt>{mathml(_bare(inner_))}</msqrt>"
        case tree.Logarithm(inner_):
            return f"<mi>ln</mi><mspace width='0.17em'/>{mathml(inner_)}"
        case tree.Over(sign_, index, inner_):
            sign = f"<mo>{'∑' if sign_ == 'Σ' else sign_}</mo>"
            return (
                f"<munder>{sign}{_word(index)}</munder>" if index else sign
            ) + f"{mathml(inner_)}"
        case tree.Product(factors, signs):
            marks = [f"<mo>{sign}</mo>" if sign else "" for sign in signs]
            parts = [mathml(factor) for factor in factors]
            return parts[0] + "".join(map("".join, zip(marks, parts[1:], strict=True)))
        case tree.Quotient(top, bottoms):
            # a / b / c is a above b·c
            below = [mathml(_bare(b) if len(bottoms) == 1 else b) for b in bottoms]
            bottom = _row("<mo>·</mo>".join(below))
            return f"<mfrac>{_row(mathml(_bare(top)))}{bottom}</mfrac>"
        case tree.Addition(terms):
            (first, term), *others = terms
            minus = "<mo>−</mo>" if first == "-" else ""
            signs_ = [f"<mo>{'−' if sign == '-' else '+'}</mo>" for sign, _ in others]
            parts = [mathml(other) for _, other in others]
            return minus + mathml(term) + "".join(map("".join, zip(signs_, parts, strict=True)))
        case tree.Comparison(left, sign_, right):
            return f"{mathml(left)}<mo>{escape(sign_)}</mo>{mathml(right)}"
        case tree.Cases(branches):
            return _cases(branches)
    raise TypeError(node)


def _cases(branches: Sequence[tuple[tree.Node, tree.Comparison | None]]) -> str:
    """Values and conditions, with the words between them in the language spoken."""
    form = ", ".join("else {}" if given is None else "{} where {}" for _, given in branches)
    nodes = (node for branch in branches for node in branch if node is not None)
    parts = []
    for text, place, *_ in Formatter().parse(translated(form)):
        parts.append(words(text) if text else "")
        parts.append(mathml(next(nodes)) if place is not None else "")
    return "".join(parts)


def _bare(node: tree.Node) -> tree.Node:
    """Without the parentheses that a fraction, a root or raising makes needless."""
    return node.inner if isinstance(node, tree.Group) and node.opening == "(" else node


def _fenced(opening: str, inner: str) -> str:
    closing = {"(": ")", "[": "]", "|": "|"}[opening]
    if opening == "|":
        form = "<mo fence='true' stretchy='true' form='{}'>|</mo>"
        return f"<mrow>{form.format('prefix')}{inner}{form.format('postfix')}</mrow>"
    return f"<mrow><mo>{opening}</mo>{inner}<mo>{closing}</mo></mrow>"


def _row(inner: str) -> str:
    """As one element: a number or a name is one already."""
    single = inner.count("<") == 2 and inner.startswith(("<mn>", "<mi>"))
    return inner if single else f"<mrow>{inner}</mrow>"


def _name(text: str) -> str:
    """A letter, with its hat, prime and index: "x̂", "u'", "β₁", "λ1", "z_g"."""
    index = "".join(tree.LOWERED[letter] for letter in text if letter in tree.LOWERED)
    text = "".join(letter for letter in text if letter not in tree.LOWERED)
    text, _, below = text.partition("_")
    if text[1:].isdecimal():
        text, index = text[0], text[1:] + index
    text = text.replace("'", "′")
    if tree.HAT in text:
        plain = normalize("NFC", text.replace(tree.HAT, ""))
        name = f"<mover accent='true'><mi>{plain}</mi><mo>^</mo></mover>"
    else:
        name = f"<mi>{text}</mi>"
    index = below or index
    return f"<msub>{name}{_word(index)}</msub>" if index else name


def _word(text: str) -> str:
    return f"<mn>{text}</mn>" if text.isdecimal() else f"<mi>{text}</mi>"

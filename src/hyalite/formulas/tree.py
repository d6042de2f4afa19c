"""The grammar of formulas: from a text to a tree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import NamedTuple

HAT = "\u0302"
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵗˣᶻ", "0123456789-txz", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼ", "0123456789ij", strict=True))
_EXPONENT = "⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+"
_LETTER = "A-Za-zΑ-ΡΤ-Ωα-ω"  # without Σ
_TOKEN = re.compile(
    rf"""(?P<blank>\s*)(?:
      (?P<number>(?:\d+(?:\.\d+)?×)?10{_EXPONENT}|\d+(?:\.\d+)?)
    | (?P<over>Σ(?:_\w+)?|max_\w+)
    | (?P<name>[{_LETTER}][{_LETTER}0-9]*{HAT}?'?(?:_\w+)?[{"".join(LOWERED)}]*)
    | (?P<raised>[{"".join(RAISED)}]+)
    | (?P<sign><=|>=|[-+·⊙/√^()\[\]|,<>=≤≥≠ᵀ])
    )""",
    re.VERBOSE,
)


class Node:
    """A part of a formula."""


@dataclass(frozen=True)
class Number(Node):
    """Such as "0.5" or "3.2×10⁻⁵"."""

    text: str

    @property
    def parts(self) -> tuple[str, int]:
        """The factor before the power of ten, which may be empty, and the exponent."""
        factor, _, power = self.text.rpartition("×")
        exponent = "".join(RAISED.get(letter, "") for letter in power)
        return (factor, int(exponent)) if exponent else (self.text, 0)


@dataclass(frozen=True)
class Name(Node):
    """Such as "x", "dW", "β₁", "x̂" or "z_g"."""

    text: str


@dataclass(frozen=True)
class Entry(Node):
    """A part of an array: "W[3, 0]", "x[s·p + k]"."""

    name: Name
    place: tuple[Node, ...]


@dataclass(frozen=True)
class Call(Node):
    """A function of some numbers: "max(0, x)"."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Group(Node):
    """In parentheses, brackets, or the bars of an absolute value: `opening` says which."""

    inner: Node
    opening: str


@dataclass(frozen=True)
class Power(Node):
    """Raised: "x²", "e^z", "β₁ᵗ"."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class Transposed(Node):
    """A matrix turned over: "xᵀ"."""

    matrix: Node


@dataclass(frozen=True)
class Root(Node):
    """A square root."""

    inner: Node


@dataclass(frozen=True)
class Logarithm(Node):
    """The natural one, without parentheses: "ln p"."""

    inner: Node


@dataclass(frozen=True)
class Over(Node):
    """A sum or a maximum over `index`, which may be empty: "Σ_j t·z", "max_k x"."""

    sign: str
    index: str
    inner: Node


@dataclass(frozen=True)
class Product(Node):
    """Factors and the signs before all but the first: "·", "⊙", or nothing as in "2π"."""

    factors: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True)
class Quotient(Node):
    """A fraction, or several: "a / b / c"; `wide` where the sign has blanks around it."""

    top: Node
    bottoms: tuple[Node, ...]
    wide: bool


@dataclass(frozen=True)
class Addition(Node):
    """Summands, each with the sign "+" or "-" before it."""

    terms: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Comparison(Node):
    """Such as "x > 0"."""

    left: Node
    sign: str
    right: Node


@dataclass(frozen=True)
class Cases(Node):
    """Values with the conditions under which they hold; None for "else"."""

    branches: tuple[tuple[Node, Comparison | None], ...]


class Definition(NamedTuple):
    """What stands behind a formula: "s = 1 / (1 + e⁻ˣ)" or "h(e) = e²/2"."""

    name: str
    argument: str | None
    value: Node

    @property
    def defines(self) -> tuple[str, ...]:
        """The names that it gives a meaning."""
        return (self.name,) if self.argument is None else (self.name, self.argument)


class _Unreadable(Exception):
    """The text is no formula."""


def parse(text: str) -> Node | None:
    """The tree of a text; None where it is not mathematics."""
    try:
        reader = _Reader(text)
        node = reader.cases()
        reader.end()
    except _Unreadable:
        return None
    return node


def parse_definition(text: str) -> Definition | None:
    """A definition; None where the text is none."""
    left, sign, right = text.partition(" = ")
    node, value = parse(left), parse(right)
    if not sign or value is None:
        return None
    match node:
        case Name(name):
            return Definition(name, None, value)
        case Call(function, (Name(argument),)):
            return Definition(function, argument, value)
    return None


def names(node: Node) -> Iterator[str]:
    """All that stand for a number, in order; not those of places."""
    if isinstance(node, Name):
        yield node.text
    if isinstance(node, Entry):
        yield node.name.text
        return
    for part in fields(node):  # type: ignore[arg-type]  # every node is a dataclass
        yield from _names_in(getattr(node, part.name))


def _names_in(value: object) -> Iterator[str]:
    if isinstance(value, Node):
        yield from names(value)
    elif isinstance(value, tuple):
        for item in value:
            yield from _names_in(item)


class _Token(NamedTuple):
    kind: str
    text: str
    spaced: bool  # whether there is a blank before it


class _Reader:
    """Takes a formula's tokens one after the other; each method reads what it is named after."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(unicodedata.normalize("NFD", text)))
        self.at = 0

    @property
    def next(self) -> _Token:
        end = _Token("end", "", False)
        return self.tokens[self.at] if self.at < len(self.tokens) else end

    def take(self, *texts: str) -> str:
        """The next token's text where it is one of these; else nothing is taken."""
        text = self.next.text
        if text not in texts or not text:
            return ""
        self.at += 1
        return text

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise _Unreadable

    def end(self) -> None:
        if self.next.kind != "end":
            raise _Unreadable

    def cases(self) -> Node:
        branches: list[tuple[Node, Comparison | None]] = []
        while True:
            value = self.addition()
            if not self.take("where"):
                branches.append((value, None))
                return Cases(tuple(branches)) if len(branches) > 1 else value
            branches.append((value, self.comparison()))
            if not self.take(","):
                return Cases(tuple(branches))
            self.take("else")

    def comparison(self) -> Comparison:
        left = self.addition()
        sign = self.take("<", ">", "=", "<=", ">=", "≤", "≥", "≠")
        if not sign:
            raise _Unreadable
        return Comparison(left, {"<=": "≤", ">=": "≥"}.get(sign, sign), self.addition())

    def addition(self) -> Node:
        terms = [(self.take("-") or "+", self.quotient())]
        while sign := self.take("+", "-"):
            terms.append((sign, self.quotient()))
        return terms[0][1] if terms[0][0] == "+" and len(terms) == 1 else Addition(tuple(terms))

    def quotient(self) -> Node:
        top, bottoms = self.product(), []
        while self.next.spaced and self.take("/"):
            bottoms.append(self.product())
        return Quotient(top, tuple(bottoms), True) if bottoms else top

    def product(self) -> Node:
        factors, signs = [self.factor()], []
        while True:
            token = self.next
            juxtaposed = token.kind == "name" and not token.spaced  # 2π
            if juxtaposed and isinstance(factors[-1], Number):
                signs.append("")
            elif sign := self.take("·", "⊙"):
                signs.append(sign)
            elif token.text == "/" and not token.spaced:
                self.at += 1
                top = _product(factors, signs)
                factors, signs = [Quotient(top, (self.factor(),), False)], []
                continue
            else:
                return _product(factors, signs)
            factors.append(self.factor())

    def factor(self) -> Node:
        if self.next.kind == "over":
            sign, _, index = self.next.text.partition("_")
            self.at += 1
            return Over(sign, index, self.product())
        if self.next.text == "ln" and self.tokens[self.at + 1 : self.at + 2] != [
            _Token("sign", "(", False)
        ]:
            self.at += 1
            return Logarithm(self.factor())
        if self.take("√"):
            return Root(self.power())
        return self.power()

    def power(self) -> Node:
        node = self.atom()
        while True:
            if self.next.text == "ᵀ" and not self.next.spaced:
                self.at += 1
                node = Transposed(node)
                continue
            if self.next.kind == "raised" and not self.next.spaced:
                exponent = parse("".join(RAISED[letter] for letter in self.next.text))
                if exponent is None:
                    raise _Unreadable
                self.at += 1
            elif self.take("^"):
                minus = bool(self.take("-"))
                exponent = self.atom()
                exponent = Addition((("-", exponent),)) if minus else exponent
            else:
                return node
            node = Power(node, exponent)

    def atom(self) -> Node:
        token = self.next
        self.at += 1
        if token.kind == "number":
            return Number(token.text)
        if token.kind == "name":
            return self.named(token.text)
        if token.text in ("(", "["):
            inner = self.cases()
            self.expect(")" if token.text == "(" else "]")
            return Group(inner, token.text)
        if token.text == "|":
            inner = self.addition()
            self.expect("|")
            return Group(inner, "|")
        raise _Unreadable

    def named(self, text: str) -> Node:
        """A name, with its place or the arguments of a function right behind it."""
        if text in ("where", "else"):
            raise _Unreadable
        if self.next.spaced:
            return Name(text)
        if self.take("("):
            arguments = [self.addition()]
            while self.take(","):
                arguments.append(self.addition())
            self.expect(")")
            return Call(text, tuple(arguments))
        if self.take("["):
            place = [self.addition()]
            while self.take(","):
                place.append(self.addition())
            self.expect("]")
            return Entry(Name(text), tuple(place))
        return Name(text)


def _product(factors: list[Node], signs: list[str]) -> Node:
    return factors[0] if len(factors) == 1 else Product(tuple(factors), tuple(signs))


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    text = text.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise _Unreadable
        place = found.end()
        kind = str(found.lastgroup)
        yield _Token(kind, found[kind], bool(found["blank"]))

"""What a trace says, before it is text or a page: headings, sentences, equations, sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from hyalite.parameters import Array
from hyalite.translation import phrased


@dataclass(frozen=True)
class Heading:
    """Of a part: "Forward"."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """A sentence."""

    text: str


@dataclass(frozen=True)
class Equation:
    """name = formula = the formula with its numbers = its value, or an array beneath.

    Attributes:
        name: of what is computed: a key of the trace, or an entry of one, "dense_1.y[3]".
        formula: in letters; may be empty.
        filled: with numbers in their place; may be empty.
        value: the result, where it is one number.
        array: the result, where it is more.
        meanings: what letters of the formula are.
        plane: the two axes of the array that are shown as rows and columns.
        reason: why one of several cases holds: "-1.5 ≤ 0"; mostly empty.
        power: by which the numbers in `filled` and `value` are to be multiplied; mostly empty.
    """

    name: str
    formula: str = ""
    filled: str = ""
    value: str = ""
    array: Array | None = None
    meanings: Mapping[str, str] = field(default_factory=dict)
    plane: tuple[int, int] = (-2, -1)
    reason: str = ""
    power: str = ""


class Summand(NamedTuple):
    """One line of a sum.

    Attributes:
        letters: the product as entries of arrays, "x[3]·W[3, 1]"; or a number of others.
        numbers: the same in numbers; may be empty.
        value: what it adds.
        followed: whether the path goes on through it.
    """

    letters: str
    numbers: str
    value: str
    followed: bool = False


class Grid(NamedTuple):
    """Numbers of a window as they lie in the picture, or in the kernel.

    Attributes:
        title: which part of which array: "x[3:6, 7:10, 2]".
        texts: the numbers, (rows, columns).
    """

    title: str
    texts: Array


@dataclass(frozen=True)
class Summation:
    """A number as the sum of products.

    Attributes:
        name: of the number.
        formula: of the array that it is in.
        summands: the lines.
        total: the number.
        power: by which the values are to be multiplied, such as "×10⁻⁵"; else empty.
        meanings: what letters are.
        grids: a kernel's window: its numbers, the kernel's, and the products.
    """

    name: str
    formula: str
    summands: Sequence[Summand]
    total: str
    power: str
    meanings: Mapping[str, str] = field(default_factory=dict)
    grids: Sequence[Grid] = ()


@dataclass(frozen=True)
class Table:
    """Texts in columns, the first to the left and numbers to the right.

    Attributes:
        head: of the columns.
        rows: beneath it.
        followed: the row that the path goes through; None where there is no such.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    followed: int | None = None


Worked: TypeAlias = Equation | Summation  # one number with what it is made of
Block: TypeAlias = Heading | Paragraph | Equation | Summation | Table


def where(said: Sequence[str]) -> str:
    """What letters are, as one clause; empty where nothing is said."""
    rest = "".join(phrased(", {0}", text) for text in said[1:])
    return phrased("where {0}", said[0] + rest) if said else ""

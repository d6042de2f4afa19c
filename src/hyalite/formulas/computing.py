"""What a formula gives for numbers, and how it reads with them in the place of its names."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add, mul, truediv
from typing import Any
from unicodedata import normalize

import numpy as np

from hyalite.formulas import tree
from hyalite.numerals import number

WRITTEN_OUT = 4  # summands of a Σ that are filled one by one; of more, the sum is

CONSTANTS = {"e": math.e, "π": math.pi}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "max": np.maximum,
    "min": np.minimum,
    "exp": np.exp,
    "ln": np.log,
    "tanh": np.tanh,
    "sign": np.sign,
    "clip": np.clip,
}
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    ">": np.greater,
    "=": np.equal,
    "≤": np.less_equal,
    "≥": np.greater_equal,
}


OPPOSITES = {"<": "≥", ">": "≤", "=": "≠", "≤": ">", "≥": "<"}


class Unknown(Exception):
    """A name or a function of the formula has no value."""


@dataclass(frozen=True)
class Scope:
    """What names and functions are.

    Attributes:
        values: by name.
        rows: by name, inside of a Σ: all numbers that are summed over.
        functions: that the formula defines itself.
    """

    values: Mapping[str, Any]
    rows: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """Of a name; letters with a hat are known in either of Unicode's forms."""
        for known in (name, normalize("NFC", name)):
            if known in self.values:
                return self.values[known]
        if name in CONSTANTS:
            return CONSTANTS[name]
        raise Unknown(name)

    def inside(self, index: str) -> Scope:
        """Of a Σ over this index; those over samples, groups or places are not known here."""
        if index not in ("j", "k") or not self.rows:
            raise Unknown(f"Σ_{index}")
        return Scope({**self.values, **self.rows}, {}, self.functions)

    def with_definition(self, definition: tree.Definition) -> Scope:
        """With what the formula itself defines."""
        name, argument, node = definition
        if argument is not None:

            def function(value: Any) -> Any:
                return compute(node, replace(self, values={**self.values, argument: value}))

            return replace(self, functions={**self.functions, name: function})
        try:
            return replace(self, values={**self.values, name: compute(node, self)})
        except Unknown:
            return self


def compute(node: tree.Node, scope: Scope) -> Any:
    """The value of a part of a formula.

    Raises:
        Unknown: it has a name or a function without a value.
    """
    match node:
        case tree.Number():
            factor, power = node.parts
            return float(factor or 1) * 10.0**power
        case tree.Name(text):
            return scope.value(text)
        case tree.Call(name, arguments):
            function = scope.functions.get(name) or FUNCTIONS.get(name)
            if function is None:
                raise Unknown(name)
            return function(*(compute(argument, scope) for argument in arguments))
        case tree.Group(inner, opening):
            value = compute(inner, scope)
            return np.abs(value) if opening == "|" else value
        case tree.Power(base, exponent_):
            return compute(base, scope) ** compute(exponent_, scope)
        case tree.Root(inner):
            return np.sqrt(compute(inner, scope))
        case tree.Logarithm(inner):
            return np.log(compute(inner, scope))
        case tree.Over(sign, index, inner):
            row = compute(inner, scope.inside(index))
            return np.sum(row) if sign == "Σ" else np.max(row)
        case tree.Product(factors):
            return reduce(mul, (compute(factor, scope) for factor in factors))
        case tree.Quotient(top, bottoms):
            return reduce(truediv, (compute(part, scope) for part in (top, *bottoms)))
        case tree.Addition(terms):
            values = (compute(term, scope) * (-1 if sign == "-" else 1) for sign, term in terms)
            return reduce(add, values)
        case tree.Comparison(left, sign, right):
            return COMPARISONS[sign](compute(left, scope), compute(right, scope))
        case tree.Cases(branches):
            chosen: Any = 0.0  # where none of the conditions holds
            for branch, condition in reversed(branches):
                own = compute(branch, scope)
                holds = True if condition is None else compute(condition, scope)
                chosen = np.where(holds, own, chosen)
            return chosen
    raise Unknown(node)


def fill(node: tree.Node, scope: Scope, alone: bool = True) -> str:
    """The text of a part of a formula with numbers in the place of names.

    Args:
        node: the part.
        scope: of numbers, not of arrays.
        alone: whether nothing stands beside it that a minus could be taken to belong to.

    Raises:
        Unknown: it has a name or a function without a value.
    """
    match node:
        case tree.Name(text):
            return text if text in CONSTANTS else _enclosed(number(scope.value(text)), not alone)
        case tree.Number(text):
            return text
        case tree.Call(name, arguments):
            compute(node, scope)  # its function must be known
            return f"{name}({', '.join(fill(argument, scope) for argument in arguments)})"
        case tree.Group(inner, opening):
            closing = {"(": ")", "[": "]", "|": "|"}[opening]
            return f"{opening}{fill(inner, scope)}{closing}"
        case tree.Power(base, exponent):
            raised = fill(exponent, scope)
            return f"{_atomic(base, scope)}{_raised(raised)}"
        case tree.Root(inner):
            return f"√{_atomic(inner, scope)}"
        case tree.Logarithm(inner):
            return f"ln {_atomic(inner, scope)}"
        case tree.Over("Σ", index, inner):
            return _filled_sum(inner, scope.inside(index), alone)
        case tree.Over():
            return _enclosed(number(compute(node, scope)), not alone)
        case tree.Product(factors, signs):
            texts = [fill(factor, scope, alone and not n) for n, factor in enumerate(factors)]
            # what was written without a sign, as in 2d, needs one once it is a number
            written = [*(sign or "·" for sign in signs), ""]
            return "".join(map("".join, zip(texts, written, strict=True)))
        case tree.Quotient(top, bottoms, wide):
            below = [fill(b, scope, False) if wide else _atomic(b, scope) for b in bottoms]
            return (" / " if wide else "/").join([fill(top, scope, alone), *below])
        case tree.Addition(terms):
            (first, term), *others = terms
            text = f"-{fill(term, scope, False)}" if first == "-" else fill(term, scope, alone)
            return "".join([text, *(f" {s} {fill(t, scope, False)}" for s, t in others)])
        case tree.Comparison(left, sign, right):
            return f"{fill(left, scope)} {sign} {fill(right, scope)}"
        case tree.Cases(branches):
            return next((fill(b, scope, alone) for b, c in branches if _holds(c, scope)), "0")
    raise Unknown(node)


def reason(node: tree.Cases, scope: Scope) -> str:
    """Why one of the cases was taken: its condition, or that the first does not hold.

    Raises:
        Unknown: as `fill`.
    """
    for _, condition in node.branches:
        if condition is not None and _holds(condition, scope):
            return fill(condition, scope)
    condition = node.branches[0][1]
    assert condition is not None
    return fill(replace(condition, sign=OPPOSITES[condition.sign]), scope)


def _holds(condition: tree.Comparison | None, scope: Scope) -> bool:
    return condition is None or bool(compute(condition, scope))


def _filled_sum(inner: tree.Node, scope: Scope, alone: bool) -> str:
    """What a Σ sums, written out where it is little, else its value."""
    used = [scope.values[name] for name in tree.names(inner) if name in scope.values]
    count = max((np.size(value) for value in used), default=1)
    if count > WRITTEN_OUT:
        return _enclosed(number(np.sum(compute(inner, scope))), not alone)
    summands = []
    for place in range(count):
        values = {
            name: value[place] if np.size(value) > 1 else np.ravel(value)[0]
            for name, value in scope.values.items()
        }
        summands.append(fill(inner, replace(scope, values=values), not place))
    return summands[0] if count == 1 else f"({' + '.join(summands)})"


def _atomic(node: tree.Node, scope: Scope) -> str:
    """Filled, in parentheses where it is more than one thing."""
    text = fill(node, scope)
    whole = isinstance(node, (tree.Group, tree.Call)) or text.replace(".", "").isalnum()
    if isinstance(node, tree.Over):
        whole = whole or text.startswith("(")
    return text if whole else f"({text})"


def _enclosed(text: str, enclose: bool) -> str:
    return f"({text})" if enclose and text.startswith("-") else text


def _raised(text: str) -> str:
    """An exponent: raised digits where it is a whole number."""
    if text.removeprefix("-").isdecimal():
        back = {plain: raised for raised, plain in tree.RAISED.items()}
        return "".join(back[letter] for letter in text)
    return f"^{text}" if text.replace(".", "").isalnum() else f"^({text})"

"""Parts of the library's own source, for files that are to read a table's cells as it does."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

HOME = "hyalite."
LEFT_OUT = {"describe", "odd"}  # methods that say something, and read nothing
BASES = {"Configurable"}  # for a model's file


@dataclass
class Part:
    """A definition at the top of a module, or an import.

    Attributes:
        module: that it stands in.
        name: that it defines.
        node: itself.
        uses: names that it reads when it is run.
    """

    module: str
    name: str
    node: ast.stmt
    uses: frozenset[str]


@dataclass
class Module:
    """A module's source and its parts by name."""

    lines: list[str]
    parts: dict[str, Part]


def source_of(wanted: Iterable[object]) -> tuple[str, str]:
    """The imports and the definitions of functions and classes, with all that they use.

    Docstrings are cut to their first line; where two modules have a private name in common, the
    second gets its module's name behind it.

    Args:
        wanted: classes and functions of the library.

    Examples:
        >>> from hyalite.data.tables.time_texts import TimeFormat
        >>> from hyalite.export.library_source import source_of
        >>> imports, text = source_of([TimeFormat])
        >>> made = {}
        >>> exec(imports + text, made)
        >>> made["TimeFormat"]().parse(["00:01"]).tolist()
        [60.0]
    """
    found: dict[tuple[str, str], Part] = {}
    queue = [(thing.__module__, thing.__name__) for thing in wanted]  # type: ignore[attr-defined]
    while queue:
        place = queue.pop()
        home = _module(place[0])
        if place in found or place[1] not in home.parts or place[1] in BASES:
            continue
        part = home.parts[place[1]]
        elsewhere = _elsewhere(part)
        if elsewhere is not None:
            queue.append(elsewhere)
            continue
        found[place] = part
        queue += [(place[0], name) for name in part.uses]
    own = [
        part for part in found.values() if not isinstance(part.node, ast.Import | ast.ImportFrom)
    ]
    imports = {_import(part) for part in found.values() if part not in own}
    texts = [_renamed(part, own) for part in _in_order(own)]
    head = ["from __future__ import annotations", *sorted(imports)]
    return "\n".join(head) + "\n", "\n\n\n".join(texts) + "\n"


@cache
def _module(name: str) -> Module:
    source = inspect.getsource(importlib.import_module(name))
    parts = {}
    for node in ast.parse(source).body:
        for defined in _defined(node):
            parts[defined] = Part(name, defined, node, frozenset(_uses(node)))
    return Module(source.splitlines(), parts)


def _import(part: Part) -> str:
    """The import of this name alone."""
    assert isinstance(part.node, ast.Import | ast.ImportFrom)
    part.node.names = [a for a in part.node.names if (a.asname or a.name) == part.name]
    return ast.unparse(part.node)


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _uses(node: ast.AST) -> Iterator[str]:
    """Names that are read, but for those in annotations."""
    if isinstance(node, ast.FunctionDef) and node.name in LEFT_OUT:
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    for key, value in ast.iter_fields(node):
        if key in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _uses(child)


def _elsewhere(part: Part) -> tuple[str, str] | None:
    """The module and the name that an import from within the library leads to."""
    node = part.node
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(HOME):
        name = next(a.name for a in node.names if (a.asname or a.name) == part.name)
        return str(node.module), name
    return None


def _in_order(parts: list[Part]) -> list[Part]:
    """Constants, then classes after their bases, then functions."""
    rank = {ast.FunctionDef: 2, ast.ClassDef: 1}
    constants = [p for p in parts if type(p.node) not in rank]

    def needs(part: Part) -> list[Part]:
        if isinstance(part.node, ast.ClassDef):
            bases = {base.id for base in part.node.bases if isinstance(base, ast.Name)}
            return [p for p in parts if p.name in bases]
        return [p for p in constants if p.name in part.uses]

    def depth(part: Part) -> int:
        if isinstance(part.node, ast.FunctionDef):
            return 0
        return max((1 + depth(p) for p in needs(part)), default=0)

    return sorted(
        parts, key=lambda p: (rank.get(type(p.node), 0), depth(p), p.module, p.node.lineno)
    )


def _renamed(part: Part, parts: list[Part]) -> str:
    """The part's text, in which names that another module has, too, are made different."""
    text = _text(part)
    for other in parts:
        if other.module == part.module and _is_second(other, parts):
            made = f"{other.name}_of_{other.module.rpartition('.')[2]}"
            text = re.sub(rf"(?<![\w.]){other.name}\b", made, text)
    return text


def _is_second(part: Part, parts: list[Part]) -> bool:
    return any(p.name == part.name and p.module < part.module for p in parts)


def _text(part: Part) -> str:
    """The lines of a definition and of the comment above it, without what reads nothing."""
    lines, node = _module(part.module).lines, part.node
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(d.lineno for d in decorators)]) - 1
    while first and lines[first - 1].startswith("#"):
        first -= 1
    kept = {number: lines[number] for number in range(first, node.end_lineno or first + 1)}
    for inner in ast.walk(node):
        if not isinstance(inner, ast.FunctionDef | ast.ClassDef):
            continue
        if inner.name in LEFT_OUT:
            _cut(kept, inner.lineno - 1, inner.end_lineno)
        elif ast.get_docstring(inner) is not None:
            says = inner.body[0]
            if says.lineno != says.end_lineno and says.lineno - 1 in kept:
                kept[says.lineno - 1] += '"""'
                _cut(kept, says.lineno, says.end_lineno)
    if isinstance(node, ast.ClassDef):
        head = node.lineno - 1
        kept[head] = re.sub(rf"\(({'|'.join(BASES)})\)", "", kept[head])
    text = "\n".join(kept[number] for number in sorted(kept))
    return re.sub(r"\n\n\n+", "\n\n", text).strip("\n")


def _cut(kept: dict[int, str], first: int, end: int | None) -> None:
    for number in range(first, end or first):
        kept.pop(number, None)

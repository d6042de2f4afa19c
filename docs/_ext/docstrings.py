"""Docstrings as they stand in the source, made ready for reStructuredText.

They are written to be read in an editor: formulas in plain characters, one or two in the first
lines. Here these become a block of their own, and characters that mean something to Sphinx only
(the bars of |w|, the star of *shape) are escaped.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

QUOTED = re.compile(r"(``.+?``|`[^`]+`)")
APART = r"\s{2,}"  # between formulas of one line
FORMULA = re.compile(r"^[^\s.:]{1,12}(\([^)]*\))? (=|←|~|≈) |^lr [/·] |λ.*·Σ")
# what a reader of a signature need not be told
NOISE = re.compile(r": (?:~?typing\.)?Any(?=[,)=\s]|$)")
FUNCTION = re.compile(r"(?:~?collections\.abc\.)?Callable\[\[(?:[^\[\]]|\[[^\]]*\])*\], [^\]]*\]")
HOMES = (
    "hyalite",
    "hyalite.layers",
    "hyalite.losses",
    "hyalite.optimizers",
    "hyalite.metrics",
    "hyalite.schedules",
    "hyalite.initializers",
    "hyalite.callbacks",
    "hyalite.gradcheck",
)


def escaped(line: str) -> str:
    """A line with bars, stars and final underscores that are meant as such."""
    parts = QUOTED.split(line)
    for place in range(0, len(parts), 2):
        part = parts[place].replace("|", r"\|")
        part = re.sub(r"_(?=,|\.\.\.)", r"\_", part)  # "val_..."
        parts[place] = re.sub(r"\*(?=\w+[),])", r"\*", part)  # (n, *shape)
    return "".join(parts)


def one_each(lines: list[str]) -> list[str]:
    """Attributes that share a description, `loss, metrics: as compiled`, each with a line."""
    if "Attributes:" not in lines:
        return lines
    start = lines.index("Attributes:") + 1
    end = next((n for n in range(start, len(lines)) if not lines[n].startswith(" ")), len(lines))
    entries: list[str] = []
    for line in lines[start:end]:
        if line.startswith("     "):
            entries[-1] += " " + line.strip()
        else:
            entries.append(line.strip())
    result = []
    for entry in entries:
        names, _, words = entry.partition(": ")
        result += [f"    {name.strip()}: {words}" for name in names.split(",")]
    return [*lines[:start], *result, *lines[end:]]


def prepare(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    lines[:] = one_each(lines)
    literal = False  # inside an indented block after "::"
    session = False  # inside ">>> ..." and what it prints
    for number, line in enumerate(lines):
        literal = literal and (not line or line.startswith(" "))
        session = bool(line) and (session or line.lstrip().startswith(">>>"))
        if not literal and not session:
            lines[number] = escaped(line)
        literal = literal or line.rstrip().endswith("::")
    end = lines.index("") if "" in lines else len(lines)
    if what == "class" and lines and FORMULA.search(lines[0]):
        formulas = re.split(APART, " ".join(lines[:end]))
        formulas[-1], *words = re.split(r"(?<=\.)\s+(?=[A-Z])", formulas[-1], maxsplit=1)
        lines[:end] = [*block(formulas), *words, ""]
    for number in range(len(lines) - 1, 0, -1):
        # an indented line between blank ones: formulas, two or three beside each other
        around = lines[number - 1 : number + 2]
        if re.match(r"    [^\s>]", around[1]) and not around[0] and not "".join(around[2:]):
            before = next((line for line in reversed(lines[:number]) if line), "")
            if before.endswith(":") and not before.endswith("::"):
                lines[number : number + 1] = block(re.split(APART, around[1].strip()))


def block(formulas: list[str]) -> list[str]:
    """Formulas, one a line, in a box of their own."""
    return [".. container:: formula", "", *(f"   | {formula}" for formula in formulas), ""]


def quiet(
    app: Sphinx,
    what: str,
    name: str,
    obj: Any,
    options: Any,
    signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:
    """A signature without Any, and without what returns nothing."""
    if signature is not None:
        signature = FUNCTION.sub("Callable", NOISE.sub("", signature))
    return signature, None if returns in ("None", "Any", "~typing.Any") else returns


def resolve(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, contents: nodes.Element
) -> nodes.Element | None:
    """`Layer.forward` is found wherever it is documented, from any docstring."""
    if node.get("refdomain") != "py":
        return None
    domain = env.domains["py"]
    target = node["reftarget"].removeprefix("hy.").rstrip("()")
    for home in HOMES:
        if f"{home}.{target}" in domain.objects:
            return domain.resolve_xref(
                env, node["refdoc"], app.builder, "obj", f"{home}.{target}", node, contents
            )
    return None


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", prepare, priority=400)  # before napoleon
    app.connect("autodoc-process-signature", quiet)
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

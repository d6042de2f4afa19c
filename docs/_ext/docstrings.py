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
FORMULA = re.compile(r"^[^\s.:]{1,12}(\([^)]*\))? (=|←|~|≈) |^lr [/·] |λ.*·Σ")
# what a reader of a signature need not be told
NOISE = re.compile(r": (?:~?typing\.)?Any(?=[,)=\s]|$)")
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
    """A line with bars and single stars that are meant as such."""
    parts = QUOTED.split(line)
    for place in range(0, len(parts), 2):
        part = parts[place].replace("|", r"\|")
        part = re.sub(r"_(?=,|\.\.\.)|(?<=, t)_(?=:)", r"\_", part)  # classes_, loss_, "val_..."
        # a star that opens no *emphasis* of words
        parts[place] = re.sub(r"\*(?!\*?[\w][^*]*\w\*)(?<!\w\*)", r"\*", part)
    return "".join(parts)


def prepare(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    literal = False  # inside an indented block after "::"
    for number, line in enumerate(lines):
        if line and not line.startswith(" "):
            literal = False
        if not literal and ">>>" not in line:
            lines[number] = escaped(line)
        if line.rstrip().endswith("::"):
            literal = True
    end = lines.index("") if "" in lines else len(lines)
    if what == "class" and lines and FORMULA.search(lines[0]):
        first = re.split(r"(?<=[,;])\s\s+|(?<=\S)\s{2,}(?=\S)", " ".join(lines[:end]))
        block = [".. container:: formula", "", *(f"   | {part}" for part in first), ""]
        lines[:end] = block


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
        signature = NOISE.sub("", signature)
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

"""A percent script becomes the notebook that jupytext makes of it, and Jupyter runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hyalite.cli.lessons import find_lessons
from hyalite.files.notebook import as_notebook

SCRIPT = """\
# ---
# jupyter:
# ---

# %% [markdown]
# # A title
#
# A formula: $x$

# %%
x = 1  # %% is no cell here


# %%
def f():
    return x
"""
LESSONS = [lesson.path for lesson in find_lessons().values()]


def test_cells() -> None:
    notebook = json.loads(as_notebook(SCRIPT))
    kinds, sources = zip(
        *((cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]), strict=True
    )
    assert kinds == ("markdown", "code", "code")
    assert sources == (
        "# A title\n\nA formula: $x$",
        "x = 1  # %% is no cell here",
        "def f():\n    return x",
    )
    assert len({cell["id"] for cell in notebook["cells"]}) == 3
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_it_is_a_valid_notebook_with_the_cells_that_jupytext_reads(path: Path) -> None:
    jupytext = pytest.importorskip("jupytext", reason="needs the extra 'docs'")
    nbformat = pytest.importorskip("nbformat", reason="needs the extra 'docs'")
    script = path.read_text(encoding="utf-8")
    ours = nbformat.reads(as_notebook(script), as_version=4)
    nbformat.validate(ours)
    theirs = jupytext.reads(script, fmt="py:percent")
    assert [(cell.cell_type, cell.source) for cell in ours.cells] == [
        (cell.cell_type, cell.source) for cell in theirs.cells
    ]

"""A script in the percent format as a Jupyter notebook."""

from __future__ import annotations

import json
import re
from typing import Any

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def as_notebook(script: str) -> str:
    """The content of the .ipynb file: a cell for each ``# %%``, without outputs.

    What stands before the first cell is the editors' matter and left out.

    Args:
        script: with lines ``# %%`` before code and ``# %% [markdown]`` before comments.

    Source: nbformat 4.5, https://nbformat.readthedocs.io/en/latest/format_description.html
    """
    _, *parts = re.split(r"^# %%", script, flags=re.M)
    cells = [_cell(number, part) for number, part in enumerate(parts, start=1)]
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _cell(number: int, part: str) -> dict[str, Any]:
    kind, _, body = part.partition("\n")
    cell = {"id": f"cell-{number}", "metadata": {}}
    if kind.strip() == "[markdown]":
        return cell | {
            "cell_type": "markdown",
            "source": _lines(re.sub("^# ?", "", body, flags=re.M)),
        }
    return cell | {
        "cell_type": "code",
        "execution_count": None,
        "outputs": [],
        "source": _lines(body),
    }


def _lines(text: str) -> list[str]:
    return text.strip("\n").splitlines(keepends=True)

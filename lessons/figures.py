"""What all lessons share: the figures they report, and the pictures they leave.

A lesson is a plain script, and a notebook in editors that know percent cells. As a script it
prints, saves its pictures in ``lessons/pictures/``, and with ``--full`` trains as long as the
source did; the short form takes seconds.
"""

from __future__ import annotations

import json
import os
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

FULL = "--full" in sys.argv
PICTURES = Path(__file__).resolve().parent / "pictures"
WIDTH = 88  # columns: what a page shows without scrolling


def epochs(short: int, full: int) -> int:
    """How long to train: the source's full length only where it is asked for."""
    return full if FULL else short


def report(
    name: str,
    ours: Any,
    source: Any = None,
    *,
    at_least: float | None = None,
    note: str = "",
) -> None:
    """Print what we measure beside what the source reports, and leave it for the table.

    Args:
        name: of the figure.
        ours: what was just measured.
        source: what the source gives, or None where it gives nothing.
        at_least: a goal that only the full form must reach.
        note: a few words.
    """
    beside = "" if source is None else f"  (source: {_text(source)})"
    line = f"{name}: {_text(ours)}{beside}"
    fits = len(line) + len(note) < WIDTH - 1
    print(line + ("  " if fits else "\n    ") * bool(note) + note)
    row = {
        "lesson": Path(sys.argv[0]).stem,
        "name": name,
        "ours": _text(ours),
        "source": "" if source is None else _text(source),
        "note": note,
    }
    if at_least is not None and FULL:
        assert float(ours) >= at_least, f"{name}: {ours} is below {at_least}"
    if table := os.environ.get("LESSON_TABLE"):
        with open(table, "a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)


def say(text: object) -> None:
    """Print a long line, such as an error's, as lines that a page shows."""
    print(textwrap.fill(str(text), WIDTH, subsequent_indent="    "))


def show(axes: Any, name: str) -> None:
    """Save a picture as ``lessons/pictures/NAME.png``; in a notebook also show it."""
    from hyalite import plots

    PICTURES.mkdir(exist_ok=True)
    plots.save(axes, PICTURES / f"{name}.png")
    if "ipykernel" in sys.modules:
        from IPython.display import Image, display

        display(Image(PICTURES / f"{name}.png"))

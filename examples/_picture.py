"""What all examples share: the look of their pictures, and where these are left."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hyalite import plots
from hyalite.plots.canvas import BLUE, GRAY, GREEN, PALE, VERMILLION, dress, figure

__all__ = ["BLUE", "GRAY", "GREEN", "PALE", "VERMILLION", "dress", "figure", "show"]

PICTURES = Path(__file__).resolve().parent / "pictures"


def show(drawn: Any, name: str) -> None:
    """Save a picture as ``examples/pictures/NAME.png``; in a notebook also show it."""
    PICTURES.mkdir(exist_ok=True)
    plots.save(drawn, PICTURES / f"{name}.png")
    if "ipykernel" in sys.modules:
        from IPython.display import Image, display

        display(Image(PICTURES / f"{name}.png"))

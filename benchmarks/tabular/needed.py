"""Packages that the comparison takes if they are there."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any


def needed(name: str) -> Any:
    """The module, which mypy need not know.

    Raises:
        ImportError: it is not installed.
    """
    return importlib.import_module(name)


def is_there(*names: str) -> bool:
    """Whether all these packages are installed; none of them is imported."""
    return all(importlib.util.find_spec(name) is not None for name in names)

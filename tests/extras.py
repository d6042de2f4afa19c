"""What a test needs beyond NumPy and the four small packages: without it, that test alone skips."""

from __future__ import annotations

import importlib
from typing import Any

import pytest


class _Optional:
    """A module that is imported when a test first touches it."""

    def __init__(self, module: str, extra: str) -> None:
        self._module, self._extra = module, extra

    def __getattr__(self, name: str) -> Any:
        return getattr(need(self._module, self._extra), name)


def optional(module: str, extra: str) -> Any:
    """A stand-in for `module`, at the top of a file some of whose tests use it.

    Where all of them do, ``pytest.importorskip`` there says it more directly.

    Args:
        module: such as "PIL.Image".
        extra: what brings it, such as "data".
    """
    return _Optional(module, extra)


def need(module: str, extra: str) -> Any:
    """`module`, or the end of the test: skipped, since the extra is not installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        pytest.skip(f"needs {missing.name}: pip install 'hyalite[{extra}]'")

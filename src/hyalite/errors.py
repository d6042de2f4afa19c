"""The library's own exceptions, and the import of optional packages."""

from __future__ import annotations

import importlib
from types import ModuleType


class MissingExtra(ImportError):
    """An optional package is needed and not installed; the text names the pip command."""


class NonFiniteError(ArithmeticError):
    """A loss or a parameter became NaN or infinite during training."""


class FileFormatError(ValueError):
    """A file is damaged, hostile, or not of the kind that was expected."""


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Import an optional package, or say in one line how to install it.

    Raises:
        MissingExtra: the package is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise MissingExtra(
            f"{purpose} needs {package}: pip install 'hyalite[{extra}]'", name=package
        ) from None

"""Tables: rows of numbers, categories and dates from files or data frames (extra `tables`).

::

    table = hy.tables.read("houses.csv")
    preparation = hy.tables.Preparation.learn(table, "price")
    x, y = preparation.x(table), preparation.y(table)

A table larger than memory becomes a pack on disk: ``hy.tables.pack("trips/*.csv", "trips.pack",
target="fare")``.

What trains a model on a table, and keeps the preparation in its file, is `hyalite.recipes`.
"""

import importlib
import warnings
from typing import Any

from hyalite.data.tables.packs import Pack, pack
from hyalite.data.tables.preparation import Preparation, known_rows
from hyalite.data.tables.reading import read
from hyalite.data.tables.schema import Schema
from hyalite.data.tables.table import Table

__all__ = ["Pack", "Preparation", "Schema", "Table", "known_rows", "pack", "read"]


def __getattr__(name: str) -> Any:
    if name != "of_model":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(
        "hy.tables.of_model is deprecated; write hy.recipes.TablePipeline(model).preparation",
        DeprecationWarning,
        stacklevel=2,
    )
    # by name: models are above this room, and these lines go with the function
    return importlib.import_module("hyalite.recipes.metadata").preparation_of

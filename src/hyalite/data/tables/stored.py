"""A preparation from the JSON data that a model's file or a pack's manifest has of it."""

from __future__ import annotations

from hyalite.config import from_config
from hyalite.data.tables.columns import REGISTRY, ClassTarget, Column, NumericTarget
from hyalite.data.tables.older import upgraded
from hyalite.data.tables.preparation import Preparation
from hyalite.errors import FileFormatError


def preparation_from(config: object) -> Preparation:
    """A preparation from JSON data, of former versions, too.

    Raises:
        FileFormatError: it is none.
    """
    found = from_config(upgraded(config), {**REGISTRY, "Preparation": Preparation})
    if not isinstance(found, Preparation) or not (
        isinstance(found.target, ClassTarget | NumericTarget)
        and all(isinstance(column, Column) for column in found.columns)
    ):
        raise FileFormatError("the table is not described as this library does")
    return found

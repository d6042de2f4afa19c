"""The kinds of columns by name, as a model's file names them."""

from __future__ import annotations

from collections.abc import Mapping

from hyalite.data.tables.category_column import Category
from hyalite.data.tables.category_texts import TextFormat
from hyalite.data.tables.column import MISSING_CATEGORY, OTHER_CATEGORY, Column
from hyalite.data.tables.date_column import DateTime
from hyalite.data.tables.date_texts import DateFormat
from hyalite.data.tables.number_column import Number
from hyalite.data.tables.number_texts import NumberFormat
from hyalite.data.tables.older import EitherNumberFormat
from hyalite.data.tables.targets import ClassTarget, NumericTarget
from hyalite.data.tables.time_texts import TimeFormat
from hyalite.data.tables.truth_texts import TruthFormat

__all__ = [
    "MISSING_CATEGORY",
    "OTHER_CATEGORY",
    "REGISTRY",
    "Category",
    "ClassTarget",
    "Column",
    "DateTime",
    "Number",
    "NumericTarget",
]

_KINDS: tuple[type, ...] = (
    *(Number, Category, DateTime, ClassTarget, NumericTarget),
    *(NumberFormat, EitherNumberFormat, DateFormat, TimeFormat, TruthFormat, TextFormat),
)
# The last three are of files from before they were renamed.
REGISTRY: Mapping[str, type] = {
    **{kind.__name__: kind for kind in _KINDS},
    "Moment": DateTime,
    "Classes": ClassTarget,
    "Quantity": NumericTarget,
}

"""Which of a network's inputs are numbers, which are 1 or 0, and which are categories."""

from __future__ import annotations

from typing import NamedTuple


class Schema(NamedTuple):
    """What the inputs of a network for a table are, by their places.

    Attributes:
        numbers: scaled numbers, and the features of dates.
        indicators: 1 or 0: gaps, and one of few categories each.
        categories: (place, count) of whole numbers below count, for an embedding; 0 is "(other)".

    Examples:
        >>> table = hy.tables.Table({"rooms": np.arange(12.0) % 5, "town": ["A", "B"] * 6,
        ...                          "price": np.arange(12) / 4})
        >>> hy.tables.Preparation.learn(table, "price").schema
        Schema(numbers=(0,), indicators=(1, 2), categories=())
    """

    numbers: tuple[int, ...]
    indicators: tuple[int, ...]
    categories: tuple[tuple[int, int], ...]

"""Tables: rows of numbers, categories and dates from files or data frames (extra `tables`).

::

    table = hy.tables.read("houses.csv")
    preparation = hy.tables.Preparation.learn(table, "price")
    x, y = preparation.x(table), preparation.y(table)
    preparation.store(model)        # so that the model's file knows how raw rows are read
    hy.tables.of_model(model).x(rows)
"""

from hyalite.data.tables.preparation import Preparation, known_rows, of_model
from hyalite.data.tables.reading import read

__all__ = ["Preparation", "known_rows", "of_model", "read"]

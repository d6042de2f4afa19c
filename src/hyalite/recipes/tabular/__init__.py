"""The model of a table: networks and a linear model, mixed by what they say of rows kept back.

From a prepared table (`problem`) to layers (`network`), to one training (`member`) with its
`settings`; beside them the `linear` model. `training` runs them on every cut of `folds`, as many
as the `effort` says, weighs them (`mixture`), calibrates (`calibration`, `intervals`), and gives
what a `TabularModel` (`ensemble`) is made of, which is one file (`storage`).
"""

from hyalite.recipes.tabular.ensemble import TabularModel
from hyalite.recipes.tabular.fitting import TrainedTable

__all__ = ["TabularModel", "TrainedTable"]
